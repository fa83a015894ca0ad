"""The plan that closes gaps: worked out from the store for somebody's territory, and put into effect by rows.

A plan changes nothing. What is chosen of it becomes one request (`GapPlan.request`), which is looked at,
saved, approved and undone like any other change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor, require_read, require_reader
from geo.analysis.candidates import HOLDER_LEVELS, UNSUITED
from geo.analysis.gap_plan.ground import PlanLimits
from geo.analysis.gap_plan.propose import propose
from geo.analysis.gap_plan.tasks import Tasks, tasks_of
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.staffing import TEAM_KINDS
from geo.analysis.succession import records_seen
from geo.crs import STORED_CRS
from geo.frames import is_among
from geo.i18n import _
from geo.operations.gap_plan_result import OPEN_COLUMNS, closed_points, figures_of, open_gaps
from geo.operations.gap_plan_rows import ROW_COLUMNS, plan_rows
from geo.operations.holders import (
    OFFICER,
    candidates_frame,
    holdings_frame,
    places_by_target,
    villages_by_target,
)
from geo.operations.requests import Assignment, Ending, ReassignRequest
from geo.rules import Rules
from geo.store.engine import Store
from geo.store.subjects import standing_records
from geo.vocabulary import EntityKind, Rank, ResponsibilityKind, Role

PLANNERS = (Role.DEPARTMENT, Role.COORDINATOR, Role.LEADER)
"""Who may ask for a plan and keep a draft of it; to put it into effect is for who may write."""
MOST_GAPS = 1_000
"""So many gaps one plan looks at, the worst first."""
TIME_LIMIT_S = 8.0
_HOUSEHOLD = str(EntityKind.HOUSEHOLD)


@dataclass(frozen=True)
class PlanOptions:
    """What is asked for.

    Attributes
    ----------
    township : str
        Only gaps of this township; ``""`` for all the actor may see.
    kinds : tuple of str
        Only these kinds of gap; none means all.
    max_km : float or None
        How far a taker may be; None: as the rule says.
    strict_units : bool
        Whether only the right kind of unit may send somebody.
    any_post : bool
        Whether people of the right level come too who have another post than today's holders of a kind.
    units : tuple of str
        Codes of the units that have people to give; none means all.
    exclude : tuple of str
        Codes of people and units that are not available.
    time_limit_s : float
    """

    township: str = ""
    kinds: tuple[str, ...] = ()
    max_km: float | None = None
    strict_units: bool = False
    any_post: bool = False
    units: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True)
class GapPlan:
    """A plan that closes gaps.

    Attributes
    ----------
    as_of : date
        Whose gaps and loads it rests on.
    options : PlanOptions
    rows : DataFrame `geo.operations.gap_plan_rows.ROW_COLUMNS`
        Who takes what from whom; ``row`` tells them apart.
    open : DataFrame `geo.operations.gap_plan_result.OPEN_COLUMNS`
        Gaps that stay open, and why.
    figures : dict
        Numbers before and after (`geo.operations.gap_plan_result.figures_of`).
    """

    as_of: date
    options: PlanOptions
    rows: pd.DataFrame
    open: pd.DataFrame
    figures: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The plan as JSON takes it."""
        return {
            "as_of": self.as_of.isoformat(),
            "options": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in vars(self.options).items()
            },
            "figures": self.figures,
            "rows": _plain_rows(self.rows),
            "open": _plain_rows(self.open),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> GapPlan:
        """The plan that a document stands for."""
        options: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document["options"].items()
        }
        return cls(
            date.fromisoformat(document["as_of"]),
            PlanOptions(**options),
            pd.DataFrame(document["rows"], columns=ROW_COLUMNS, dtype=object),
            pd.DataFrame(document["open"], columns=OPEN_COLUMNS, dtype=object),
            dict(document["figures"]),
        )

    def lines(self) -> gpd.GeoDataFrame:
        """The rows with a line from the taker to the thing; None where one of the two has no place."""
        ends = self.rows[["base_lon", "base_lat", "lon", "lat"]].astype(float).to_numpy().reshape(-1, 2, 2)
        drawn = np.isfinite(ends).all(axis=(1, 2))
        lines = np.full(len(ends), None, dtype=object)
        lines[drawn] = shapely.linestrings(ends[drawn])
        shown = self.rows.drop(columns=["base_lon", "base_lat", "lon", "lat", "seen"])
        return gpd.GeoDataFrame(shown, geometry=lines, crs=STORED_CRS)

    def request(self, *, on: date, reason: str, rows: Collection[str] | None = None) -> ReassignRequest:
        """What is asked for when the plan, or some of its rows, is put into effect from a day on."""
        chosen = self.rows if rows is None else self.rows[self.rows["row"].isin(list(rows))]
        given = [row for row in chosen.itertuples(index=False) if row.action == "give"]
        left = [row for row in chosen.itertuples(index=False) if row.from_code is not None]
        return ReassignRequest(
            tuple(Assignment(row.kind, row.to_code, row.target_code, on, row.rank) for row in given),
            tuple(Ending(row.kind, row.target_code, row.from_code, on) for row in left),
            reason,
        )


