"""The small map of one village as a picture in the page: no frame, no script, no tiles to wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.codes import VILLAGE
from geo.crs import gauss_kruger_srid
from geo.exchange.village_profile import VillageMap
from geo.i18n import N_, _
from layers import styles
from layers.legend import HEIGHT as SWATCH_HEIGHT
from layers.legend import WIDTH as SWATCH_WIDTH
from layers.legend import swatch
from layers.styles import Look
from layers.theme import Rule, Step
from layers.themes import CONTESTED, HOUSEHOLDS, OWNED, UNOWNED

WIDTH, HEIGHT = 520, 330
_MARGIN = 26
_LEAST_M = 200.0  # of ground across the picture: a village without extent must not fill it
_CELLS = {"owned": OWNED, "unowned": UNOWNED, "contested": CONTESTED}
_SINGLE = next(step for step in HOUSEHOLDS if step.layer == "households")
_HOUSEHOLDS = {rule.when["paired"][0]: rule for rule in _SINGLE.rules}
_BASE = Rule(styles.MARKS["base"], label=N_("工作组成员住处"))
_STROKES = {"hatch": "M0 7L7 0", "back": "M0 0L7 7", "cross": "M0 7L7 0M0 0L7 7"}
_TYPE = "Noto Sans SC, Source Han Sans SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
_SCALE_PX, _ROOM_PX, _BESIDE_PX, _KM = 110, 11, 26, 1000


@dataclass(frozen=True)
class _View:
    """From metres of the zone to the picture, north up."""

    srid: int
    west: float
    north: float
    px_per_m: float

    def shapes(self, frame: gpd.GeoDataFrame) -> np.ndarray:
        """A stored frame's shapes in the picture."""
        ground = frame.geometry.to_crs(self.srid).to_numpy()
        placed: np.ndarray = shapely.transform(ground, self._placed)
        return placed

    def _placed(self, xy: np.ndarray) -> np.ndarray:
        return (xy - [self.west, self.north]) * [self.px_per_m, -self.px_per_m]


def village_svg(drawn: VillageMap) -> str:
    """The picture as SVG, with a scale bar and a north arrow; empty where the village has no outline."""
    outline = drawn.village.geometry.iloc[0]
    if outline is None or outline.is_empty:
        return ""
    view = _view_of(drawn.village)
    body = (
        _defs(),
        _outline(view.shapes(drawn.neighbours), styles.CELL_BORDER),
        *_names(view, drawn.neighbours),
        *_cells(view, drawn.cells),
        _outline(view.shapes(drawn.village), styles.COUNTY_LINE),
        *_households(view, drawn.households),
        *_cell_names(view, drawn.cells),
        *_cadres(view, drawn.cadres),
        _scale_bar(view.px_per_m),
        f'<g fill="{styles.INK}"><path d="M{WIDTH - 18} 34l-6 0 6-16 6 16z"/>'
        f'<text x="{WIDTH - 18}" y="14" font-size="11" text-anchor="middle">N</text></g>',
    )
    return _drawing(WIDTH, HEIGHT, "".join(body))


def village_legend(drawn: VillageMap) -> list[tuple[str, str]]:
    """What is in the picture, and only that: a small drawing and its words (untranslated) each."""
    states = set(drawn.cells["state"])
    entries = [(Step("cells", "area", (rule,)), rule) for state, rule in _CELLS.items() if state in states]
    if drawn.households is not None:
        paired = set(drawn.households["paired"])
        entries += [(_SINGLE, rule) for value, rule in _HOUSEHOLDS.items() if value in paired]
    if len(drawn.cadres):
        entries.append((Step("cadres", "point", (_BASE,)), _BASE))
    return [(_drawing(SWATCH_WIDTH, SWATCH_HEIGHT, swatch(step, rule)), rule.label) for step, rule in entries]


