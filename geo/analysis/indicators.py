"""Indicators of villages over the years: their series, the median of a township, what cannot be true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from geo.frames import LAYERS, Column
from geo.i18n import N_, _

MEASURED: tuple[Column, ...] = tuple(
    column for column in LAYERS["indicators"].columns if column.kind in ("integer", "number")
)
"""Indicators that are numbers, in the order of the layer."""

_NOT_ABOVE = (
    ("income_own_yuan", "income_total_yuan"),
    ("new_members_3y", "party_members"),
    ("party_members", "people"),
    ("people_away", "people"),
    ("people_farming", "people"),
    ("households", "people"),
)
"""What is part of something else, and of what."""
_ABOVE = N_("{part} {value:,g} 大于{whole} {most:,g}。")


def yearly_medians(figures: pd.DataFrame) -> pd.DataFrame:
    """The median of each indicator in each year over the villages that report it.

    Parameters
    ----------
    figures : frame of the layer ``indicators``
        One row a village and year.

    Returns
    -------
    DataFrame
        Indexed by ``year``, a column an indicator of `MEASURED`; missing where no village reports one. An
        empty input gives no rows.
    """
    names = [column.name for column in MEASURED]
    numbers = figures[names].astype("Float64").assign(year=figures["year"])
    return numbers.groupby("year")[names].median()


def figure_faults(values: Mapping[str, Any], *, today: date) -> list[str]:
    """One sentence for everything that cannot be true of one village in one year; none: all may be.

    Parameters
    ----------
    values : mapping
        A row of the layer ``indicators``, each value by itself already checked; None where unknown.
    today : date
        Later than that nothing can be known.
    """
    return [*_of_parts(values), *_of_days(values, today)]


def _of_parts(values: Mapping[str, Any]) -> list[str]:
    labels = {column.name: _(column.label) for column in MEASURED}
    less_than_none = [
        _("{label} {value:,g} 小于 0。").format(label=labels[column.name], value=values[column.name])
        for column in MEASURED
        if values.get(column.name) is not None and values[column.name] < 0
    ]
    return less_than_none + [
        _(_ABOVE).format(part=labels[part], value=values[part], whole=labels[whole], most=values[whole])
        for part, whole in _NOT_ABOVE
        if values.get(part) is not None and values.get(whole) is not None and values[part] > values[whole]
    ]


def _of_days(values: Mapping[str, Any], today: date) -> list[str]:
    year, reported, vacant = values["year"], values.get("reported_on"), values.get("secretary_vacant_since")
    found = []
    if year > today.year:
        found.append(_("{year} 年还没有到。").format(year=year))
    if reported is not None and reported > today:
        found.append(_("填报日期 {day} 还没有到。").format(day=reported.isoformat()))
    if reported is not None and reported.year < year:
        found.append(_("填报日期 {day} 早于 {year} 年。").format(day=reported.isoformat(), year=year))
    if vacant is not None and vacant.year > year:
        found.append(_("书记空缺起始 {day} 晚于 {year} 年。").format(day=vacant.isoformat(), year=year))
    return found
