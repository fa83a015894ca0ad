"""The page of goals and checklists by Streamlit's own harness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM, Actor
from geo.answers.goals import checklist_lines, entered_goals, goal_progress, goal_table
from geo.operations.goals import GoalEntry, set_goal, tick_item
from geo.store.engine import Store
from geo.vocabulary import Goal, Role
from pages import goals_page
from pages.ui.goals.look import VIEW_KEY, VILLAGES, WHAT_KEY, YEAR_KEY
from pages.ui.goals.state import STATE_KEY, GoalsDesk
from tests.pages.conftest import DEPARTMENT, RunPage, html_of

NOW = datetime(2026, 4, 1, tzinfo=UTC)
YEAR = 2025
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(run_page: RunPage, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the page with what a list, a view and a village are chosen."""

    def run(store: Store, actor: Actor = DEPARTMENT, village: str = "", **chosen: str) -> AppTest:
        monkeypatch.setattr(goals_page, "current_actor", lambda: actor)
        page = run_page("goals_page", store, actor)
        for key, value in chosen.items():
            page.session_state[key] = value
        if village:
            page.session_state[STATE_KEY].open(village)
        return page.run() if chosen or village else page

    return run


def a_village(store: Store, kind: str = "village") -> str:
    table = goal_table(store, SYSTEM, year=YEAR)
    return next(
        code
        for code in table["code"].unique()
        if any(line.checklist == "village_eight" for line in checklist_lines(store, SYSTEM, code))
        == (kind == "village")
    )


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def field(page: AppTest, key: str):
    kinds = (*page.number_input, *page.date_input, *page.text_input)
    return next(each for each in kinds if each.key and each.key.endswith(key))


def test_townships_are_told_with_the_whole_first(open_page: Open, county_store: Store) -> None:
    page = open_page(county_store)
    assert not page.exception
    shown = page.dataframe[0].value
    counts = goal_progress(county_store, SYSTEM, year=YEAR)
    assert shown["乡镇"].tolist()[0] == "合计"
    assert len(shown) == counts["township_code"].nunique()
    income = counts[(counts["township_code"] == "") & (counts["goal"] == "income")].iloc[0]
    assert f"{income['met']} / {income['villages']} 村" in html_of(page)
    assert "不少于 30,000 元/年" in html_of(page)


def test_a_row_is_a_village_where_that_is_chosen(open_page: Open, county_store: Store) -> None:
    page = open_page(county_store, **{VIEW_KEY: VILLAGES})
    shown = page.dataframe[0].value
    table = goal_table(county_store, SYSTEM, year=YEAR)
    assert len(shown) == table["code"].nunique()
    met = table[table["is_met"].fillna(False)].groupby("code").size()
    assert shown["已达成"].sum() == met.sum()
    signs = shown["集体收入"].str[0].value_counts()
    assert signs["✓"] == ((table["goal"] == "income") & table["is_met"].fillna(False)).sum()


@pytest.mark.parametrize("what", ["village_eight", "community_ten", "ten_tasks"])
def test_a_checklist_has_a_column_an_item(open_page: Open, county_store: Store, what: str) -> None:
    page = open_page(county_store, **{WHAT_KEY: what})
    assert not page.exception
    items = 8 if what == "village_eight" else 10
    assert len(page.dataframe[0].value.columns) == items + 3
    assert "已完成的村" in html_of(page)


def test_goals_of_a_village_are_entered(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    field(page, "people_trained_value").set_value(31)
    field(page, "income_target").set_value(50_000)
    field(page, "people_trained_note").set_value("<b>两期</b>")
    press(page, "保存")
    assert not page.exception
    entries = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)
    assert entries[Goal.PEOPLE_TRAINED] == GoalEntry(31, None, "<b>两期</b>")
    assert entries[Goal.INCOME].target == 50_000
    assert "不少于 50,000 元/年" in html_of(page)
    assert "&lt;b&gt;两期" in html_of(page)
    assert "<b>两期" not in html_of(page)


def test_what_is_refused_is_said_and_stays_in_its_field(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    before = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)
    field(page, "people_trained_note").set_value("11010519491231002X")
    press(page, "保存")
    assert "身份证" in page.error[0].value
    assert field(page, "people_trained_note").value == "11010519491231002X"
    assert entered_goals(county_store_copy, SYSTEM, village, year=YEAR) == before


def test_what_somebody_else_entered_meanwhile_is_kept(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    given = {"value": 77.0, "target": None, "note": "", "now": NOW}
    set_goal(county_store_copy, SYSTEM, village, YEAR, Goal.PEOPLE_PLACED, **given)
    field(page, "useful_things_value").set_value(9)
    press(page, "保存")
    entries = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)
    assert entries[Goal.USEFUL_THINGS].value == 9
    assert entries[Goal.PEOPLE_PLACED].value == 77


def test_within_a_goal_only_the_fields_that_were_changed_are_written(
    open_page: Open, county_store_copy: Store
) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    enter_other(county_store_copy, village, value=77.0)
    field(page, "people_placed_note").set_value("厂里")
    press(page, "保存")
    assert not page.warning
    entry = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)[Goal.PEOPLE_PLACED]
    assert (entry.value, entry.note) == (77, "厂里")


