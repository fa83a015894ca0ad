"""The parts of the page of gaps that need no browser: counting, ordering, wording, and where somebody is."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from geo.access import Actor
from geo.analysis.gaps.rule import gap_frame
from geo.answers.gap_rows import gaps_in
from geo.rules.units import measured, percent, percent_points
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.gaps.counts import by_township, by_who
from pages.ui.gaps.explain import gap_html
from pages.ui.gaps.filters import Look
from pages.ui.gaps.gap_map import marks_of
from pages.ui.gaps.league import league, rows_of
from pages.ui.gaps.levels import as_shown
from pages.ui.gaps.listing import chosen_gap
from pages.ui.gaps.state import ALL, GapDesk, key_of
from pages.ui.gaps.strip import RATIOS, strip_html
from tests.pages.conftest import RunPage

T1, T2 = "990101100", "990101101"


def gaps() -> gpd.GeoDataFrame:
    rows = {
        "kind": ["cell_unowned", "household_unpaired", "household_unpaired", "owner_inactive"],
        "target_kind": ["cell", "cell", "household", "cadre"],
        "target_code": [f"{T1}201001", f"{T1}201001", "H1", "C1"],
        "village_code": [f"{T1}201", f"{T1}201", f"{T2}201", None],
        "township_code": [T1, T1, T2, T2],
        "value": [0, 12, None, 3],
        "unit": ["officers", "households", None, "responsibilities"],
        "threshold": [1, None, None, None],
        "source": ["S4", "S4", "S4", "local"],
        "needs": ["grid_officer", "staff", "staff", ""],
        "since": [date(2026, 3, 1), None, None, date(2026, 4, 1)],
        "why": ["网格<甲>没有主责网格员。", "12 户没有结对干部。", "该户没有结对干部。", "任期已满。"],
    }
    frame = gap_frame(rows, [box(113, 23, 113.01, 23.01), None, Point(113, 23), Point(113.2, 23)])
    return frame.assign(
        label=["空白网格", "结对空白户", "结对空白户", "有主无人"],
        target_name=["第一网格", "第一网格", "H1", "张三"],
        village_name=["石桥村", "石桥村", "河东村", None],
        township_name=["石桥镇", "石桥镇", "河东镇", "河东镇"],
        who_name=["石桥镇网格协调员", "石桥镇网格协调员", "河东镇网格协调员", "县农业农村局"],
        priority=[True, False, False, False],
        households=[86, 12, 1, 0],
        open_days=pd.array([61, None, None, 30], dtype="Int64"),
        score=[161.2, 7.2, 0.6, 5.0],
        score_why=["重点村 +100", "涉及 12 户 +7.2", "涉及 1 户 +0.6", "已 30 天 +5.0"],
    )


def test_households_of_a_cell_count_one_by_one() -> None:
    assert gaps_in(gaps()).tolist() == [1, 12, 1, 1]


def test_who_must_act_is_listed_with_the_heaviest_first() -> None:
    groups = by_who(gaps())
    assert groups["who_name"].tolist() == ["石桥镇网格协调员", "县农业农村局", "河东镇网格协调员"]
    assert groups["gaps"].tolist() == [13, 1, 1]
    assert groups["priority"].tolist() == [1, 0, 0]
    assert groups["days"].iloc[0] == 61
    assert pd.isna(groups["days"].iloc[2])
    assert by_who(gaps().iloc[:0]).empty


def test_townships_are_ordered_by_their_worst_ratio_and_show_the_change() -> None:
    coverage = pd.DataFrame(
        {"code": [T1, T2], "name": ["石桥镇", "河东镇"], **{name: [0.9, 1.0] for name in RATIOS}}
    )
    coverage.loc[0, "priority_villages_staffed"] = None
    table = league(coverage, gaps(), gaps().iloc[:1])
    assert table["name"].tolist() == ["石桥镇", "河东镇"]
    assert table["gaps"].tolist() == [13, 2]
    assert table["change"].tolist() == [12, 2]
    assert table["priority"].tolist() == [1, 0]
    assert by_township(gaps()).loc[T2, "gaps"] == 2


def test_the_row_of_the_chosen_township_is_chosen_in_the_league() -> None:
    table = pd.DataFrame({"code": [T2, T1]})
    assert rows_of(table, T1) == [1]
    assert rows_of(table, "") == []


def test_the_league_shows_shares_as_the_strip_does() -> None:
    for share in (0.94899, 0.99999, 1.0, 0.0):
        assert f"{percent_points(share):.1f}%" == percent(share)


def test_the_strip_says_which_way_things_went() -> None:
    now = {name: {"ratio": 0.5, "numerator": 1, "denominator": 2} for name in RATIOS}
    before = {**now, "cells_owned": {"ratio": 0.6, "numerator": 3, "denominator": 5}}
    before["households_paired"] = {"ratio": None, "numerator": 0, "denominator": 0}
    html = strip_html(now, before, gaps=12, gaps_before=20, compared_with=date(2026, 4, 1))
    assert "▼8" in html
    assert "▼10.0" in html
    assert html.count("持平") == len(RATIOS) - 2
    assert "2026-04-01" in html


def test_a_change_is_the_difference_of_the_figures_shown() -> None:
    now = {name: {"ratio": 0.7118, "numerator": 7118, "denominator": 10_000} for name in RATIOS}
    before = {name: {"ratio": 0.0, "numerator": 0, "denominator": 10_000} for name in RATIOS}
    html = strip_html(now, before, gaps=0, gaps_before=0, compared_with=date(2026, 4, 1))
    assert "71.1%" in html
    assert "▲71.1" in html


@pytest.mark.parametrize(("share", "text"), [(1.0, "100.0%"), (0.99999, "99.9%"), (None, "—"), (0.0, "0.0%")])
def test_a_share_is_never_rounded_up(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_a_gap_is_explained_with_every_figure_and_no_markup_of_its_own() -> None:
    html = gap_html(gaps().iloc[0])
    assert "网格&lt;甲&gt;没有主责网格员。" in html
    for text in (
        "空白网格",
        "石桥镇 · 石桥村",
        "2026-03-01（已 61 天）",
        "石桥镇网格协调员",
        "县民情地图推行",
        "共 161.2 分",
    ):
        assert text in html
    assert "不详" in gap_html(gaps().iloc[1])


def test_figures_are_written_with_their_unit() -> None:
    assert measured(1234.5, "m2") == "1,234.5 平方米"
    assert measured(12.0, "households") == "12 户"
    assert measured(None, "m2") == ""


def test_the_way_to_a_gap_and_back() -> None:
    desk = GapDesk()
    desk.list_of("石桥镇网格协调员")
    desk.gap = key_of(gaps().iloc[0])
    assert chosen_gap(gaps(), desk)["target_name"] == "第一网格"
    assert chosen_gap(gaps().iloc[1:], desk) is None
    desk.back()
    assert (desk.who, desk.gap) == ("石桥镇网格协调员", None)
    desk.back()
    assert desk.who == ""
    assert desk.turn == 2
    desk.in_village(f"{T1}201")
    assert (desk.who, desk.village) == (ALL, f"{T1}201")


def test_the_chosen_gap_is_marked_where_it_has_a_place() -> None:
    rows = gaps()
    assert [mark.kind for mark in marks_of(rows.iloc[0])] == ["gap"]
    assert marks_of(rows.iloc[1]) == []
    assert [mark.kind for mark in marks_of(rows.iloc[2])] == ["gap"]
    assert marks_of(None) == []


def test_a_month_before_the_end_of_march_is_the_end_of_february() -> None:
    assert Look("map", "", date(2026, 3, 31)).compared_with == date(2026, 2, 28)
    assert Look("map", "", date(2026, 1, 5)).compared_with == date(2025, 12, 5)


def test_levels_are_told_apart_in_words() -> None:
    levels = {"county_leader": "held", "department": "missing", "sub_office": "not_applicable"}
    row = {"township_name": "石桥镇", "name": "石桥村", "first_missing": "department"}
    for level in ("county_leader", "department", "sub_office", "org_cadre", "staff"):
        row |= {level: levels.get(level, "missing"), f"{level}_covered": 3, f"{level}_of": 5}
    row |= {"department_of": 0, "households": 40, "households_whole": 3}
    shown = as_shown(pd.DataFrame([row])).iloc[0].tolist()
    assert shown == ["石桥镇", "石桥村", "✓", "缺", "—", "缺 2 / 5", "缺 2 / 5", "单位包片", "3 / 40"]


@pytest.mark.parametrize(
    ("role", "is_offered"), [(Role.LEADER, True), (Role.AUDITOR, False), (Role.RESIDENT_CADRE, False)]
)
def test_a_plan_is_offered_to_those_who_may_ask_for_one(
    run_page: RunPage, gpkg_store: Store, role: Role, is_offered: bool
) -> None:
    page = run_page("gaps_page", gpkg_store, Actor("somebody", role))
    assert not page.exception
    assert ("补缺方案" in [button.label for button in page.button]) is is_offered
