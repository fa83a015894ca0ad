"""Figures of a village as people write them: money in 万元, shares in per cent, what is unknown as —."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from geo.exchange.village_profile import Indicator, YearFigure
from geo.i18n import _
from geo.rules.units import percent

UNKNOWN = "—"
_MANY_YUAN = 10_000


def figure(name: str, value: float | None) -> str:
    """The value of an indicator with its unit, as far as its name says one.

    >>> figure("income_own_yuan", 21_000)
    '2.1 万元'
    """
    if value is None:
        return UNKNOWN
    if name.endswith("_ratio"):
        return percent(value)
    if name.endswith("_yuan"):
        return yuan(value)
    return plain(value)


def name_of(indicator: Indicator) -> str:
    """What an indicator is called, without the unit in brackets that its heading in tables has."""
    return re.sub(r"\s*[（(][^（(]*[）)]$", "", _(indicator.label))


def yuan(value: float) -> str:
    """An amount of money: 950 元, 2.1 万元, 1.25 亿元."""
    if abs(value) >= _MANY_YUAN**2:
        return _("{value} 亿元").format(value=plain(value / _MANY_YUAN**2))
    if abs(value) >= _MANY_YUAN:
        return _("{value} 万元").format(value=plain(value / _MANY_YUAN))
    return _("{value} 元").format(value=plain(value))


def plain(value: float) -> str:
    """A number with thousands marked and two decimals at most."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def latest(years: Sequence[YearFigure]) -> YearFigure | None:
    """The last year with a value of the village."""
    return next((year for year in reversed(years) if year.value is not None), None)


def latest_of(indicators: Sequence[Indicator], name: str) -> YearFigure | None:
    """The same of the indicator with that name; None too where there is no such indicator."""
    return next((latest(one.years) for one in indicators if one.name == name), None)


def day(value: date | None) -> str:
    """A day in figures; — where none is known."""
    return UNKNOWN if value is None else value.isoformat()


def last_day(until: date | None) -> str:
    """The last day of a period that ends before ``until``; "" where it has no end."""
    return "" if until is None else (until - timedelta(days=1)).isoformat()
