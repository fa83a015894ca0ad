"""The rules of a store: the files' defaults, and over them what the county has set for itself."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from sqlalchemy.orm import Session

from geo.rules import DatedValue, Rules, RulesOfYear, load_rules, with_values, year_rules
from geo.store.rule_values import rule_values


def day_of(now: datetime) -> date:
    """The day of a moment where the program runs: before eight in the morning it is not that of UTC yet."""
    return now.astimezone().date()


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
    return with_values(load_rules(as_of), _set_values(session, known_at))


def rules_of_years(session: Session, *, known_at: datetime | None = None) -> RulesOfYear:
    """The rules by which the figures of each year are judged: those of its last day, as known at a moment.

    The store is asked once, here; a year before there were rules has none.
    """
    values = _set_values(session, known_at)
    return cache(lambda year: year_rules(year, values))


def _set_values(session: Session, known_at: datetime | None) -> list[DatedValue]:
    values = rule_values(session, known_at=known_at)
    return [DatedValue(row.name, row.value, row.valid_from) for row in values]
