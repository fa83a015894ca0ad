"""What stands beside the map: north arrow, legend, scale, and what the map is and is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import shapely
from fpdf import FPDF

from geo.exchange.inspection import chinese_day
from geo.exchange.paper_area import draw_area, swatch
from geo.exchange.paper_fit import LEADING, Box, put_fitting, put_in, put_lines, put_strong
from geo.exchange.paper_flow import GREY
from geo.exchange.paper_look import (
    CELL_LINE,
    CELLS,
    INK,
    PAIRED,
    TEAM,
    UNPAIRED,
    VILLAGE_LINE,
    PaperLook,
    colour,
)
from geo.exchange.paper_sheet import ALARM
from geo.exchange.paper_text import wrapped
from geo.exchange.village_paper.map_drawing import MARK_RADIUS, draw_mark
from geo.exchange.village_paper.map_view import MapView, bar_length_m
from geo.exchange.village_profile import VillageMap
from geo.i18n import N_, _
from geo.vocabulary import ResponsibilityKind, label_of

Sign = Callable[[FPDF, Box], None]

_SIZE, _SMALL = 7.0, 6.2
_SIGN_WIDTH, _ROW = 18.0, 13.0
_ARROW = (14.0, 30.0)
_STATES = {
    "owned": N_("有主网格"),
    "unowned": N_("空白网格（无主责网格员）"),
    "contested": N_("多头网格（两名以上主责）"),
}


@dataclass(frozen=True)
class MapNotes:
    """What is said below the scale."""

    as_of: date
    made_by: str
    is_sample: bool


def draw_margin(sheet: FPDF, box: Box, view: MapView | None, shown: VillageMap, notes: MapNotes) -> None:
    """Fill the margin: the legend from above, scale and notes from below."""
    below = _notes(box, view, notes)
    height = len(below) * _SMALL * LEADING + (24 if view else 0)
    if view is not None:
        _draw_arrow(sheet, box)
        _draw_legend(sheet, Box(box.left, box.top, box.width, box.height - height - 4), shown)
        _draw_bar(sheet, Box(box.left, box.bottom - height, box.width, 24), view)
    top = box.bottom - len(below) * _SMALL * LEADING
    for at, (line, ink) in enumerate(below):
        put_lines(
            sheet, Box(box.left, top + at * _SMALL * LEADING, box.width, _SMALL), [line], _SMALL, colour=ink
        )


def _notes(box: Box, view: MapView | None, notes: MapNotes) -> list[tuple[str, tuple[int, int, int]]]:
    texts = [
        (_("示意图，不作划界依据"), ALARM),
        (_("数据截至 {day}").format(day=chinese_day(notes.as_of)), GREY),
        (_("制图：{who}").format(who=notes.made_by), GREY),
    ]
    if view is not None:
        zone = _("CGCS2000，3 度带高斯–克吕格投影，中央经线 {degrees}°E")
        texts.insert(0, (zone.format(degrees=view.meridian), GREY))
    if notes.is_sample:
        texts.append((_("示例数据，并非真实情况"), ALARM))
    return [(line, ink) for text, ink in texts for line in wrapped(text, box.width, _SMALL)[:3]]


def _draw_arrow(sheet: FPDF, box: Box) -> None:
    width, height = _ARROW
    x, top = box.right - width / 2 - 2, box.top + 2
    ink = colour(INK)
    sheet.set_fill_color(*ink)
    sheet.set_draw_color(*ink)
    sheet.set_line_width(0.7)
    tip, foot, notch = (x, top + 9), top + height, (x, top + height - 5)
    sheet.polygon([tip, (x - width / 2.6, foot), notch], style="DF")
    sheet.polygon([tip, (x + width / 2.6, foot), notch], style="D")
    put_in(sheet, Box(x - 8, top - 2, 16, 9), _("北"), 8.0, align="center")


def _draw_legend(sheet: FPDF, box: Box, shown: VillageMap) -> None:
    """All signs that the map has: in two lines where that fits, closer and in one where it does not."""
    put_strong(sheet, Box(box.left, box.top, box.width - 20, 10), _("图例"), 8.5)
    entries, below = [*_entries(shown)], box.lower(15)
    wide = [wrapped(text, _beside(box, 0), _SIZE)[:2] for _sign, text in entries]
    heights = [max(_ROW, len(lines) * _SIZE * LEADING + 3) for lines in wide]
    if sum(heights) > below.height:
        heights = [min(_ROW, below.height / len(entries))] * len(entries)
        wide = [[text] for _sign, text in entries]
    top = below.top
    for (sign, _text), lines, height in zip(entries, wide, heights, strict=True):
        sign(sheet, Box(box.left, top, _SIGN_WIDTH, _ROW - 4))
        for at, line in enumerate(lines):
            y = top + at * _SIZE * LEADING
            room = _beside(box, _ARROW[0] + 6 if y < box.top + _ARROW[1] else 0)
            place = Box(box.left + _SIGN_WIDTH + 5, y, room, _SIZE)
            put_fitting(sheet, place, line, _SIZE, least=5.0)
        top += height


def _beside(box: Box, kept: float) -> float:
    """Room for words beside a sign, where so much is kept free at the right."""
    return box.width - _SIGN_WIDTH - 5 - kept


def _entries(shown: VillageMap) -> Iterator[tuple[Sign, str]]:
    """Only what the map shows."""
    yield _line(VILLAGE_LINE.stroke, VILLAGE_LINE.weight), _("本村界")
    if len(shown.neighbours):
        yield _line(CELL_LINE.stroke, 0.6), _("邻村界")
    states = set(shown.cells["state"])
    for state, text in _STATES.items():
        if state in states:
            yield _area(CELLS[state]), _(text)
    if shown.households is not None:
        yield _dot(PAIRED), _("已结对户")
        yield _dot(UNPAIRED), _("未结对户")
    if len(shown.cells):
        counted = _("网格编号") if shown.households is not None else _("网格编号与户数")
        yield _number, counted
    kinds = set(shown.cadres["kind"])
    for kind in TEAM:
        if kind in kinds:
            yield _mark(kind), _member(kind)


def _member(kind: str) -> str:
    if kind == ResponsibilityKind.RESIDENT_CADRE:
        return _("驻村干部住处")
    return _("{kind}驻地").format(kind=label_of(ResponsibilityKind(kind)))


def _line(stroke: str, weight: float) -> Sign:
    def draw(sheet: FPDF, box: Box) -> None:
        sheet.set_draw_color(*colour(stroke))
        sheet.set_line_width(weight)
        sheet.line(box.left, box.top + box.height / 2, box.right, box.top + box.height / 2)

    return draw


def _area(look: PaperLook) -> Sign:
    return lambda sheet, box: swatch(sheet, box, look)


def _dot(look: PaperLook) -> Sign:
    def draw(sheet: FPDF, box: Box) -> None:
        place = shapely.Point(box.left + box.width / 2, box.top + box.height / 2)
        draw_area(
            sheet, place.buffer(2.0), PaperLook(look.fill, stroke=look.stroke, weight=look.weight * 0.6)
        )

    return draw


def _number(sheet: FPDF, box: Box) -> None:
    put_in(sheet, box, "001", 6.5, align="center")


def _mark(kind: str) -> Sign:
    def draw(sheet: FPDF, box: Box) -> None:
        draw_mark(sheet, box.left + MARK_RADIUS + 3, box.top + box.height / 2, kind)

    return draw


def _draw_bar(sheet: FPDF, box: Box, view: MapView) -> None:
    """A bar of two parts, one filled, with its length, and the scale as a number."""
    length = bar_length_m(view, box.width - 24)
    width = length * view.points_per_m
    sheet.set_draw_color(*colour(INK))
    sheet.set_fill_color(*colour(INK))
    sheet.set_line_width(0.6)
    sheet.rect(box.left, box.top + 9, width / 2, 3, style="DF")
    sheet.rect(box.left + width / 2, box.top + 9, width / 2, 3, style="D")
    put_in(sheet, Box(box.left, box.top, 20, 8), "0", _SMALL)
    told = (
        _("{value} 公里").format(value=f"{length / 1000:g}")
        if length >= 1000
        else _("{value} 米").format(value=f"{length:g}")
    )
    put_in(sheet, Box(box.left + width - 20, box.top, 44, 8), told, _SMALL, align="left")
    scale = _("比例尺 1:{scale}").format(scale=f"{view.scale:,.0f}")
    put_in(sheet, Box(box.left, box.top + 14, box.width, 8), scale, _SIZE)
