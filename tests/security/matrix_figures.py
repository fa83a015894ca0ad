"""The part of the one table that is about figures, goals and checklists of villages."""

from __future__ import annotations

from geo.answers import goals as goal_answers
from geo.answers import indicators as indicator_answers
from geo.operations import goals, indicators
from geo.store.engine import Store
from geo.vocabulary import Goal
from tests.security.matrix_county import NOW, TODAY
from tests.security.matrix_table import PERSONAL, Actor, Deed, Question

YEAR = TODAY.year - 1


def _correct(store: Store, actor: Actor, village: str) -> bool:
    return indicators.correct_indicators(
        store,
        actor,
        village,
        YEAR,
        {"people": 900},
        source="年报",
        reported_on=TODAY,
        reason="核对",
        now=NOW,
        seen=None,
    )


def _set_goal(store: Store, actor: Actor, village: str) -> bool:
    return goals.set_goal(
        store, actor, village, YEAR, Goal.USEFUL_THINGS, value=3, target=None, note="修路", now=NOW
    )


def _tick(store: Store, actor: Actor, village: str) -> bool:
    return goals.tick_item(store, actor, village, "ten_tasks", "skills", done_on=TODAY, note="", now=NOW)


def _set_goals(store: Store, actor: Actor, village: str) -> int:
    entry = goals.GoalEntry(target=5)
    return goals.set_goals(store, actor, village, YEAR, {Goal.RESERVE_CADRES: entry}, now=NOW)


def _tick_items(store: Store, actor: Actor, village: str) -> int:
    entry = goals.ItemEntry(done_on=TODAY)
    return goals.tick_items(store, actor, village, "ten_tasks", {"economy": entry}, now=NOW)


FIGURE_DEEDS: dict[str, Deed] = {
    "correct figures": Deed("indicators.correct_indicators", _correct),
    "enter a goal": Deed("goals.set_goal", _set_goal, PERSONAL),
    "enter goals": Deed("goals.set_goals", _set_goals, PERSONAL),
    "tick an item": Deed("goals.tick_item", _tick, PERSONAL),
    "tick items": Deed("goals.tick_items", _tick_items, PERSONAL),
}
FIGURE_QUESTIONS: dict[str, Question] = {
    "figures of a village": Question("indicators.indicator_history", indicator_answers.indicator_history),
    "corrections of a village's figures": Question(
        "indicators.indicator_corrections",
        lambda store, actor, village: indicator_answers.indicator_corrections(store, actor, village, YEAR),
    ),
    "lines of a village's figures": Question(
        "indicators.indicator_lines",
        lambda store, actor, village: indicator_answers.indicator_lines(store, actor, village, as_of=TODAY),
    ),
    "years of goals": Question(
        "goals.goal_years",
        lambda store, actor, _village: goal_answers.goal_years(store, actor),
        refuses=False,
    ),
    "goals of a village": Question(
        "goals.goal_lines",
        lambda store, actor, village: goal_answers.goal_lines(store, actor, village, year=YEAR),
    ),
    "entered goals of a village": Question(
        "goals.entered_goals",
        lambda store, actor, village: goal_answers.entered_goals(store, actor, village, year=YEAR),
    ),
    "checklists of a village": Question("goals.checklist_lines", goal_answers.checklist_lines),
    **{
        f"{what} of a township, here of a village": Question(
            f"goals.{ask.__name__}",
            lambda store, actor, village, ask=ask, day=day: ask(store, actor, township=village, **day),
        )
        for what, ask, day in (
            ("goals", goal_answers.goal_table, {"year": YEAR}),
            ("progress of goals", goal_answers.goal_progress, {"year": YEAR}),
            ("items", goal_answers.checklist_table, {"as_of": TODAY}),
            ("progress of checklists", goal_answers.checklist_progress, {"as_of": TODAY}),
        )
    },
    "goals and items of all": Question(
        "goals.goal_table",
        lambda store, actor, _village: [
            goal_answers.goal_table(store, actor, year=YEAR),
            goal_answers.goal_progress(store, actor, year=YEAR),
            goal_answers.checklist_table(store, actor, as_of=TODAY),
            goal_answers.checklist_progress(store, actor, as_of=TODAY),
        ],
        refuses=False,
    ),
}
