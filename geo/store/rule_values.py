"""Thresholds a county has set for itself: which values stood when, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.conditions import known
from geo.store.models import RuleValue
from geo.store.reading import read_statement


def rule_values(session: Session, *, known_at: datetime | None = None) -> Sequence[RuleValue]:
    """The values that stand (or stood at ``known_at``), past and future ones, by name and first day."""
    statement = select(RuleValue).where(known(RuleValue, known_at))
    return session.scalars(statement.order_by(RuleValue.name, RuleValue.valid_from)).all()


def standing_value(session: Session, name: str, valid_from: date) -> RuleValue | None:
    """The value that stands for a threshold from exactly that day on; None: none was set for it."""
    statement = select(RuleValue).where(RuleValue.name == name, RuleValue.valid_from == valid_from)
    return session.scalar(statement.where(known(RuleValue, None)))


def rule_history(session: Session, name: str) -> pd.DataFrame:
    """Every value ever set for a threshold, withdrawn and replaced ones too, the latest first.

    Returns
    -------
    DataFrame
        ``value, valid_from, reason, recorded_at, recorded_by, superseded_at``.
    """
    columns = (
        RuleValue.value,
        RuleValue.valid_from,
        RuleValue.reason,
        RuleValue.recorded_at,
        RuleValue.recorded_by,
        RuleValue.superseded_at,
    )
    statement = select(*columns).where(RuleValue.name == name)
    return read_statement(session, statement.order_by(RuleValue.recorded_at.desc(), RuleValue.id.desc()))
