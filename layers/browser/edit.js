// Drawing on the map with the tool that the page gives (layers/edit.py). Lines and corners are Geoman's; boxes and
// lassos are drawn by hand here. A finished shape goes to the page as streamlit-folium's `last_active_drawing`.
//
// Coordinates are never rounded: a corner that nobody moved comes back as it was.
(function () {
  "use strict";

  const SNAP_PX = 12;
  const LEAST_DRAG_PX = 6; // shorter is a slip of the hand
  const LASSO_STEP_PX = 3;
  const MANY_CORNERS = 150; // with more, only those near the mouse are shown
  const SHOWN_CORNERS = 100;
  const NOTHING = { mode: "none", serial: null };

  // ---- geometry --------------------------------------------------------------------------------------------

  const toLatLng = ([lon, lat]) => L.latLng(lat, lon);
  const toPosition = ({ lat, lng }) => [lng, lat];
  const same = (a, b) => a[0] === b[0] && a[1] === b[1];

  function deep(list, change) {
    return Array.isArray(list) ? list.map((item) => deep(item, change)) : change(list);
  }

  function latLngsOf(geometry) {
    const open = (ring) => ring.slice(0, -1).map(toLatLng); // GeoJSON repeats the first corner, Leaflet does not
    const rings = (polygon) => polygon.map(open);
    return geometry.type === "Polygon" ? rings(geometry.coordinates) : geometry.coordinates.map(rings);
  }

  function ringOf(latLngs) {
    const ring = latLngs.map(toPosition);
    return same(ring[0], ring[ring.length - 1]) ? ring : [...ring, ring[0]];
  }

  function areaOf(latLngs) {
    const isMulti = Array.isArray(latLngs[0]) && Array.isArray(latLngs[0][0]);
    const rings = (polygon) => polygon.map(ringOf);
    return isMulti
      ? { type: "MultiPolygon", coordinates: latLngs.map(rings) }
      : { type: "Polygon", coordinates: rings(latLngs) };
  }

  function lineOf(latLngs) {
    return { type: "LineString", coordinates: latLngs.map(toPosition) };
  }

  // ---- talking to the page ---------------------------------------------------------------------------------

  // streamlit-folium reports what is in these two fields. Clicks that draw are no question about a place, and
  // nothing but a finished drawing is a drawing (Geoman's corners, too, would be reported when clicked).
  function guardReports(desk) {
    const data = window.__GLOBAL_DATA__;
    if (!data) return;
    const keep = (name, isWanted) => {
      let value = data[name];
      Object.defineProperty(data, name, {
        enumerable: true,
        configurable: true,
        get: () => value,
        set: (given) => {
          if (isWanted(given)) value = given;
        },
      });
    };
    // It reads the list only once, so a page could not ask for drawings later.
    data.returned_objects = [...new Set([...(data.returned_objects || []), "last_clicked", "last_active_drawing"])];
    keep("lat_lng_clicked", () => !desk.way || desk.tool.mode === "click");
    keep("last_active_drawing", (given) => given === desk.reported);
  }

  function report(desk, geometry) {
    const { mode, serial } = desk.tool;
    desk.turn += 1; // so that the same shape drawn twice is said twice
    desk.reported = { type: "Feature", properties: { mode, serial, turn: desk.turn }, geometry };
    desk.map.fire("draw:created", { layer: { toGeoJSON: () => desk.reported }, layerType: mode });
  }

  // ---- the ways to draw ------------------------------------------------------------------------------------
  // Each has begin, and where it makes sense undo and finish; `desk.corners` is how many there are.

  function look(desk, more) {
    const common = { color: desk.words.accent, weight: 3, fill: false, interactive: false, renderer: desk.renderer };
    return Object.assign(common, { pmIgnore: true, snapIgnore: true }, more);
  }

  function corners(shape) {
    return {
      begin(desk) {
        const onCreate = ({ layer }) => {
          layer.remove();
          const latLngs = layer.getLatLngs();
          finished(desk, shape === "Line" ? lineOf(latLngs) : areaOf(latLngs));
        };
        const onStart = ({ workingLayer }) =>
          workingLayer.on("pm:vertexadded pm:vertexremoved", () => {
            desk.corners = workingLayer.getLatLngs().flat().length;
            refresh(desk);
          });
        desk.map.doubleClickZoom.disable();
        desk.map.on("pm:create", onCreate).on("pm:drawstart", onStart);
        desk.map.pm.enableDraw(shape, {
          snappable: true,
          snapDistance: SNAP_PX,
          tooltips: false,
          allowSelfIntersection: false,
          finishOn: "dblclick",
          templineStyle: look(desk, { pmIgnore: undefined }),
          hintlineStyle: look(desk, { dashArray: "5 5", weight: 2 }),
          pathOptions: look(desk),
        });
        return () => {
          desk.map.off("pm:create", onCreate).off("pm:drawstart", onStart);
          desk.map.pm.disableDraw();
          desk.map.doubleClickZoom.enable();
        };
      },
      undo(desk) {
        if (desk.corners > 1) desk.map.pm.Draw[shape]._removeLastVertex();
        else restart(desk);
      },
      finish: (desk) => desk.map.pm.Draw[shape]._finishShape(),
      least: shape === "Line" ? 2 : 3,
    };
  }

  function byHand(toLatLngs, extend) {
    return {
      begin(desk) {
        const { map } = desk;
        let points = null;
        let preview = null;
        const onDown = (event) => {
          if (event.originalEvent.button !== 0) return;
          points = [event.containerPoint];
          preview = L.polygon([], look(desk, { fill: true, fillOpacity: 0.08, dashArray: "6 4" })).addTo(desk.group);
          L.DomEvent.preventDefault(event.originalEvent);
        };
        const onMove = (event) => {
          if (!points) return;
          points = extend(points, map.mouseEventToContainerPoint(event));
          preview.setLatLngs(toLatLngs(map, points));
        };
        const onUp = () => {
          if (!points) return;
          const latLngs = toLatLngs(map, points);
          const size = L.bounds(points).getSize();
          points = null;
          preview.remove();
          if (Math.min(size.x, size.y) >= LEAST_DRAG_PX) finished(desk, areaOf([latLngs]));
        };
        map.dragging.disable();
        map.boxZoom.disable();
        map.on("mousedown", onDown);
        document.addEventListener("mousemove", onMove);
        document.addEventListener("mouseup", onUp);
        return () => {
          map.off("mousedown", onDown);
          document.removeEventListener("mousemove", onMove);
          document.removeEventListener("mouseup", onUp);
          map.dragging.enable();
          map.boxZoom.enable();
        };
      },
    };
  }

  const box = byHand(
    (map, [a, b]) => {
      if (!b) return [];
      const { min, max } = L.bounds(a, b);
      const places = [min, L.point(max.x, min.y), max, L.point(min.x, max.y)];
      return places.map((place) => map.containerPointToLatLng(place));
    },
    ([start], point) => [start, point]
  );

  const lasso = byHand(
    (map, points) => points.map((place) => map.containerPointToLatLng(place)),
    (points, point) => (point.distanceTo(points[points.length - 1]) < LASSO_STEP_PX ? points : [...points, point])
  );

  const redraw = {
    begin(desk) {
      const layer = L.polygon(latLngsOf(desk.shape || desk.tool.shape), look(desk, { pmIgnore: false, snapIgnore: true }));
      const copy = () => deep(layer.getLatLngs(), (corner) => L.latLng(corner.lat, corner.lng));
      let before = copy();
      desk.past = desk.past || [];
      desk.corners = desk.past.length;
      desk.layer = layer.addTo(desk.group);
      desk.show = (latLngs) => {
        layer.pm.disable();
        layer.setLatLngs(latLngs);
        before = copy();
        layer.pm.enable(editOptions(desk, before));
        markFixed(desk, layer);
      };
      layer.on("pm:edit", () => {
        desk.past.push(before);
        before = copy();
        desk.corners = desk.past.length;
        refresh(desk);
      });
      layer.on("pm:layerreset", () => refresh(desk, desk.words.crosses));
      desk.show(before);
      return () => layer.pm.disable();
    },
    undo(desk) {
      desk.show(desk.past.pop());
      desk.corners = desk.past.length;
      refresh(desk);
    },
    finish: (desk) => finished(desk, areaOf(desk.layer.getLatLngs())),
    least: 1,
  };

  function editOptions(desk, latLngs) {
    const isFixed = (corner) => desk.fixed.has(toPosition(corner).join());
    const mayMove = ({ marker }) => !isFixed(marker.getLatLng());
    return {
      snappable: true,
      snapDistance: SNAP_PX,
      draggable: false,
      allowSelfIntersection: !desk.tool.isSound,
      removeLayerBelowMinVertexCount: false,
      limitMarkersToCount: latLngs.flat(3).length > MANY_CORNERS ? SHOWN_CORNERS : -1,
      moveVertexValidation: mayMove,
      removeVertexValidation: mayMove,
      addVertexValidation: ({ marker }) => !(isFixed(marker.leftM.getLatLng()) && isFixed(marker.rightM.getLatLng())),
    };
  }

  function markFixed(desk, layer) {
    const isFixed = (marker) => marker && desk.fixed.has(toPosition(marker.getLatLng()).join());
    const look = (marker, name) => marker && marker._icon && L.DomUtil.addClass(marker._icon, name);
    deep(layer.pm._markers, (marker) => {
      if (!isFixed(marker)) return;
      look(marker, "marker-icon-fixed");
      const between = marker._middleMarkerNext;
      if (between && isFixed(between.rightM)) look(between, "marker-icon-none");
    });
  }

  const click = {
    begin(desk) {
      const place = desk.map.getContainer();
      place.classList.add("map-clicking");
      return () => place.classList.remove("map-clicking");
    },
  };

  const WAYS = { click, box, lasso, split: corners("Line"), draw: corners("Polygon"), redraw };

  // ---- from beginning to end -------------------------------------------------------------------------------

  function begin(desk) {
    desk.way = WAYS[desk.tool.mode];
    desk.isDrawn = false;
    desk.corners = 0;
    desk.group.clearLayers();
    if (!desk.way) return refresh(desk);
    for (const border of desk.tool.snapTo) {
      L.geoJSON(border, look(desk, { color: desk.words.ink, weight: 1.2, dashArray: "2 3", pmIgnore: false, snapIgnore: false })).addTo(desk.group);
    }
    desk.end = desk.way.begin(desk);
    refresh(desk);
    if (desk.way.undo) takeKeys(desk);
  }

  // The page's button that chose the mode has the keyboard; drawing needs it here.
  function takeKeys(desk) {
    window.focus();
    desk.map.getContainer().focus({ preventScroll: true });
  }

  function end(desk) {
    if (desk.end) desk.end();
    desk.end = null;
  }

  function finished(desk, geometry) {
    end(desk);
    desk.group.clearLayers();
    desk.shape = geometry;
    desk.isDrawn = true;
    const isArea = geometry.type !== "LineString";
    L.geoJSON(geometry, look(desk, { fill: isArea, fillOpacity: 0.1, dashArray: isArea ? "8 4" : "" })).addTo(desk.group);
    refresh(desk);
    report(desk, geometry);
  }

  // Once more from the start; what was finished no longer counts.
  function restart(desk) {
    const wasDrawn = desk.isDrawn;
    end(desk);
    desk.shape = desk.past = null;
    begin(desk);
    if (wasDrawn) report(desk, null);
  }

  // Go on with what was finished.
  function resume(desk) {
    begin(desk);
    report(desk, null);
  }

  function use(map, given) {
    const desk = map._minqing.desk;
    const tool = given || NOTHING;
    if (!desk || (desk.tool.serial === tool.serial && desk.tool.mode === tool.mode)) return;
    end(desk);
    desk.tool = tool;
    desk.fixed = new Set((tool.fixed || []).map((place) => place.join()));
    desk.shape = desk.past = null;
    // After streamlit-folium has looked through the layers that there are, to listen to their clicks.
    setTimeout(() => {
      if (desk.tool === tool) begin(desk);
    }, 0);
  }

  // ---- the hint and its few buttons --------------------------------------------------------------------------

  function refresh(desk, warning) {
    const { bar, words, tool, way, isDrawn } = desk;
    const hints = words.hints[tool.mode] || [];
    const isReady = way && way.finish && desk.corners >= way.least;
    const hint = isDrawn ? words.drawn : hints[isReady ? hints.length - 1 : Math.min(desk.corners, hints.length - 1)];
    bar.hint.textContent = warning || hint || "";
    bar.hint.classList.toggle("warning", Boolean(warning));
    bar.element.hidden = !way;
    show(bar.finish, !isDrawn && way && way.finish, isReady);
    show(bar.undo, !isDrawn && way && way.undo, desk.corners > 0);
    show(bar.cancel, !isDrawn && way && way.undo, desk.corners > 0);
    show(bar.again, isDrawn, true);
    show(bar.resume, isDrawn && tool.mode === "redraw", true);
    const data = desk.map.getContainer().dataset;
    data.drawing = way ? tool.mode : "";
    data.drawn = isDrawn ? "yes" : "";
    data.corners = desk.corners;
  }

  function show(button, isThere, isPossible) {
    button.hidden = !isThere;
    button.disabled = !isPossible;
  }

  const ACTS = {
    finish: (desk) => desk.way.finish(desk),
    undo: (desk) => desk.way.undo(desk),
    cancel: restart,
    resume,
    again: restart,
  };

  function barOf(desk) {
    const element = L.DomUtil.create("div", "map-tool", desk.map.getContainer());
    element.setAttribute("role", "status");
    L.DomEvent.disableClickPropagation(element);
    const bar = { element, hint: L.DomUtil.create("span", "", element) };
    for (const [act, run] of Object.entries(ACTS)) {
      const button = L.DomUtil.create("button", act === "finish" ? "main" : "", element);
      button.type = "button";
      button.textContent = desk.words.buttons[act];
      button.addEventListener("click", () => {
        run(desk);
        takeKeys(desk);
      });
      bar[act] = button;
    }
    return bar;
  }

  const KEYS = { Enter: "finish", Backspace: "undo", Escape: "cancel" };

  function onKey(desk, event) {
    const act = KEYS[event.key];
    if (!act || !desk.way || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    const key = desk.isDrawn && act === "cancel" ? "again" : act;
    if (!desk.bar[key].hidden && !desk.bar[key].disabled) ACTS[key](desk);
  }

  // Called once, by a base map for editing.
  function startEditing(map, words) {
    L.PM.setOptIn(true); // nothing is changed or snapped to but what a tool names
    map.pm.setLang(words.language);
    const renderer = L.svg({ padding: 0.5 });
    const desk = { map, words, renderer, group: L.layerGroup().addTo(map), tool: NOTHING, turn: 0, reported: null };
    desk.bar = barOf(desk);
    desk.bar.element.hidden = true;
    map._minqing.desk = desk;
    document.addEventListener("keydown", (event) => onKey(desk, event));
    guardReports(desk);
  }

  Object.assign(window.Minqing, { startEditing, useTool: use });
})();
