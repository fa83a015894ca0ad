"""The responsibility network: lines for the map, and the same as a table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.network import holder_places, member_places, responsibility_lines, target_places
from geo.answers.scope import few_codes, readable
from geo.frames import is_among
from geo.store import queries
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind

NETWORK_KINDS = tuple(
    str(kind)
    for kind in ResponsibilityKind
    if kind not in (ResponsibilityKind.STAFF, ResponsibilityKind.MENTOR)
)
"""Kinds drawn by default: all but pairing with single households, which is personal, and mentors."""

TABLE_COLUMNS = [
    "kind",
    "rank",
    "holder_code",
    "holder_name",
    "target_code",
    "target_name",
    "valid_from",
    "valid_to",
    "length_m",
]


def network(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    township: str = "",
    kinds: Collection[str] = NETWORK_KINDS,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Who covers what on a day, over the territory the actor may read.

    Parameters
    ----------
    township : str
        Code of one township; ``""`` means all the actor may read.
    kinds : collection of str
        Of `NETWORK_KINDS`; others are left out.

    Returns
    -------
    lines : GeoDataFrame in EPSG:4490
        As `geo.analysis.network.responsibility_lines` gives them.
    table : DataFrame
        ``kind, rank, holder_code, holder_name, target_code, target_name, valid_from, valid_to, length_m``;
        all responsibilities, those without a line (an end has no place) with a missing length.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    territory = readable(actor, township)
    with store.read() as session:
        targets = _targets(session, as_of, territory)
        held = queries.responsibilities(
            session,
            as_of=as_of,
            kinds=[kind for kind in NETWORK_KINDS if kind in kinds],
            targets=few_codes(targets["code"]),
        )
        held = held[is_among(held["target_code"], targets["code"])]
        holders = _holders(session, territory, held)
        names = queries.entity_names(session, held["holder_code"]).drop_duplicates("code")
    lines = responsibility_lines(held, holders, targets)
    return lines, _table(held, names.set_index("code")["name"], targets, lines)


def _targets(session: Session, as_of: date, territory: Collection[str]) -> gpd.GeoDataFrame:
    """A point for every township, village, cell, area, group and branch of a territory."""
    villages = queries.layer_frame(session, "villages", within=territory)
    cells = queries.layer_frame(session, "cells", as_of=as_of, within=territory)
    townships = queries.layer_frame(session, "townships", within=territory)
    areas = queries.layer_frame(session, "areas", as_of=as_of, within=territory).set_index("code")["name"]
    members = queries.area_villages(session, as_of=as_of).rename(columns={"area_code": "code"})
    members["name"] = members["code"].map(areas)
    groups = queries.layer_frame(session, "groups", as_of=as_of, within=territory)
    branches = queries.layer_frame(session, "branches", as_of=as_of, within=territory).dropna(
        subset=["village_code"]
    )
    wanted = ["code", "name", "village_code"]
    parts = pd.concat([members[wanted], groups[wanted], branches[wanted]], ignore_index=True)
    return pd.concat(
        [target_places(townships, villages, cells), member_places(parts, villages)], ignore_index=True
    )


def _holders(session: Session, territory: Collection[str], held: pd.DataFrame) -> gpd.GeoDataFrame:
    cadres = queries.layer_frame(session, "cadres", within=territory)
    places = holder_places(cadres, queries.layer_frame(session, "units", within=territory))
    return places[is_among(places["code"], held["holder_code"])]


def _table(
    held: pd.DataFrame, names: pd.Series, targets: gpd.GeoDataFrame, lines: gpd.GeoDataFrame
) -> pd.DataFrame:
    called = targets.drop_duplicates("code").set_index("code")["name"]
    table = held.assign(
        holder_name=held["holder_code"].map(names), target_name=held["target_code"].map(called)
    )
    ends = ["kind", "holder_code", "target_code"]
    table = table.merge(pd.DataFrame(lines[[*ends, "length_m"]]), how="left", on=ends)
    return table.sort_values(["kind", "target_code", "holder_code"], ignore_index=True)[TABLE_COLUMNS]
