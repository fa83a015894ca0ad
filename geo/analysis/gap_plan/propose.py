"""Who is to take what, so that gaps are closed: frames in, frames out.

Candidates are weighed in kilometres as for handing over (`geo.analysis.matching`), within the limits of load,
distance and township; the answer comes from `geo.analysis.gap_plan.solve`.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.gap_plan.ground import METRES, TASK_COLUMNS, TENTHS, Ground, PlanLimits
from geo.analysis.gap_plan.problem import NONE, Flags, Integers, units_filled, value_of
from geo.analysis.gap_plan.solve import solved
from geo.analysis.gap_plan.words import why_open
from geo.analysis.matching import CANDIDATE_COLUMNS, why_words
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
    is_proved : bool
        Whether no plan is better: more weight, as much with fewer moves, or as much for less.
    """

    given: pd.DataFrame
    open: pd.DataFrame
    weight: float
    bound: float
    moves: int
    cost_km: float
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
    given, filled = _given(ground, found.chosen)
    return TaskPlan(
        given=given,
        open=_open(ground, filled, rules),
        weight=weight / TENTHS,
        bound=found.bound / TENTHS,
        moves=moves,
        cost_km=cost / METRES,
        is_proved=found.is_proved,
    )


def _given(ground: Ground, chosen: Integers) -> tuple[pd.DataFrame, Flags]:
    """The rows of the plan, and which tasks they fill."""
    problem = ground.problem
    slots, takers = problem.pair_slot[chosen], problem.pair_taker[chosen]
    number = np.bincount(takers, minlength=problem.takers)
    burden = np.bincount(takers, weights=problem.slot_load[slots], minlength=problem.takers)
    filled = np.zeros(len(ground.tasks), dtype=bool)
    units = units_filled(problem, np.bincount(slots, minlength=problem.slots))
    filled[units] = True
    by_slot = units[np.argsort(problem.unit_slot[units], kind="stable")]
    order = np.lexsort((takers, slots))
    rows = [
        _row(ground, int(task), int(slots[at]), int(takers[at]), number, burden)
        for task, at in zip(by_slot, order, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=GIVEN_COLUMNS).sort_values("task", ignore_index=True)
    whole = dict.fromkeys(
        ("load_before", "load_after", "limit", "households_before", "households_after"), "Int64"
    )
    return frame.astype({"to_code": object, "task": int, **whole}), filled


def _row(
    ground: Ground, task: int, slot: int, taker: int, number: Integers, burden: np.ndarray
) -> list[object]:
    kind = ground.kind_of(taker)
    match, column = kind.match, taker - kind.first
    row = int(np.searchsorted(kind.slots, slot))
    before = int(match.candidates["load"].iloc[column])
    after = before + int(number[taker])
    distance = float(match.distance_km[row, column])
    homes = match.candidates["households"].fillna(0).iloc[column]
    is_borne = bool(np.isfinite(match.room.weight[column]))
    return [
        task,
        match.candidates["code"].iloc[column],
        None if np.isnan(distance) else round(distance, 3),
        before,
        after,
        None if match.limit is None else int(match.limit),
        int(homes) if is_borne else None,
        int(homes + burden[taker]) if is_borne else None,
        float(match.suits[row, column]),
        round(float(match.costs[row, column]), 3),
        why_words(match, row, column, before, after),
    ]


def _open(ground: Ground, filled: Flags, rules: Rules) -> pd.DataFrame:
    """Why the other tasks stay open; of a group only as many as were wanted of it."""
    problem = ground.problem
    taken = np.bincount(problem.unit_slot[filled], minlength=problem.slots)
    left = problem.group_most - np.bincount(
        problem.slot_group[problem.slot_group != NONE],
        weights=taken[problem.slot_group != NONE],
        minlength=len(problem.group_most),
    ).astype(np.int64)
    rows = []
    for task in np.flatnonzero(~filled):
        slot = int(problem.unit_slot[task])
        group = int(problem.slot_group[slot])
        if group != NONE:
            if left[group] < 1:
                continue
            left[group] -= 1
        rows.append((int(task), _why(ground, slot, rules)))
    return pd.DataFrame(rows, columns=["task", "why"]).astype({"task": int, "why": object})


def _why(ground: Ground, slot: int, rules: Rules) -> str:
    kind = next(each for each in ground.kinds if slot in each.slots)
    row = int(np.searchsorted(kind.slots, slot))
    return why_open(
        kind.match, row, near=kind.near[row], fits=kind.fits[row], max_km=ground.limits.most_km(rules)
    )
