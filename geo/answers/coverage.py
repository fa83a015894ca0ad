"""How much of the county, or of one territory, is covered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd

from geo.access import Actor
from geo.analysis.coverage import ratios_of_counts
from geo.answers.labels import labelled_villages
from geo.answers.scope import readable
from geo.store import queries
from geo.store.aggregates import household_counts
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind

_KINDS = (str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.RESIDENT_CADRE))


def coverage(
    store: Store, actor: Actor, *, as_of: date, known_at: datetime | None = None, within: str = ""
) -> dict[str, Any]:
    """The document of ``minqing coverage``.

    Parameters
    ----------
    within : str
        Code of a township or village; ``""`` means all the actor may read.

    Returns
    -------
    dict
        ``as_of, known_at, within, ratios``; each ratio ``name, numerator, denominator, ratio, unit``.

    Raises
    ------
    PermissionError_
        ``within`` lies outside the actor's scope.
    """
    territory = readable(actor, within)
    with store.read() as session:
        villages, _indicators, labels = labelled_villages(
            session, as_of=as_of, known_at=known_at, within=territory
        )
        cells = queries.layer_frame(session, "cells", as_of=as_of, known_at=known_at, within=territory)
        counts = household_counts(session, as_of=as_of, known_at=known_at, within=territory)
        held = queries.responsibilities(session, as_of=as_of, known_at=known_at, kinds=_KINDS)
    ratios = ratios_of_counts(villages, cells, counts, held, labels)
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "within": within,
        "ratios": [_plain(row) for row in ratios.to_dict("records")],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if pd.isna(value) else value for key, value in row.items()}
