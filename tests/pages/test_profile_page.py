"""The page of one village over stores that hold little, for those who may and may not see it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from geo.access import SYSTEM, Actor
from geo.exchange.village_profile import (
    GoalLine,
    Indicator,
    LabelLine,
    LevelLine,
    MemberLine,
    SuspectLine,
    YearFigure,
)
from geo.operations.village_texts import write_text
from geo.store.engine import Store
from geo.vocabulary import Role, TextKind
from pages.ui.profile.head import facts_html, labels_html
from pages.ui.profile.people import levels_html, team_html
from pages.ui.profile.work import goals_html
from tests.pages.conftest import RunPage, html_of
from tests.pages.test_pages import NOW, VILLAGE, one_village
from tests.profiles import profile

__all__ = ["one_village"]
RESIDENT = Actor("resident", Role.RESIDENT_CADRE, frozenset({VILLAGE}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({"990101102"}))
LEADER = Actor("leader", Role.LEADER)


def test_without_a_village_the_page_says_what_to_do(run_page: RunPage, gpkg_store: Store) -> None:
    page = run_page("profile_page", gpkg_store)
    assert not page.exception
    assert "请选择村" in html_of(page)


def test_a_village_of_which_nothing_is_known_has_an_empty_state_in_each_card(
    run_page: RunPage, one_village: Store
) -> None:
    page = run_page("profile_page", one_village, village=VILLAGE)
    html = html_of(page)
    assert not page.exception
    assert not page.error
    for nothing in (
        "不带任何标签",
        "没有工作组成员",
        "还没有填报过指标",
        "还没有填写",
        "没有挂牌整改事项",
        "还没有旧貌新颜的图片",
        "还没有上传图纸",
    ):
        assert nothing in html
    assert "&lt;b&gt;石桥&lt;/b&gt;村" in html
    assert "<b>石桥" not in html


def test_the_latest_figure_of_the_village_stands_on_top_although_others_have_a_later_year() -> None:
    """A year of which only the township's median is known has no figure of the village."""
    people = Indicator("people", "人口", (YearFigure(2025, 526, 500), YearFigure(2026, None, 510)))
    members = Indicator("party_members", "党员数", (YearFigure(2026, None, 12),))
    strip = facts_html(profile(indicators=(people, members)))
    assert re.search(r"人口\D*526", strip)
    assert "党员" not in strip


def test_a_village_out_of_scope_is_refused_in_a_sentence(run_page: RunPage, one_village: Store) -> None:
    page = run_page("profile_page", one_village, ELSEWHERE, village=VILLAGE)
    assert not page.exception
    assert "无权查看" in page.error[0].value
    assert "石桥" not in html_of(page)


def test_the_only_village_of_an_account_is_shown_at_once(run_page: RunPage, one_village: Store) -> None:
    page = run_page("profile_page", one_village, RESIDENT)
    assert not page.exception
    assert VILLAGE in html_of(page)


@pytest.mark.parametrize(("actor", "may"), [(RESIDENT, True), (LEADER, False)])
def test_only_who_records_the_work_may_write(
    run_page: RunPage, one_village: Store, actor: Actor, may: bool
) -> None:
    page = run_page("profile_page", one_village, actor, village=VILLAGE)
    assert not page.exception
    assert any(button.key == "write_main_problem" for button in page.button) is may
    assert any(button.key == "profile_files" for button in page.button) is may


def test_a_text_stands_on_the_page_as_it_was_written(run_page: RunPage, one_village: Store) -> None:
    problem = "水渠<失修>\n两年没有修"
    write_text(one_village, SYSTEM, VILLAGE, TextKind.MAIN_PROBLEM, problem, now=NOW)
    html = html_of(run_page("profile_page", one_village, village=VILLAGE))
    assert "水渠&lt;失修&gt;\n两年没有修" in html


def test_what_speaks_against_a_label_and_what_is_suspected_stand_with_it() -> None:
    label = LabelLine(
        "poor",
        date(2025, 1, 1),
        21_000,
        30_000,
        "2024 年<收入> 21,000 元",
        contradictions=("2025 年 41,000 元",),
    )
    html = labels_html([label], [SuspectLine("weak", "书记空缺 5 个月")])
    for text in ("2024 年&lt;收入&gt; 21,000 元", "2025 年 41,000 元", "疑似软弱涣散村", "书记空缺 5 个月"):
        assert text in html


def test_somebody_with_two_posts_is_one_of_the_team_and_serves_to_the_last_day() -> None:
    posts = [
        MemberLine(kind, "c1", "张三", "县财政局", "county", date(2025, 9, 1), until)
        for kind, until in (("team_head", None), ("resident_cadre", date(2027, 3, 1)))
    ]
    html = team_html(posts)
    assert html.count("张三") == 1
    assert "工作组组长、驻村" in html
    assert "2027-02-28" in html


def test_levels_are_told_apart_in_words() -> None:
    levels = [
        LevelLine("county_leader", "held", 1, 2, ("张三",)),
        LevelLine("department", "missing", 0, 0, ()),
        LevelLine("sub_office", "not_applicable", 0, 0, ()),
        LevelLine("org_cadre", "held", 4, 4, ("甲", "乙", "丙", "丁")),
        LevelLine("staff", "missing", 3, 5, ()),
    ]
    html = levels_html(levels)
    for text in ("张三", ">缺<", "不适用", "甲、乙、丙 等 4", "缺（3 / 5）"):
        assert text in html


def test_a_goal_that_nobody_measured_is_neither_met_nor_missed() -> None:
    lines = [
        GoalLine("income", 41_000, 30_000, "yuan/year", True),
        GoalLine("reserve_cadres", 1, 3, "people", False),
        GoalLine("useful_things", None, 3, "things", None),
    ]
    html = goals_html(lines)
    assert html.count('class="met"') == html.count('class="unmet"') == html.count('class="unknown"') == 1
    assert "未填" in html
