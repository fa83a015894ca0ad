// Draws the themes that layers/themes.py declares, from vector tiles, onto canvas tiles.
//
// Leaflet.VectorGrid fetches and decodes a tile; the drawing is our own, because its renderers know no hatching
// and can only be restyled by fetching everything again. Decoded tiles stay in memory: a change of theme
// repaints what is there and asks the server only for layers that it does not have yet.
(function () {
  "use strict";

  const SIZE = 512; // one tile covers 2 × 2 of Leaflet's usual 256-pixel tiles: a quarter of the requests
  const MAX_TILE_ZOOM = 17;
  const KEPT_TILES = 400;
  const FONT = '"Noto Sans SC","Source Han Sans SC","Microsoft YaHei","PingFang SC","WenQuanYi Micro Hei",sans-serif';

  // ---- tiles in memory -------------------------------------------------------------------------------------

  const kept = new Map(); // address of one layer of one tile -> promise of its features by tile layer

  function fetchTile(url) {
    const request = {
      _url: url,
      _map: null,
      options: { fetchOptions: { credentials: "same-origin" } },
      _getSubdomain: () => "",
    };
    return L.VectorGrid.Protobuf.prototype._getVectorTilePromise.call(request, {}).then((tile) => {
      if (Array.isArray(tile.layers)) throw new Error("tile refused"); // VectorGrid's answer to an HTTP error
      return prepared(tile.layers);
    });
  }

  function prepared(layers) {
    const result = {};
    for (const name in layers) {
      const scale = SIZE / layers[name].extent;
      result[name] = layers[name].features.map((feature) => ({
        values: feature.properties,
        path: feature.type === 1 ? null : pathOf(feature.geometry, scale, feature.type === 3),
        points: feature.type === 1 ? feature.geometry.map((run) => [run[0].x * scale, run[0].y * scale]) : null,
      }));
    }
    return result;
  }

  function pathOf(runs, scale, closed) {
    const path = new Path2D();
    for (const run of runs) {
      run.forEach((p, i) => (i ? path.lineTo(p.x * scale, p.y * scale) : path.moveTo(p.x * scale, p.y * scale)));
      if (closed) path.closePath();
    }
    return path;
  }

  function addressOf(state, names, at) {
    return `${state.tiles}/${names}/${at.z}/${at.x}/${at.y}.pbf?as_of=${encodeURIComponent(state.asOf)}`;
  }

  // Leaflet counts the zoom of tiles of 512 pixels one higher.
  function addressAt(coords) {
    return { z: coords.z - 1, x: coords.x, y: coords.y };
  }

  // The data's version is part of what is kept here but not of the address: after an edit the browser asks again,
  // and the server answers 304 for every tile that the edit did not touch.
  function keyOf(state, name, at) {
    return `${state.version} ${addressOf(state, name, at)}`;
  }

  // Features of all wanted layers of a tile; what is missing comes in one request.
  function featuresOf(state, names, at) {
    const missing = names.filter((name) => !kept.has(keyOf(state, name, at)));
    if (missing.length) {
      const promise = fetchTile(addressOf(state, missing.join(","), at));
      for (const name of missing) {
        const key = keyOf(state, name, at);
        kept.set(key, promise);
        promise.catch(() => kept.delete(key)); // ask again next time
      }
    }
    const parts = names.map((name) => kept.get(keyOf(state, name, at)));
    while (kept.size > KEPT_TILES) kept.delete(kept.keys().next().value);
    return Promise.all(parts).then((found) => Object.assign({}, ...found));
  }

  // ---- painting --------------------------------------------------------------------------------------------

  // Sizes of the declarations are pixels of the screen. At a zoom between two levels a tile is drawn larger or
  // smaller than it was painted; `unit` is how many of the tile's pixels make one of the screen.
  let unit = 1;

  const patterns = new Map();

  function drawnPattern(key, period, draw) {
    const named = `${unit}|${key}`;
    if (!patterns.has(named)) {
      const canvas = document.createElement("canvas");
      const sharpness = 2 * (window.devicePixelRatio || 1);
      canvas.width = canvas.height = period * sharpness;
      const ctx = canvas.getContext("2d");
      ctx.scale(sharpness, sharpness);
      draw(ctx, period);
      const pattern = ctx.createPattern(canvas, "repeat");
      const repeats = Math.round(SIZE / (period * unit)); // whole periods, so that patterns run on across tiles
      pattern.setTransform(new DOMMatrix().scale(SIZE / repeats / canvas.width));
      patterns.set(named, pattern);
    }
    return patterns.get(named);
  }

  function linesPattern(kind, colour) {
    return drawnPattern(`${kind}|${colour}`, 8, (ctx, n) => {
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.lineWidth = 1.3;
      ctx.beginPath();
      if (kind === "dots") ctx.arc(n / 2, n / 2, 0.9, 0, 7);
      for (const shift of [-n, 0, n]) {
        if (kind === "hatch" || kind === "cross") ctx.moveTo(shift - 1, n + 1), ctx.lineTo(shift + n + 1, -1);
        if (kind === "back" || kind === "cross") ctx.moveTo(shift - 1, -1), ctx.lineTo(shift + n + 1, n + 1);
      }
      if (kind === "dots") ctx.fill();
      else ctx.stroke();
    });
  }

  function stripesPattern(looks) {
    const period = looks.length === 2 ? 16 : 32;
    const key = looks.map((look) => look.fill + look.opacity).join();
    return drawnPattern(key, period, (ctx, n) => {
      const width = n / looks.length;
      for (let band = -looks.length; band < looks.length; band++) {
        const x = band * width;
        const look = looks[(band + looks.length) % looks.length];
        ctx.fillStyle = look.fill;
        ctx.globalAlpha = look.opacity;
        ctx.beginPath();
        ctx.moveTo(x, n);
        ctx.lineTo(x + width, n);
        ctx.lineTo(x + width + n, 0);
        ctx.lineTo(x + n, 0);
        ctx.fill();
      }
    });
  }

  function holds(rule, values) {
    for (const name in rule.when) {
      if (!rule.when[name].includes(values[name])) return false;
    }
    return true;
  }

  function rulesFor(step, values) {
    if (step.combine) return step.rules.filter((rule) => holds(rule, values));
    const first = step.rules.find((rule) => holds(rule, values));
    return first ? [first] : [];
  }

  function stroke(ctx, look, path) {
    if (!look.stroke) return;
    ctx.strokeStyle = look.stroke;
    ctx.lineWidth = look.weight * unit;
    ctx.setLineDash((look.dash || []).map((length) => length * unit));
    ctx.stroke(path);
  }

  function fill(ctx, style, opacity, path) {
    ctx.globalAlpha = opacity;
    ctx.fillStyle = style;
    ctx.fill(path, "evenodd");
    ctx.globalAlpha = 1;
  }

  function paintArea(ctx, feature, looks) {
    const filled = looks.filter((look) => look.fill);
    const [look] = looks;
    if (filled.length > 1) {
      fill(ctx, stripesPattern(filled), 1, feature.path);
    } else {
      if (look.fill) fill(ctx, look.fill, look.opacity, feature.path);
      if (look.pattern) fill(ctx, linesPattern(look.pattern, look.pattern_color), 1, feature.path);
    }
    looks.forEach((each) => stroke(ctx, each, feature.path));
  }

  function paintLine(ctx, feature, [look]) {
    ctx.globalAlpha = look.opacity;
    stroke(ctx, look, feature.path);
    ctx.globalAlpha = 1;
  }

  function disc(ctx, x, y, radius, look) {
    const path = new Path2D();
    path.arc(x, y, radius * unit, 0, 7);
    if (look.fill) fill(ctx, look.fill, look.opacity, path);
    stroke(ctx, look, path);
  }

  function paintPoint(ctx, feature, [look]) {
    for (const [x, y] of feature.points) disc(ctx, x, y, look.radius, look);
  }

  function paintCount(ctx, feature, [look], state) {
    const { n, unpaired } = feature.values;
    const [[x, y]] = feature.points;
    const radius = Math.min(look.radius + Math.sqrt(n) / 2, 2.2 * look.radius);
    disc(ctx, x, y, radius, look);
    if (unpaired) {
      ctx.beginPath();
      ctx.arc(x, y, radius * unit, -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * unpaired) / n);
      ctx.strokeStyle = state.accent;
      ctx.lineWidth = 3 * unit;
      ctx.setLineDash([]);
      ctx.stroke();
    }
    text(ctx, String(n), x, y, 10, state.ink, null);
  }

  function text(ctx, words, x, y, height, colour, halo) {
    ctx.font = `${height * unit}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    if (halo) {
      ctx.lineJoin = "round";
      ctx.setLineDash([]);
      ctx.lineWidth = 3 * unit;
      ctx.strokeStyle = halo;
      ctx.strokeText(words, x, y);
    }
    ctx.fillStyle = colour;
    ctx.fillText(words, x, y);
  }

  // A name is written where it fits into its own place, so names never meet and are never cut differently by two tiles.
  function paintName(ctx, feature, looks, state, step) {
    const [look] = looks;
    const [[x, y]] = feature.points;
    const badges = looks.filter((each) => each.glyph);
    ctx.font = `${look.weight * unit}px ${FONT}`;
    const fits = ctx.measureText(feature.values.name).width <= feature.values.room * 1.4;
    const row = 15 * unit;
    const hasBadges = badges.length > 0 && row * badges.length <= feature.values.room * 1.4;
    const more = step.more && feature.values.room >= 2.5 * row ? wordsOf(step.more, feature.values) : "";
    const shift = fits && (hasBadges || more) ? row / 2 : 0;
    if (fits) text(ctx, feature.values.name, x, y - shift, look.weight, look.fill, state.paper);
    if (fits && more) text(ctx, more, x, y + shift, look.weight, look.fill, state.paper);
    if (!hasBadges) return;
    badges.forEach((each, i) => badge(ctx, each, x + row * (i - (badges.length - 1) / 2), y + shift, state));
  }

  function wordsOf(template, values) {
    return template.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
  }

  function badge(ctx, look, x, y, state) {
    const path = new Path2D();
    path.rect(x - 7 * unit, y - 7 * unit, 14 * unit, 14 * unit);
    fill(ctx, "#ffffff", 1, path);
    stroke(ctx, { stroke: look.fill || look.stroke, weight: 1.5 }, path);
    text(ctx, look.glyph, x, y + 0.5 * unit, 11, state.ink, null);
  }

  const PAINTERS = { area: paintArea, line: paintLine, point: paintPoint, count: paintCount, name: paintName };

  function paintStep(ctx, step, layers, zoom, state) {
    if (zoom < step.minZoom || zoom > step.maxZoom) return;
    for (const feature of layers[step.layer] || []) {
      if (step.kind === "name" && !feature.values.code.startsWith(state.township)) continue;
      const looks = rulesFor(step, feature.values).map((rule) => rule.look);
      if (looks.length) PAINTERS[step.kind](ctx, feature, looks, state, step);
    }
  }

  // Everything outside the chosen township recedes under a veil of paper.
  function paintVeil(ctx, layers, state) {
    if (!state.township) return;
    const veil = new Path2D();
    veil.rect(-SIZE, -SIZE, 3 * SIZE, 3 * SIZE);
    for (const feature of layers.townships || []) {
      if (feature.values.code === state.township) veil.addPath(feature.path);
    }
    fill(ctx, state.paper, 0.75, veil);
  }

  function paintSelected(ctx, layers, state) {
    const codes = new Set(state.selected);
    for (const name of ["villages", "cells"]) {
      for (const feature of layers[name] || []) {
        if (!codes.has(feature.values.code)) continue;
        if (state.isChoice) paintArea(ctx, feature, [state.chosenLook]);
        stroke(ctx, { stroke: "#ffffff", weight: state.selectedLook.weight + 3 }, feature.path);
        stroke(ctx, state.selectedLook, feature.path);
      }
    }
  }

  function paint(canvas, layers, zoom, state, tilePixels) {
    unit = tilePixels;
    const sharpness = (window.devicePixelRatio || 1) * Math.max(1, 1 / unit);
    canvas.width = canvas.height = Math.round(SIZE * sharpness); // also wipes it
    const ctx = canvas.getContext("2d");
    ctx.scale(sharpness, sharpness);
    const steps = stepsOf(state);
    const isName = (step) => step.kind === "name";
    steps.filter((step) => !isName(step)).forEach((step) => paintStep(ctx, step, layers, zoom, state));
    paintVeil(ctx, layers, state);
    paintSelected(ctx, layers, state);
    steps.filter(isName).forEach((step) => paintStep(ctx, step, layers, zoom, state));
  }

  function drawnOf(state) {
    return [state.themes[state.theme], ...state.overlays.map((name) => state.choices[name])];
  }

  function stepsOf(state) {
    return drawnOf(state).flatMap((drawn) => drawn.steps);
  }

  function layersOf(state) {
    return [...new Set(drawnOf(state).flatMap((drawn) => drawn.layers))];
  }

  // ---- the tile layer --------------------------------------------------------------------------------------

  const ThemeTiles = L.GridLayer.extend({
    options: { tileSize: SIZE, maxNativeZoom: MAX_TILE_ZOOM + 1, keepBuffer: 1, updateWhenZooming: false },

    initialize: function (state) {
      // Nothing lies outside the territory, so nothing is asked for there.
      L.GridLayer.prototype.initialize.call(this, { bounds: L.latLngBounds(state.extent) });
      this._state = state;
    },

    createTile: function (coords, done) {
      const canvas = document.createElement("canvas");
      canvas.style.width = canvas.style.height = `${SIZE}px`;
      this._repaint(canvas, coords).then(
        () => done(null, canvas),
        (fault) => done(fault, canvas)
      );
      return canvas;
    },

    getEvents: function () {
      const zoomend = () => {
        const before = this._painted;
        if (this._unit(this._tileZoom) !== before) this.show({});
      };
      return Object.assign(L.GridLayer.prototype.getEvents.call(this), { zoomend });
    },

    _unit: function (tileZoom) {
      this._painted = this._map ? 1 / this._map.getZoomScale(this._map.getZoom(), tileZoom) : 1;
      return this._painted;
    },

    // Take over a new state; tiles are painted again in place, so nothing blinks.
    show: function (change) {
      Object.assign(this._state, change);
      const work = Object.values(this._tiles || {}).map((tile) => this._repaint(tile.el, tile.coords));
      return Promise.allSettled(work);
    },

    // Addresses of the tiles in view; others are forgotten.
    inView: function () {
      const seen = this._pxBoundsToTileRange(this._getTiledPixelBounds(this._map.getCenter()));
      for (const [key, { coords }] of Object.entries(this._tiles)) {
        if (coords.z !== this._tileZoom || !seen.contains(coords)) this._removeTile(key);
      }
      return Object.values(this._tiles).map(({ coords }) => addressAt(coords));
    },

    // Something in the data changed: go to its new version, which for the tiles in `same` is what it was.
    refresh: function (version, same) {
      for (const name of layersOf(this._state)) {
        for (const at of same) {
          const was = kept.get(keyOf(this._state, name, at));
          if (was) kept.set(keyOf({ ...this._state, version }, name, at), was);
        }
      }
      return this.show({ version });
    },

    // What the tiles in view are made of, as a query to the server.
    question: function () {
      return new URLSearchParams({ layers: layersOf(this._state).join(","), as_of: this._state.asOf });
    },

    _repaint: function (canvas, coords) {
      const state = this._state;
      const turn = (canvas._turn = (canvas._turn || 0) + 1);
      const at = addressAt(coords);
      return featuresOf(state, layersOf(state), at).then(
        (layers) => {
          if (canvas._turn === turn) paint(canvas, layers, coords.z, state, this._unit(coords.z));
          this.fire("fetched", { isWhole: true });
        },
        (fault) => {
          this.fire("fetched", { isWhole: false });
          throw fault;
        }
      );
    },
  });

  // ---- what stands around the map --------------------------------------------------------------------------

  function box(position, className, html) {
    const control = L.control({ position });
    control.onAdd = () => {
      const element = L.DomUtil.create("div", className);
      element.innerHTML = html;
      L.DomEvent.disableClickPropagation(element);
      L.DomEvent.disableScrollPropagation(element);
      return element;
    };
    return control;
  }

  function announce(map, tiles) {
    const element = map.getContainer();
    let waiting = 0;
    tiles.on("loading", () => (element.dataset.painted = ""));
    tiles.on("load", () => (element.dataset.painted = waiting ? "" : tiles._state.theme));
    tiles.on("fetched", (event) => element.classList.toggle("tiles-missing", !event.isWhole));
    return {
      begin: () => ((waiting += 1), (element.dataset.painted = "")),
      end: () => ((waiting -= 1), (element.dataset.painted = waiting ? "" : tiles._state.theme)),
    };
  }

  // Show everything, also when the frame gets its size only afterwards, until somebody moves the map.
  function stayWhole(map, bounds) {
    let ours = false;
    const fit = () => {
      ours = true;
      map.fitBounds(bounds, { animate: false, padding: [8, 8] });
      ours = false;
    };
    const leave = () => ours || map.off("resize", fit).off("movestart", leave);
    fit();
    map.on("resize", fit).on("movestart", leave);
  }

  // Fetches those parts of the map's script that its first picture does without, each once.
  function loader(parts) {
    const loading = {};
    return (name) => {
      loading[name] =
        loading[name] ||
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = parts[name];
          script.onload = resolve;
          script.onerror = reject;
          document.head.appendChild(script);
        });
      return loading[name];
    };
  }

  // Called once, by the base map.
  function start(map, setup) {
    const style = document.createElement("style");
    style.textContent = setup.css;
    document.head.appendChild(style);
    if (setup.bounds) stayWhole(map, setup.bounds);
    L.control.zoom({ position: "topright", zoomInTitle: setup.zoomIn, zoomOutTitle: setup.zoomOut }).addTo(map);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
    box("bottomright", "map-note", setup.note).addTo(map);
    box("topright", "map-north", setup.north).addTo(map);
    map.getContainer().dataset.missing = setup.missing;
    map._minqing = { setup, load: loader(setup.parts) };
  }

  // Called by each feature group: only what the theme, the filters and the selection are.
  function show(map, change) {
    const own = map._minqing;
    if (own.legend) own.legend.remove();
    own.legend = box("bottomleft", "map-legend", change.legend).addTo(map);
    if (change.declared) own.setup.state.themes[change.theme] = change.declared;
    showTiles(map, own, change);
    if (change.marks || own.hasMarks) own.load("marks").then(() => Minqing.showMarks(map, change.marks || []));
    own.hasMarks = Boolean(change.marks);
    if (Minqing.useTool) Minqing.useTool(map, change.tool);
  }

  function showTiles(map, own, change) {
    if (!own.tiles) {
      own.tiles = new ThemeTiles(Object.assign({}, own.setup.state, change));
      own.progress = announce(map, own.tiles);
      own.tiles.once("load", () => own.load("live").then(() => Minqing.watch(map)));
      own.tiles.addTo(map);
      return;
    }
    own.progress.begin();
    own.tiles.show(change).then(own.progress.end);
  }

  window.Minqing = { start, show };
})();
