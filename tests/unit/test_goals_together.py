"""Goals and checklists that two people enter at the same time."""

from datetime import date, timedelta

import pytest

from geo.answers.goals import entered_goals
from geo.errors import ConflictError
from geo.operations.goals import GoalEntry, ItemEntry, set_goals, tick_items
from geo.store.village_models import VillageGoal
from geo.vocabulary import Goal
from tests.unit.test_goals import (
    COORDINATOR,
    DEPARTMENT,
    NOW,
    RESIDENT,
    A,
    enter,
    items,
    rows,
    tick,
    village_store,
)

__all__ = ["village_store"]
BEGUN = GoalEntry(2, None, "")


def enter_from(store, typed, *, begun=BEGUN, goal=Goal.USEFUL_THINGS, now=NOW + timedelta(hours=1)):
    return set_goals(store, COORDINATOR, A, 2025, {goal: typed}, now=now, begun={goal: begun})


def entered(store, goal=Goal.USEFUL_THINGS):
    return entered_goals(store, DEPARTMENT, A, year=2025)[goal]


def test_two_who_change_different_fields_of_a_goal_keep_both(village_store):
    enter(village_store, value=2)
    enter(village_store, value=5, actor=RESIDENT, now=NOW + timedelta(minutes=1))
    assert enter_from(village_store, GoalEntry(2, None, "修路")) == 1
    assert entered(village_store) == GoalEntry(5, None, "修路")


def test_two_who_enter_the_same_do_not_contend(village_store):
    enter(village_store, value=2)
    enter(village_store, value=5, note="修路", now=NOW + timedelta(minutes=1))
    assert enter_from(village_store, GoalEntry(5, None, "修路")) == 0
    assert enter_from(village_store, GoalEntry(5, 6, ""), now=NOW + timedelta(hours=2)) == 1
    assert entered(village_store) == GoalEntry(5, 6, "修路")


@pytest.mark.parametrize(
    ("other", "typed"),
    [
        (GoalEntry(5), GoalEntry(7)),
        (GoalEntry(), GoalEntry(7)),
        (GoalEntry(5), GoalEntry()),
        (GoalEntry(2, None, "甲"), GoalEntry(2, 9, "乙")),
    ],
    ids=["other figure", "emptied there", "emptied here", "note"],
)
def test_the_same_field_changed_by_both_is_a_conflict_and_nothing_is_written(village_store, other, typed):
    enter(village_store, value=2)
    when = NOW + timedelta(minutes=1)
    enter(village_store, value=other.value, note=other.note, actor=RESIDENT, now=when)
    entries = {Goal.PEOPLE_TRAINED: GoalEntry(4), Goal.USEFUL_THINGS: typed}
    begun = {Goal.PEOPLE_TRAINED: GoalEntry(), Goal.USEFUL_THINGS: BEGUN}
    before = rows(village_store, VillageGoal)
    with pytest.raises(ConflictError, match="实事") as refusal:
        set_goals(village_store, COORDINATOR, A, 2025, entries, now=NOW + timedelta(hours=1), begun=begun)
    told = [(one.code, one.user, one.at) for one in refusal.value.others]
    assert told == ([(A, "resident", when)] if other != GoalEntry() else [])
    assert entered(village_store) == other
    assert entered(village_store, Goal.PEOPLE_TRAINED) == GoalEntry()
    assert rows(village_store, VillageGoal) == before


def test_an_entry_without_a_beginning_is_written_whole(village_store):
    enter(village_store, value=2, note="修路")
    later = NOW + timedelta(hours=1)
    entries, begun = {Goal.USEFUL_THINGS: GoalEntry(3)}, {Goal.INCOME: GoalEntry()}
    assert set_goals(village_store, COORDINATOR, A, 2025, entries, now=later, begun=begun) == 1
    assert entered(village_store) == GoalEntry(3)


def tick_from(store, typed, begun):
    item = "construction_plan"
    now = NOW + timedelta(hours=1)
    return tick_items(store, COORDINATOR, A, "village_eight", {item: typed}, now=now, begun={item: begun})


def ticked(store):
    line = items(store)["village_eight", "construction_plan"]
    return ItemEntry(line.done_on, line.note)


def test_two_who_change_different_fields_of_an_item_keep_both(village_store):
    tick(village_store, actor=RESIDENT)
    assert tick_from(village_store, ItemEntry(None, "已报批"), ItemEntry()) == 1
    assert ticked(village_store) == ItemEntry(date(2026, 3, 1), "已报批")


def test_the_same_day_changed_by_both_is_a_conflict(village_store):
    tick(village_store, actor=RESIDENT)
    with pytest.raises(ConflictError, match=r"有一个村庄建设规划.*resident"):
        tick_from(village_store, ItemEntry(date(2026, 3, 5), "已报批"), ItemEntry())
    assert ticked(village_store) == ItemEntry(date(2026, 3, 1))
    assert tick_from(village_store, ItemEntry(date(2026, 3, 5)), ItemEntry(date(2026, 3, 1))) == 1
    assert ticked(village_store) == ItemEntry(date(2026, 3, 5))
