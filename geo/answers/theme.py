"""What map tiles carry: geometry and a few small attributes, never a personal field.

Frames of one township (or all, ``""``), whoever looks: the tile service decides who gets which.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd

from geo.analysis.ownership import cell_owners, cell_states
from geo.answers.sheet import village_sheet
from geo.codes import TOWNSHIP
from geo.store import queries
from geo.store.aggregates import household_counts, paired_households
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind


def village_attributes(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Every village with its labels, counts and the first missing level of its chain.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        Columns of `geo.answers.sheet.village_sheet`.
    """
    with store.read() as session:
        return village_sheet(session, as_of=as_of, within=(township,))


def cell_attributes(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Every cell of a day.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``code, name, village_code, township_code, state`` (unowned, owned, contested), ``owners, households,
        households_paired, geometry``; sorted by code.
    """
    with store.read() as session:
        cells = queries.layer_frame(session, "cells", as_of=as_of, within=(township,))
        counts = household_counts(session, as_of=as_of, within=(township,))
        held = queries.responsibilities(session, as_of=as_of, kinds=[str(ResponsibilityKind.GRID_OFFICER)])
    owners = cell_owners(cells, held)
    homes = counts.groupby("cell_code")[["households", "paired"]].sum()
    return cells[["code", "name", "village_code", "geometry"]].assign(
        township_code=cells["village_code"].str[:TOWNSHIP],
        state=cell_states(owners),
        owners=owners,
        households=_count(cells["code"], homes["households"]),
        households_paired=_count(cells["code"], homes["paired"]),
    )


def household_attributes(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Every household that has a position.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``code, village_code, township_code, cell_code, paired, geometry``; sorted by code.
    """
    with store.read() as session:
        households = queries.layer_frame(session, "households", within=(township,))
        paired = paired_households(session, as_of=as_of, within=(township,))
    placed = households[households.geometry.notna()].reset_index(drop=True)
    return placed[["code", "village_code", "cell_code", "geometry"]].assign(
        township_code=placed["village_code"].str[:TOWNSHIP],
        paired=placed["code"].isin(paired),
    )


def _count(code: pd.Series, counts: pd.Series) -> pd.Series:
    return code.map(counts).fillna(0).astype(int)
