"""What a thing was over time, kept beside what it is now: records of cells and of households' cells.

The present state lives in the thing's own row, where QGIS and imports may edit it. Before an operation
touches a thing for the first time its state is copied into the records; if the row was edited since its
current record was written, the record is brought up to date first. So nothing that was ever readable is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, String, func, insert, literal, or_, select, true, update
from sqlalchemy.orm import Session

from geo.errors import AppError, InputError, RuleError
from geo.i18n import _
from geo.store.models import CellRecord, GridCell, Household, HouseholdCell
from geo.store.records import SUBJECTS, add_records, close_records, in_parts, records_of
from geo.store.types import UtcDateTime

ALWAYS_KNOWN = datetime(2000, 1, 1, tzinfo=UTC)
"""When a state was recorded that was there before there were records."""
_BY_SYSTEM = (literal("system", String), true())


@dataclass(frozen=True)
class Timeline:
    """A thing's own table and the records of its states.

    Attributes
    ----------
    states : tuple of str
        Columns of a state, named alike in both tables.
    recorded_at : SQL expression
        Since when the thing's own row is known to say what it says.
    """

    model: Any
    records: Any
    states: tuple[str, ...]
    recorded_at: Any

    @property
    def subject(self) -> str:
        """The records' column that says whose state it is."""
        return SUBJECTS[self.records]

    @property
    def about(self) -> Any:
        """The same as a column."""
        return getattr(self.records, self.subject)


_ALWAYS = literal(ALWAYS_KNOWN, UtcDateTime)
CELLS = Timeline(
    GridCell,
    CellRecord,
    ("village_code", "name", "valid_from", "valid_to", "geom"),
    func.coalesce(GridCell.recorded_at, _ALWAYS),
)
MEMBERSHIPS = Timeline(Household, HouseholdCell, ("cell_code",), _ALWAYS)


def standing(session: Session, timeline: Timeline, codes: Collection[str]) -> pd.DataFrame:
    """The current record of each of these things, made or brought up to date where need be.

    Returns
    -------
    DataFrame
        The records' columns, indexed by the thing's code.

    Raises
    ------
    InputError
        There is no such thing.
    RuleError
        Its making was undone.
    """
    wanted = sorted(set(codes))
    for part in in_parts(wanted):
        _record_untouched(session, timeline, part)
        if edited := session.scalars(_edited(timeline, timeline.records.id, part)).all():
            _record_edited(session, timeline, edited)
    records = records_of(session, timeline.records, targets=wanted, in_force=True)
    current = records[records["current"].astype(bool)].set_index(timeline.subject)
    if missing := sorted(set(wanted) - set(current.index)):
        raise _not_there(session, timeline, missing[0])
    return current


def edited_since(session: Session, timeline: Timeline, codes: Collection[str]) -> list[str]:
    """Codes of the things whose own row says something else than their current record."""
    parts = in_parts(sorted(set(codes)))
    return [code for part in parts for code in session.scalars(_edited(timeline, timeline.about, part))]


def _record_untouched(session: Session, timeline: Timeline, codes: Sequence[str]) -> None:
    """Copy the states of those that have no record yet."""
    model, records = timeline.model, timeline.records
    known = select(records.id).where(timeline.about == model.code).exists()
    state = [getattr(model, name) for name in timeline.states]
    copied = select(model.code, *state, timeline.recorded_at, *_BY_SYSTEM)
    columns = [timeline.subject, *timeline.states, "recorded_at", "recorded_by", "current"]
    session.execute(insert(records).from_select(columns, copied.where(model.code.in_(codes), ~known)))


def _edited(timeline: Timeline, wanted: Any, codes: Sequence[str]) -> Select[Any]:
    model, records = timeline.model, timeline.records
    differs = (getattr(records, name).is_distinct_from(getattr(model, name)) for name in timeline.states)
    joined = select(wanted).join_from(records, model, model.code == timeline.about)
    return joined.where(records.current.is_(True), model.code.in_(codes), or_(*differs)).order_by(wanted)


def _record_edited(session: Session, timeline: Timeline, ids: Sequence[int]) -> None:
    """Let the row's state stand since the record it was edited over: so it has been read since then.

    The record itself stays, held true for no time at all, and shows what was recorded.
    """
    model, records = timeline.model, timeline.records
    period = [name for name in ("valid_from", "valid_to") if name not in timeline.states]
    state = [getattr(model, name) for name in timeline.states]
    copied = (
        select(timeline.about, *state, *(getattr(records, name) for name in period), records.recorded_at)
        .add_columns(*_BY_SYSTEM)
        .join_from(records, model, model.code == timeline.about)
    )
    columns = [timeline.subject, *timeline.states, *period, "recorded_at", "recorded_by", "current"]
    session.execute(insert(records).from_select(columns, copied.where(records.id.in_(ids))))
    over = update(records).where(records.id.in_(ids))
    session.execute(over.values(superseded_at=records.recorded_at, current=False))


def _not_there(session: Session, timeline: Timeline, code: str) -> AppError:
    if session.scalar(select(timeline.model.id).where(timeline.model.code == code)) is None:
        return InputError(_("没有代码为“{code}”的对象。").format(code=code))
    return RuleError(_("“{code}”的设立已撤销。").format(code=code))


def succeed(
    session: Session,
    timeline: Timeline,
    current: pd.DataFrame,
    changed: pd.DataFrame,
    *,
    on: date,
    now: datetime,
    user: str,
    batch: str,
) -> pd.DataFrame:
    """Let a new state follow the standing one from a day on.

    Parameters
    ----------
    current : DataFrame
        As `standing` gives it.
    changed : DataFrame
        New values of some columns of the state, with the same index.

    Returns
    -------
    DataFrame
        The states that hold from the day on, indexed by code.
    """
    require_begun(current, on)
    state = {"valid_from", "valid_to", "geometry", *timeline.states}
    before = current[[name for name in current.columns if name in state]].copy()
    after = before.copy()
    before["valid_to"] = on
    after["valid_from"] = on
    for name in changed.columns:
        after[name] = changed[name]
    begun_earlier = np.array([_is_before(day, on) for day in current["valid_from"]], dtype=bool)
    kept = pd.concat([before[begun_earlier].assign(current=False), after.assign(current=True)])
    stated: dict[str, Any] = {"now": now, "batch": batch}
    close_records(session, timeline.records, current["id"].tolist(), **stated)
    frame = kept.reset_index(names=timeline.subject)
    add_records(session, timeline.records, frame, user=user, **stated)
    return after


def require_begun(current: pd.DataFrame, on: date) -> None:
    """Refuse a change on a day on which the present state does not hold (`RuleError`)."""
    for code, since, until in zip(current.index, current["valid_from"], current["valid_to"], strict=True):
        if not pd.isna(since) and since > on:
            raise RuleError(
                _("“{code}”现在的状态自 {since} 起，不能从更早的 {day} 改起。").format(
                    code=code, since=since.isoformat(), day=on.isoformat()
                ),
                hint=_("请改用 {since} 或以后的日期，或先撤销后来的变动。").format(since=since.isoformat()),
            )
        if not pd.isna(until) and until <= on:
            raise RuleError(
                _("“{code}”已于 {until} 停用，不能再改。").format(code=code, until=until.isoformat())
            )


def _is_before(day: Any, on: date) -> bool:
    return bool(pd.isna(day) or day < on)
