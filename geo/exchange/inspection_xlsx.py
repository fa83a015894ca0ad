"""The inspection list as a workbook: an overview and one sheet a township, ready to be sorted and printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geo.exchange.formats import sheet_text
from geo.exchange.inspection import InspectionList, InspectionRow, TownshipPart, chinese_day, title
from geo.exchange.paper_text import wrapped
from geo.i18n import _
from geo.rules.units import unit_name

Progress = Callable[[float, str], None]

_RATIO, _NUMBER, _DAY, _COUNT = "0.0%", "#,##0.##", "yyyy-mm-dd", "#,##0"
_EDGE = Side(style="thin", color="94A3B8")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_HEAD = PatternFill("solid", start_color="E2E8F0")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_MIDDLE = Alignment(wrap_text=True, vertical="center", horizontal="center")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_MOST_NAME = 31
_HEADING_ROW = 4
_SIZE = 10
_PLAIN, _BOLD = Font(name="宋体", size=_SIZE), Font(name="宋体", size=_SIZE, bold=True)
_TITLE = Font(name="宋体", size=15, bold=True)
_CHARACTER_PT, _LINE_PT = 5.25, 13.5  # of a column's width, and of a line of text


def write_xlsx(inspection: InspectionList, *, progress: Progress | None = None) -> bytes:
    """The list as a workbook.

    Days are days and figures are numbers; a text never becomes a formula.

    Parameters
    ----------
    progress : callable, optional
        Called with a share of the work (0–1) and what is being done.
    """
    book = Workbook()
    book.properties.creator, book.properties.created = (
        inspection.made_by,
        inspection.made_at.replace(tzinfo=None),
    )
    names = {_("总览").lower()}
    overview: Any = book.active
    overview.title = _("总览")
    _fill_overview(overview, inspection)
    for done, part in enumerate(inspection.with_gaps):
        if progress is not None:
            progress(done / len(inspection.with_gaps), _("填写表格…"))
        _fill_township(book.create_sheet(_sheet_name(part, names)), part, inspection)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet_name(part: TownshipPart, taken: set[str]) -> str:
    """The township's name as a sheet may be called, with its code where another has the same."""
    name = _FORBIDDEN.sub(" ", part.name).strip()[:_MOST_NAME] or part.code
    if name.lower() in taken:
        name = f"{name[: _MOST_NAME - len(part.code) - 1]} {part.code}"
    taken.add(name.lower())
    return name


def _fill_overview(sheet: Worksheet, inspection: InspectionList) -> None:
    parts, kinds = inspection.parts, inspection.kinds
    shares = list(dict.fromkeys(share.name for part in parts for share in part.shares))
    widths = [14, 12, 8, *[8] * len(kinds), *[9] * len(shares)]
    _entitle(sheet, inspection, "")
    _head(sheet, [_("乡镇"), _("代码"), _("缺口"), *kinds, *shares], widths)
    for part in parts:
        counts, ratios = dict(part.counts), {share.name: share.ratio for share in part.shares}
        row = [
            part.name,
            part.code,
            part.total,
            *(counts.get(kind, 0) for kind in kinds),
            *map(ratios.get, shares),
        ]
        formats = [None, None, *[_COUNT] * (len(kinds) + 1), *[_RATIO] * len(shares)]
        _append(sheet, row, formats, widths)
    if not any(part.rows for part in parts):
        text = _("截至 {day}，所选范围内没有缺口。").format(day=chinese_day(inspection.as_of))
        sheet.append([text])
    _set_up(sheet, inspection, widths, rows=len(parts))


def _fill_township(sheet: Worksheet, part: TownshipPart, inspection: InspectionList) -> None:
    _entitle(sheet, inspection, part.name)
    columns = _columns()
    headings, widths, formats = zip(*columns, strict=True)
    _head(sheet, headings, widths)
    number = 0
    for _who, rows in part.by_who():
        for row in rows:
            number += 1
            _append(sheet, _values(row, number), formats, widths)
    _set_up(sheet, inspection, widths, rows=number)
    _offer_results(sheet, number)
    sheet.append([])
    sheet.append([_("督查人（签字）："), *[None] * 5, _("乡镇负责人（签字）："), *[None] * 4, _("日期：")])


