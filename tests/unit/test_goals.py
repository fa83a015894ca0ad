"""Goals and checklists of villages: entered, read, counted."""

import time
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from geo.access import Actor
from geo.answers.goals import (
    checklist_lines,
    checklist_progress,
    checklist_table,
    entered_goals,
    goal_lines,
    goal_progress,
    goal_table,
    goal_years,
)
from geo.errors import AppError, InputError, PermissionError_, RuleError
from geo.operations.goals import GoalEntry, ItemEntry, set_goal, set_goals, tick_item, tick_items
from geo.operations.indicators import correct_indicators
from geo.operations.thresholds import set_threshold
from geo.store.models import Audit, Township, Village
from geo.store.versions import layer_versions
from geo.store.village_models import ChecklistEntry, VillageGoal
from geo.vocabulary import Goal, Role

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = NOW.date()
TOWNSHIP, OTHER_TOWNSHIP = "990101101", "990101102"
A, B, TOWN, FAR = "990101101201", "990101101202", "990101101001", "990101102201"
DEPARTMENT = Actor("department", Role.DEPARTMENT)
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({OTHER_TOWNSHIP}))
RESIDENT = Actor("resident", Role.RESIDENT_CADRE, frozenset({A}))


def fill(store):
    with store.write() as session:
        session.add_all(
            Township(code=code, name=name)
            for code, name in ((TOWNSHIP, "安和镇"), (OTHER_TOWNSHIP, "石桥镇"))
        )
        session.flush()
        session.add_all(
            Village(code=code, name=code, township_code=code[:9], kind=kind)
            for code, kind in ((A, "village"), (B, "village"), (TOWN, "community"), (FAR, "village"))
        )
    return store


@pytest.fixture
def village_store(store):
    return fill(store)


@pytest.fixture
def file_store(gpkg_store):
    """On one database only: what is refused before anything is written asks none."""
    return fill(gpkg_store)


def enter(store, goal=Goal.USEFUL_THINGS, value=None, *, actor=COORDINATOR, village=A, year=2025, **more):
    stated = {"target": None, "note": "", "now": NOW}
    return set_goal(store, actor, village, year, goal, value=value, **(stated | more))


def tick(store, item="construction_plan", done_on=date(2026, 3, 1), *, village=A, **more):
    stated = {"actor": COORDINATOR, "checklist": "village_eight", "note": "", "now": NOW} | more
    actor, checklist = stated.pop("actor"), stated.pop("checklist")
    return tick_item(store, actor, village, checklist, item, done_on=done_on, **stated)


def figures(store, values, *, village=A, year=2025, now=NOW, seen=None):
    stated = {"source": "年报", "reported_on": TODAY, "reason": "年报", "now": now, "seen": seen}
    correct_indicators(store, DEPARTMENT, village, year, values, **stated)


def lines(store, village=A, *, year=2025, **more):
    return {line.goal: line for line in goal_lines(store, DEPARTMENT, village, year=year, **more)}


def rows(store, model):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_village_has_eight_goals_in_order_before_anything_is_known(village_store):
    found = goal_lines(village_store, DEPARTMENT, A, year=2025)
    assert [line.goal for line in found] == [str(goal) for goal in Goal]
    assert {(line.value, line.is_met, line.note) for line in found} == {(None, None, "")}
    assert [(line.target, line.unit) for line in found[:4]] == [
        (30_000, "yuan/year"),
        (3, "people"),
        (3, "members"),
        (3, "things"),
    ]


def test_figures_come_from_the_years_indicators_or_are_entered(village_store):
    figures(
        village_store,
        {"income_own_yuan": 30_000, "reserve_cadres": 2, "new_members_3y": 3, "disputes_open": 1},
    )
    figures(village_store, {"income_own_yuan": 1}, year=2024)
    enter(village_store, Goal.USEFUL_THINGS, 3, note="修路两条、打井一口")
    found = lines(village_store)
    told = {goal: (line.value, line.is_met) for goal, line in found.items()}
    assert told["income"] == (30_000, True)
    assert told["reserve_cadres"] == (2, False)
    assert told["new_members"] == (3, True)
    assert told["problems_settled"] == (1, False)
    assert told["useful_things"] == (3, True)
    assert told["people_trained"] == (None, None)
    assert found["useful_things"].note == "修路两条、打井一口"
    assert lines(village_store, year=2024)["income"].is_met is False


