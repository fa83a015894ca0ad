"""What map tiles carry: geometry and a few small attributes, never a personal field.

Frames of one township (or all, ``""``), whoever looks: the tile service decides who gets which.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.classify import latest_completed, priority_codes
from geo.analysis.coverage import pairs_hardship_only
from geo.analysis.network import holder_places, responsibility_lines, target_places
from geo.analysis.ownership import cell_owners, cell_states
from geo.answers.chain import villages_chains
from geo.answers.labels import label_flags, labels_of
from geo.codes import TOWNSHIP
from geo.frames import is_among
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import household_counts, paired_households, placed_households
from geo.store.engine import Store
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, ResponsibilityKind

_FEW_TARGETS = 1_000
_FIGURES = ["income_own_yuan", "income_total_yuan"]
VILLAGE_KINDS = tuple(
    kind for kind, rule in RESPONSIBILITY_RULES.items() if EntityKind.VILLAGE in rule.targets
)
"""Kinds of responsibility that cover villages: the lines of the map."""

_OFFICERS = (str(ResponsibilityKind.GRID_OFFICER),)


def village_attributes(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Every village with its labels, income and resident cadres; far less than a sheet, and quick.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``code, name, township_code, kind, geometry``; one flag a label; ``priority``, ``residents`` (how many
        cadres live there), ``staffed``; incomes of the latest completed year. Sorted by code.
    """
    with store.read() as session:
        villages = queries.layer_frame(session, "villages", within=(township,))
        every_year = queries.layer_frame(session, "indicators", within=(township,))
        indicators = latest_completed(every_year, as_of)
        labels = labels_of(session, villages, indicators, as_of=as_of)
        living = held_over(session, villages, as_of, [ResponsibilityKind.RESIDENT_CADRE])
    code = villages["code"]
    residents = _count(code, living.groupby("target_code")["holder_code"].nunique())
    figures = indicators.set_index("village_code")
    return villages[["code", "name", "township_code", "kind", "geometry"]].assign(
        **label_flags(code, labels),
        priority=is_among(code, priority_codes(labels)),
        residents=residents,
        staffed=residents > 0,
        **{name: code.map(figures[name]) for name in _FIGURES},
    )


def village_lines(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Lines from holders to the villages of a township that they cover.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        As `geo.analysis.network.responsibility_lines` gives them, of the `VILLAGE_KINDS`.
    """
    with store.read() as session:
        villages = queries.layer_frame(session, "villages", within=(township,))
        held = held_over(session, villages, as_of, VILLAGE_KINDS)
        cadres = queries.layer_frame(session, "cadres")
        units = queries.layer_frame(session, "units")
    holders = holder_places(cadres, units)
    return responsibility_lines(
        held, holders[is_among(holders["code"], held["holder_code"])], target_places(villages)
    )


def held_over(
    session: Session,
    targets: pd.DataFrame,
    as_of: date,
    kinds: Collection[ResponsibilityKind],
    *,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Responsibilities of the given kinds over the rows of a layer on a day."""
    codes = targets["code"].tolist()
    few = codes if len(codes) <= _FEW_TARGETS else None  # many are sooner read whole than named one by one
    held = queries.responsibilities(
        session, as_of=as_of, known_at=known_at, kinds=[str(kind) for kind in kinds], targets=few
    )
    return held[is_among(held["target_code"], codes)]


def chain_attributes(store: Store, *, as_of: date, township: str = "") -> pd.DataFrame:
    """Every village with the first missing level of its chain; no geometry.

    Returns
    -------
    DataFrame, sorted by code
        ``code, first_missing`` (None where the chain is whole), ``households, households_whole``.
    """
    with store.read() as session:
        villages = queries.layer_frame(session, "villages", as_of=as_of, within=(township,))
        chains = villages_chains(session, villages, as_of=as_of, within=(township,))
    return chains[["first_missing", "households", "households_whole"]].rename_axis("code").reset_index()


def cell_attributes(store: Store, *, as_of: date, township: str = "") -> gpd.GeoDataFrame:
    """Every cell of a day.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``code, name, village_code, township_code, state`` (unowned, owned, contested), ``owners, households,
        households_due`` (those that must be paired), ``households_paired, geometry``; sorted by code.
    """
    with store.read() as session:
        cells = queries.layer_frame(session, "cells", as_of=as_of, within=(township,))
        hardship_only = pairs_hardship_only(rules_on(session, as_of))
        counts = household_counts(session, as_of=as_of, within=(township,), hardship_only=hardship_only)
        held = held_over(session, cells, as_of, [ResponsibilityKind.GRID_OFFICER])
    owners = cell_owners(cells, held)
    homes = counts.groupby("cell_code")[["households", "due", "paired"]].sum()
    return cells[["code", "name", "village_code", "geometry"]].assign(
        township_code=cells["village_code"].str[:TOWNSHIP],
        state=cell_states(owners),
        owners=owners,
        households=_count(cells["code"], homes["households"]),
        households_due=_count(cells["code"], homes["due"]),
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
        placed = placed_households(session, as_of=as_of, within=(township,))
        paired = paired_households(session, as_of=as_of, within=(township,))
    return placed.assign(
        township_code=placed["village_code"].str[:TOWNSHIP],
        paired=is_among(placed["code"], paired),
    )


def _count(code: pd.Series, counts: pd.Series) -> pd.Series:
    return code.map(counts).fillna(0).astype(int)
