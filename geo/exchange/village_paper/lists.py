"""Tables in panels: with little room rows are cut, then left out, and those left out are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fpdf import FPDF

from geo.exchange.paper_area import swatch
from geo.exchange.paper_fit import LEADING, Box, Panel, cut, put_fitting, put_in
from geo.exchange.paper_flow import GREY, Column, Item, Mark, Span, Table
from geo.exchange.paper_look import PaperLook, colour
from geo.i18n import _

SIZE = 7.6
_LEAST_SIZE = 5.2
_MORE = 11.0
_LINES = (5, 4, 3, 2, 1)
_PADDING = 2.2
_NONE = 14.0
_MOST_ROWS = 40  # more never fit on a page beside what else is on it


@dataclass(frozen=True)
class Row:
    """Texts of a row, and what is drawn into its cells, by number of the column."""

    texts: Sequence[str]
    marks: Mapping[int, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """What a table shows.

    Attributes
    ----------
    none : str
        Said where there is no row.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    none: str


def list_panel(title: str, listed: Listed, width: float, *, rows: int = 2, aside: str = "") -> Panel:
    """A table as a panel of that width that shows at least so many short rows."""
    if not listed.rows:
        return Panel(title, _NONE, _NONE, _NONE, lambda sheet, box: _say_none(sheet, box, listed.none), aside)
    span = Span(0.0, width)
    whole = sum(item.height for item in _items(listed, span, _LINES[0], _MOST_ROWS))
    short = _items(listed, span, 1, rows + 1)
    least = sum(item.height for item in short[: rows + 1]) + (_MORE if len(listed.rows) > rows else 0)
    return Panel(title, min(least, whole), whole, whole, lambda sheet, box: _draw(sheet, box, listed), aside)


def _say_none(sheet: FPDF, box: Box, text: str) -> None:
    put_in(sheet, box, text, 8.0, colour=GREY)


def _draw(sheet: FPDF, box: Box, listed: Listed) -> None:
    fitting = int(box.height / (SIZE * LEADING + 2 * _PADDING))
    for most in _LINES:
        items = _items(listed, box.span, most, fitting + 1)
        if sum(item.height for item in items) <= box.height + 0.1:
            break
    top, left = box.top, 0
    for at, item in enumerate(items):
        more = _MORE if at < len(listed.rows) else 0.0
        if at and top + item.height + more > box.bottom + 0.1:
            left = len(listed.rows) + 1 - at
            break
        item.draw(sheet, top)
        top += item.height
    if left:
        told = _("另有 {count} 条，见系统").format(count=left)
        put_in(sheet, Box(box.left, top + 2, box.width, _MORE), told, SIZE, align="right", colour=GREY)


def _items(listed: Listed, span: Span, most: int, rows: int) -> list[Item]:
    table = Table(listed.columns, SIZE, span=span, padding=_PADDING)
    return [table.head, *(_row(table, row, most) for row in listed.rows[:rows])]


def _row(table: Table, row: Row, most: int) -> Item:
    texts = [
        "\n".join(cut(text, room, SIZE, most)) for text, room in zip(row.texts, table.rooms, strict=True)
    ]
    return table.rows(texts, marks=row.marks)[0]


def sign_mark(sign: str, ink: str, word: str) -> Mark:
    """A coloured sign and a word beside it."""

    def draw(sheet: FPDF, left: float, top: float, width: float, _height: float) -> None:
        box = Box(left + _PADDING, top + _PADDING, width - 2 * _PADDING, SIZE)
        put_in(sheet, box, sign, SIZE, colour=colour(ink))
        beside = Box(box.left + SIZE + 2.5, box.top, box.width - SIZE - 2.5, SIZE)
        put_fitting(sheet, beside, word, SIZE, least=_LEAST_SIZE)

    return draw


def look_mark(look: PaperLook, word: str) -> Mark:
    """A swatch of a look with its word beside it."""

    def draw(sheet: FPDF, left: float, top: float, width: float, _height: float) -> None:
        draw_look(sheet, Box(left + _PADDING, top + _PADDING, width - 2 * _PADDING, SIZE), look, word)

    return draw


def draw_look(sheet: FPDF, box: Box, look: PaperLook, word: str, *, size: float = SIZE) -> None:
    """A swatch with its word, in one line."""
    wide = size * 1.7
    swatch(sheet, Box(box.left, box.top + 0.6, wide, size), look)
    beside = Box(box.left + wide + 4, box.top, box.width - wide - 4, size)
    put_fitting(sheet, beside, word, size, least=_LEAST_SIZE)
