"""A plan in the words and figures of the one who decides: before and after, gaps, loads, distances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.periods import in_force
from geo.analysis.succession import RECORD_COLUMNS
from geo.analysis.topology import CellFault
from geo.analysis.workload import limits, overloaded
from geo.crs import to_metric
from geo.i18n import N_, _
from geo.operations.burden import loads_around
from geo.operations.plan import Plan
from geo.rules import Rules
from geo.store.subjects import entries_of, positions_of, standing_records
from geo.vocabulary import Rank, ResponsibilityKind

CHANGE_COLUMNS = [
    "target_code",
    "target_name",
    "kind",
    "holder_before",
    "holder_after",
    "from",
    "to",
    "distance_km",
]
LOAD_COLUMNS = [
    "holder_code",
    "name",
    "cells_before",
    "cells_after",
    "households_before",
    "households_after",
    "paired_before",
    "paired_after",
    "limit",
    "overloaded",
]
_OFFICER, _STAFF = str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.STAFF)
_UNOWNED, _CONTESTED = N_("空白网格：{name}"), N_("多头网格：{name}")
_UNPAIRED, _OVERLOADED = N_("结对空白户：{name}"), N_("责任过载：{name}")
_LIMIT = N_("网格 {cells} 个、{households} 户，结对 {paired} 户")

Subject = tuple[str, str]


@dataclass(frozen=True)
class Preview:
    """What a request would do, for people.

    Attributes
    ----------
    plan : Plan
    changes : DataFrame `CHANGE_COLUMNS`
        One row for each kind and target: names of the holders on the plan's day without and with the change,
        the new period, and how far the (first) holder is from it (missing where an end has no place).
    gaps_closed, gaps_opened : list of str
        One line for each gap that disappears or appears on that day.
    loads : DataFrame `LOAD_COLUMNS`
        What every holder concerned carries; ``limit`` says how much it should be at most, in words.
    moves : int
        How many things have another first holder than today.
    """

    plan: Plan
    changes: pd.DataFrame
    gaps_closed: list[str]
    gaps_opened: list[str]
    loads: pd.DataFrame
    moves: int

    @property
    def consequences(self) -> tuple[str, ...]:
        """What must be confirmed."""
        return self.plan.consequences

    @property
    def faults(self) -> tuple[CellFault, ...]:
        """What forbids it."""
        return self.plan.faults

    @property
    def seen(self) -> Mapping[str, str]:
        """State of what it rests on, to be given back when it is submitted."""
        return self.plan.seen


def preview_of(session: Session, plan: Plan, *, today: date, rules: Rules) -> Preview:
    """Show a plan that somebody may make (the planner has checked the right)."""
    subjects = _subjects(plan)
    current = standing_records(
        session,
        kinds={kind for kind, _target in subjects},
        targets={target for _kind, target in subjects},
    )
    then = pd.concat(
        [
            current.loc[~current["id"].isin(plan.closed["id"]), RECORD_COLUMNS].astype(object),
            plan.opened[RECORD_COLUMNS],
        ],
        ignore_index=True,
    )
    before, after = _Held.on(current, plan.on), _Held.on(then, plan.on)
    names = _names(session, plan, {*before.holders, *after.holders}, subjects)
    loads = _loads(session, plan, names, rules)
    closed, opened = _gaps(plan, subjects, before, after, names)
    return Preview(
        plan=plan,
        changes=_changes(session, plan, subjects, before, after, names),
        gaps_closed=closed + _overloads(loads, "overloaded_before", "overloaded"),
        gaps_opened=opened + _overloads(loads, "overloaded", "overloaded_before"),
        loads=loads[LOAD_COLUMNS],
        moves=_moves(_Held.on(current, today), after, subjects),
    )


@dataclass(frozen=True)
class _Held:
    """Who holds what on one day: holder codes by kind and target, first holders apart from assistants."""

    first: Mapping[Subject, list[str]]
    helping: Mapping[Subject, list[str]]

    @classmethod
    def on(cls, records: pd.DataFrame, day: date) -> _Held:
        first: dict[Subject, list[str]] = {}
        helping: dict[Subject, list[str]] = {}
        rows = in_force(records, day)
        columns = (rows[name] for name in ("kind", "target_code", "holder_code", "rank"))
        for kind, target, holder, rank in zip(*columns, strict=True):
            held = helping if rank == str(Rank.ASSISTANT) else first
            held.setdefault((kind, target), []).append(holder)
        return cls(first, helping)

    @property
    def holders(self) -> set[str]:
        """Everybody."""
        return {code for held in (self.first, self.helping) for codes in held.values() for code in codes}

    def words(self, subject: Subject, names: Mapping[str, str]) -> str:
        """Names of all who hold it."""
        first = [names.get(code, code) for code in dict.fromkeys(self.first.get(subject, ()))]
        helping = [
            _("{name}（协助）").format(name=names.get(code, code)) for code in self.helping.get(subject, ())
        ]
        return "、".join([*first, *helping])


def _subjects(plan: Plan) -> list[Subject]:
    pairs = pd.concat([plan.closed[["kind", "target_code"]], plan.opened[["kind", "target_code"]]])
    return sorted(set(pairs.itertuples(index=False, name=None)))


def _names(
    session: Session, plan: Plan, holders: Iterable[str], subjects: Iterable[Subject]
) -> dict[str, str]:
    """What holders and targets are called; cells that are still to be have the plan's names."""
    touched = {*plan.closed["holder_code"], *plan.opened["holder_code"]}
    entries = entries_of(session, {*holders, *touched, *(target for _kind, target in subjects)})
    names = dict(zip(entries["code"], entries["name"], strict=True))
    created = None if plan.cells is None else plan.cells.created
    if created is not None:
        for code, name in zip(created["code"], created["name"], strict=True):
            names[code] = name if isinstance(name, str) else code
    return names


