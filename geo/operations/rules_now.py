"""The rules of a store: the files' defaults, and over them what the county has set for itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.rules import DatedValue, Rules, load_rules, with_values
from geo.store.rule_values import rule_values


def rules_on(session: Session, as_of: date, *, known_at: datetime | None = None) -> Rules:
    """The rules in force on a day.

    Parameters
    ----------
    known_at : datetime or None
        As they were set at that moment; None: as they are set now.

    Raises
    ------
    RuleError
        A rule is not in force yet on that day.
    """
    values = rule_values(session, known_at=known_at)
    return with_values(load_rules(as_of), (DatedValue(row.name, row.value, row.valid_from) for row in values))
