"""What sheets on paper have: the file, a heading that says what and of which day, a foot that says who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

from geo.exchange.inspection import chinese_day
from geo.exchange.paper_flow import GREY, LINE, LYING, Item, Page, Span, put, put_aligned
from geo.exchange.paper_text import font_path, printable, width_of, wrapped
from geo.i18n import _, current_language

ALARM = (180, 35, 24)
_BODY, _SMALL, _BIG = 8.5, 7.5, 12.0
_LEADING, _ASIDE = 1.25, 170.0  # lines above the page; the room that its right side takes
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
    put_aligned(sheet, top, day, _BODY + 1, "right", span=span)
    if is_sample:
        put_aligned(sheet, top + 14, _("示例数据，并非真实情况"), _BODY, "right", ALARM, span=span)


def foot(sheet: FPDF, *, number: int, of: int, made_by: str, made_at: datetime, span: Span = LYING) -> None:
    """What stands below every page: who may read it, which page it is, who made it and when."""
    top = sheet.h - _FOOT
    put_aligned(sheet, top, _("内部资料，注意保管"), _SMALL, "left", span=span)
    told = _("第 {page} 页 共 {pages} 页").format(page=number, pages=of)
    put_aligned(sheet, top, told, _BODY, "center", span=span)
    made = _("制表：{who} {time}").format(who=made_by, time=f"{made_at:%Y-%m-%d %H:%M}")
    put_aligned(sheet, top, made, _SMALL, "right", span=span)


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