def _changes(
    session: Session,
    plan: Plan,
    subjects: Iterable[Subject],
    before: _Held,
    after: _Held,
    names: Mapping[str, str],
) -> pd.DataFrame:
    periods = {
        (row.kind, row.target_code): (row.valid_from, row.valid_to)
        for row in plan.opened.itertuples(index=False)
        if row.valid_from >= plan.on or (row.kind, row.target_code) not in after.first
    }
    rows = [
        (
            target,
            names.get(target, target),
            kind,
            before.words((kind, target), names),
            after.words((kind, target), names),
            *periods.get((kind, target), (plan.on, None)),
            next(iter(after.first.get((kind, target), after.helping.get((kind, target), ()))), None),
        )
        for kind, target in subjects
    ]
    frame = pd.DataFrame(rows, columns=[*CHANGE_COLUMNS[:-1], "holder"], dtype=object)
    distances = _distances_km(session, plan, frame["holder"], frame["target_code"])
    return frame.assign(distance_km=distances)[CHANGE_COLUMNS]


def _distances_km(session: Session, plan: Plan, holders: pd.Series, targets: pd.Series) -> pd.Series:
    places = positions_of(session, {*holders.dropna(), *targets})
    created = None if plan.cells is None else plan.cells.created
    if created is not None and len(created):
        inside = gpd.GeoSeries(
            created.geometry.representative_point().to_numpy(), index=created["code"], crs=created.crs
        )
        places = pd.concat([places, inside[~inside.index.isin(places.index)]])
    if places.empty:
        return pd.Series([float("nan")] * len(targets), index=targets.index, dtype=float)
    metric = to_metric(gpd.GeoDataFrame(geometry=places)).geometry
    metric = metric[~metric.index.duplicated()]
    ends = [gpd.GeoSeries(metric.reindex(codes).to_numpy(), crs=metric.crs) for codes in (holders, targets)]
    return (ends[0].distance(ends[1]) / 1000).round(1).set_axis(targets.index)


def _gaps(
    plan: Plan, subjects: Iterable[Subject], before: _Held, after: _Held, names: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Gaps that disappear and gaps that appear; cells that end or begin have none on the other side."""
    retired = set() if plan.cells is None else set(plan.cells.retired)
    created = set() if plan.cells is None or plan.cells.created is None else set(plan.cells.created["code"])
    closed, opened = [], []
    for subject in subjects:
        target = subject[1]
        was = None if target in created else _gap(subject, before)
        will_be = None if target in retired else _gap(subject, after)
        if was != will_be:
            closed += [_(was).format(name=names.get(target, target))] if was else []
            opened += [_(will_be).format(name=names.get(target, target))] if will_be else []
    return closed, opened


def _gap(subject: Subject, held: _Held) -> str | None:
    first = len(set(held.first.get(subject, ())))
    if subject[0] == _OFFICER:
        return _UNOWNED if first == 0 else _CONTESTED if first > 1 else None
    if subject[0] == _STAFF and not first and not held.helping.get(subject):
        return _UNPAIRED
    return None


def _loads(session: Session, plan: Plan, names: Mapping[str, str], rules: Rules) -> pd.DataFrame:
    found = plan.loads or loads_around(session, plan.closed, plan.opened, on=plan.on, moves=plan.moves)
    before, after = found.before, found.after
    said: dict[str, Any] = {
        f"{name}_{when}": loads[name]
        for name in before.columns
        for when, loads in (("before", before), ("after", after))
    }
    frame = pd.DataFrame(said, index=before.index).reset_index(names="holder_code")
    return frame.assign(
        name=[names.get(code, code) for code in frame["holder_code"]],
        limit=_(_LIMIT).format(**limits(rules)),
        overloaded=overloaded(after, rules).to_numpy(),
        overloaded_before=overloaded(before, rules).to_numpy(),
    )


def _overloads(loads: pd.DataFrame, where: str, where_not: str) -> list[str]:
    chosen = loads[loads[where].astype(bool) & ~loads[where_not].astype(bool)]
    return [_(_OVERLOADED).format(name=name) for name in chosen["name"]]


def _moves(today: _Held, after: _Held, subjects: Iterable[Subject]) -> int:
    return sum(set(today.first.get(each, ())) != set(after.first.get(each, ())) for each in subjects)
