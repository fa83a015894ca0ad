"""Figures of villages that were corrected, as they were recorded first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pandas as pd
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from geo.frames import LAYERS, conform
from geo.store.conditions import EVERYWHERE, in_territory
from geo.store.models import VillageIndicator
from geo.store.reading import read_statement


def first_figures(
    session: Session, *, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> pd.DataFrame:
    """Of each village's year that was corrected by ``known_at`` (None: by now) the first record.

    Returns
    -------
    DataFrame
        Columns of the layer ``indicators``, by village and year; years never corrected are absent.
    """
    first = (
        select(func.min(VillageIndicator.id))
        .where(in_territory(VillageIndicator.village_code, within))
        .group_by(VillageIndicator.village_code, VillageIndicator.year)
    )
    contract = LAYERS["indicators"]
    statement = select(*(getattr(VillageIndicator, name) for name in contract.column_names)).where(
        VillageIndicator.id.in_(first),
        VillageIndicator.superseded_at.is_not(None),
        true() if known_at is None else VillageIndicator.superseded_at <= known_at,
    )
    ordered = statement.order_by(VillageIndicator.village_code, VillageIndicator.year)
    return conform(read_statement(session, ordered), contract)