def test_no_open_dispute_meets_the_goal(village_store):
    figures(village_store, {"disputes_open": 0})
    assert lines(village_store)["problems_settled"].is_met is True


def test_a_villages_own_target_goes_before_the_rule(village_store):
    figures(village_store, {"income_own_yuan": 40_000})
    enter(village_store, Goal.INCOME, target=50_000)
    line = lines(village_store)["income"]
    assert (line.value, line.target, line.is_met) == (40_000, 50_000, False)
    assert lines(village_store, B)["income"].target == 30_000


def test_the_rule_is_that_of_the_years_last_day(village_store):
    set_threshold(
        village_store,
        DEPARTMENT,
        "goal_income_own_yuan",
        50_000,
        valid_from=date(2026, 1, 1),
        reason="提高",
        now=NOW,
    )
    assert lines(village_store, year=2025)["income"].target == 30_000
    assert lines(village_store, year=2026)["income"].target == 50_000
    before = NOW - timedelta(days=1)
    assert lines(village_store, year=2026, known_at=before)["income"].target == 30_000
    with pytest.raises(RuleError):
        lines(village_store, year=1999)


def test_what_was_entered_before_stays_known(village_store):
    later = NOW + timedelta(days=1)
    enter(village_store, value=1)
    assert enter(village_store, value=4, now=later)
    assert lines(village_store)["useful_things"].value == 4
    assert lines(village_store, known_at=NOW)["useful_things"].value == 1
    assert not enter(village_store, value=4, now=later + timedelta(days=1))
    assert rows(village_store, VillageGoal) == 2
    assert enter(village_store, now=later + timedelta(days=2))
    assert lines(village_store)["useful_things"].value is None
    assert rows(village_store, VillageGoal) == 2


def test_entries_are_audited_and_count_as_a_new_version(village_store):
    with village_store.read() as session:
        before = layer_versions(session, ["goals", "checklists"])
    enter(village_store, value=1, note="张三牵头")
    tick(village_store)
    with village_store.read() as session:
        deeds = session.execute(select(Audit.action, Audit.subject, Audit.after).order_by(Audit.id)).all()
        after = layer_versions(session, ["goals", "checklists"])
    assert [(action, subject) for action, subject, _after in deeds] == [
        ("goal.set", A),
        ("checklist.tick", A),
    ]
    assert deeds[0].after == {"year": 2025, "goal": "useful_things", "value": 1, "target": None, "note": 4}
    assert deeds[1].after["done_on"] == "2026-03-01"
    assert before == {}
    assert set(after) == {("goals", TOWNSHIP), ("checklists", TOWNSHIP)}


def test_the_day_is_that_of_the_place_where_people_work(file_store, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        early = datetime(2026, 5, 1, 23, tzinfo=UTC)  # seven in the morning of the second
        assert tick(file_store, done_on=date(2026, 5, 2), now=early)
        stated = {
            "source": "年报",
            "reported_on": date(2026, 5, 2),
            "reason": "核实",
            "now": early,
            "seen": None,
        }
        assert correct_indicators(file_store, COORDINATOR, A, 2025, {"petitions": 1}, **stated)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": -1},
        {"value": 1.5},
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": 1e300},
        {"target": -3},
        {"target": 2.5},
        {"year": 2027},
        {"note": "身份证 11010519491231002X"},
        {"note": "长" * 201},
        {"village": "990101101299"},
        {"goal": Goal.INCOME, "value": 3},
        {"goal": Goal.PROBLEMS_SETTLED, "value": 0},
    ],
)
def test_what_makes_no_sense_is_refused(file_store, wrong):
    with pytest.raises(InputError):
        enter(file_store, **wrong)
    assert rows(file_store, VillageGoal) == 0


@pytest.mark.parametrize("year", [1999, 1, 0, -5])
def test_a_year_before_the_rules_has_no_goals(village_store, year):
    with pytest.raises(RuleError):
        enter(village_store, value=1, year=year)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    goal=st.sampled_from(Goal),
    value=st.none() | st.floats() | st.integers(),
    target=st.none() | st.floats() | st.integers(),
    note=st.text(max_size=20),
    year=st.integers(1990, 2030),
)
def test_whatever_is_entered_is_either_sound_or_refused(gpkg_store, goal, value, target, note, year):
    with gpkg_store.read() as session:
        is_empty = session.scalar(select(func.count()).select_from(Village)) == 0
    if is_empty:
        fill(gpkg_store)
    before = rows(gpkg_store, VillageGoal)
    try:
        enter(gpkg_store, goal, value, target=target, note=note, year=year)
    except AppError:
        assert rows(gpkg_store, VillageGoal) == before
        return
    line = lines(gpkg_store, year=year)[goal]
    assert line.value == value
    assert line.target >= 0
    assert target is None or line.target == target
    assert line.is_met is None or isinstance(line.is_met, bool)


