"""Fitting what there is into the room there is: boxes, lines cut to a width, heights shared among panels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fpdf import FPDF

from geo.exchange.paper_flow import GREY, INK, Align, Span, put
from geo.exchange.paper_text import printable, width_of, wrapped
from geo.i18n import _

Colour = tuple[int, int, int]
LEADING = 1.3
"""Height of a line, as a multiple of the size of its letters."""

_DOTS = "…"
_MOST_OF_LINE = 0.4
_SAFE = 0.999  # letters as wide as the room must not be found too wide by a rounding
_TITLE, _TITLE_ROOM = 9.5, 16.0
_BAR = (34, 56, 79)


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in points from the upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def span(self) -> Span:
        """Its left edge and width."""
        return Span(self.left, self.width)

    def inset(self, by: float) -> Box:
        """The box with a margin inside."""
        return Box(self.left + by, self.top + by, self.width - 2 * by, self.height - 2 * by)

    def upper(self, height: float) -> Box:
        """Its upper part."""
        return Box(self.left, self.top, self.width, height)

    def lower(self, height: float) -> Box:
        """What is left when so much is taken away above."""
        return Box(self.left, self.top + height, self.width, self.height - height)

    def columns(self, *shares: float, gap: float = 0.0) -> list[Box]:
        """Boxes side by side with these shares of the width."""
        room = self.width - gap * (len(shares) - 1)
        boxes, left = [], self.left
        for share in shares:
            width = room * share / sum(shares)
            boxes.append(Box(left, self.top, width, self.height))
            left += width + gap
        return boxes


def shared(room: float, least: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Heights for things that need at least and want at most so much.

    Everything gets what it needs; the rest is dealt out evenly, and nobody gets more than is wanted. Where
    even the least does not fit, all are made smaller by the same share.
    """
    if (needed := sum(least)) > room:
        return [height * room / needed for height in least]
    heights, left = [*least], room - needed
    open_ = [at for at in range(len(least)) if wanted[at] > least[at]]
    while open_ and left > 1e-6:
        step = min(left / len(open_), *(wanted[at] - heights[at] for at in open_))
        for at in open_:
            heights[at] += step
        left -= step * len(open_)
        open_ = [at for at in open_ if wanted[at] - heights[at] > 1e-6]
    return heights


def shortened(text: str, width: float, size: float) -> str:
    """The text as the font can draw it, cut with … where it is wider than the room."""
    text = printable(text)
    if width_of(text, size) <= width:
        return text
    return _ending(text, _DOTS, width, size)


def cut(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines; the last one of a longer text says where to find the rest.

    Where a line is too narrow to say so it ends with ….
    """
    lines = wrapped(text, width, size, most=most + 1)
    if len(lines) <= most:
        return lines
    if most < 1:
        return []
    more = printable(_("…（全文见系统）"))
    if width_of(more, size) > width * _MOST_OF_LINE:
        return [*lines[: most - 1], _ending(lines[most - 1], _DOTS, width, size)]
    return [*lines[: most - 1], _ending(lines[most - 1], more, width, size)]


def _ending(line: str, more: str, width: float, size: float) -> str:
    while line and width_of(line + more, size) > width:
        line = line[:-1]
    return line + more


def put_in(
    sheet: FPDF, box: Box, text: str, size: float, *, align: Align = "left", colour: Colour = INK
) -> None:
    """One line at the top of a box, cut where it is wider."""
    line = shortened(text, box.width, size)
    room = box.width - width_of(line, size)
    left = box.left + {"left": 0.0, "center": room / 2, "right": room}[align]
    put(sheet, left, box.top, line, size, colour)


def put_fitting(
    sheet: FPDF,
    box: Box,
    text: str,
    size: float,
    *,
    least: float,
    align: Align = "left",
    colour: Colour = INK,
) -> None:
    """One line, in smaller letters where it is wider than the box, cut where the smallest do not help."""
    wide = width_of(printable(text), size)
    fitting = size if wide <= box.width else max(least, _SAFE * size * box.width / wide)
    lower = (size - fitting) / 2
    put_in(sheet, box.lower(lower), text, fitting, align=align, colour=colour)


def put_lines(sheet: FPDF, box: Box, lines: Sequence[str], size: float, *, colour: Colour = INK) -> None:
    """Lines one below the other."""
    for at, line in enumerate(lines):
        put(sheet, box.left, box.top + at * size * LEADING, line, size, colour)


def put_strong(
    sheet: FPDF, box: Box, text: str, size: float, *, least: float | None = None, colour: Colour = INK
) -> None:
    """As `put_fitting` in heavier letters: the font has one weight, so its outlines are drawn too."""
    with sheet.local_context(text_mode="FILL_STROKE", line_width=size * 0.025, draw_color=colour):
        put_fitting(sheet, box, text, size, least=least or size, colour=colour)


@dataclass(frozen=True)
class Panel:
    """A part of a page with a title.

    Attributes
    ----------
    least, wanted, most : float
        Heights below the title: what it cannot do without, what shows everything, and what it may grow to
        when the page has room left.
    draw : callable
        Draws into a box of the height that it was given.
    aside : str
        Said at the right of the title.
    """

    title: str
    least: float
    wanted: float
    most: float
    draw: Callable[[FPDF, Box], None]
    aside: str = ""


def stack(sheet: FPDF, box: Box, rows: Sequence[Sequence[tuple[float, Panel]]], *, gap: float = 7.0) -> None:
    """Rows of panels side by side (share of the width, panel) that together fill the box."""
    room = box.height - gap * (len(rows) - 1) - _TITLE_ROOM * len(rows)
    least, wanted, most = (
        [max(getattr(panel, name) for _share, panel in row) for row in rows]
        for name in ("least", "wanted", "most")
    )
    heights = shared(room, least, wanted)
    heights = shared(room, heights, [max(pair) for pair in zip(heights, most, strict=True)])
    top = box.top
    for row, height in zip(rows, heights, strict=True):
        whole = Box(box.left, top, box.width, height + _TITLE_ROOM)
        parts = whole.columns(*(share for share, _panel in row), gap=10.0)
        for part, (_share, panel) in zip(parts, row, strict=True):
            _titled(sheet, part, panel)
        top += whole.height + gap


def _titled(sheet: FPDF, box: Box, panel: Panel) -> None:
    sheet.set_fill_color(*_BAR)
    sheet.rect(box.left, box.top + 1.5, 2.6, _TITLE, style="F")
    title = box.upper(_TITLE_ROOM)
    width = width_of(printable(panel.title), _TITLE)
    put_strong(sheet, Box(title.left + 6, title.top, title.width - 6, title.height), panel.title, _TITLE)
    rest = max(0.0, box.width - width - 18)
    aside = Box(box.right - rest, box.top + 2.5, rest, _TITLE_ROOM)
    put_in(sheet, aside, panel.aside, 7.0, align="right", colour=GREY)
    panel.draw(sheet, box.lower(_TITLE_ROOM))
