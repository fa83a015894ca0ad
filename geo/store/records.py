"""Bitemporal records: added, closed and asked for, never changed (`geo.store.models.Batched`).

Every submitted change is a *batch*. It makes records and closes others; ending a period is closing a record
and adding a copy with an earlier end. So whatever was known once stays answerable.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from geo.codes import CELL, is_division_code
from geo.errors import ConflictError
from geo.i18n import _
from geo.store.audit import hold_chain
from geo.store.bulk import insert_frame
from geo.store.conditions import begins
from geo.store.models import (
    AreaMember,
    Batched,
    CellRecord,
    GridCell,
    HouseholdCell,
    Lineage,
    Responsibility,
)
from geo.store.reading import read_statement

SUBJECTS: dict[type[Any], str] = {
    Responsibility: "target_code",
    CellRecord: "code",
    HouseholdCell: "household_code",
    AreaMember: "area_code",
    Lineage: "child_code",
}
"""Of each table of records the column that says what a record is about."""

_CHUNK_CODES = 2_000
_BATCH_ACTION_LENGTH = 12


def lock_writers(session: Session) -> None:
    """Let no other change of ownership go on until this transaction ends.

    PostGIS takes the lock of the audit's chain, which the change needs in the end anyway; a GeoPackage has
    one writer at a time by itself.
    """
    hold_chain(session)


def new_batch(action: str, *, now: datetime, mark: str = "") -> str:
    """A code for a change: in the order of time, at most 40 characters; unique, or with a mark of eight."""
    moment = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}"
    return f"{moment}-{action[:_BATCH_ACTION_LENGTH]}-{mark or secrets.token_hex(4)}"


def add_records(
    session: Session, model: type[Batched], frame: pd.DataFrame, *, now: datetime, user: str, batch: str
) -> None:
    """Add a record for each row of a frame, which brings the model's own columns."""
    stated = frame.assign(recorded_at=now, recorded_by=user, batch=batch)
    insert_frame(session, _table(model), stated)


def close_records(
    session: Session, model: type[Batched], ids: Collection[int], *, now: datetime, batch: str
) -> None:
    """Say of these records that they hold no longer, from now on and by this batch.

    Raises
    ------
    ConflictError
        Somebody else has closed one of them.
    """
    values: dict[str, Any] = {"superseded_at": now, "closed_by": batch}
    if hasattr(model, "current"):
        values["current"] = False
    wanted = sorted({int(id_) for id_ in ids})
    table = _table(model)
    closed = 0
    for part in in_parts(wanted):
        statement = update(table).where(table.id.in_(part), table.superseded_at.is_(None)).values(**values)
        done: Any = session.execute(statement, execution_options={"synchronize_session": False})
        closed += done.rowcount
    if closed != len(wanted):
        raise ConflictError(_("其中有的记录刚刚被别人改过。"), hint=_("请刷新后核对最新内容，再重新操作。"))


def records_of(
    session: Session,
    model: type[Batched],
    *,
    batch: str | None = None,
    closed_by: str | None = None,
    targets: Collection[str] | None = None,
    ids: Collection[int] | None = None,
    in_force: bool = False,
) -> pd.DataFrame:
    """Records with ``id`` and every column (``geometry`` where there is one), ordered by id.

    Parameters
    ----------
    batch, closed_by : str or None
        Only those this batch made, or superseded.
    targets : collection of str or None
        Only those about these things (see `SUBJECTS`).
    ids : collection of int or None
        Only these.
    in_force : bool
        Only those that nothing has superseded.
    """
    table = _table(model)
    statement = select(*table.__table__.columns)
    if batch is not None:
        statement = statement.where(table.batch == batch)
    if closed_by is not None:
        statement = statement.where(table.closed_by == closed_by)
    if in_force:
        statement = statement.where(table.superseded_at.is_(None))
    limits: list[list[ColumnElement[bool]]] = [
        [column.in_(part) for part in in_parts(sorted(set(wanted)))]
        for column, wanted in ((getattr(table, SUBJECTS[table]), targets), (table.id, ids))
        if wanted is not None
    ]
    for limit in limits:
        statement = statement.where(or_(*limit) if limit else table.id.is_(None))
    return read_statement(session, statement.order_by(table.id))


def history_of(session: Session, code: str) -> pd.DataFrame:
    """Every responsibility ever recorded on a target or of a holder, superseded ones included.

    Returns
    -------
    DataFrame
        ``id, kind, holder_code, target_code, rank, valid_from, valid_to, reason, recorded_at, recorded_by,
        superseded_at, batch, closed_by``, by period and id.
    """
    record = Responsibility
    statement = (
        select(*record.__table__.columns)
        .where(or_(record.target_code == code, record.holder_code == code))
        .order_by(record.valid_from, record.id)
    )
    return read_statement(session, statement)


def used_cell_codes(session: Session, village_code: str) -> list[str]:
    """Every cell code of a village that is taken or was once: none of them is given again."""
    columns = (
        GridCell.code,
        CellRecord.code,
        Lineage.parent_code,
        Lineage.child_code,
        Responsibility.target_code,
    )
    found = {
        code
        for column in columns
        for code in session.scalars(select(column).where(begins(column, village_code)).distinct())
    }
    return sorted(code for code in found if is_division_code(code, CELL))


def lineage_of(session: Session, codes: Collection[str]) -> pd.DataFrame:
    """Where cells came from and what became of them, through all generations.

    Returns
    -------
    DataFrame
        ``parent_code, child_code, event, happened_on, batch``, in the order of the days.
    """
    columns = (
        Lineage.id,
        Lineage.parent_code,
        Lineage.child_code,
        Lineage.event,
        Lineage.happened_on,
        Lineage.batch,
    )
    found: dict[int, Any] = {}
    for here, there in ((Lineage.child_code, "parent_code"), (Lineage.parent_code, "child_code")):
        seen: set[str] = set()
        frontier = set(codes)
        while frontier:
            seen |= frontier
            rows = [
                row
                for part in in_parts(sorted(frontier))
                for row in session.execute(
                    select(*columns).where(here.in_(part), Lineage.superseded_at.is_(None))
                )
            ]
            found |= {row.id: row for row in rows}
            frontier = {getattr(row, there) for row in rows} - seen
    ordered = sorted(found.values(), key=lambda row: (row.happened_on, row.id))
    return pd.DataFrame(
        [tuple(row)[1:] for row in ordered], columns=[column.key for column in columns[1:]], dtype=object
    )


def in_parts(wanted: Sequence[Any]) -> Iterator[list[Any]]:
    """Lists short enough for one statement."""
    return (list(wanted[at : at + _CHUNK_CODES]) for at in range(0, len(wanted), _CHUNK_CODES))


def _table(model: type[Batched]) -> Any:
    """The model as the mapped class it is; `Batched` alone has no table."""
    return model
