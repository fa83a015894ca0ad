"""The command that writes an inspection list."""

from __future__ import annotations

import openpyxl
import pypdfium2

from geo.exchange.paper_text import MISSING
from tests.cli.run import AS_OF, run


def test_the_sample_on_paper_is_marked_and_covers_every_township(county, tmp_path):
    file = tmp_path / "清单.pdf"
    said = run("inspection-list", "--to", file, *AS_OF)
    assert str(file) in said.stderr
    with pypdfium2.PdfDocument(file) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "示例数据" in page
        assert MISSING not in page
        assert "2026年5月1日" in page
        assert f"第 {number} 页 共 {len(pages)} 页" in page


def test_a_workbook_of_one_township_and_one_kind(county, tmp_path):
    file = tmp_path / "list.xlsx"
    run("inspection-list", "--to", file, "--township", "990101100", "--kind", "household_unpaired", *AS_OF)
    book = openpyxl.load_workbook(file)
    assert len(book.sheetnames) == 2
    kinds = {row[2] for row in book.worksheets[1].iter_rows(min_row=5, values_only=True) if row[4]}
    assert kinds == {"结对空白户"}


def test_other_formats_and_places_are_refused_and_nothing_is_left(county, tmp_path):
    assert "可用格式" in run("inspection-list", "--to", tmp_path / "list.docx", *AS_OF, code=2).stderr
    assert "目录不存在" in run("inspection-list", "--to", tmp_path / "no/list.pdf", *AS_OF, code=2).stderr
    assert not list(tmp_path.glob("list*"))
