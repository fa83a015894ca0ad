"""Where names stand on a map: inside what they name, clear of each other, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from fpdf import FPDF

from geo.exchange.paper_fit import LEADING, Box, Colour, put_in
from geo.exchange.paper_flow import INK
from geo.exchange.paper_text import printable, width_of

_WHITE = (255, 255, 255)
_HALO = 1.6


@dataclass
class Names:
    """The names of one map; each takes its place away from the later ones.

    Attributes
    ----------
    window : shape
        Names stay inside it.
    taken : list of shapes
        Rectangles where something stands already.
    """

    window: Any
    taken: list[Any] = field(default_factory=list)

    def place(
        self, area: Any, wordings: Sequence[Sequence[str]], sizes: Sequence[float], *, share: float = 0.75
    ) -> tuple[Box, list[str], float] | None:
        """The first wording, in the largest size, that fits into an area where nothing else stands.

        Parameters
        ----------
        wordings : sequence of lines
            From the longest to the shortest.
        share : float
            How much of the writing must lie in the area.
        """
        for middle in _middles(area):
            for size in sizes:
                for wording in wordings:
                    lines = [printable(line) for line in wording]
                    box = _box_about(middle, lines, size)
                    if self._is_free(box, area, share):
                        self.taken.append(_shape(box))
                        return box, lines, size
        return None

    def _is_free(self, box: Box, area: Any, share: float) -> bool:
        shape = _shape(box)
        if not shapely.covers(self.window, shape) or any(
            shapely.intersects(one, shape) for one in self.taken
        ):
            return False
        return bool(shapely.area(shapely.intersection(area, shape)) >= share * shapely.area(shape))


def write(sheet: FPDF, box: Box, lines: Sequence[str], size: float, *, colour: Colour = INK) -> None:
    """Centred lines on a white seam, so that they can be read over hatching and borders."""
    for at, line in enumerate(lines):
        where = Box(box.left - 1, box.top + at * size * LEADING, box.width + 2, size * LEADING)
        with sheet.local_context(text_mode="STROKE", line_width=_HALO, draw_color=_WHITE):
            put_in(sheet, where, line, size, align="center", colour=_WHITE)
        put_in(sheet, where, line, size, align="center", colour=colour)


def _middles(area: Any) -> list[Any]:
    """Points well inside an area: that of its widest place, then one that is surely inside."""
    if shapely.is_empty(area) or shapely.area(area) <= 0:
        return []
    largest = max(shapely.get_parts(area), key=shapely.area)
    widest = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
    return [shapely.get_point(widest, 0), shapely.point_on_surface(largest)]


def _box_about(middle: Any, lines: Sequence[str], size: float) -> Box:
    width = max(width_of(line, size) for line in lines)
    height = len(lines) * size * LEADING
    return Box(shapely.get_x(middle) - width / 2, shapely.get_y(middle) - height / 2, width, height)


def _shape(box: Box) -> Any:
    return shapely.box(box.left, box.top, box.right, box.bottom)
