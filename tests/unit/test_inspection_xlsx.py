"""Inspection lists as workbooks, read back."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import openpyxl

from geo.exchange.inspection_xlsx import write_xlsx
from tests.inspections import inspection, part, row

HEADINGS = ["序号", "责任方", "缺口", "对象", "代码", "村", "现状", "标准", "单位", "为什么"]
HEADINGS += ["自何日起", "已有天数", "整改期限", "核查结果", "备注"]


def opened(listed):
    return openpyxl.load_workbook(BytesIO(write_xlsx(listed)))


def test_a_sheet_a_township_after_the_overview():
    parts = (part(rows=3), part("青山乡", "990101102", rows=0), part("白水镇", "990101103", rows=2))
    book = opened(inspection(*parts))
    assert book.sheetnames == ["总览", "石桥镇", "白水镇"]
    overview = book["总览"]
    assert [cell.value for cell in overview["A"][4:7]] == ["石桥镇", "青山乡", "白水镇"]
    assert [cell.value for cell in overview["C"][4:7]] == [3, 0, 2]
    assert overview["H5"].value == 54 / 55
    assert overview["H5"].number_format == "0.0%"
    assert overview["I5"].value is None


def test_days_are_days_figures_are_numbers_and_codes_are_text():
    sheet = opened(inspection(part(rows=[row(1)])))["石桥镇"]
    assert [cell.value for cell in sheet[4]] == HEADINGS
    values = [cell.value for cell in sheet[5]]
    one = row(1)
    assert values[:6] == [1, one.who, one.label, one.target, one.code, one.village]
    assert values[6:12] == [1234.5, 1000, "平方米", one.why, datetime(2026, 3, 1), 61]
    assert values[12:] == [None, None, None]
    assert sheet["K5"].number_format == "yyyy-mm-dd"


def test_titles_say_county_day_filters_maker_and_whether_it_is_a_sample():
    sheet = opened(inspection(part(rows=1), sample=True))["石桥镇"]
    said = " ".join(sheet[f"A{number}"].value for number in (1, 2, 3))
    for text in (
        "安和县覆盖缺口督查清单 石桥镇",
        "数据截至 2026年5月1日",
        "全部缺口种类",
        "department 2026-05-02 09:30",
        "示例数据",
    ):
        assert text in said


def test_texts_never_become_formulas():
    evil = ["=1+1", "+1", "-1", "@SUM(A1)"]
    rows = [row(1, target=text, village=text, why=text, label=text, who=text) for text in evil]
    book = opened(inspection(part("=cmd", rows=rows), county="=A1", filters="=A2", made_by="=A3"))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "=+-@"]


def test_it_is_ready_for_printing_and_sorting():
    sheet = opened(inspection(part(rows=3)))["石桥镇"]
    assert sheet.freeze_panes == "A5"
    assert sheet.auto_filter.ref == "A4:O7"
    assert sheet.print_title_rows == "$1:$4"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.oddFooter.center.text, sheet.oddFooter.left.text) == (
        "第 &P 页 共 &N 页",
        "内部资料，注意保管",
    )
    assert all(cell.alignment.wrap_text for cell in sheet[5])
    (choice,) = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("N5:N7", '"已整改,未整改"')
    assert sheet["A9"].value == "督查人（签字）："


def test_rows_are_high_enough_for_their_longest_text():
    sheet = opened(inspection(part(rows=[row(1, why="短。"), row(2, why="长" * 300)])))["石桥镇"]
    assert sheet.row_dimensions[6].height > 10 * sheet.row_dimensions[5].height / 2


def test_sheets_are_called_as_programs_allow():
    parts = [
        part("甲/乙[镇]:*?", "990101101"),
        part("甲 乙 镇", "990101102"),
        part("很长的名字" * 10, "990101103"),
        part("很长的名字" * 10, "990101104"),
        part("总览", "990101105"),
    ]
    names = opened(inspection(*parts)).sheetnames
    assert len({name.lower() for name in names}) == 6
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_without_gaps_the_overview_says_so():
    book = opened(inspection(part(rows=0)))
    assert book.sheetnames == ["总览"]
    assert book["总览"]["A6"].value == "截至 2026年5月1日，所选范围内没有缺口。"
    assert opened(inspection())["总览"]["A5"].value == "截至 2026年5月1日，所选范围内没有缺口。"
