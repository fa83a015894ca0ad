"""The day a page opens with."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from geo.store.facts import get_setting


def default_as_of(session: Session, today: date) -> date:
    """Today; for the sample county, whose records end one day, not later than its last good day."""
    until = get_setting(session, "sample_until") if get_setting(session, "sample") == "yes" else None
    return min(today, date.fromisoformat(until)) if until else today
