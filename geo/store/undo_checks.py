"""What a change did to each table, and whether a later change stands on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.errors import ConflictError, OthersChange
from geo.i18n import _
from geo.store.models import AreaMember, CellRecord, GridCell, Household, HouseholdCell, Responsibility
from geo.store.records import SUBJECTS, records_of
from geo.store.timelines import CELLS, MEMBERSHIPS, Timeline, edited_since
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind

_NOT_CONTENT = ("id", "recorded_at", "recorded_by", "superseded_at", "closed_by", "current", "geometry")
_SLIVER_DEG2 = 1e-10  # about a square metre: neighbours that share a border overlap by less
_FIRST, _LAST = date.min, date.max


@dataclass(frozen=True)
class Part:
    """What a batch did to one table: its records that stand, and those of others that it closed."""

    model: Any
    made: pd.DataFrame
    closed: pd.DataFrame

    @property
    def subjects(self) -> set[str]:
        """The things it touched."""
        name = SUBJECTS[self.model]
        return {*self.made[name], *self.closed[name]}

    @property
    def is_empty(self) -> bool:
        """Whether it did nothing here."""
        return len(self.made) == len(self.closed) == 0


def part_of(session: Session, model: Any, batch: str) -> Part:
    """What the batch did to a table.

    Raises
    ------
    ConflictError
        It was undone already, or one of its records was superseded by another change.
    """
    closed = records_of(session, model, closed_by=batch)
    closed = closed[closed["batch"].fillna("") != batch]
    last = dict(zip(_keys(closed), closed["id"], strict=True))
    if last:
        about = records_of(session, model, targets=set(closed[SUBJECTS[model]]))
        if any(key in last and id_ > last[key] for key, id_ in zip(_keys(about), about["id"], strict=True)):
            raise ConflictError(_("这项变更已经撤销过。"))
    every = records_of(session, model, batch=batch)
    made = every[every["superseded_at"].isna()]
    own = set(_keys(made))
    rest = every[every["superseded_at"].notna() & (every["closed_by"].fillna("") != batch)]
    lost = rest[[key not in own for key in _keys(rest)]]
    if len(lost):
        by = records_of(session, model, batch=str(lost["closed_by"].iloc[0]))
        raise stood_upon(lost[SUBJECTS[model]].iloc[0], by)
    return Part(model, made, closed)


def stood_upon(code: str, by: pd.DataFrame) -> ConflictError:
    """The error for a thing that was changed later, by the first of these records if any."""
    row = None if by.empty else by.iloc[0]
    change = (
        OthersChange(code)
        if row is None
        else OthersChange(code, user=row["recorded_by"], at=row["recorded_at"].to_pydatetime())
    )
    return ConflictError(
        _("“{code}”在这项变更之后又被改过，不能撤销。").format(code=code),
        hint=_("请先撤销后来的变更，或新做一项变更把它改回来。"),
        others=[change],
    )


def require_unedited(session: Session, parts: Sequence[Part]) -> None:
    """Refuse when QGIS or an import changed what the batch's present records say (`ConflictError`)."""
    for timeline in (CELLS, MEMBERSHIPS):
        made = next(part.made for part in parts if part.model is timeline.records)
        current = made.loc[made["current"].astype(bool), timeline.subject]
        if edited := edited_since(session, timeline, current):
            raise stood_upon(edited[0], made.iloc[:0])


def require_free_ground(session: Session, parts: Sequence[Part], batch: str) -> None:
    """Refuse when a later change to cells used, or gave up, land that the batch moved (`ConflictError`)."""
    part = next(part for part in parts if part.model is CellRecord)
    if part.made.empty:
        return
    villages = {*part.made["village_code"], *part.closed["village_code"]}
    first = func.min(CellRecord.id)
    begun = (
        select(CellRecord.batch, first)
        .where(CellRecord.village_code.in_(sorted(villages)), CellRecord.batch.is_not(None))
        .group_by(CellRecord.batch)
    )
    rows: Any = session.execute(begun).all()
    started: dict[Any, int] = dict(rows)
    for other in (name for name, id_ in started.items() if id_ > started[batch]):
        theirs = _of_others(session, other)
        land = shapely.union_all(pd.concat([part.made, part.closed]).geometry.to_numpy())
        overlap = shapely.area(shapely.intersection(theirs.geometry.to_numpy(), land))
        if (overlap > _SLIVER_DEG2).any():
            raise stood_upon(theirs["code"].iloc[int(overlap.argmax())], theirs)


def _of_others(session: Session, batch: str) -> pd.DataFrame:
    """The cell records another change made that stand, and those it closed; none when it was undone."""
    made = records_of(session, CellRecord, batch=batch, in_force=True)
    return pd.concat([made, records_of(session, CellRecord, closed_by=batch)]) if len(made) else made


