"""Chinese text on paper: where lines break and where pages begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.exchange.paper_flow import BOTTOM, PAGE_HEIGHT, TOP, Column, Item, Table, paginated
from geo.exchange.paper_text import MISSING, balanced, printable, width_of, wrapped

CLOSING, OPENING = "，。、；：？！）》”", "（《“"
SENTENCE = (
    "软弱涣散村“柳沟村”（990101104207）没有驻村干部：自2026-05-01起已45天，超过 10 公里，须尽快派驻（S1）。"
)
TEXTS = st.text("村民小组有主无人，。、；：？！（）《》“” 0123456789abc-", max_size=60)


@given(TEXTS, st.integers(3, 30))
def test_lines_are_no_wider_than_asked_and_lose_nothing(text, signs):
    lines = wrapped(text, signs * 9, 9)
    assert all(0 < width_of(line, 9) <= signs * 9 + 1e-6 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("signs", range(8, 40))
def test_no_line_begins_with_a_closing_or_ends_with_an_opening_sign(signs):
    text = "责任人、责任单位（含股所）：“谁包村，谁负责”；《办法》第三条（二），须在七日内整改！" * 3
    lines = wrapped(text, signs * 9, 9)
    assert len(lines) > 1
    assert not [line for line in lines if line[0] in CLOSING or line[-1] in OPENING]


def test_words_and_codes_are_not_divided_unless_they_are_wider_than_a_line():
    assert any("990101104207" in line for line in wrapped(SENTENCE, 100, 9))
    assert wrapped("ABCDEF", width_of("ABC", 9), 9) == ["ABC", "DEF"]


def test_line_feeds_begin_lines_and_nothing_gives_none():
    assert wrapped("甲\n乙", 100, 9) == ["甲", "乙"]
    assert wrapped("", 100, 9) == []
    assert wrapped(" \n ", 100, 9) == []


def test_headings_are_divided_evenly():
    assert balanced("应派未派", 3 * 8 + 1, 8) == ["应派", "未派"]
    assert balanced("缺口", 3 * 8, 8) == ["缺口"]


def test_signs_without_a_shape_are_replaced_and_control_signs_go():
    assert printable("柳沟\t村\x07\U000e0001") == "柳沟 村"
    assert printable("\U00030000村") == f"{MISSING}村"


def _item(height, **given):
    return Item(height, lambda sheet, top: None, **given)


def test_items_fill_pages_from_the_top_and_nothing_gives_one_page():
    room = PAGE_HEIGHT - TOP - BOTTOM
    assert [page.items for page in paginated([])] == [[]]
    pages = paginated([_item(room / 2), _item(room / 2), _item(room / 2)])
    assert [[top for top, _item in page.items] for page in pages] == [[TOP, TOP + room / 2], [TOP]]


def test_a_heading_stands_above_every_page():
    heading, rows = _item(30), [_item(300), _item(300), _item(600)]
    pages = paginated(rows, heading=heading)
    assert [[item for _top, item in page.items] for page in pages] == [[heading, row] for row in rows]
    assert {page.items[1][0] - page.items[0][0] for page in pages} == {30}
    assert [item for _top, item in paginated([], heading=heading)[0].items] == [heading]


def test_a_page_that_begins_inside_a_table_says_its_headings_again():
    head, room = _item(20), PAGE_HEIGHT - TOP - BOTTOM
    rows = [_item(room / 3, lead=(head,)) for _number in range(5)]
    pages = paginated([head, *rows])
    assert len(pages) == 3
    assert all(page.items[0] == (TOP, head) for page in pages)
    assert [item for page in pages for _top, item in page.items if item is not head] == rows


def test_what_is_kept_together_moves_to_the_next_page_together():
    room = PAGE_HEIGHT - TOP - BOTTOM
    band, row = _item(20, keep=True), _item(40)
    pages = paginated([_item(room - 50), band, row])
    assert [item for _top, item in pages[1].items] == [band, row]


def test_a_row_longer_than_a_page_is_divided_and_nothing_is_lost():
    table = Table([Column("甲", 1), Column("乙", 30)], 9)
    rows = table.rows(["一", "村" * 20_000])
    pages = paginated([table.head, *rows])
    assert len(rows) > 2
    assert len(pages) > 1
    assert all(top + item.height <= PAGE_HEIGHT - BOTTOM + 1e-6 for page in pages for top, item in page.items)
