"""Finding a village, cell, cadre, unit, branch or household by name or code."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from geo.access import Actor
from geo.answers.scope import readable
from geo.store import queries
from geo.store.engine import Store
from geo.store.search import USUAL
from geo.vocabulary import EntityKind


def search(
    store: Store,
    actor: Actor,
    text: str,
    *,
    as_of: date,
    limit: int = 20,
    kinds: Collection[EntityKind] = USUAL,
) -> pd.DataFrame:
    """What a text finds within the actor's scope; households only for roles that may see their positions.

    What was not there on the day (people who left, cells that were given up) is found by its whole code only.

    Returns
    -------
    DataFrame
        ``kind, code, name, detail, lon, lat`` (EPSG:4490); empty for a blank text.
    """
    with store.read() as session:
        found = queries.search(session, text, as_of=as_of, limit=limit, within=readable(actor), kinds=kinds)
    if actor.sees_positions:
        return found
    return found[found["kind"] != str(EntityKind.HOUSEHOLD)].reset_index(drop=True)
