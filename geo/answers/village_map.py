"""What a small map of one village shows, on the screen and on paper alike."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.ownership import cell_owners, cell_states
from geo.crs import STORED_CRS
from geo.exchange.village_profile import VillageMap
from geo.frames import is_among
from geo.store import queries
from geo.store.aggregates import Held, paired_households, placed_households
from geo.store.subjects import positions_of
from geo.vocabulary import ResponsibilityKind

_CADRE_COLUMNS = ["code", "name", "kind", "geometry"]


def village_map(
    session: Session,
    actor: Actor,
    village: gpd.GeoDataFrame,
    team: Collection[Held],
    homes: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None = None,
) -> VillageMap:
    """The map of a village on a day.

    Parameters
    ----------
    village : GeoDataFrame
        One row of the layer ``villages``.
    team : collection of Held
        Its work team.
    homes : DataFrame
        `geo.store.aggregates.household_counts` of the village.

    Returns
    -------
    VillageMap
        Single households only for whom they may be shown to; without an outline there are no neighbours.
    """
    code = str(village["code"].iloc[0])
    cells = queries.layer_frame(session, "cells", as_of=as_of, known_at=known_at, within=(code,))
    return VillageMap(
        village=village[["code", "name", "geometry"]],
        neighbours=_neighbours(session, village),
        cells=_with_states(session, cells, homes, as_of=as_of, known_at=known_at),
        cadres=_inside(session, village, team),
        households=_households(session, actor, code, as_of=as_of, known_at=known_at),
    )


def _neighbours(session: Session, village: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Outlines and names of villages are open to every account."""
    west, south, east, north = (float(side) for side in village.total_bounds)
    box = None if pd.isna(west) else (west, south, east, north)
    near = queries.layer_frame(session, "villages", bbox=box, within=("",) if box else ())
    return near.loc[near["code"] != village["code"].iloc[0], ["code", "name", "geometry"]]


def _with_states(
    session: Session,
    cells: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None,
) -> gpd.GeoDataFrame:
    officers = queries.responsibilities(
        session,
        as_of=as_of,
        known_at=known_at,
        kinds=[str(ResponsibilityKind.GRID_OFFICER)],
        targets=cells["code"].tolist(),
    )
    counted = homes.groupby("cell_code")["households"].sum()
    return cells[["code", "name", "geometry"]].assign(
        state=cell_states(cell_owners(cells, officers)),
        households=cells["code"].map(counted).fillna(0).astype(int),
    )


def _inside(session: Session, village: gpd.GeoDataFrame, team: Collection[Held]) -> gpd.GeoDataFrame:
    """Those of the team whose place lies in the village, each once."""
    places = positions_of(session, {one.holder_code for one in team})
    outline = village.geometry.iloc[0]
    there = {} if outline is None else places[shapely.covers(outline, places.to_numpy())].to_dict()
    rows = {
        one.holder_code: (one.holder_code, one.holder_name or one.holder_code, one.kind)
        for one in reversed([*team])
        if one.holder_code in there
    }
    frame = pd.DataFrame(list(rows.values()), columns=_CADRE_COLUMNS[:3], dtype="str")
    points = [there[code] for code in frame["code"]]
    return gpd.GeoDataFrame(frame, geometry=points, crs=STORED_CRS)


def _households(
    session: Session, actor: Actor, code: str, *, as_of: date, known_at: datetime | None
) -> gpd.GeoDataFrame | None:
    """Positions without a name or code; None for those who may not see them."""
    if not (actor.sees_positions and actor.covers(code)):
        return None
    placed = placed_households(session, as_of=as_of, known_at=known_at, within=(code,))
    paired = paired_households(session, as_of=as_of, known_at=known_at, within=(code,))
    return placed.assign(paired=is_among(placed["code"], paired))[["paired", "geometry"]]