def require_no_rival(session: Session, parts: Sequence[Part], batch: str) -> None:
    """Refuse when what would be put back meets a later record in the same place (`ConflictError`).

    To be asked when the batch's own records are closed and nothing is put back yet.
    """
    for part in parts:
        if part.model not in (Responsibility, AreaMember) or part.closed.empty:
            continue
        standing = records_of(session, part.model, targets=part.subjects, in_force=True)
        rivals = [
            row
            for row in standing.itertuples()
            if any(_is_rival(part.model, row, old) for old in part.closed.itertuples())
        ]
        for row in rivals:
            if _is_later(session, part, row, batch):
                raise stood_upon(getattr(row, SUBJECTS[part.model]), standing[standing["id"] == row.id])


def _is_later(session: Session, part: Part, row: Any, batch: str) -> bool:
    """Whether the change that made a record came after the batch."""
    model = part.model
    began = select(func.min(model.id), func.min(model.recorded_at))
    theirs = (row.id, row.recorded_at.to_pydatetime())
    if not pd.isna(row.batch):
        theirs = session.execute(began.where(model.batch == row.batch)).one()
    own_id, _own_at = session.execute(began.where(model.batch == batch)).one()
    if own_id is not None:
        return bool(theirs[0] > own_id)
    return bool(theirs[1] >= part.closed["superseded_at"].min().to_pydatetime())


def _is_rival(model: Any, one: Any, other: Any) -> bool:
    """Whether two records cannot stand together."""
    if not _overlap(one, other):
        return False
    if model is AreaMember:
        return bool(one.area_code == other.area_code and one.village_code == other.village_code)
    if (one.target_code, one.kind) != (other.target_code, other.kind):
        return False
    if one.holder_code == other.holder_code:
        return True
    primary = str(Rank.PRIMARY)
    return (
        RESPONSIBILITY_RULES[ResponsibilityKind(one.kind)].at_most == 1
        and one.rank == primary
        and other.rank == primary
    )


def _overlap(one: Any, other: Any) -> bool:
    latest_start = max(_day(one.valid_from, _FIRST), _day(other.valid_from, _FIRST))
    return latest_start < min(_day(one.valid_to, _LAST), _day(other.valid_to, _LAST))


def _day(value: Any, missing: date) -> date:
    return missing if pd.isna(value) else value


def require_no_gone_cell(session: Session, gone: Collection[str]) -> None:
    """Refuse when something later lies in a cell that there will not have been (`ConflictError`)."""
    if not gone:
        return
    held = records_of(session, Responsibility, targets=gone, in_force=True)
    if len(held):
        raise stood_upon(held["target_code"].iloc[0], held)
    inside = select(Household.code).where(Household.cell_code.in_(sorted(gone))).order_by(Household.code)
    if code := session.scalar(inside.limit(1)):
        raise stood_upon(code, records_of(session, HouseholdCell, targets=[code], in_force=True))


def require_one_state_a_day(timeline: Timeline, standing: pd.DataFrame) -> None:
    """Refuse when a thing would be in two states on one day (`ConflictError`)."""
    periods = zip(standing[timeline.subject], standing["valid_from"], standing["valid_to"], strict=True)
    ordered = sorted((code, _day(since, _FIRST), _day(until, _LAST)) for code, since, until in periods)
    for (code, since, until), (following, begins, ends) in pairwise(ordered):
        if code == following and max(since, begins) < min(until, ends):
            raise stood_upon(code, standing[standing[timeline.subject] == code])


def require_living_targets(session: Session, parts: Sequence[Part]) -> None:
    """Refuse to put an officer back on a cell that was retired later (`ConflictError`)."""
    closed = next(part.closed for part in parts if part.model is Responsibility)
    touched = next(part.subjects for part in parts if part.model is CellRecord)
    since = closed["superseded_at"].min()
    targets = sorted(set(closed["target_code"]) - touched)
    if not targets:
        return
    ended = select(GridCell.code, GridCell.valid_to).where(
        GridCell.code.in_(targets), GridCell.valid_to.is_not(None), GridCell.recorded_at >= since
    )
    rows: Any = session.execute(ended).all()
    ends = dict(rows)
    for row in closed.itertuples():
        until = ends.get(row.target_code)
        if until is not None and _day(row.valid_to, _LAST) > until:
            raise stood_upon(row.target_code, records_of(session, CellRecord, targets=[row.target_code]))


def _keys(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What each record says, whoever recorded it when."""
    columns = [
        frame[name].to_numpy(dtype=object, na_value=None)
        for name in frame.columns
        if name not in _NOT_CONTENT
    ]
    return list(zip(*columns, strict=True))
