"""What sheets on paper have: the file, a heading that says what and of which day, a foot that says who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

from geo.exchange.inspection import chinese_day
from geo.exchange.paper_fit import Box, put_fitting
from geo.exchange.paper_flow import GREY, LINE, LYING, Align, Item, Page, Span, put
from geo.exchange.paper_text import font_path, printable, width_of, wrapped
from geo.i18n import _, current_language

ALARM = (180, 35, 24)
_BODY, _SMALL, _BIG = 8.5, 7.5, 12.0
_LEAST = 6.0
_LEADING, _ASIDE = 1.25, 150.0  # lines above the page; the room that its right side takes
_FOOT = 30.0  # from the lower edge of the page


@dataclass(frozen=True)
class Sheet:
    """What is said above and below every page of a list.

    Attributes
    ----------
    title : str
        Whose list it is.
    filters : str
        What it is narrowed to, in words.
    made_by, made_at
        Account and time as they should be printed.
    is_sample : bool
        Whether the data are made up.
    """

    title: str
    as_of: date
    filters: str
    made_by: str
    made_at: datetime
    is_sample: bool


def new_file(
    title: str, *, made_at: datetime, orientation: Literal["portrait", "landscape"] = "landscape"
) -> FPDF:
    """An empty file of A4 pages with the font; the same title, time and pages give the same bytes."""
    sheet = FPDF(orientation=orientation, unit="pt", format="A4")
    sheet.set_auto_page_break(False)
    sheet.set_creation_date(made_at)
    sheet.set_title(title)
    sheet.set_lang("zh-CN" if current_language() == "zh" else "en")
    sheet.add_font("paper", fname=font_path())
    # The extent of all glyphs of the file would be measured anew, three times; no reader asks for it.
    cast(TTFFont, sheet.fonts["paper"]).ttfont.recalcBBoxes = False
    sheet.set_font("paper", size=_BODY)
    return sheet


def heading(about: Sheet, name: str = "") -> Item:
    """What stands above every page: whose list, of which day, narrowed to what, and whether it is made up."""
    names = wrapped(f"{about.title} {name}", LYING.width - _ASIDE, _BIG)
    filters = wrapped(_("范围：{filters}").format(filters=about.filters), LYING.width - _ASIDE, _SMALL)
    below = len(names) * _BIG * _LEADING
    height = below + max(2, len(filters)) * _SMALL * _LEADING + 6

    def draw(sheet: FPDF, top: float) -> None:
        for at, line in enumerate(names):
            put(sheet, LYING.left, top + at * _BIG * _LEADING, line, _BIG)
        for at, line in enumerate(filters):
            put(sheet, LYING.left, top + below + at * _SMALL * _LEADING, line, _SMALL, GREY)
        put_day(sheet, top + 3, about.as_of, is_sample=about.is_sample)
        sheet.set_draw_color(*LINE)
        sheet.set_line_width(0.8)
        sheet.line(LYING.left, top + height, LYING.right, top + height)

    return Item(height + 10, draw)


def put_day(sheet: FPDF, top: float, as_of: date, *, is_sample: bool, span: Span = LYING) -> None:
    """The day of the data at the right, and below it that they are made up where they are."""
    day = _("数据截至 {day}").format(day=chinese_day(as_of))
    room = Box(span.right - _ASIDE, top, _ASIDE, _BODY)
    put_fitting(sheet, room, day, _BODY + 1, least=_LEAST, align="right", colour=GREY)
    if is_sample:
        told = _("示例数据，并非真实情况")
        put_fitting(sheet, room.lower(14), told, _BODY, least=_LEAST, align="right", colour=ALARM)


def foot(sheet: FPDF, *, number: int, of: int, made_by: str, made_at: datetime, span: Span = LYING) -> None:
    """What stands below every page: who may read it, which page it is, who made it and when."""
    told: tuple[tuple[str, float, Align], ...] = (
        (_("内部资料，注意保管"), _SMALL, "left"),
        (_("第 {page} 页 共 {pages} 页").format(page=number, pages=of), _BODY, "center"),
        (_("制表：{who} {time}").format(who=made_by, time=f"{made_at:%Y-%m-%d %H:%M}"), _SMALL, "right"),
    )
    parts = Box(span.left, sheet.h - _FOOT, span.width, _BODY).columns(1.0, 0.7, 1.0, gap=6)
    for part, (text, size, align) in zip(parts, told, strict=True):
        put_fitting(sheet, part, text, size, least=_LEAST, align=align, colour=GREY)


def drawn(sheet: FPDF, pages: list[Page], about: Sheet) -> bytes:
    """The pages on the sheets of the file, each with its foot, as bytes."""
    for number, page in enumerate(pages, start=1):
        sheet.add_page()
        page.draw(sheet)
        foot(sheet, number=number, of=len(pages), made_by=about.made_by, made_at=about.made_at)
    return bytes(sheet.output())


def signatures(names: tuple[str, ...], *, span: Span = LYING) -> Item:
    """Lines to be signed, side by side."""
    step, size = span.width / len(names), _BODY + 1.5

    def draw(sheet: FPDF, top: float) -> None:
        sheet.set_line_width(0.5)
        sheet.set_draw_color(*LINE)
        for at, name in enumerate(map(printable, names)):
            x = span.left + at * step
            put(sheet, x, top + 26, name, size)
            sheet.line(x + width_of(name, size) + 4, top + 39, x + step - 24, top + 39)

    return Item(48, draw)