def test_what_both_changed_is_told_and_whoever_saves_again_has_seen_it(
    open_page: Open, county_store_copy: Store
) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    enter_other(county_store_copy, village, value=77.0, target=90.0, note="<i>别人</i>")
    field(page, "people_placed_value").set_value(78)
    field(page, "people_placed_note").set_value("厂里")
    press(page, "保存")
    assert "system" in page.warning[0].value
    told = html_of(page)
    assert "数值：<b>77</b>" in told
    assert "备注：<b>&lt;i&gt;别人&lt;/i&gt;</b>" in told
    assert "自定目标：" not in told
    assert entered_goals(county_store_copy, SYSTEM, village, year=YEAR)[Goal.PEOPLE_PLACED].value == 77
    assert field(page, "people_placed_value").value == 78
    press(page, "保存")
    entry = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)[Goal.PEOPLE_PLACED]
    assert entry == GoalEntry(78, 90, "厂里")


def test_what_was_entered_is_emptied(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    enter_other(county_store_copy, village, value=77.0, target=90.0, note="厂里")
    page = open_page(county_store_copy, village=village, **{YEAR_KEY: YEAR})
    for name, held in (("value", 77), ("target", 90), ("note", "厂里")):
        assert field(page, f"people_placed_{name}").value == held
    assert is_clearable(field(page, "people_placed_value"))
    field(page, "people_placed_value").set_value(None)
    field(page, "people_placed_note").set_value("")
    press(page, "保存")
    entry = entered_goals(county_store_copy, SYSTEM, village, year=YEAR)[Goal.PEOPLE_PLACED]
    assert entry == GoalEntry(None, 90, "")


def test_a_day_can_be_taken_out_of_its_field(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    day = {"done_on": date(2026, 3, 2), "note": "", "now": NOW}
    tick_item(county_store_copy, SYSTEM, village, "village_eight", "network_room", **day)
    page = open_page(county_store_copy, village=village, **{WHAT_KEY: "village_eight"})
    assert field(page, "network_room_day").value == date(2026, 3, 2)
    assert is_clearable(field(page, "network_room_day"))
    field(page, "network_room_day").set_value(None)
    press(page, "保存")
    done = {line.item: line.done_on for line in checklist_lines(county_store_copy, SYSTEM, village)}
    assert done["network_room"] is None


def enter_other(store: Store, village: str, **given: object) -> None:
    whole = {"value": None, "target": None, "note": "", "now": NOW} | given
    set_goal(store, SYSTEM, village, YEAR, Goal.PEOPLE_PLACED, **whole)


def is_clearable(shown: Any) -> bool:
    """Whether the browser lets a field be emptied: only where it has no value of its own."""
    if shown.type == "date_input":
        return not shown.proto.default
    return not shown.proto.HasField("default")


def test_items_are_ticked_with_their_day(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    page = open_page(county_store_copy, village=village, **{WHAT_KEY: "village_eight"})
    field(page, "network_room_day").set_value(date(2026, 3, 2))
    press(page, "保存")
    assert not page.exception
    done = {line.item: line.done_on for line in checklist_lines(county_store_copy, SYSTEM, village)}
    assert done["network_room"] == date(2026, 3, 2)
    assert "2026-03-02 起" in html_of(page)


def test_back_to_the_totals(open_page: Open, county_store: Store) -> None:
    page = open_page(county_store, village=a_village(county_store))
    press(page, "返回合计")
    assert "goals-total" in html_of(page)
    assert page.session_state[STATE_KEY].village == ""


@pytest.mark.parametrize(
    "actor",
    [Actor("l", Role.LEADER), Actor("a", Role.AUDITOR), Actor("d", Role.DEPARTMENT, viewer="second")],
    ids=["leader", "auditor", "looking"],
)
def test_who_records_nothing_gets_no_form(open_page: Open, county_store: Store, actor: Actor) -> None:
    page = open_page(county_store, actor, village=a_village(county_store))
    assert not page.exception
    assert {each.label for each in page.button} <= {"返回合计"}


def test_a_resident_cadre_sees_and_records_its_own_village(open_page: Open, county_store_copy: Store) -> None:
    village = a_village(county_store_copy)
    resident = Actor("r", Role.RESIDENT_CADRE, frozenset({village}))
    page = open_page(county_store_copy, resident, village, **{VIEW_KEY: VILLAGES, YEAR_KEY: YEAR})
    assert len(page.dataframe[0].value) == 1
    field(page, "useful_things_value").set_value(6)
    press(page, "保存")
    assert entered_goals(county_store_copy, SYSTEM, village, year=YEAR)[Goal.USEFUL_THINGS].value == 6


def test_an_empty_county_says_how_to_go_on(open_page: Open, gpkg_store: Store) -> None:
    page = open_page(gpkg_store)
    assert not page.exception
    assert 'class="empty"' in html_of(page)


def test_a_form_keeps_what_it_began_with_until_it_begins_afresh() -> None:
    desk = GoalsDesk()
    desk.open("990101101201")
    assert desk.begin({"a": 1}, what="goals", year=2025) == {"a": 1}
    assert desk.begin({"a": 2}, what="goals", year=2025) == {"a": 1}
    assert desk.begin({"a": 2}, what="goals", year=2024) == {"a": 2}
    desk.open("990101101201")
    assert desk.begin({"a": 3}, what="goals", year=2024) == {"a": 3}
