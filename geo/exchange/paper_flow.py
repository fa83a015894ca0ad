"""Putting text and tables on pages: what comes after what, and where a new page begins.

Everything is laid out first and drawn afterwards, so that every page can say how many there are.
Lengths are points (1/72 inch), measured from the upper left corner. Unless another `Span` is given, text
stands on an A4 sheet lying on its side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from fpdf import FPDF

from geo.exchange.paper_text import balanced, width_of, wrapped

PAGE_WIDTH, PAGE_HEIGHT = 841.89, 595.28
LEFT, RIGHT, TOP, BOTTOM, EDGE = 34.0, 34.0, 76.0, 40.0, 24.0
WIDTH = PAGE_WIDTH - LEFT - RIGHT
INK, GREY, SHADE, BAND, LINE = (17, 24, 39), (75, 85, 99), (226, 232, 240), (241, 245, 249), (100, 116, 139)
_PADDING, _LEADING, _RULE = 3.0, 1.3, 0.5
_ASCENT = 0.88  # of the font: how far below its upper edge a line of text stands

Draw = Callable[[FPDF, float], None]
Align = Literal["left", "right", "center"]
Mark = Callable[[FPDF, float, float, float, float], None]
"""Draws into a cell of a table: the sheet, left and upper edge, width and height."""


@dataclass(frozen=True)
class Span:
    """Where across a page something stands."""

    left: float
    width: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width


LYING = Span(LEFT, WIDTH)
"""The width of an A4 sheet lying on its side, without its margins."""
UPRIGHT = Span(LEFT, PAGE_HEIGHT - LEFT - RIGHT)
"""The width of an A4 sheet standing upright, without its margins."""


@dataclass(frozen=True)
class Item:
    """Something that is not divided between pages.

    Attributes
    ----------
    height : float
    draw : callable
        Called with the sheet and the upper edge.
    lead : tuple of Item
        What is put before it at the top of a page: the heading of its table.
    keep : bool
        Stays on one page with the item that follows.
    """

    height: float
    draw: Draw
    lead: tuple[Item, ...] = ()
    keep: bool = False


@dataclass(frozen=True)
class Page:
    """Items with their upper edges."""

    items: list[tuple[float, Item]] = field(default_factory=list)

    def draw(self, sheet: FPDF) -> None:
        """Put everything on the sheet."""
        for top, item in self.items:
            item.draw(sheet, top)


def paginated(items: Sequence[Item], *, heading: Item | None = None) -> list[Page]:
    """The items on as many pages as they need, each below the heading; nothing gives one page."""
    above = [] if heading is None else [(EDGE, heading)]
    begin = TOP if heading is None else EDGE + heading.height
    pages, top, limit = [Page([*above])], begin, PAGE_HEIGHT - BOTTOM
    for at, item in enumerate(items):
        if top + _kept_height(items, at) > limit and len(pages[-1].items) > len(above):
            pages.append(Page([*above]))
            top = begin
            for lead in item.lead:
                pages[-1].items.append((top, lead))
                top += lead.height
        pages[-1].items.append((top, item))
        top += item.height
    return pages


def _kept_height(items: Sequence[Item], at: int) -> float:
    """Height of an item and of those it is kept with."""
    height = items[at].height
    while items[at].keep and at + 1 < len(items):
        at += 1
        height += items[at].height
    return height


def put(
    sheet: FPDF, x: float, top: float, text: str, size: float, colour: tuple[int, int, int] = INK
) -> None:
    """One line of text with its upper edge at ``top``."""
    sheet.set_font(size=size)
    sheet.set_text_color(*colour)
    sheet.text(x, top + _ASCENT * size, text)


def paragraph(
    text: str,
    size: float,
    *,
    after: float = 0.0,
    keep: bool = False,
    colour: tuple[int, int, int] = INK,
    span: Span = LYING,
) -> Item:
    """Text over the width of the span, with ``after`` points of space below it."""
    lines = wrapped(text, span.width, size)

    def draw(sheet: FPDF, top: float) -> None:
        for at, line in enumerate(lines):
            put(sheet, span.left, top + at * size * _LEADING, line, size, colour)

    return Item(len(lines) * size * _LEADING + after, draw, keep=keep)


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and where its text stands."""

    heading: str
    share: float
    align: Align = "left"


