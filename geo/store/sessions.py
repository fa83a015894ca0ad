"""Ended web sessions, kept as settings ``ended:<serial>`` whose value is when they may be forgotten.

They live in the store, not in a process: a copied cookie stays dead after a restart and on every port.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from geo.store.models import Setting

_PREFIX = "ended:"


def add_ended(session: Session, serial: str, *, forget_at: datetime) -> None:
    """Note that a session is over; a second time changes nothing."""
    if not has_ended(session, serial):
        session.add(Setting(key=_PREFIX + serial, value=forget_at.isoformat()))


def has_ended(session: Session, serial: str) -> bool:
    """Whether a session was noted as over."""
    return bool(session.scalar(select(exists().where(Setting.key == _PREFIX + serial))))


def forget_ended(session: Session, *, now: datetime) -> None:
    """Drop the notes about sessions whose cookies have expired by themselves (both times UTC)."""
    session.execute(
        delete(Setting).where(
            Setting.key.startswith(_PREFIX, autoescape=True), Setting.value < now.isoformat()
        )
    )