def propose_plan(
    store: Store,
    actor: Actor,
    gaps: gpd.GeoDataFrame,
    evidence: Evidence,
    rules: Rules,
    *,
    options: PlanOptions,
) -> GapPlan:
    """The plan that closes most of the gaps an actor may see, with fewest moves; nothing is written.

    Parameters
    ----------
    gaps : GeoDataFrame
        All gaps of the evidence's day, as `geo.analysis.gaps.severity.scored` gives them.

    Returns
    -------
    GapPlan
        Of a coordinator's plan every row lies where the coordinator may write. Whoever may not see single
        households gets no rows for them.

    Raises
    ------
    PermissionError_
        The actor may not plan, or the township lies outside the actor's scope.
    """
    require_reader(actor, *PLANNERS)
    if options.township:
        require_read(actor, options.township)
    mine = _chosen(gaps, actor, options)
    some = mine.head(MOST_GAPS).reset_index(drop=True)
    tasks = tasks_of(some, evidence, rules)
    with store.read() as session:
        ground = _Ground.of(session, actor, tasks, evidence)
        barred = {*tasks.barred, *gaps.loc[gaps["kind"] == "owner_inactive", "target_code"]}
        wanted = _placed(session, tasks.wanted[ground.task_is_mine], evidence)
        solution = propose(
            wanted,
            _candidates(session, set(wanted["kind"]), evidence, options, barred),
            rules,
            limits=PlanLimits(options.max_km, options.strict_units),
            beside=_beside(wanted, evidence),
            time_limit_s=options.time_limit_s,
        )
        rows = plan_rows(session, some, tasks, wanted, solution, claims=ground.claims, as_of=evidence.as_of)
        rows["seen"] = _seen(session, rows)
        closed = closed_points(tasks, wanted, solution, ground.claims)
        left = open_gaps(session, some, tasks, wanted, solution, closed, ground.not_mine())
    figures = figures_of(some, rows, closed, solution, ended=tasks.ended[ground.claim_is_mine])
    return GapPlan(evidence.as_of, options, rows, left, figures | {"gaps_beyond": len(mine) - len(some)})


def changed_rows(store: Store, actor: Actor, plan: GapPlan) -> set[str]:
    """Rows of a plan whose thing has been given to somebody, or taken, since the plan was made."""
    require_reader(actor, *PLANNERS)
    with store.read() as session:
        now = _seen(session, plan.rows)
    return set(plan.rows.loc[(plan.rows["seen"] != now).to_numpy(dtype=bool), "row"])


def _chosen(gaps: gpd.GeoDataFrame, actor: Actor, options: PlanOptions) -> gpd.GeoDataFrame:
    """The gaps asked for that the actor may see, worst first."""
    place = gaps["village_code"].where(gaps["village_code"].notna(), gaps["township_code"]).fillna("")
    known = {code: actor.can_read(code) and code.startswith(options.township) for code in place.unique()}
    wanted = place.map(known).to_numpy(dtype=bool)
    if options.kinds:
        wanted = wanted & is_among(gaps["kind"], options.kinds).to_numpy()
    if not actor.sees_positions:
        wanted = wanted & (gaps["target_kind"] != _HOUSEHOLD).to_numpy()
    return gaps[wanted]