class Table:
    """A table that says its headings again on every page.

    Parameters
    ----------
    columns : sequence of Column
    size : float
        Of the text.
    span : Span
        Where across the page it stands.
    padding : float
        Between text and lines.
    """

    def __init__(
        self, columns: Sequence[Column], size: float, *, span: Span = LYING, padding: float = _PADDING
    ) -> None:
        total = sum(column.share for column in columns)
        self._span, self._padding = span, padding
        self._widths = [span.width * column.share / total for column in columns]
        self._aligns: list[Align] = [column.align for column in columns]
        self._size = size
        headings = [
            balanced(column.heading, width - 2 * self._padding, size)
            for column, width in zip(columns, self._widths, strict=True)
        ]
        self.head = self._row(headings, ["center"] * len(columns), shade=SHADE, keep=True)

    @property
    def rooms(self) -> list[float]:
        """How wide the text of each column may be."""
        return [width - 2 * self._padding for width in self._widths]

    def rows(
        self, texts: Sequence[str], *, lead: tuple[Item, ...] = (), marks: Mapping[int, Mark] | None = None
    ) -> list[Item]:
        """A row, or several where a text is longer than half a page; ``lead`` comes after the headings.

        ``marks`` are drawn over the cells of the columns with these numbers, in the first row only.
        """
        lines, most = self._lines(texts), self._most_lines
        longest = max(1, *map(len, lines))
        parts = [[cell[start : start + most] for cell in lines] for start in range(0, longest, most)]
        items = [self._row(part, self._aligns, lead=(self.head, *lead)) for part in parts]
        return [self._marked(items[0], marks), *items[1:]] if marks else items

    def _marked(self, row: Item, marks: Mapping[int, Mark]) -> Item:
        lefts = [self._span.left + sum(self._widths[:at]) for at in range(len(self._widths))]

        def draw(sheet: FPDF, top: float) -> None:
            row.draw(sheet, top)
            for at, mark in marks.items():
                mark(sheet, lefts[at], top, self._widths[at], row.height)

        return replace(row, draw=draw)

    def band(self, text: str) -> Item:
        """A row over all columns that stays with the one below it."""
        lines = wrapped(text, self._span.width - 2 * self._padding, self._size)
        return self._box([lines], [self._span.width], ["left"], shade=BAND, lead=(self.head,), keep=True)

    @property
    def _most_lines(self) -> int:
        return int((PAGE_HEIGHT - TOP - BOTTOM) / 2 / (self._size * _LEADING))

    def _lines(self, texts: Sequence[str]) -> list[list[str]]:
        return [
            wrapped(text, width - 2 * self._padding, self._size)
            for text, width in zip(texts, self._widths, strict=True)
        ]

    def _row(
        self,
        lines: list[list[str]],
        aligns: Sequence[Align],
        *,
        shade: tuple[int, int, int] | None = None,
        lead: tuple[Item, ...] = (),
        keep: bool = False,
    ) -> Item:
        return self._box(lines, self._widths, aligns, shade=shade, lead=lead, keep=keep)

    def _box(
        self,
        cells: list[list[str]],
        widths: Sequence[float],
        aligns: Sequence[Align],
        *,
        shade: tuple[int, int, int] | None,
        lead: tuple[Item, ...],
        keep: bool,
    ) -> Item:
        step = self._size * _LEADING
        height = max(1, *map(len, cells)) * step + 2 * self._padding

        def draw(sheet: FPDF, top: float) -> None:
            x = self._span.left
            for lines, width, align in zip(cells, widths, aligns, strict=True):
                _frame(sheet, x, top, width, height, shade)
                for at, line in enumerate(lines):
                    room = width - 2 * self._padding - width_of(line, self._size)
                    shift = {"left": 0.0, "center": room / 2, "right": room}[align]
                    put(sheet, x + self._padding + shift, top + self._padding + at * step, line, self._size)
                x += width

        return Item(height, draw, lead=lead, keep=keep)


def _frame(
    sheet: FPDF, x: float, top: float, width: float, height: float, shade: tuple[int, int, int] | None
) -> None:
    sheet.set_line_width(_RULE)
    sheet.set_draw_color(*LINE)
    if shade is not None:
        sheet.set_fill_color(*shade)
    sheet.rect(x, top, width, height, style="D" if shade is None else "DF")
