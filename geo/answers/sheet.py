"""One row a village: its labels, counts, people in charge and figures, for tables and tiles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.chain import first_missing
from geo.analysis.classify import priority_codes
from geo.analysis.coverage import pairs_hardship_only
from geo.analysis.ownership import cell_owners, of_kind
from geo.answers.chain import Parts, village_parts, village_states
from geo.answers.labels import joined_labels, label_flags, labelled_villages
from geo.answers.scope import few_codes
from geo.frames import is_among
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import household_counts
from geo.vocabulary import ResponsibilityKind

FIGURES = (
    "people",
    "party_members",
    "new_members_3y",
    "reserve_cadres",
    "people_away",
    "people_farming",
    "income_own_yuan",
    "income_total_yuan",
    "satisfaction_ratio",
    "petitions",
    "disputes_open",
)
"""Indicators of the latest completed year that a sheet carries."""

_ALL_BUT_STAFF = [str(kind) for kind in ResponsibilityKind if kind is not ResponsibilityKind.STAFF]


def village_sheet(session: Session, *, as_of: date, within: Collection[str] = ("",)) -> gpd.GeoDataFrame:
    """What is known of every village of a territory on a day.

    Returns
    -------
    GeoDataFrame in EPSG:4490, sorted by code
        ``code, name, township_code, kind``; ``labels`` (separated by ``;``), one flag a label, ``priority``;
        ``residents`` (cadres living there), ``resident_names`` (separated by ``、``), ``staffed``;
        ``households, households_due`` (those that must be paired), ``households_paired``; ``cells,
        cells_unowned, cells_contested``; ``first_missing`` (level of the chain or None); the `FIGURES` with
        their ``year``. Empty for an empty territory.
    """
    villages, indicators, labels = labelled_villages(session, as_of=as_of, within=within)
    hardship_only = pairs_hardship_only(rules_on(session, as_of))
    counts = household_counts(session, as_of=as_of, within=within, hardship_only=hardship_only)
    cells = queries.layer_frame(session, "cells", as_of=as_of, within=within)
    parts = village_parts(session, villages, as_of=as_of, within=within)
    held = _held(session, as_of, villages, cells, parts)
    code = villages["code"]
    sheet = villages[["code", "name", "township_code", "kind", "geometry"]].copy()
    columns = {
        **_labelled(code, labels),
        **_residents(session, code, held),
        **_counted(code, counts, cells, held),
        "first_missing": code.map(_broken_at(villages, counts, parts, held)).astype(object),
        **{name: code.map(indicators.set_index("village_code")[name]) for name in ("year", *FIGURES)},
    }
    return sheet.assign(**columns)


def _held(
    session: Session, as_of: date, villages: pd.DataFrame, cells: pd.DataFrame, parts: Parts
) -> pd.DataFrame:
    """Responsibilities over the villages and what they are made of, households left out."""
    areas, groups, branches = parts
    lists = (villages["code"], villages["township_code"], cells["code"], areas["area_code"], groups["code"])
    targets: set[str] = set().union(*lists)
    return queries.responsibilities(
        session, as_of=as_of, kinds=_ALL_BUT_STAFF, targets=few_codes(targets.union(branches["code"]))
    )


def _labelled(code: pd.Series, labels: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "labels": joined_labels(code, labels),
        **label_flags(code, labels),
        "priority": is_among(code, priority_codes(labels)),
    }


def _residents(session: Session, code: pd.Series, held: pd.DataFrame) -> dict[str, pd.Series]:
    living = of_kind(held, ResponsibilityKind.RESIDENT_CADRE)[
        ["target_code", "holder_code"]
    ].drop_duplicates()
    names = (
        queries.entity_names(session, living["holder_code"]).drop_duplicates("code").set_index("code")["name"]
    )
    called = living.assign(name=living["holder_code"].map(names).fillna(living["holder_code"]))
    by_village = called.groupby("target_code")["name"]
    residents = code.map(by_village.size()).fillna(0).astype(int)
    return {
        "residents": residents,
        "resident_names": code.map(by_village.agg("、".join)).astype(object).fillna("").astype("str"),
        "staffed": residents > 0,
    }


def _counted(
    code: pd.Series, counts: pd.DataFrame, cells: pd.DataFrame, held: pd.DataFrame
) -> dict[str, pd.Series]:
    homes = counts.groupby("village_code")[["households", "due", "paired"]].sum()
    owners = cell_owners(cells, held)
    by_village = pd.DataFrame(
        {"cells": 1, "unowned": owners == 0, "contested": owners > 1, "village": cells["village_code"]}
    )
    grid = by_village.groupby("village")[["cells", "unowned", "contested"]].sum()
    return {
        "households": _count(code, homes["households"]),
        "households_due": _count(code, homes["due"]),
        "households_paired": _count(code, homes["paired"]),
        "cells": _count(code, grid["cells"]),
        "cells_unowned": _count(code, grid["unowned"]),
        "cells_contested": _count(code, grid["contested"]),
    }


def _count(code: pd.Series, counts: pd.Series) -> pd.Series:
    return code.map(counts).fillna(0).astype(int)


def _broken_at(villages: pd.DataFrame, counts: pd.DataFrame, parts: Parts, held: pd.DataFrame) -> pd.Series:
    """The first missing level of each village's chain; pairing comes from the counts, not from households."""
    return first_missing(village_states(villages, counts, parts, held))
