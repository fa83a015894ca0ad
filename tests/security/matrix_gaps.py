"""The part of the one table that is about gaps and the plans that close them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

from geo.access import SYSTEM, Actor
from geo.answers import gap_days, gaps
from geo.answers import gap_plan as plan_answers
from geo.answers.gap_book import gaps_on
from geo.operations import gap_drafts, gap_plan
from geo.operations.gap_plan import GapPlan, PlanOptions
from geo.store.engine import Store
from geo.vocabulary import Role
from tests.security.matrix_county import HOME_SHARES, NOW, TODAY, VILLAGES, square
from tests.security.matrix_table import ACTORS, Deed, Question

BEFORE = TODAY - timedelta(days=200)
PLANNING = frozenset({Role.DEPARTMENT, Role.COORDINATOR, Role.LEADER})
_TIME_LIMIT_S = 2.0
_POSITION = re.compile(r"(11\d\.\d+)[^\d.]{1,24}(3\d\.\d+)")
_NEAR_DEG = 1e-6


def options(village: str = "") -> PlanOptions:
    return PlanOptions(township=village, time_limit_s=_TIME_LIMIT_S)


def plan_of(store: Store, actor: Actor, village: str = "") -> GapPlan:
    """The plan that closes the gaps of a village, or all that an actor sees."""
    return plan_answers.plan_for(store, actor, as_of=TODAY, options=options(village))


# A plan takes half a second. It is the same in every copy of a store, as long as that is not changed.
_plan_of_all = lru_cache(maxsize=len(ACTORS))(plan_of)
_made: dict[str, GapPlan] = {}


def ready_plan(store: Store, village: str) -> GapPlan:
    """The plan of the whole county's eyes for a village, as it was found first."""
    if village not in _made:
        _made[village] = plan_of(store, SYSTEM, village)
    return _made[village]


def _proposed(store: Store, actor: Actor, village: str) -> GapPlan:
    found = gaps_on(store, as_of=TODAY)
    return gap_plan.propose_plan(
        store, actor, found.gaps, found.evidence, found.rules, options=options(village)
    )


GAP_DEEDS: dict[str, Deed] = {
    "keep a draft": Deed(
        "gap_drafts.save_plan",
        lambda store, actor, village: gap_drafts.save_plan(
            store, actor, ready_plan(store, village), name="草案", now=NOW
        ),
        PLANNING,
    ),
}
GAP_QUESTIONS: dict[str, Question] = {
    "gaps of a village": Question(
        "gaps.gap_table",
        lambda store, actor, village: gaps.gap_table(store, actor, as_of=TODAY, within=village),
    ),
    "gaps": Question(
        "gaps.gap_table",
        lambda store, actor, _village: [
            gaps.gap_table(store, actor, as_of=TODAY),
            gaps.gap_table(store, actor, as_of=BEFORE),
            gaps.gap_features(gaps.gap_table(store, actor, as_of=TODAY)),
        ],
        refuses=False,
    ),
    "document of the gaps of a village": Question(
        "gaps.gaps",
        lambda store, actor, village: gaps.gaps(store, actor, as_of=TODAY, within=village),
    ),
    "document of the gaps": Question(
        "gaps.gaps", lambda store, actor, _village: gaps.gaps(store, actor, as_of=TODAY), refuses=False
    ),
    "what became of the gaps of a village": Question(
        "gap_days.gap_changes",
        lambda store, actor, village: gap_days.gap_changes(store, actor, BEFORE, TODAY, within=village),
    ),
    "what became of the gaps": Question(
        "gap_days.gap_changes",
        lambda store, actor, _village: gap_days.gap_changes(store, actor, BEFORE, TODAY),
        refuses=False,
    ),
    "difference of two days in a village": Question(
        "gap_days.gap_diff",
        lambda store, actor, village: gap_days.gap_diff(store, actor, BEFORE, TODAY, within=village),
    ),
    "difference of two days": Question(
        "gap_days.gap_diff",
        lambda store, actor, _village: gap_days.gap_diff(store, actor, BEFORE, TODAY),
        refuses=False,
    ),
    "ratios of a village on two days": Question(
        "gap_days.ratio_changes",
        lambda store, actor, village: gap_days.ratio_changes(store, actor, BEFORE, TODAY, within=village),
    ),
    "gaps of a village day by day": Question(
        "gap_days.gap_series",
        lambda store, actor, village: gap_days.gap_series(
            store, actor, start=TODAY - timedelta(days=1), end=TODAY, within=village
        ),
    ),
    "plan for a village": Question(
        "gap_plan.plan_for",
        plan_of,
        roles=PLANNING,
    ),
    "plan": Question(
        "gap_plan.plan_for",
        lambda store, actor, _village: _plan_of_all(store, actor),
        refuses=False,
        roles=PLANNING,
    ),
    "plan of given gaps": Question("gap_plan.propose_plan", _proposed, roles=PLANNING),
    "what changed since a plan": Question(
        "gap_plan.changed_rows",
        lambda store, actor, village: gap_plan.changed_rows(store, actor, ready_plan(store, village)),
        refuses=False,
        roles=PLANNING,
    ),
    "drafts": Question(
        "gap_plan.plan_drafts",
        lambda store, actor, _village: plan_answers.plan_drafts(store, actor),
        refuses=False,
        roles=PLANNING,
    ),
}
"""What may be asked about gaps and plans."""
GAP_MATTERS = {
    "gap_drafts.delete_plan": "one's own draft, for the department anybody's",
    "gap_plan.plan_draft": "a draft of one's own township; others are not even there",
}
"""What depends on whose draft it is; each has a test of its own."""
GAPS_ASK_NOBODY = {
    "gap_book.gaps_on": "for nobody's eyes: whoever tells of them filters",
    "gap_book.state_on": "for nobody's eyes: whoever tells of them filters",
    "scope.require_territory": "which townships and villages there are is known to all",
}
"""Functions over a store that ask for no actor, and why they need not."""


def homes_told(text: str) -> list[str]:
    """Single households that a text names, or whose place it tells."""
    return [*re.findall(r"\d{12}H\d+", text), *_homes_placed(text)]


def _homes_placed(text: str) -> Iterator[str]:
    homes: list[Any] = [square(village, x, y, x, y).centroid for village in VILLAGES for x, y in HOME_SHARES]
    for lon, lat in _POSITION.findall(text):
        if any(
            abs(float(lon) - home.x) < _NEAR_DEG and abs(float(lat) - home.y) < _NEAR_DEG for home in homes
        ):
            yield f"{lon} {lat}"
