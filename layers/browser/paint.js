// Paints what the themes declare (layers/themes.py) onto canvases. Our own, because VectorGrid's renderers know no
// hatching and can only be restyled by fetching everything again.
(function () {
  "use strict";

  const SIZE = 512; // one tile covers 2 × 2 of Leaflet's usual 256-pixel tiles: a quarter of the requests
  const FONT = '"Noto Sans SC","Source Han Sans SC","Microsoft YaHei","PingFang SC","WenQuanYi Micro Hei",sans-serif';

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
      if (kind === "level") ctx.moveTo(0, n / 2), ctx.lineTo(n, n / 2);
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
    stroke(ctx, { stroke: look.stroke || look.fill, weight: 1.5 }, path);
    text(ctx, look.glyph, x, y + 0.5 * unit, look.glyph_px || 11, state.ink, null);
  }

  // A character at a point. Those of different rules stand side by side, so that none hides another at the same place.
  function paintBadge(ctx, feature, [look], state, step) {
    const at = step.rules.findIndex((rule) => rule.look === look) - (step.rules.length - 1) / 2;
    for (const [x, y] of feature.points) badge(ctx, look, x + 15 * unit * at, y, state);
  }

  const PAINTERS = {
    area: paintArea,
    line: paintLine,
    point: paintPoint,
    count: paintCount,
    badge: paintBadge,
    name: paintName,
  };

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

  window.Minqing = Object.assign(window.Minqing || {}, { painting: { SIZE, paint, layersOf } });
})();
