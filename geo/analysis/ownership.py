"""Who holds a grid cell, and which households are paired (domain §3, §4).

The responsibilities given are those in force; see `geo.analysis.periods.in_force`.
"""

from __future__ import annotations

import pandas as pd

from geo.vocabulary import Rank, ResponsibilityKind

CELL_STATES = ("unowned", "owned", "contested")


def of_kind(responsibilities: pd.DataFrame, kind: ResponsibilityKind) -> pd.DataFrame:
    """The responsibilities of one kind."""
    return responsibilities[responsibilities["kind"] == str(kind)]


def cell_owners(cells: pd.DataFrame, responsibilities: pd.DataFrame) -> pd.Series:
    """How many different people are primary grid officer of each cell.

    Returns
    -------
    Series of int named ``owners``, on the index of ``cells``
        0 unowned, 1 owned, 2 or more contested. A responsibility without a rank counts as primary.
    """
    officers = of_kind(responsibilities, ResponsibilityKind.GRID_OFFICER)
    return _holders(cells, officers[officers["rank"] != str(Rank.ASSISTANT)], "owners")


def cell_states(owners: pd.Series) -> pd.Series:
    """``unowned``, ``owned`` or ``contested`` for counts of primary officers, on the same index."""
    return owners.clip(upper=2).map(dict(enumerate(CELL_STATES))).astype("str").rename("state")


def household_pairing(households: pd.DataFrame, responsibilities: pd.DataFrame) -> pd.Series:
    """How many cadres pair with each household; Series ``paired`` on the index of ``households``."""
    return _holders(households, of_kind(responsibilities, ResponsibilityKind.STAFF), "paired")


def _holders(targets: pd.DataFrame, held: pd.DataFrame, name: str) -> pd.Series:
    distinct = held[["target_code", "holder_code"]].drop_duplicates()
    counts = distinct["target_code"].value_counts()
    return targets["code"].map(counts).fillna(0).astype(int).rename(name)