@pytest.mark.parametrize("actor", [ELSEWHERE, Actor("a", Role.AUDITOR), Actor("l", Role.LEADER)])
def test_who_does_not_work_there_records_nothing(file_store, actor):
    with pytest.raises(PermissionError_):
        enter(file_store, value=1, actor=actor)
    with pytest.raises(PermissionError_):
        tick(file_store, actor=actor)
    assert rows(file_store, VillageGoal) == rows(file_store, ChecklistEntry) == 0


def test_a_resident_cadre_records_in_its_own_village_only(village_store):
    assert enter(village_store, value=1, actor=RESIDENT)
    assert tick(village_store, actor=RESIDENT)
    with pytest.raises(PermissionError_):
        enter(village_store, value=1, actor=RESIDENT, village=B)
    with pytest.raises(PermissionError_):
        tick(village_store, actor=RESIDENT, village=B)


def test_several_are_entered_together_or_not_at_all(village_store):
    sound, wrong = GoalEntry(3, None, "修路"), GoalEntry(-1)
    entries = {Goal.USEFUL_THINGS: sound, Goal.PEOPLE_TRAINED: wrong}
    with pytest.raises(InputError):
        set_goals(village_store, COORDINATOR, A, 2025, entries, now=NOW)
    assert rows(village_store, VillageGoal) == 0
    assert set_goals(village_store, COORDINATOR, A, 2025, {Goal.USEFUL_THINGS: sound}, now=NOW) == 1
    assert entered_goals(village_store, RESIDENT, A, year=2025)[Goal.USEFUL_THINGS] == sound
    assert entered_goals(village_store, RESIDENT, A, year=2025)[Goal.INCOME] == GoalEntry()
    items_ = {"survey": ItemEntry(TODAY), "arts_troupe": ItemEntry(TODAY + timedelta(days=1))}
    with pytest.raises(InputError):
        tick_items(village_store, COORDINATOR, TOWN, "community_ten", items_, now=NOW)
    assert rows(village_store, ChecklistEntry) == 0


def items(store, village=A, **more):
    return {(line.checklist, line.item): line for line in checklist_lines(store, DEPARTMENT, village, **more)}


def test_a_village_and_a_community_have_lists_of_their_own(village_store):
    def counts(village):
        return pd.Series([checklist for checklist, _item in items(village_store, village)]).value_counts()

    assert counts(A).to_dict() == {"village_eight": 8, "ten_tasks": 10}
    assert counts(TOWN).to_dict() == {"community_ten": 10, "ten_tasks": 10}


def test_an_item_is_done_since_a_day_and_can_be_taken_back(village_store):
    assert tick(village_store, note="二〇二六年三月批复")
    key = ("village_eight", "construction_plan")
    line = items(village_store)[key]
    assert (line.done_on, line.note, line.label) == (
        date(2026, 3, 1),
        "二〇二六年三月批复",
        "有一个村庄建设规划",
    )
    assert items(village_store, as_of=date(2026, 2, 28))[key].done_on is None
    assert not tick(village_store, note="二〇二六年三月批复")
    later = NOW + timedelta(days=1)
    assert tick(village_store, done_on=None, now=later)
    assert items(village_store)[key].done_on is None
    assert items(village_store, known_at=NOW)[key].done_on == date(2026, 3, 1)
    assert rows(village_store, ChecklistEntry) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"done_on": TODAY + timedelta(days=1)},
        {"item": "no_such_item"},
        {"checklist": "no_such_list"},
        {"checklist": "community_ten", "item": "survey"},
        {"village": TOWN},
        {"village": "990101101299"},
        {"note": "长" * 201},
    ],
)
def test_an_item_that_cannot_be_is_refused(file_store, wrong):
    with pytest.raises(InputError):
        tick(file_store, **wrong)
    assert rows(file_store, ChecklistEntry) == 0