def _columns() -> list[tuple[str, float, str | None]]:
    """Heading, width in characters, and format of numbers."""
    return [
        (_("序号"), 5, _COUNT),
        (_("责任方"), 14, None),
        (_("缺口"), 11, None),
        (_("对象"), 18, None),
        (_("代码"), 18, None),
        (_("村"), 12, None),
        (_("现状"), 9, _NUMBER),
        (_("标准"), 9, _NUMBER),
        (_("单位"), 8, None),
        (_("为什么"), 42, None),
        (_("自何日起"), 11, _DAY),
        (_("已有天数"), 7, _COUNT),
        (_("整改期限"), 11, _DAY),
        (_("核查结果"), 10, None),
        (_("备注"), 16, None),
    ]


def _values(row: InspectionRow, number: int) -> list[Any]:
    unit = unit_name(row.unit) if row.unit else ""
    figures = [row.value, row.threshold, unit]
    thing = [row.who, row.label, row.target, row.code, row.village]
    return [number, *thing, *figures, row.why, row.since, row.open_days, None, None, None]


def _entitle(sheet: Worksheet, inspection: InspectionList, name: str) -> None:
    """Three lines above the table: title, day and filters, maker."""
    heading = f"{title(inspection.county)} {name}".strip()
    sheet.append([sheet_text(heading)])
    sheet["A1"].font = _TITLE
    day = _("数据截至 {day}").format(day=chinese_day(inspection.as_of))
    scope = _("范围：{filters}").format(filters=inspection.filters)
    sheet.append([sheet_text(_("；").join((day, scope)))])
    made = _("制表：{who} {time}").format(who=inspection.made_by, time=f"{inspection.made_at:%Y-%m-%d %H:%M}")
    sample = _("示例数据，并非真实情况") if inspection.sample else ""
    sheet.append([sheet_text(_("；").join(filter(None, (made, _("内部资料，注意保管"), sample))))])


def _head(sheet: Worksheet, headings: Sequence[str], widths: Sequence[float]) -> None:
    sheet.append([sheet_text(heading) for heading in headings])
    for cell in sheet[_HEADING_ROW]:
        cell.font, cell.fill, cell.border, cell.alignment = _BOLD, _HEAD, _BOX, _MIDDLE
    sheet.row_dimensions[_HEADING_ROW].height = _height(headings, widths)


def _append(
    sheet: Worksheet, values: Sequence[Any], formats: Sequence[str | None], widths: Sequence[float]
) -> None:
    sheet.append([sheet_text(value) for value in values])
    row = sheet.max_row
    for cell, number in zip(sheet[row], formats, strict=True):
        cell.font, cell.border, cell.alignment = _PLAIN, _BOX, _WRAPPED
        if number is not None:
            cell.number_format = number
    sheet.row_dimensions[row].height = _height(values, widths)


def _height(values: Sequence[Any], widths: Sequence[float]) -> float:
    """Room for the longest text: not every program finds the height by itself."""
    texts = ((value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str))
    lines = [len(wrapped(text, (width - 1.5) * _CHARACTER_PT, _SIZE)) for text, width in texts]
    return max(1, *lines) * _LINE_PT + 3


def _offer_results(sheet: Worksheet, rows: int) -> None:
    """Let the result be chosen from two words, and the date be a date."""
    results = ",".join((_("已整改"), _("未整改")))
    words = DataValidation(type="list", formula1=f'"{results}"', allow_blank=True)
    words.add(f"N{_HEADING_ROW + 1}:N{_HEADING_ROW + rows}")
    sheet.add_data_validation(words)


def _set_up(sheet: Worksheet, inspection: InspectionList, widths: Sequence[float], *, rows: int) -> None:
    """Widths, fixed headings, filter, and how it is printed."""
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = f"A{_HEADING_ROW + 1}"
    sheet.auto_filter.ref = f"A{_HEADING_ROW}:{get_column_letter(len(widths))}{_HEADING_ROW + rows}"
    sheet.print_title_rows = f"1:{_HEADING_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4
    sheet.oddFooter.left.text = _("内部资料，注意保管")
    sheet.oddFooter.center.text = _("第 {page} 页 共 {pages} 页").format(page="&P", pages="&N")
    sheet.oddFooter.right.text = chinese_day(inspection.as_of)
