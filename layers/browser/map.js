// Shows the themes that layers/themes.py declares, from vector tiles; paint.js draws them onto canvas tiles.
//
// Leaflet.VectorGrid fetches and decodes a tile. Decoded tiles stay in memory: a change of theme repaints what is
// there and asks the server only for layers that it does not have yet.
(function () {
  "use strict";

  const { SIZE, paint, layersOf } = window.Minqing.painting;
  const MAX_TILE_ZOOM = 17;
  const KEPT_TILES = 400;

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

  Object.assign(window.Minqing, { start, show });
})();
