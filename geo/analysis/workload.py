"""How much each holder carries, and whether that is more than its share (domain §4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from geo.rules.loader import Rules
from geo.vocabulary import Rank, ResponsibilityKind

LOAD_COLUMNS = ["cells", "households", "paired"]
LOAD_KINDS = (str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.STAFF))
"""Kinds of responsibility whose holders have a limit."""
_LIMITS = {
    "cells": "officer_cells_max",
    "households": "officer_households_max",
    "paired": "staff_households_max",
}


@dataclass(frozen=True)
class LoadChange:
    """What holders carry without a change and with it: two frames as `holder_loads` gives them."""

    before: pd.DataFrame
    after: pd.DataFrame


def holder_loads(
    responsibilities: pd.DataFrame, households: Mapping[str, int], holders: Collection[str]
) -> pd.DataFrame:
    """What holders carry by the responsibilities given, which are those in force.

    Parameters
    ----------
    responsibilities : DataFrame ``kind, holder_code, target_code, rank``
    households : mapping
        Number of households by cell code; cells without any may be absent.
    holders : collection of str

    Returns
    -------
    DataFrame of int on the sorted holder codes
        ``cells`` and ``households`` (in them) and ``paired`` households that a holder answers for first.
        Assisting is not counted. A holder of nothing has zeros.
    """
    rows = responsibilities.drop_duplicates(["kind", "holder_code", "target_code"])
    leads = rows[rows["rank"] != str(Rank.ASSISTANT)]
    cells = leads[leads["kind"] == str(ResponsibilityKind.GRID_OFFICER)]
    inside = cells["target_code"].astype(object).map(lambda code: households.get(code, 0)).astype(int)
    pairs = leads[leads["kind"] == str(ResponsibilityKind.STAFF)]
    loads = {
        "cells": cells["holder_code"].value_counts(),
        "households": inside.groupby(cells["holder_code"].astype(object)).sum(),
        "paired": pairs["holder_code"].value_counts(),
    }
    index = pd.Index(sorted(set(holders)), dtype=object, name="holder_code")
    counted = {name: loads[name].rename(index=str).reindex(index) for name in LOAD_COLUMNS}
    return pd.DataFrame(counted, index=index).fillna(0).astype(int)


def overloaded(loads: pd.DataFrame, rules: Rules) -> pd.Series:
    """Who carries more than its share: a flag for each row of `holder_loads`."""
    return pd.DataFrame({name: loads[name] > rules[limit].value for name, limit in _LIMITS.items()}).any(
        axis=1
    )


def newly_overloaded(loads: LoadChange, rules: Rules) -> pd.Series:
    """Who will carry more than its share and more than before: a flag for each row."""
    before, after = loads.before, loads.after
    return pd.DataFrame(
        {
            name: (after[name] > rules[limit].value) & (after[name] > before[name])
            for name, limit in _LIMITS.items()
        }
    ).any(axis=1)


def limits(rules: Rules) -> dict[str, int]:
    """The most a holder should carry, by column of `holder_loads`."""
    return {name: int(rules[limit].value) for name, limit in _LIMITS.items()}
