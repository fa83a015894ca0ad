"""Plans that close gaps, for an account: worked out, kept as drafts, compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.access import Actor, require_reader
from geo.answers.gap_book import Progress, gaps_on
from geo.answers.gaps import require_kinds
from geo.errors import InputError
from geo.i18n import _
from geo.operations.gap_drafts import draft_scope
from geo.operations.gap_plan import PLANNERS, GapPlan, PlanOptions, propose_plan
from geo.store import drafts as kept
from geo.store.engine import Store
from geo.vocabulary import EntityKind

DIFFERENCE_COLUMNS = ["kind", "target_code", "target_name", "village_name", "to_first", "to_second"]
FIGURES = (
    "gaps",
    "gaps_closed",
    "weight",
    "weight_closed",
    "weight_bound",
    "gap_ratio",
    "moves",
    "assignments",
    "cost_km",
    "overloaded_before",
    "overloaded_after",
)


def plan_for(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    options: PlanOptions,
    progress: Progress | None = None,
) -> GapPlan:
    """The plan that closes most of the gaps of a day that an actor may see; nothing is written.

    Parameters
    ----------
    progress : callable or None
        Gets the share that is done (0–1) and what is being done, in words.

    Raises
    ------
    PermissionError_
        As for `geo.operations.gap_plan.propose_plan`.
    InputError
        There is no such kind of gap.
    """
    require_reader(actor, *PLANNERS)
    require_kinds(options.kinds)
    found = gaps_on(store, as_of=as_of, progress=_first_part(progress))
    if progress:
        progress(_READ_SHARE, _("计算方案…"))
    plan = propose_plan(store, actor, found.gaps, found.evidence, found.rules, options=options)
    if progress:
        progress(1.0, _("完成"))
    return plan


_READ_SHARE = 0.6


def _first_part(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda done, text: progress(done * _READ_SHARE, text)


def plan_drafts(store: Store, actor: Actor) -> pd.DataFrame:
    """The drafts an account may open, the latest first: as `geo.store.drafts.drafts` gives them."""
    require_reader(actor, *PLANNERS)
    with store.read() as session:
        return kept.drafts(session, within=draft_scope(actor))


def plan_draft(store: Store, actor: Actor, code: str) -> GapPlan:
    """A draft, without what lies out of the actor's sight.

    Raises
    ------
    PermissionError_
        The actor may not plan.
    InputError
        There is no such draft in the actor's sight.
    """
    require_reader(actor, *PLANNERS)
    with store.read() as session:
        if kept.drafts(session, code=code, within=draft_scope(actor)).empty:
            raise InputError(
                _("没有代码为“{code}”的草案。").format(code=code), hint=_("它可能已被删除，请刷新列表。")
            )
        plan = GapPlan.from_document(kept.draft(session, code))
    return replace(plan, rows=_in_sight(actor, plan.rows), open=_in_sight(actor, plan.open))


def _in_sight(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    town = (
        rows["township_code"] if "township_code" in rows else pd.Series([None] * len(rows), index=rows.index)
    )
    place = rows["village_code"].where(rows["village_code"].notna(), town).fillna("")
    seen = np.array([actor.can_read(code) for code in place], dtype=bool)
    if not actor.sees_positions:
        seen &= (rows["target_kind"] != str(EntityKind.HOUSEHOLD)).to_numpy(dtype=bool)
    return rows[seen].reset_index(drop=True)


def compared_plans(first: GapPlan, second: GapPlan) -> dict[str, Any]:
    """Two plans side by side.

    Returns
    -------
    dict
        ``figures``: list of ``name, first, second``; ``rows``: `DIFFERENCE_COLUMNS` of the things that go
        to different people (None: to nobody).
    """
    figures = [
        {"name": name, "first": first.figures.get(name), "second": second.figures.get(name)}
        for name in FIGURES
    ]
    return {"figures": figures, "rows": _differing(first.rows, second.rows)}


def _differing(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    key = ["kind", "target_code", "rank", "action"]
    named = ["target_name", "village_name"]
    takers = [
        rows.groupby(key, as_index=False)
        .agg({**dict.fromkeys(named, "first"), "to_name": _listed})
        .rename(columns={"to_name": f"to_{which}"})
        for which, rows in (("first", first), ("second", second))
    ]
    both = takers[0].merge(takers[1], on=key, how="outer", suffixes=("", "_other")).astype(object)
    both = both.where(both.notna(), None)
    for name in named:
        both[name] = both[name].where(both[name].notna(), both[f"{name}_other"])
    differ = [one != other for one, other in zip(both["to_first"], both["to_second"], strict=True)]
    return both.loc[np.array(differ, dtype=bool), DIFFERENCE_COLUMNS].reset_index(drop=True)


def _listed(names: pd.Series) -> str:
    return _("、").join(sorted(str(name) for name in names))
