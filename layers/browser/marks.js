// Draws single things over the tiles: faults, previews, bases and their lines, neighbours.
(function () {
  "use strict";

  const PANE = "marks";
  const WORDS_PANE = "mark-words";
  const CASING = 3; // pixels of white on either side, so that lines are seen on any ground
  const SVG = "http://www.w3.org/2000/svg";

  function shelf(map) {
    const own = map._minqing;
    if (!own.marks) {
      const pane = map.createPane(PANE);
      pane.style.zIndex = 350; // above the tiles, below what is being drawn
      pane.style.pointerEvents = "none";
      const words = map.createPane(WORDS_PANE);
      words.style.zIndex = 640; // above everything that is drawn
      words.style.pointerEvents = "none";
      const renderer = L.svg({ pane: PANE, padding: 0.5 }).addTo(map);
      hatches(renderer._container, own.setup.marks);
      own.marks = { renderer, group: L.layerGroup().addTo(map) };
    }
    return own.marks;
  }

  function hatches(svg, looks) {
    const defs = svg.insertBefore(document.createElementNS(SVG, "defs"), svg.firstChild);
    for (const [kind, look] of Object.entries(looks)) {
      if (!look.pattern) continue;
      defs.innerHTML +=
        `<pattern id="mark-${kind}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
        `<rect width="7" height="7" fill="#fff" fill-opacity="0.55"/>` +
        `<line x1="0" y1="0" x2="0" y2="7" stroke="${look.pattern_color}" stroke-width="3"/></pattern>`;
    }
  }

  function strokeOf(look) {
    const opacity = look.fill ? 1 : look.opacity; // of an area it is the fill's
    return { color: look.stroke, weight: look.weight, opacity, dashArray: (look.dash || []).join(" ") };
  }

  function fillOf(kind, look) {
    if (look.pattern) return { fill: true, fillColor: `url(#mark-${kind})`, fillOpacity: 1 };
    return { fill: Boolean(look.fill), fillColor: look.fill, fillOpacity: look.opacity };
  }

  function drawn(mark, look, renderer) {
    const common = { interactive: false, pmIgnore: true, pane: PANE, renderer };
    if (mark.kind === "base") return [base(mark, look, common)];
    if (mark.geometry.type === "Point") return rings(mark, look, common);
    const casing = { ...common, fill: false, color: "#ffffff", opacity: 0.8, weight: look.weight + CASING };
    const style = { ...common, ...strokeOf(look), ...fillOf(mark.kind, look) };
    return [casing, style].map((each) => L.geoJSON(mark.geometry, each));
  }

  // A point is ringed: what is drawn there stays to be seen.
  function rings(mark, look, common) {
    const [lon, lat] = mark.geometry.coordinates;
    const ring = (color, weight) => L.circleMarker([lat, lon], { ...common, fill: false, radius: look.radius || 10, color, weight });
    return [ring("#ffffff", look.weight + CASING), ring(look.stroke, look.weight)];
  }

  function base(mark, look, common) {
    const [lon, lat] = mark.geometry.coordinates;
    const size = 2 * look.radius;
    const house =
      `<svg viewBox="0 0 16 16" width="${size}" height="${size}" fill="${look.fill}" stroke="${look.stroke}" ` +
      `stroke-width="${look.weight}" stroke-linejoin="round"><path d="M2 8L8 2L14 8V14H2Z"/></svg>`;
    const icon = L.divIcon({ className: "map-mark-base-icon", html: house, iconSize: [size, size] });
    return L.marker([lat, lon], { ...common, icon, keyboard: false });
  }

  function words(text) {
    const element = document.createElement("span");
    element.textContent = text;
    return element;
  }

  function label(mark, look) {
    const isPoint = mark.geometry.type === "Point";
    const options = {
      permanent: true,
      interactive: false,
      pane: WORDS_PANE,
      className: `map-mark map-mark-${mark.kind}`,
      direction: isPoint ? "top" : "center",
      offset: isPoint ? [0, -look.radius] : [0, 0],
      opacity: 1,
    };
    return L.tooltip(options).setLatLng(mark.at).setContent(words(mark.text));
  }

  // Called with all marks there shall be; those of before go.
  function showMarks(map, marks) {
    const { renderer, group } = shelf(map);
    const looks = map._minqing.setup.marks;
    group.clearLayers();
    for (const mark of marks) {
      const look = looks[mark.kind];
      drawn(mark, look, renderer).forEach((layer) => group.addLayer(layer));
      if (mark.text) group.addLayer(label(mark, look));
    }
    map.getContainer().dataset.marks = marks.length;
  }

  window.Minqing.showMarks = showMarks;
})();
