"""Villages with the labels they bear on a day, read from the store."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.classify import village_labels
from geo.operations.rules_now import rules_on
from geo.store import queries


def labels_of(
    session: Session,
    villages: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Labels of the given villages (`geo.analysis.classify.village_labels`), designations from the store."""
    designations = queries.designations(session, as_of=as_of, known_at=known_at)
    rules = rules_on(session, as_of, known_at=known_at)
    return village_labels(villages, indicators, designations, rules, as_of=as_of)


def labelled_villages(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = ("",)
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The villages of a territory, their figures of the latest completed year, and their labels."""
    villages = queries.layer_frame(session, "villages", within=within)
    indicators = queries.indicators(session, as_of=as_of, known_at=known_at)
    labels = labels_of(session, villages, indicators, as_of=as_of, known_at=known_at)
    return villages, indicators[indicators["village_code"].isin(villages["code"])], labels
