"""The ledger of rectifications on paper, read back from the PDF."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.exchange.rectification_board import BoardRow, board_rows, counted
from geo.exchange.rectification_pdf import rectification_pdf
from geo.i18n import set_language
from geo.vocabulary import CaseStatus, label_of
from tests.boards import board, board_row
from tests.papers import edges, sizes, texts

TOWNS = {"990101101": "石桥镇", "990101102": "青山乡", "990101103": "白水镇"}
LYING = (841.89, 595.28)


def rows(count: int) -> list[BoardRow]:
    towns = [*TOWNS.items()]
    return [
        board_row(at, township_code=towns[at % 3][0], township_name=towns[at % 3][1]) for at in range(count)
    ]


def test_every_case_is_on_the_paper_with_what_is_known_of_it():
    listed = rows(30)
    said = "".join(texts(rectification_pdf(board(*listed))))
    for row in listed:
        assert row.code in said and row.subject_name in said
    for expected in (
        "超期5天",
        "剩余6天",
        "销号2026-",
        "0/6，逾期2",
        "班子不团结",
        "整改中",
        "王芳",
        "李卫东",
        "（第2次）",
    ):
        assert expected in said


def test_the_overview_counts_the_county_and_each_township():
    overview, *_others = texts(rectification_pdf(board(*rows(30))))
    assert all(name in overview for name in TOWNS.values())
    assert "合计301866666" in overview  # listed, open, then 6 of each status
    assert "县级3·乡镇5·村级12" in overview
    assert "25.0%" in overview  # 6 closed of 24 that were not withdrawn


def test_every_status_is_said_by_a_sign_and_a_word():
    said = "".join(texts(rectification_pdf(board(*rows(5)))))
    for status, sign in zip(CaseStatus, "▲◆●✓—", strict=True):
        assert f"{sign}{label_of(status)}" in said


def test_a_township_is_said_again_on_the_next_page():
    pages = texts(rectification_pdf(board(*(board_row(number) for number in range(40)))))
    assert "石桥镇（40件）" in pages[1]
    assert all("石桥镇（续）" in page and "状态" in page for page in pages[2:])
    assert len(pages) > 3


def test_a_branch_without_a_village_comes_last_under_no_township():
    alone = board_row(0, township_code=None, township_name=None, village_name=None, subject_name="机关支部")
    overview, cases = texts(rectification_pdf(board(alone, *rows(3))))
    assert overview.index("县直") > overview.index("白水镇")
    assert cases.index("机关支部") > cases.index("第2村")


def test_every_page_says_what_it_is_of_which_day_and_whether_it_is_made_up():
    pages = texts(rectification_pdf(board(*rows(30))))
    for number, page in enumerate(pages, start=1):
        for said in (
            "安和县挂牌整改台账",
            "数据截至2026年5月1日",
            "范围：全县",
            "示例数据",
            f"第{number}页共{len(pages)}页",
        ):
            assert said in page
    assert "示例" not in "".join(texts(rectification_pdf(board(*rows(30), sample=False))))


def test_without_a_case_one_page_says_so():
    (page,) = texts(rectification_pdf(board()))
    assert "没有挂牌整改" in page and "第1页共1页" in page


def test_pages_lie_and_long_names_stay_inside():
    name = "巴音郭楞蒙古族自治乡阿克苏库勒第二十三生产大队" * 3
    long = [board_row(at, subject_name=name, responsible_name=name, township_name=name) for at in range(4)]
    pdf = rectification_pdf(board(*long, county=name, filters=name * 3, waiting={}))
    assert all(size == pytest.approx(LYING, abs=0.1) for size in sizes(pdf))
    assert all(left >= 33 and right <= LYING[0] - 33 for left, _low, right, _up in edges(pdf))


def test_the_same_ledger_gives_the_same_bytes():
    assert rectification_pdf(board(*rows(4))) == rectification_pdf(board(*rows(4)))


def test_it_can_be_made_in_english():
    set_language("en")
    try:
        said = "".join(texts(rectification_pdf(board(*rows(5)))))
    finally:
        set_language("zh")
    assert "Z0004" in said


def test_rows_of_a_table_keep_their_values_and_lose_what_is_missing():
    first, second = board_row(1), board_row(3, village_name=None, leader_name=None)
    table = pd.DataFrame([vars(first), vars(second)]).astype({"days_left": "Int64"}).assign(more=1)
    assert board_rows(table) == (first, second)
    assert board_rows(table[:0]) == ()


def test_statuses_without_a_case_count_as_none():
    assert counted([]) == dict.fromkeys(CaseStatus, 0)
    assert counted(rows(7)) == {status: 2 - (at > 1) for at, status in enumerate(CaseStatus)}
