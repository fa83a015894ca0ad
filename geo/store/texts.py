"""What is written about villages (`VillageText`): a change supersedes, so every wording stays on record."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.conditions import known
from geo.store.reading import read_statement
from geo.store.village_models import VillageText


def village_texts(session: Session, village_code: str, *, known_at: datetime | None = None) -> pd.DataFrame:
    """The texts of a village as they stand, or stood at ``known_at``, by year.

    Returns
    -------
    DataFrame
        ``kind, year, body, recorded_at, recorded_by``.
    """
    text = VillageText
    statement = select(text.kind, text.year, text.body, text.recorded_at, text.recorded_by).where(
        text.village_code == village_code, known(text, known_at)
    )
    return read_statement(session, statement.order_by(text.year, text.kind))


def standing_text(session: Session, village_code: str, kind: str, year: int) -> VillageText | None:
    """The wording that stands; None where there is none."""
    text = VillageText
    statement = select(text).where(
        text.village_code == village_code, text.kind == kind, text.year == year, known(text, None)
    )
    return session.scalars(statement).one_or_none()


def supersede_text(
    session: Session, held: VillageText | None, new: VillageText | None, *, now: datetime
) -> None:
    """Let a wording stand no longer and another in its place; either may be missing."""
    if held is not None:
        held.superseded_at = now
        session.flush()  # only one may stand, so the old one goes first
    if new is not None:
        session.add(new)
        session.flush()