def _drawing(width: float, height: float, body: str) -> str:
    """A drawing that stands for itself: pages show it as a picture, which can run nothing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="{_TYPE}">{body}</svg>'
    )


def _view_of(village: gpd.GeoDataFrame) -> _View:
    """The village in the middle, with a little of what lies around it."""
    west, _south, east, _north = (float(side) for side in village.total_bounds)
    srid = gauss_kruger_srid((west + east) / 2)
    left, low, right, high = (float(side) for side in village.to_crs(srid).total_bounds)
    px_per_m = min(
        (WIDTH - 2 * _MARGIN) / max(right - left, _LEAST_M),
        (HEIGHT - 2 * _MARGIN) / max(high - low, _LEAST_M),
    )
    middle_x, middle_y = (left + right) / 2, (low + high) / 2
    return _View(srid, middle_x - WIDTH / 2 / px_per_m, middle_y + HEIGHT / 2 / px_per_m, px_per_m)


def _defs() -> str:
    """Hatching of cells that nobody or more than one answers for."""
    patterns = (
        f'<pattern id="village-{state}" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<path d="{_STROKES[rule.look.pattern]}" stroke="{rule.look.pattern_color}" stroke-width="1.2"/>'
        "</pattern>"
        for state, rule in _CELLS.items()
        if rule.look.pattern
    )
    return f"<defs>{''.join(patterns)}</defs>"


def _path(shape: Any) -> str:
    """Rings of an area as path data; what lies far outside the picture is left out."""
    near = shapely.clip_by_rect(shape, -WIDTH, -HEIGHT, 2 * WIDTH, 2 * HEIGHT)
    rings = (ring for part in shapely.get_parts(near) for ring in shapely.get_rings(part))
    return "".join(
        f"M{' '.join(_xy(x, y) for x, y in shapely.get_coordinates(ring)[:-1])}z" for ring in rings
    )


def _xy(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _outline(shapes: Iterable[Any], look: Look) -> str:
    path = "".join(map(_path, shapes))
    dash = f' stroke-dasharray="{" ".join(map(str, look.dash))}"' if look.dash else ""
    return f'<path d="{path}" fill="none" stroke="{look.stroke}" stroke-width="{look.weight}"{dash}/>'


def _cells(view: _View, cells: gpd.GeoDataFrame) -> Iterable[str]:
    """What state a cell is in is its colour and its hatching."""
    for shape, state in zip(view.shapes(cells), cells["state"], strict=True):
        path, look = _path(shape), _CELLS[state].look
        line = f'stroke="{look.stroke or styles.INK_LIGHT}" stroke-width="{look.weight or 0.9}"'
        yield f'<path d="{path}" fill="{look.fill}" fill-opacity="{look.opacity}" {line}/>'
        if look.pattern:
            yield f'<path d="{path}" fill="url(#village-{state})"/>'


def _households(view: _View, households: gpd.GeoDataFrame | None) -> Iterable[str]:
    """Those nobody pairs with are drawn last and larger."""
    if households is None:
        return
    for paired, rule in _HOUSEHOLDS.items():
        look = rule.look
        stroke = f' stroke="{look.stroke}" stroke-width="{look.weight}"' if look.stroke else ""
        points = shapely.get_coordinates(view.shapes(households[households["paired"] == paired]))
        circles = (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{look.radius}"/>' for x, y in points)
        yield f'<g fill="{look.fill}"{stroke}>{"".join(circles)}</g>'


def _names(view: _View, frame: gpd.GeoDataFrame) -> Iterable[str]:
    """Neighbours' names where enough of them is in the picture."""
    for shape, name in zip(view.shapes(frame), frame["name"], strict=True):
        seen = shapely.clip_by_rect(shape, 0, 0, WIDTH, HEIGHT)
        west, north, east, south = shapely.bounds(seen)
        if east - west > _ROOM_PX * len(name) and south - north > 2 * _ROOM_PX:
            yield _text(shapely.point_on_surface(seen), str(name), styles.INK_LIGHT, 11)


def _cell_names(view: _View, cells: gpd.GeoDataFrame) -> Iterable[str]:
    """A cell's number, and how many households it has where they fit."""
    for shape, code, count in zip(view.shapes(cells), cells["code"], cells["households"], strict=True):
        number = str(code)[VILLAGE:].lstrip("0")
        west, north, east, south = shapely.bounds(shape)
        words = _("{number}格 {count}户").format(number=number, count=count)
        is_wide = east - west > _ROOM_PX * len(words) and south - north > 2 * _ROOM_PX
        if shape is not None and not shapely.is_empty(shape):
            yield _text(shapely.point_on_surface(shape), words if is_wide else number, styles.INK, 11)


def _cadres(view: _View, cadres: gpd.GeoDataFrame) -> Iterable[str]:
    """A ring for each; who live beside each other share one line of names."""
    look = _BASE.look
    lines: list[tuple[Any, list[str]]] = []
    for point, name in zip(view.shapes(cadres), cadres["name"], strict=True):
        yield (
            f'<circle cx="{point.x:.1f}" cy="{point.y:.1f}" r="6" fill="{look.fill}" '
            f'stroke="{look.stroke}" stroke-width="{look.weight}"/>'
        )
        beside = next((names for at, names in lines if at.distance(point) < _BESIDE_PX), None)
        if beside is None:
            lines.append((point, [str(name)]))
        else:
            beside.append(str(name))
    for at, names in lines:
        yield _text(shapely.Point(at.x, at.y - 12), _("、").join(names), styles.INK, 12)


def _text(at: Any, words: str, colour: str, size: int) -> str:
    return (
        f'<text x="{at.x:.1f}" y="{at.y + size / 3:.1f}" font-size="{size}" text-anchor="middle" '
        f'fill="{colour}" stroke="{styles.PAPER}" stroke-width="3" paint-order="stroke">'
        f"{escape(words)}</text>"
    )


def _scale_bar(px_per_m: float) -> str:
    """A round number of metres, not longer than `_SCALE_PX`."""
    most_m = _SCALE_PX / px_per_m
    power = 10 ** floor(log10(most_m))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most_m)
    end = 10 + metres * px_per_m
    words = f"{metres / 1000:g} km" if metres >= _KM else f"{metres:g} m"
    line = (
        f'<path d="M10 {HEIGHT - 16}v6H{end:.1f}v-6" fill="none" stroke="{styles.INK}" stroke-width="1.6"/>'
    )
    return line + _text(shapely.Point((10 + end) / 2, HEIGHT - 20), words, styles.INK, 11)
