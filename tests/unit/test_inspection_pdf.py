"""Inspection lists on paper, read back from the PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from geo.exchange.inspection_pdf import write_pdf
from geo.exchange.paper_text import font_path
from geo.i18n import CATALOGUES, set_language
from tests.inspections import KINDS, inspection, part, row

A4_POINTS = (841.89, 595.28)


def texts(pdf: bytes) -> list[str]:
    """What each page says, without spaces: where lines break does not matter."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in document]


def boxes(pdf: bytes) -> list[list[tuple[float, float]]]:
    """Left and right edge of every line of text of each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage() for page in document]
        rects = [[page.get_rect(at) for at in range(page.count_rects())] for page in pages]
    return [[(left, right) for left, _bottom, right, _top in page] for page in rects]


def test_every_gap_is_on_the_paper_with_its_place_its_reason_and_its_days():
    rows = [row(number) for number in range(1, 41)]
    said = "".join(texts(write_pdf(inspection(part(rows=rows)))))
    for one in rows:
        assert one.target in said
        assert one.code in said
        assert re.sub(r"\s", "", one.why) in said
    assert said.count("□已整改") == said.count("□未整改") == len(rows)
    assert {"2026-03-01", "已61天", "不详", "1,234.5平方米", "标准1,000平方米"} <= {
        found
        for found in ("2026-03-01", "已61天", "不详", "1,234.5平方米", "标准1,000平方米")
        if found in said
    }


def test_every_page_says_what_it_is_of_which_day_and_which_of_how_many():
    pages = texts(write_pdf(inspection(part(rows=40), part("青山乡", "990101102", rows=20))))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in page
        for sentence in ("安和县覆盖缺口督查清单", "数据截至2026年5月1日", "范围：全县；全部缺口种类"):
            assert sentence in page
        assert "制表：department2026-05-0209:30" in page
        assert "内部资料" in page
        assert "示例数据" not in page


def test_the_overview_comes_first_and_townships_begin_on_pages_of_their_own():
    parts = (part(rows=3), part("青山乡", "990101102", rows=0), part("白水镇", "990101103", rows=2))
    overview, first, second = texts(write_pdf(inspection(*parts)))
    assert all(one.name in overview for one in parts)
    assert all(kind in overview for kind in KINDS)
    assert "98.1%" in overview
    assert "石桥镇" in first and "白水镇" not in first
    assert "白水镇" in second and "石桥镇共" not in second
    for page in (first, second):
        assert "督查人（签字）" in page and "乡镇负责人（签字）" in page and "日期：" in page


def test_rows_stand_under_who_must_act_and_a_later_page_says_who_again():
    rows = [row(number, who="县委组织部") for number in range(1, 31)]
    first, *later = texts(write_pdf(inspection(part(rows=rows))))
    assert "责任方：县委组织部（30行）" in first
    assert all("责任方：县委组织部（续）" in page for page in later[:-1])
    assert all("序号" in page for page in later if "□" in page)


def test_households_that_share_a_row_are_counted_and_that_is_said():
    one = part(rows=1)
    (single,) = texts(write_pdf(inspection(one)))
    assert "缺口1条：空白网格1。" in single
    (several,) = texts(write_pdf(inspection(replace(one, counts=(("结对空白户", 24),)))))
    assert "缺口24条，列为1行（同一网格的户合为一行）：结对空白户24。" in several


@pytest.mark.parametrize("parts", [(part(rows=0),), (part(rows=0), part("青山乡", "990101102", rows=0)), ()])
def test_without_gaps_one_page_says_so(parts):
    (page,) = texts(write_pdf(inspection(*parts)))
    assert "截至2026年5月1日，所选范围内没有缺口。" in page
    assert "第1页共1页" in page


def test_a_sample_is_marked_on_every_page():
    pages = texts(write_pdf(inspection(part(rows=20), sample=True)))
    assert len(pages) > 1
    assert all("示例数据，并非真实情况" in page for page in pages)


def test_long_names_are_broken_not_cut():
    name = "巴音郭楞蒙古族自治乡阿克苏库勒第二十三生产大队" * 4
    long = row(1, target=name, village=name, label=name, who=name)
    pdf = write_pdf(inspection(part(name=name, rows=[long]), county=name, filters="、".join([name] * 4)))
    said = "".join(texts(pdf))
    assert said.count(name) >= 10
    for page in boxes(pdf):
        assert all(left > 0 and right < A4_POINTS[0] for left, right in page)


def test_the_same_list_gives_the_same_bytes():
    listed = inspection(part(rows=5))
    assert write_pdf(listed) == write_pdf(replace(listed))


def test_the_font_has_a_shape_for_every_text_of_the_program():
    with TTFont(font_path(), lazy=True) as font:
        known = set(font.getBestCmap())
    with (Path(CATALOGUES) / "en.po").open("rb") as source:
        texts_ = [f"{message.id}{message.string}" for message in read_po(source)]
    assert not {sign for text in texts_ for sign in text if sign.isprintable() and ord(sign) not in known}


def test_only_used_glyphs_go_into_the_file_and_a_missing_one_is_marked():
    pdf = write_pdf(inspection(part(rows=[row(1, target="柳沟𠮷村\U00030000")])))
    assert len(pdf) < 100_000
    assert "〓" in "".join(texts(pdf))


def test_it_can_be_made_in_english():
    set_language("en")
    try:
        (page,) = texts(write_pdf(inspection(part(rows=1))))
    finally:
        set_language("zh")
    assert "990101101201001" in page


def test_three_thousand_rows_fit_a_small_file_of_a4_pages_lying():
    parts = [part(f"第{number}镇", f"9901011{number:02d}", rows=300) for number in range(10)]
    told: list[float] = []
    pdf = write_pdf(inspection(*parts), progress=lambda share, _text: told.append(share))
    assert told == sorted(told) and len(told) >= 10
    assert len(pdf) < 3_000_000
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) > 150
        assert document[0].get_size() == pytest.approx(A4_POINTS, abs=0.1)