def test_the_table_has_a_row_for_each_village_and_goal(village_store):
    enter(village_store, value=3, village=B)
    table = goal_table(village_store, DEPARTMENT, year=2025)
    assert len(table) == 4 * 8
    assert table["code"].drop_duplicates().tolist() == sorted([A, B, TOWN, FAR])
    row = table[(table["code"] == B) & (table["goal"] == "useful_things")].iloc[0]
    assert (row["value"], row["target"], row["is_met"], row["township_name"]) == (3, 3, True, "安和镇")
    assert set(goal_table(village_store, DEPARTMENT, year=2025, township=OTHER_TOWNSHIP)["code"]) == {FAR}
    assert set(goal_table(village_store, RESIDENT, year=2025)["code"]) == {A}
    with pytest.raises(PermissionError_):
        goal_table(village_store, ELSEWHERE, year=2025, township=TOWNSHIP)


def test_progress_counts_what_is_not_measured_among_the_villages(village_store):
    enter(village_store, value=3, village=A)
    enter(village_store, value=1, village=B)
    counts = goal_progress(village_store, DEPARTMENT, year=2025)
    useful = counts[counts["goal"] == "useful_things"].set_index("township_code")
    told = useful[["met", "measured", "villages", "ratio"]].to_dict("index")
    assert told[""] == {"met": 1, "measured": 2, "villages": 4, "ratio": 0.25}
    assert told[TOWNSHIP] == {"met": 1, "measured": 2, "villages": 3, "ratio": 1 / 3}
    assert told[OTHER_TOWNSHIP] == {"met": 0, "measured": 0, "villages": 1, "ratio": 0}
    assert counts["township_code"].iloc[0] == ""
    own = goal_progress(village_store, COORDINATOR, year=2025)
    assert set(own["township_code"]) == {"", TOWNSHIP}


def test_checklists_are_counted_over_the_villages_that_have_them(village_store):
    tick(village_store)
    tick(village_store, village=FAR, actor=DEPARTMENT)
    tick(village_store, "survey", village=TOWN, checklist="community_ten")
    counts = checklist_progress(village_store, DEPARTMENT, as_of=TODAY)
    whole = counts[counts["township_code"] == ""].set_index(["checklist", "item"])
    plan = whole.loc[("village_eight", "construction_plan")]
    assert (plan["done"], plan["villages"], plan["ratio"]) == (2, 3, 2 / 3)
    assert plan["label"] == "有一个村庄建设规划"
    assert whole.loc[("community_ten", "survey"), ["done", "villages"]].tolist() == [1, 1]
    assert whole.loc[("ten_tasks", "skills"), ["done", "villages"]].tolist() == [0, 4]
    assert OTHER_TOWNSHIP not in set(counts.loc[counts["checklist"] == "community_ten", "township_code"])
    earlier = checklist_progress(village_store, DEPARTMENT, as_of=date(2026, 2, 1))
    assert earlier["done"].sum() == 0


def test_the_table_of_items_says_what_is_done(village_store):
    tick(village_store)
    table = checklist_table(village_store, DEPARTMENT, as_of=TODAY, township=TOWNSHIP)
    assert len(table) == 18 + 18 + 20
    assert table.loc[table["is_done"], ["code", "item"]].to_numpy().tolist() == [[A, "construction_plan"]]


def test_a_county_without_villages_has_empty_tables(store):
    assert goal_table(store, DEPARTMENT, year=2025).empty
    assert goal_progress(store, DEPARTMENT, year=2025).empty
    assert checklist_table(store, DEPARTMENT, as_of=TODAY).empty
    assert checklist_progress(store, DEPARTMENT, as_of=TODAY).empty
    assert goal_years(store, DEPARTMENT) == []


def test_the_years_on_record_are_those_of_figures_and_of_goals(village_store):
    figures(village_store, {"people": 900}, year=2024)
    enter(village_store, value=1, year=2026)
    assert goal_years(village_store, RESIDENT) == [2024, 2026]


@pytest.mark.parametrize("village", ["990101101299", "990101199299"])
def test_there_is_nothing_to_tell_of_a_village_that_is_not_there(file_store, village):
    with pytest.raises(InputError):
        goal_lines(file_store, DEPARTMENT, village, year=2025)
    with pytest.raises(InputError):
        checklist_lines(file_store, DEPARTMENT, village)


def test_one_village_is_told_to_who_may_see_it(village_store):
    for ask in (
        lambda: goal_lines(village_store, ELSEWHERE, A, year=2025),
        lambda: checklist_lines(village_store, ELSEWHERE, A),
        lambda: entered_goals(village_store, ELSEWHERE, A, year=2025),
    ):
        with pytest.raises(PermissionError_):
            ask()
