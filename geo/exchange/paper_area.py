"""Areas and lines on paper: filled, hatched, outlined, with holes and in several parts.

Shapes are in points of the page. Hatching is cut to the area beforehand, so that no reader or printer has to
mask anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from fpdf import FPDF
from fpdf.enums import IntersectionRule, PathPaintRule

from geo.exchange.paper_fit import Box
from geo.exchange.paper_look import PaperLook, colour

_STEP, _STROKE, _DOT = 4.5, 0.7, 0.55
_SLOPES = {"hatch": (-1.0,), "back": (1.0,), "cross": (-1.0, 1.0), "level": (0.0,)}


def draw_area(sheet: FPDF, shape: Any, look: PaperLook, *, step: float = _STEP) -> None:
    """An area as its look says; what is empty or missing is not drawn."""
    if shape is None or shapely.is_empty(shape):
        return
    if look.fill:
        _fill(sheet, shape, colour(look.fill, look.opacity))
    if look.pattern == "dots":
        _dots(sheet, shape, look, step)
    elif look.pattern:
        sheet.set_draw_color(*colour(look.pattern_color))
        sheet.set_line_width(_STROKE)
        for slope in _SLOPES[look.pattern]:
            draw_lines(sheet, shapely.intersection(_strokes(shapely.bounds(shape), slope, step), shape))
    if look.stroke:
        outline(sheet, shape, colour(look.stroke), look.weight)


def outline(sheet: FPDF, shape: Any, ink: tuple[int, int, int], weight: float) -> None:
    """The border of an area."""
    sheet.set_draw_color(*ink)
    sheet.set_line_width(weight)
    draw_lines(sheet, shapely.boundary(shape))


def draw_lines(sheet: FPDF, lines: Any) -> None:
    """Lines in the colour and width that are set; points that a cut leaves are not drawn."""
    for part in shapely.get_parts(lines):
        if shapely.get_dimensions(part) == 1:
            points = [(float(x), float(y)) for x, y in shapely.get_coordinates(part)]
            sheet.polyline(points)


def swatch(sheet: FPDF, box: Box, look: PaperLook) -> None:
    """A small rectangle that shows a look in a legend."""
    draw_area(sheet, shapely.box(box.left, box.top, box.right, box.bottom), look, step=3.4)
    if not look.stroke:
        sheet.set_draw_color(*colour("#7b8794"))
        sheet.set_line_width(0.4)
        sheet.rect(box.left, box.top, box.width, box.height)


def _fill(sheet: FPDF, shape: Any, ink: tuple[int, int, int]) -> None:
    """All rings as one path: what an inner ring encloses stays free."""
    with sheet.new_path(paint_rule=PathPaintRule.FILL_EVENODD) as path:
        path.style.fill_color = f"#{ink[0]:02x}{ink[1]:02x}{ink[2]:02x}"
        path.style.stroke_color = None
        path.style.intersection_rule = IntersectionRule.EVENODD
        for part in shapely.get_parts(shape):
            for ring in shapely.get_rings(part):
                first, *others = shapely.get_coordinates(ring).tolist()
                path.move_to(*first)
                for point in others:
                    path.line_to(*point)
                path.close()


def _strokes(bounds: Any, slope: float, step: float) -> Any:
    """Parallel lines over a rectangle, at places that do not depend on it: neighbours' strokes meet."""
    west, north, east, south = bounds
    along = step if slope == 0 else step * np.sqrt(2)
    ends = [y - slope * x for x in (west, east) for y in (north, south)]
    starts = np.arange(np.floor(min(ends) / along), np.ceil(max(ends) / along) + 1) * along
    lines = [[(west, slope * west + start), (east, slope * east + start)] for start in starts]
    return shapely.multilinestrings(shapely.linestrings(lines))


def _dots(sheet: FPDF, shape: Any, look: PaperLook, step: float) -> None:
    west, north, east, south = shapely.bounds(shape)
    across = np.arange(np.floor(west / step), np.ceil(east / step) + 1) * step
    down = np.arange(np.floor(north / step), np.ceil(south / step) + 1) * step
    places = np.array([(x, y) for x in across for y in down])
    sheet.set_fill_color(*colour(look.pattern_color))
    for x, y in places[shapely.contains_xy(shape, *places.T)].tolist():
        sheet.circle(x, y, _DOT, style="F")
