"""Who is to take what, so that gaps are closed: frames in, frames out.

Candidates are weighed in kilometres as for handing over (`geo.analysis.matching`), within the limits of load,
distance and township; the answer comes from `geo.analysis.gap_plan.solve`.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.assignment import Floats
from geo.analysis.gap_plan.ground import (
    BLOCK,
    METRES,
    TASK_COLUMNS,
    TENTHS,
    Ground,
    KindGround,
    PlanLimits,
)
from geo.analysis.gap_plan.problem import NONE, Integers, Problem, units_filled, value_of
from geo.analysis.gap_plan.solve import solved
from geo.analysis.gap_plan.words import why_open
from geo.analysis.matching import CANDIDATE_COLUMNS, Match, why_words
from geo.frames import require_columns
from geo.rules import Rules

GIVEN_COLUMNS = [
    "task",
    "to_code",
    "distance_km",
    "load_before",
    "load_after",
    "limit",
    "households_before",
    "households_after",
    "fit",
    "cost_km",
    "why",
]
"""One row for each task that somebody takes: its position, the taker and what that means for them."""


@dataclass(frozen=True)
class TaskPlan:
    """Who takes which task.

    Attributes
    ----------
    given : DataFrame `GIVEN_COLUMNS`, by task
    open : DataFrame ``task, why``
        Tasks that nobody takes; those of a group from which enough were taken are left out.
    weight, bound : float
        Points closed, and the most that any plan could close.
    moves : int
        How many things are taken from somebody.
    cost_km : float
    cost_bound_km : float or None
        What a plan that closes as much with as few moves costs at least; None where that was not found out.
    is_proved : bool
        Whether no plan is better: more weight, as much with fewer moves, or as much for less.
    """

    given: pd.DataFrame
    open: pd.DataFrame
    weight: float
    bound: float
    moves: int
    cost_km: float
    cost_bound_km: float | None
    is_proved: bool


def propose(
    tasks: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    rules: Rules,
    *,
    limits: PlanLimits,
    beside: pd.DataFrame | None = None,
    time_limit_s: float,
) -> TaskPlan:
    """The plan that closes most weight, of these the one with fewest moves, of these the cheapest.

    Parameters
    ----------
    tasks : GeoDataFrame in EPSG:4490
        `geo.analysis.gap_plan.ground.TASK_COLUMNS`, with a default index.
    candidates : GeoDataFrame in EPSG:4490
        `geo.analysis.matching.CANDIDATE_COLUMNS`: one row a kind and person or unit.
    beside : DataFrame ``kind, target_code, holder_code, rank`` or None
        Who holds or serves the same things already and cannot take them; an assistant may move up.
    time_limit_s : float
        For the searches where burdens bind. The same input gives the same plan unless this cuts it short.

    Returns
    -------
    TaskPlan
        Without tasks an empty plan, which is proved.

    Notes
    -----
    Limits of load are those of ``geo/rules/ownership.yaml`` and ``resident_villages_max``; nobody is given
    more. Method and alternatives: docs/decisions/0009-gap-plan.md.
    """
    require_columns(tasks, TASK_COLUMNS)
    require_columns(candidates, CANDIDATE_COLUMNS)
    around = pd.DataFrame(columns=["kind", "target_code", "holder_code", "rank"], dtype=object)
    ground = Ground.of(tasks, candidates, around if beside is None else beside, rules, limits)
    found = solved(ground.problem, time_limit_s=time_limit_s)
    weight, moves, cost = value_of(ground.problem, found.chosen)
    answer = _answer(ground.problem, found.chosen)
    return TaskPlan(
        given=_given(ground, answer),
        open=_open(ground, answer, rules, limits),
        weight=weight / TENTHS,
        bound=found.bound / TENTHS,
        moves=moves,
        cost_km=cost / METRES,
        cost_bound_km=None if found.cost_bound is None else found.cost_bound / METRES,
        is_proved=found.is_proved,
    )


@dataclass(frozen=True)
class _Answer:
    """What is chosen: a task, slot and taker each, and what all of it lays upon each taker."""

    task: Integers
    slot: Integers
    taker: Integers
    number: Integers
    burden: Floats


def _answer(problem: Problem, chosen: Integers) -> _Answer:
    """Which task each chosen pair fills: of a slot the heaviest ones."""
    order = np.lexsort((problem.pair_taker[chosen], problem.pair_slot[chosen]))
    slots, takers = problem.pair_slot[chosen][order], problem.pair_taker[chosen][order]
    units = units_filled(problem, np.bincount(slots, minlength=problem.slots))
    tasks = units[np.argsort(problem.unit_slot[units], kind="stable")]
    number = np.bincount(takers, minlength=problem.takers)
    burden: Floats = np.bincount(takers, weights=problem.slot_load[slots], minlength=problem.takers).astype(
        float
    )
    return _Answer(tasks, slots, takers, number, burden)


def _given(ground: Ground, answer: _Answer) -> pd.DataFrame:
    """The rows of the plan."""
    parts = [pd.DataFrame(columns=GIVEN_COLUMNS)]
    for kind in ground.kinds:
        mine = np.flatnonzero(np.isin(answer.slot, kind.slots))
        rows = np.searchsorted(kind.slots, answer.slot[mine])
        for start, (part, weighed) in enumerate(kind.blocks(rows)):
            some = mine[start * BLOCK : start * BLOCK + len(part)]
            parts.append(_rows(kind, weighed.match, answer, some))
    frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    whole = dict.fromkeys(
        ("load_before", "load_after", "limit", "households_before", "households_after"), "Int64"
    )
    return frame.astype({"to_code": object, "task": int, **whole}).sort_values("task", ignore_index=True)


def _rows(kind: KindGround, match: Match, answer: _Answer, some: Integers) -> pd.DataFrame:
    """Rows of the plan whose things are the rows of a match."""
    row, column = np.arange(len(some)), answer.taker[some] - kind.first
    taker = answer.taker[some]
    people = match.candidates.iloc[column]
    before = people["load"].to_numpy(int)
    after = before + answer.number[taker]
    homes = people["households"].fillna(0).to_numpy(float)
    is_borne = np.isfinite(kind.room.weight[column])
    distance = match.distance_km[row, column]
    each = zip(row, column, before, after, strict=True)
    return pd.DataFrame(
        {
            "task": answer.task[some],
            "to_code": people["code"].to_numpy(object),
            "distance_km": [None if np.isnan(km) else round(float(km), 3) for km in distance],
            "load_before": before,
            "load_after": after,
            "limit": pd.array([None if match.limit is None else int(match.limit)] * len(some), dtype="Int64"),
            "households_before": pd.array(np.where(is_borne, homes, np.nan), dtype="Int64"),
            "households_after": pd.array(
                np.where(is_borne, homes + answer.burden[taker], np.nan), dtype="Int64"
            ),
            "fit": match.suits[row, column],
            "cost_km": np.round(match.costs[row, column], 3),
            "why": [why_words(match, int(at), int(who), int(was), int(will)) for at, who, was, will in each],
        }
    )


def _open(ground: Ground, answer: _Answer, rules: Rules, limits: PlanLimits) -> pd.DataFrame:
    """Why the other tasks stay open; of a group only as many as were wanted of it."""
    tasks = _unfilled(ground.problem, answer)
    slots = ground.problem.unit_slot[tasks]
    said: dict[int, str] = {}
    for kind in ground.kinds:
        mine = np.unique(slots[np.isin(slots, kind.slots)])
        for rows, weighed in kind.blocks(np.searchsorted(kind.slots, mine)):
            for at, row in enumerate(rows):
                said[int(kind.slots[row])] = why_open(weighed, kind.room, at, max_km=limits.most_km(rules))
    rows_said = [(int(task), said[int(slot)]) for task, slot in zip(tasks, slots, strict=True)]
    return pd.DataFrame(rows_said, columns=["task", "why"]).astype({"task": int, "why": object})


def _unfilled(problem: Problem, answer: _Answer) -> Integers:
    """Tasks that nobody takes and somebody should."""
    group = problem.slot_group[answer.slot]
    left = problem.group_most - np.bincount(group[group != NONE], minlength=len(problem.group_most))
    open_tasks = []
    for task in np.setdiff1d(np.arange(len(problem.unit_slot)), answer.task):
        of = int(problem.slot_group[problem.unit_slot[task]])
        if of == NONE or left[of] > 0:
            open_tasks.append(int(task))
        if of != NONE:
            left[of] -= 1
    return np.array(open_tasks, dtype=np.int64)