@dataclass(frozen=True)
class _Ground:
    """Which tasks and claims the actor may decide on."""

    tasks: Tasks
    task_is_mine: np.ndarray
    claim_is_mine: np.ndarray

    @classmethod
    def of(cls, session: Session, actor: Actor, tasks: Tasks, evidence: Evidence) -> _Ground:
        both = [tasks.wanted["target_code"], tasks.ended["target_code"]]
        places = places_by_target(villages_by_target(session, {code for part in both for code in part}))
        may = actor.can_write if actor.role is Role.COORDINATOR else actor.can_read
        households = set() if actor.sees_positions else {str(ResponsibilityKind.STAFF)}
        mine = {code: all(may(place) for place in each) for code, each in places.items()}
        tasks_mine, claims_mine = (part.map(mine).astype(bool).to_numpy(dtype=bool) for part in both)
        seen = ~is_among(tasks.wanted["kind"], households).to_numpy(dtype=bool)
        return cls(tasks, tasks_mine & seen, claims_mine)

    @property
    def claims(self) -> set[int]:
        """Positions of the claims that the actor may end."""
        return set(np.flatnonzero(self.claim_is_mine).tolist())

    def not_mine(self) -> dict[int, str]:
        """Gaps of which something lies out of the actor's hands, with the words for it."""
        closes = self.tasks.closes
        tasks = set(np.flatnonzero(~self.task_is_mine).tolist())
        others = set(np.flatnonzero(~self.claim_is_mine).tolist())
        out = closes["task"].isin(tasks) | closes["claim"].isin(others)
        return dict.fromkeys(
            closes.loc[out, "gap"].tolist(),
            _("有的责任不在您的管理范围内，或涉及单户信息，须由有权的部门办理。"),
        )


def _placed(session: Session, wanted: pd.DataFrame, evidence: Evidence) -> gpd.GeoDataFrame:
    """Wanted people with where, for whom and how much; ``task`` is the position among all that is wanted."""
    things = holdings_frame(session, wanted, on=evidence.as_of, as_of=evidence.as_of)
    homes = evidence.households_by_cell
    is_cell = (things["kind"] == OFFICER).to_numpy()
    things["households"] = np.where(is_cell, things["target_code"].map(homes).fillna(0), 0).astype(int)
    columns = ["holder_code", "weight", "group", "at_most", "place"]
    return things.join(wanted[columns]).rename_axis("task").reset_index()


def _candidates(
    session: Session,
    kinds: Collection[str],
    evidence: Evidence,
    options: PlanOptions,
    barred: Collection[str],
) -> gpd.GeoDataFrame:
    """Everybody who suits one of the kinds and is available, with the households each leads as an officer."""
    found = candidates_frame(session, kinds or {OFFICER}, on=evidence.as_of, everybody=options.any_post)
    may = (found["fit"] > UNSUITED).to_numpy() | _has_level(found)
    may &= ~is_among(found["code"], {*barred, *options.exclude}).to_numpy(dtype=bool)
    if options.units:
        may &= is_among(found["unit_code"], options.units).to_numpy(dtype=bool)
    found = found[may].reset_index(drop=True)
    held = evidence.held_of(ResponsibilityKind.GRID_OFFICER)
    first = held[(held["rank"] != str(Rank.ASSISTANT)).to_numpy()]
    first = first.drop_duplicates(["holder_code", "target_code"])
    homes = (
        first["target_code"].map(evidence.households_by_cell).fillna(0).groupby(first["holder_code"]).sum()
    )
    return found.assign(households=found["code"].map(homes).fillna(0).astype(float))


def _has_level(candidates: pd.DataFrame) -> np.ndarray:
    """Whether a cadre is of a level that the kind is sent from, whatever the post."""
    levels = {str(kind): {str(level) for level in of_kind} for kind, of_kind in HOLDER_LEVELS.items()}
    pairs = zip(candidates["kind"], candidates["level"], strict=True)
    return np.array([level in levels.get(kind, ()) for kind, level in pairs], dtype=bool)


def _beside(wanted: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Who holds the wanted things already; whoever serves in a village's team can't be sent there again."""
    columns = ["kind", "target_code", "holder_code", "rank"]
    held = evidence.held
    same = held[is_among(held["target_code"], wanted["target_code"]).to_numpy()][columns]
    of_team = same[is_among(same["kind"], map(str, TEAM_KINDS)).to_numpy()]
    in_teams = wanted[(wanted["place"] != "").to_numpy()][["kind", "target_code"]].drop_duplicates()
    present = of_team.drop(columns="kind").merge(in_teams, on="target_code").assign(rank=str(Rank.PRIMARY))
    return pd.concat([same, present[columns]], ignore_index=True).drop_duplicates(ignore_index=True)


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return [
        {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}
        for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def _seen(session: Session, rows: pd.DataFrame) -> pd.Series:
    """The state of the records over each row's thing."""
    subjects = list(dict.fromkeys(zip(rows["kind"], rows["target_code"], strict=True)))
    kinds, targets = {kind for kind, _target in subjects}, {target for _kind, target in subjects}
    state: Mapping[str, str] = records_seen(standing_records(session, kinds=kinds, targets=targets), subjects)
    keys = rows["kind"].astype(object) + ":" + rows["target_code"].astype(object)
    return keys.map(state).astype(object)
