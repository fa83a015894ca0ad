"""Which cells follow a cell that has ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import village_of
from geo.store import queries
from geo.store.records import lineage_of


def successors_of(session: Session, code: str, *, as_of: date, known_at: datetime | None = None) -> list[str]:
    """Cells valid on a day that follow one that is not, through all generations; none while it is itself."""
    within = (village_of(code),)
    cells = queries.layer_frame(session, "cells", as_of=as_of, known_at=known_at, within=within)
    return following(lineage_of(session, [code]), code, set(cells["code"]), as_of)


def following(lineage: pd.DataFrame, code: str, valid: Collection[str], as_of: date) -> list[str]:
    """The same for a lineage that was read and the codes valid on the day.

    Parameters
    ----------
    lineage : DataFrame
        As `geo.store.records.lineage_of` gives it.
    """
    happened = lineage[[day <= as_of for day in lineage["happened_on"]]] if len(lineage) else lineage
    children = happened.groupby("parent_code")["child_code"].agg(list).to_dict()
    found: set[str] = set()
    frontier, seen = [] if code in valid else [code], {code}
    while frontier:
        each = frontier.pop()
        if each in valid:
            found.add(each)
            continue
        fresh = [child for child in children.get(each, []) if child not in seen]
        seen.update(fresh)
        frontier += fresh
    return sorted(found)
