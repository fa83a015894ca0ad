"""Small multiples: one small chart an indicator, the village as a line, its township's median dashed."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF

from geo.exchange.paper_fit import Box, Panel, put_fitting, put_in, put_strong, shortened
from geo.exchange.paper_flow import GREY
from geo.exchange.paper_look import BLUE, INK_LIGHT, colour
from geo.exchange.paper_text import width_of
from geo.exchange.village_paper.figures import figure, latest, name_of
from geo.exchange.village_profile import Indicator, YearFigure
from geo.i18n import _

_ACROSS, _GAP = 5, 8.0
_LEAST, _WANTED, _MOST = 44.0, 56.0, 82.0
_NAME, _VALUE, _MEDIAN, _TINY = 7.0, 9.0, 6.4, 5.8
_YEAR = 18.0
_HEAD, _FOOT = 22.0, 8.0
_DOT = 1.3
_RULE = (214, 219, 226)
Point = tuple[float, float]


def charts_panel(indicators: Sequence[Indicator]) -> Panel:
    """All indicators in rows of five; nothing on record takes one line."""
    rows = max(1, -(-len(indicators) // _ACROSS))
    if not any(_told(one) for one in indicators):
        return Panel(_("历年指标"), 14, 14, 14, _nothing)
    source = next((one for one in indicators if one.source), None)
    aside = _("实线为本村，虚线为本乡镇中位数")
    if source is not None:
        told = _("{aside}；来源：{source}")
        aside = told.format(aside=aside, source=source.source)
    return Panel(
        _("历年指标"),
        rows * _LEAST,
        rows * _WANTED,
        rows * _MOST,
        lambda sheet, box: _draw(sheet, box, indicators, rows),
        aside,
    )


def _told(indicator: Indicator) -> bool:
    return latest(indicator.years) is not None


def _nothing(sheet: FPDF, box: Box) -> None:
    put_in(sheet, box, _("没有填报过指标"), 8.0, colour=GREY)


def _draw(sheet: FPDF, box: Box, indicators: Sequence[Indicator], rows: int) -> None:
    height = box.height / rows
    for at, indicator in enumerate(indicators):
        row = Box(box.left, box.top + at // _ACROSS * height, box.width, height - 3)
        draw_chart(sheet, row.columns(*[1.0] * _ACROSS, gap=_GAP)[at % _ACROSS], indicator)


def draw_chart(sheet: FPDF, box: Box, indicator: Indicator) -> None:
    """One chart: its name, the latest value and its year, the median of that year, and the lines."""
    last = latest(indicator.years)
    year = str(last.year) if last else ""
    name = Box(box.left, box.top, box.width - _YEAR, _NAME)
    put_fitting(sheet, name, name_of(indicator), _NAME, least=5.2, colour=GREY)
    put_in(sheet, box.lower(1), year, _TINY, align="right", colour=GREY)
    value = shortened(figure(indicator.name, last.value if last else None), box.width * 0.6, _VALUE)
    line = box.lower(9)
    put_strong(sheet, line, value, _VALUE)
    if last is not None and last.median is not None:
        middle = _("中位 {value}").format(value=figure(indicator.name, last.median))
        used = width_of(value, _VALUE) + 4
        room = Box(box.left + used, line.top + 3.2, box.width - used, 9)
        put_fitting(sheet, room, middle, _MEDIAN, least=4.8, align="right", colour=GREY)
    _lines(sheet, Box(box.left, box.top + _HEAD, box.width, box.height - _HEAD - _FOOT), indicator)
    if indicator.years:
        _years(sheet, Box(box.left, box.bottom - _FOOT + 0.5, box.width, _FOOT), indicator.years)


def _years(sheet: FPDF, box: Box, years: Sequence[YearFigure]) -> None:
    sheet.set_draw_color(*_RULE)
    sheet.set_line_width(0.5)
    sheet.line(box.left, box.top, box.right, box.top)
    first, last = str(years[0].year), str(years[-1].year)
    put_in(sheet, Box(box.left, box.top + 0.5, box.width, _FOOT), first, _TINY, colour=GREY)
    if last != first:
        put_in(sheet, Box(box.left, box.top + 0.5, box.width, _FOOT), last, _TINY, align="right", colour=GREY)


def _lines(sheet: FPDF, box: Box, indicator: Indicator) -> None:
    years = indicator.years
    known = [value for one in years for value in (one.value, one.median) if value is not None]
    if not known:
        return
    low, high = min(0.0, *known), max(0.0, *known)
    first, span = years[0].year, max(1, years[-1].year - years[0].year)

    def place(year: int, value: float) -> Point:
        up = (value - low) / (high - low) if high > low else 0.0
        across = (year - first) / span if len(years) > 1 else 0.5
        inner = box.width - 2 * _DOT
        return box.left + _DOT + across * inner, box.bottom - _DOT - up * (box.height - 2 * _DOT)

    sheet.set_draw_color(*colour(INK_LIGHT))
    sheet.set_line_width(0.7)
    sheet.set_dash_pattern(2.2, 1.6)
    for run in _runs([(one.year, one.median) for one in years]):
        sheet.polyline([place(year, value) for year, value in run])
    sheet.set_dash_pattern()
    for run in _runs([(one.year, one.value) for one in years]):
        _own(sheet, [place(year, value) for year, value in run], dots=len(years) <= 12)


def _own(sheet: FPDF, points: list[Point], *, dots: bool) -> None:
    sheet.set_draw_color(*colour(BLUE))
    sheet.set_fill_color(*colour(BLUE))
    sheet.set_line_width(1.1)
    if len(points) > 1:
        sheet.polyline(points)
    for x, y in points if dots or len(points) == 1 else points[-1:]:
        sheet.circle(x, y, _DOT, style="F")


def _runs(values: Sequence[tuple[int, float | None]]) -> list[list[tuple[int, float]]]:
    """Years with a value that follow each other: a year without one, or left out, breaks the line."""
    runs: list[list[tuple[int, float]]] = []
    for year, value in values:
        if value is None:
            continue
        if not runs or year - runs[-1][-1][0] > 1:
            runs.append([])
        runs[-1].append((year, value))
    return runs
