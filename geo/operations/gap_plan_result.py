"""What a plan comes to: what it closes, what stays open and why, figures before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.gap_plan.propose import TaskPlan
from geo.analysis.gap_plan.tasks import Tasks, gap_weights
from geo.analysis.gaps.reach import NEAR_KINDS
from geo.i18n import _
from geo.operations.gap_plan_rows import GIVE
from geo.store.subjects import entries_of

OPEN_COLUMNS = [
    "kind",
    "aspect",
    "target_kind",
    "target_code",
    "target_name",
    "village_code",
    "village_name",
    "township_code",
    "weight",
    "why",
]
_SHOWN_REASONS = 2
_NOTHING = 0.01
"""What is left of a gap by the rounding of its shares is nothing."""
_NEAR = {str(kind) for kind in NEAR_KINDS}


def closed_points(
    tasks: Tasks, wanted: pd.DataFrame, solution: TaskPlan, claims: Collection[int]
) -> pd.Series:
    """How many points of each gap are closed, by the gap's position; gaps of which nothing is are absent."""
    done = set(wanted["task"].iloc[solution.given["task"]].tolist())
    closes = tasks.closes
    is_done = closes["task"].isin(done) | closes["claim"].isin(set(claims))
    points: pd.Series = closes[is_done.to_numpy(dtype=bool)].groupby("gap")["share"].sum()
    return points


def open_gaps(
    session: Session,
    gaps: pd.DataFrame,
    tasks: Tasks,
    wanted: pd.DataFrame,
    solution: TaskPlan,
    closed: pd.Series,
    others: Mapping[int, str],
) -> pd.DataFrame:
    """`OPEN_COLUMNS` of the gaps that are not closed entirely, the worst first, each with why.

    Parameters
    ----------
    others : mapping
        Gaps (by position) that lie in part out of the actor's hands, with the words for it.
    """
    left = dict(zip(tasks.left["gap"], tasks.left["why"], strict=True))
    task = wanted["task"].iloc[solution.open["task"]].tolist()
    unfilled = dict(zip(task, solution.open["why"], strict=True))
    closes = tasks.closes[tasks.closes["task"].isin(set(unfilled)).to_numpy(dtype=bool)]
    reasons: dict[int, list[str]] = {}
    for gap, at in zip(closes["gap"], closes["task"], strict=True):
        reasons.setdefault(int(gap), []).append(unfilled[at])
    rest = gap_weights(gaps) - closed.reindex(range(len(gaps)), fill_value=0.0).to_numpy()
    is_open = (rest > _NOTHING).to_numpy()
    at = np.flatnonzero(is_open)
    why = [left.get(int(gap)) or _said(reasons.get(int(gap), []), others.get(int(gap))) for gap in at]
    some = pd.DataFrame(gaps.loc[is_open]).reset_index(drop=True)
    entries = entries_of(session, {*some["target_code"], *some["village_code"].dropna()})
    names = dict(zip(entries["code"], entries["name"], strict=True))
    return some.assign(
        target_name=[names.get(code, code) for code in some["target_code"]],
        village_name=[names.get(code) for code in some["village_code"]],
        weight=rest[is_open].round(1).to_numpy(),
        why=why,
    )[OPEN_COLUMNS]


def _said(reasons: list[str], other: str | None) -> str:
    distinct = list(dict.fromkeys(reasons))
    shown = distinct[:_SHOWN_REASONS] + ([other] if other else [])
    return "".join(shown)


def figures_of(
    gaps: pd.DataFrame,
    rows: pd.DataFrame,
    closed: pd.Series,
    solution: TaskPlan,
    *,
    ended: pd.DataFrame,
) -> dict[str, Any]:
    """The plan in numbers.

    Returns
    -------
    dict
        ``gaps, gaps_closed, weight, weight_closed, weight_bound, moves, assignments, cost_km, status``
        (``optimal`` or ``feasible``), ``gap_ratio`` (what could be missing to the best plan, 0–1),
        ``cost_ratio`` (to the cheapest that closes as much with as few moves; None: not known),
        ``overloaded_before, overloaded_after``; ``distance_before_km, distance_after_km`` of what is moved,
        ``distance_new_km`` of what nobody held (``mean, max`` of things whose holder must be near; None
        without any); ``by_kind`` (kind → gaps, closed).
    """
    weights = gap_weights(gaps)
    whole = closed.reindex(range(len(gaps)), fill_value=0.0).to_numpy() >= weights.to_numpy() - _NOTHING
    certain = float(ended["weight"].sum())
    sought, bound = solution.weight + certain, solution.bound + certain
    weight_closed = float(closed.sum())
    near = rows[rows["kind"].isin(_NEAR).to_numpy(dtype=bool) & (rows["action"] == GIVE).to_numpy(dtype=bool)]
    moved = near[near["from_code"].notna().to_numpy()]
    overloaded = gaps.loc[(gaps["kind"] == "owner_overloaded").to_numpy(), "target_code"]
    still = gaps.loc[(gaps["kind"] == "owner_overloaded").to_numpy() & ~whole, "target_code"]
    kinds = pd.DataFrame({"kind": gaps["kind"].to_numpy(), "closed": whole}).groupby("kind")["closed"]
    return {
        "gaps": len(gaps),
        "gaps_closed": int(whole.sum()),
        "weight": round(float(weights.sum()), 1),
        "weight_closed": round(weight_closed, 1),
        "weight_bound": round(weight_closed + bound - sought, 1),
        "status": "optimal" if solution.is_proved else "feasible",
        "gap_ratio": 0.0 if solution.is_proved or bound <= 0 else round((bound - sought) / bound, 6),
        "cost_ratio": _cost_ratio(solution),
        "moves": solution.moves + len(ended),
        "assignments": len(solution.given),
        "cost_km": round(solution.cost_km, 3),
        "overloaded_before": int(overloaded.nunique()),
        "overloaded_after": int(still.nunique()),
        "distance_before_km": _spread(moved["distance_before_km"]),
        "distance_after_km": _spread(moved["distance_km"]),
        "distance_new_km": _spread(near.loc[near["from_code"].isna().to_numpy(), "distance_km"]),
        "by_kind": {str(kind): [int(part.size), int(part.sum())] for kind, part in kinds},
    }


def _spread(distances: pd.Series) -> dict[str, float] | None:
    known = distances.dropna().astype(float)
    return (
        None if known.empty else {"mean": round(float(known.mean()), 2), "max": round(float(known.max()), 2)}
    )


def _cost_ratio(solution: TaskPlan) -> float | None:
    """What could be missing to the cheapest plan that closes as much with as few moves; None: not known."""
    if solution.cost_bound_km is None or solution.cost_km <= 0:
        return None if solution.cost_bound_km is None else 0.0
    return round(max(solution.cost_km - solution.cost_bound_km, 0.0) / solution.cost_km, 6)


def optimality(figures: Mapping[str, Any]) -> str:
    """How good the plan is proved to be, in plain words."""
    if figures["status"] == "optimal":
        return _("已证明最优：补得最多、调动最少、路最近")
    if figures["gap_ratio"] > 0:
        return _("限时内最好的方案，与最优最多差 {ratio:.1f}%").format(ratio=figures["gap_ratio"] * 100)
    if figures["cost_ratio"] is not None:
        words = _("已证明补得最多、调动最少，路程最多可再省 {ratio:.1f}%")
        return words.format(ratio=figures["cost_ratio"] * 100)
    return _("补上的缺口已证明最多，调动和路程未能证明最少")
