"""What a thing was over time, kept beside what it is now: records of cells and of households' cells.

The present state lives in the thing's own row, where QGIS and imports may edit it. Before an operation
touches a thing for the first time its state is copied into the records; if the row was edited since its
current record was written, the record is brought up to date first. So nothing that was ever readable is lost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.store.bulk import insert_frame
from geo.store.models import CellRecord, GridCell, Household, HouseholdCell
from geo.store.reading import read_statement
from geo.store.records import SUBJECTS, add_records, close_records, records_of

ALWAYS_KNOWN = datetime(2000, 1, 1, tzinfo=UTC)
"""When a state was recorded that was there before there were records."""
_SYSTEM = "system"
_CHUNK_CODES = 2_000


@dataclass(frozen=True)
class Timeline:
    """A thing's own table and the records of its states.

    Attributes
    ----------
    states : tuple of str
        Columns of a state, as the records name them (``geometry`` for ``geom``).
    """

    model: Any
    records: Any
    states: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The records' column that says whose state it is."""
        return SUBJECTS[self.records]

    def present(self, codes: Collection[str]) -> Select[Any]:
        """The states as the things' own rows say."""
        statement: Select[Any] = _PRESENT[self.model].where(self.model.code.in_(list(codes)))
        return statement


_PRESENT: dict[Any, Any] = {
    GridCell: select(
        GridCell.code,
        GridCell.village_code,
        GridCell.name,
        GridCell.valid_from,
        GridCell.valid_to,
        GridCell.recorded_at,
        GridCell.geom,
    ),
    Household: select(Household.code.label("household_code"), Household.cell_code),
}
CELLS = Timeline(GridCell, CellRecord, ("village_code", "name", "valid_from", "valid_to", "geometry"))
MEMBERSHIPS = Timeline(Household, HouseholdCell, ("cell_code",))


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
    present = present_states(session, timeline, wanted)
    if missing := sorted(set(wanted) - set(present.index)):
        raise InputError(_("没有代码为“{code}”的对象。").format(code=missing[0]))
    records = records_of(session, timeline.records, targets=wanted)
    current = records[records["current"].astype(bool)].set_index(timeline.subject)
    fresh = present.loc[~present.index.isin(set(records[timeline.subject]))]
    stale = drifted(timeline, present, current)
    if gone := sorted(set(wanted) - set(fresh.index) - set(current.index)):
        raise RuleError(_("“{code}”的设立已撤销。").format(code=gone[0]))
    if fresh.empty and not stale:
        return current
    _bring_up_to_date(session, timeline, current.loc[stale], present.loc[stale])
    _insert(session, timeline, fresh, fresh.get("recorded_at"))
    records = records_of(session, timeline.records, targets=wanted)
    return records[records["current"].astype(bool)].set_index(timeline.subject)


def present_states(session: Session, timeline: Timeline, codes: Collection[str]) -> pd.DataFrame:
    """The states as the things' own rows say, indexed by code."""
    wanted = sorted(set(codes))
    parts = [
        read_statement(session, timeline.present(wanted[at : at + _CHUNK_CODES]))
        for at in range(0, max(len(wanted), 1), _CHUNK_CODES)
    ]
    found = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return found.set_index(timeline.subject)


def drifted(timeline: Timeline, present: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    """Codes of the things whose own row says something else than their current record."""
    both = [code for code in current.index if code in present.index]
    there, here = present.loc[both], current.loc[both]
    differ = np.zeros(len(both), dtype=bool)
    for name in timeline.states:
        old, new = here[name].to_numpy(dtype=object), there[name].to_numpy(dtype=object)
        if name == "geometry":
            same = shapely.equals_identical(old, new) | (shapely.is_missing(old) & shapely.is_missing(new))
        else:
            same = [(pd.isna(a) and pd.isna(b)) or a == b for a, b in zip(old, new, strict=True)]
        differ |= ~np.asarray(same, dtype=bool)
    return [code for code, differs in zip(both, differ, strict=True) if differs]


def _bring_up_to_date(
    session: Session, timeline: Timeline, current: pd.DataFrame, present: pd.DataFrame
) -> None:
    """Let the row's state stand since the record it was edited over: so it has been read since then.

    The record itself stays, held true for no time at all, and shows what was recorded.
    """
    records = timeline.records
    for row in session.query(records).where(records.id.in_([int(id_) for id_ in current["id"]])):
        row.superseded_at, row.current = row.recorded_at, False
    session.flush()
    period = current[[name for name in ("valid_from", "valid_to") if name not in timeline.states]]
    _insert(session, timeline, present.join(period), current["recorded_at"])


def _insert(session: Session, timeline: Timeline, states: pd.DataFrame, recorded_at: Any) -> None:
    if states.empty:
        return
    since = pd.Series(ALWAYS_KNOWN, index=states.index, dtype=object)
    if recorded_at is not None:
        since = recorded_at.astype(object).where(recorded_at.notna(), ALWAYS_KNOWN)
    kept = [name for name in states.columns if name in {*timeline.states, "valid_from", "valid_to"}]
    frame = states[kept].reset_index(names=timeline.subject)
    stated = frame.assign(recorded_at=since.to_numpy(), recorded_by=_SYSTEM, current=True)
    insert_frame(session, timeline.records, stated)


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
    columns = ["valid_from", "valid_to", *(name for name in timeline.states if not name.startswith("valid_"))]
    before, after = current[columns].copy(), current[columns].copy()
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
