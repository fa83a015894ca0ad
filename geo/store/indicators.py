"""A village's figures as they were recorded: what stands, what stood before, what is put in its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.frames import LAYERS
from geo.store.conditions import known
from geo.store.models import Village, VillageIndicator
from geo.store.reading import read_statement

RECORD_COLUMNS = ("recorded_at", "recorded_by")


def standing_figures(session: Session, village_code: str, year: int) -> VillageIndicator | None:
    """The record that stands for a village and a year; None: nothing is on record."""
    record = VillageIndicator
    statement = select(record).where(record.village_code == village_code, record.year == year)
    return session.scalar(statement.where(known(record, None)))


def figures_of(session: Session, village_code: str, *, known_at: datetime | None = None) -> pd.DataFrame:
    """A row a year as it stands, or stood at ``known_at``: the layer's columns and `RECORD_COLUMNS`."""
    record = VillageIndicator
    statement = _records(RECORD_COLUMNS).where(record.village_code == village_code, known(record, known_at))
    return read_statement(session, statement.order_by(record.year))


def figures_around(session: Session, village_code: str, *, known_at: datetime | None = None) -> pd.DataFrame:
    """The rows of every village of a village's township, itself among them, as `figures_of`."""
    record = VillageIndicator
    township = select(Village.township_code).where(Village.code == village_code).scalar_subquery()
    statement = (
        _records(RECORD_COLUMNS)
        .join(Village, Village.code == record.village_code)
        .where(Village.township_code == township, known(record, known_at))
    )
    return read_statement(session, statement.order_by(record.year, record.village_code))


def figure_records(session: Session, village_code: str, year: int) -> pd.DataFrame:
    """Everything ever recorded of a village's year, oldest first: as `figures_of`, and ``superseded_at``."""
    record = VillageIndicator
    statement = _records((*RECORD_COLUMNS, "superseded_at")).where(
        record.village_code == village_code, record.year == year
    )
    return read_statement(session, statement.order_by(record.recorded_at, record.id))


def replace_figures(
    session: Session,
    standing: VillageIndicator | None,
    values: dict[str, Any],
    *,
    now: datetime,
    user: str,
) -> None:
    """Let a record stand, in place of another or as the first of its year."""
    if standing is not None:
        standing.superseded_at = now
        session.flush()  # before another takes its place: only one may stand
    session.add(VillageIndicator(**values, recorded_at=now, recorded_by=user))
    session.flush()


def _records(extra: tuple[str, ...]) -> Any:
    names = [*LAYERS["indicators"].column_names, *extra]
    return select(*(getattr(VillageIndicator, name) for name in names))
