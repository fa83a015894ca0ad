"""What is on record of a village by year: its figures, their corrections, and the township's median."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from geo.access import Actor, require_read
from geo.analysis.indicators import MEASURED, yearly_medians
from geo.codes import VILLAGE, require_code
from geo.exchange.village_profile import Indicator, YearFigure
from geo.store.engine import Store
from geo.store.indicators import figure_records, figures_around, figures_of
from geo.store.register import audited


def indicator_history(
    store: Store, actor: Actor, village_code: str, *, known_at: datetime | None = None
) -> pd.DataFrame:
    """A village's figures, one row a year, oldest first.

    Returns
    -------
    DataFrame
        The columns of the layer ``indicators``, ``recorded_at`` (UTC) and ``recorded_by``.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        return figures_of(session, village_code, known_at=known_at)


def indicator_corrections(store: Store, actor: Actor, village_code: str, year: int) -> pd.DataFrame:
    """Everything that was ever recorded of a village's year, oldest first.

    Returns
    -------
    DataFrame
        As `indicator_history`, with ``superseded_at`` (UTC, NaT for the one that stands) and ``reason``, ""
        for what came from a file.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        records = figure_records(session, village_code, year)
        deeds = audited(session, village_code, ("indicators.",))
    reasons = deeds.drop_duplicates("at").set_index("at")["reason"]
    return records.assign(reason=records["recorded_at"].map(reasons).astype(object).fillna(""))


def indicator_lines(
    store: Store, actor: Actor, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[Indicator, ...]:
    """Each indicator that is a number over the years up to a day's, with the median of the township.

    Every village of the township counts for the median, whether the actor may see it or not.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        around = figures_around(session, village_code, known_at=known_at)
    around = around[around["year"] <= as_of.year]
    own, medians = around[around["village_code"] == village_code], yearly_medians(around)
    latest = own.iloc[-1] if len(own) else None
    source, day = (latest["source"], latest["reported_on"]) if latest is not None else (None, None)
    return tuple(
        Indicator(
            column.name,
            column.label,
            tuple(_years(own.set_index("year")[column.name], medians[column.name])),
            "" if pd.isna(source) else str(source),
            None if pd.isna(day) else day,
        )
        for column in MEASURED
    )


def _years(own: pd.Series, medians: pd.Series) -> list[YearFigure]:
    return [
        YearFigure(int(year), _number(own.get(year)), _number(medians.get(year)))
        for year in sorted({*own.index, *medians.index})
    ]


def _number(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
