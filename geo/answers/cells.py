"""The cells of a territory as a table, and everything about one of them: what a coordinator works on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.answers.lineage import following
from geo.answers.scope import readable
from geo.answers.targets import target_table
from geo.codes import CELL, require_code, village_of
from geo.crs import STORED_CRS, to_metric
from geo.errors import CodeError
from geo.i18n import _
from geo.store import queries
from geo.store.cell_reads import cell_versions, village_ground
from geo.store.engine import Store
from geo.store.records import history_of, lineage_of
from geo.vocabulary import ResponsibilityKind

COLUMNS = (
    "code",
    "name",
    "village_code",
    "village_name",
    "township_code",
    "state",
    "officers",
    "officer_codes",
    "assistants",
    "since",
    "households",
    "area_km2",
    "version",
)
_CALLED = {"holders": "officers", "holder_codes": "officer_codes"}


def cell_table(
    store: Store, actor: Actor, *, as_of: date, township: str = "", village: str = ""
) -> gpd.GeoDataFrame:
    """Every cell of a territory on a day, who answers for it and since when.

    Parameters
    ----------
    township, village : str
        Codes; ``""`` for everything the actor may read.

    Returns
    -------
    GeoDataFrame in EPSG:4490, by code
        `COLUMNS` and ``geometry``. ``state`` is unowned, owned or contested; ``officers`` and ``assistants``
        are names separated by ``、``, ``officer_codes`` codes separated by ``;``; ``version`` counts the
        changes of the cell's row. Empty where there are no cells.

    Raises
    ------
    PermissionError_
        The territory lies outside the actor's scope.
    """
    within = village or township
    table = target_table(store, actor, ResponsibilityKind.GRID_OFFICER, as_of=as_of, township=within)
    with store.read() as session:
        versions = cell_versions(session, within=readable(actor, within))
    table = table.rename(columns=_CALLED).assign(
        area_km2=areas_km2(table),
        households=table["households"].fillna(0).astype(int),
        version=table["code"].map(versions).astype("Int64"),
    )
    found: gpd.GeoDataFrame = table[[*COLUMNS, "geometry"]]
    return found


def areas_km2(cells: gpd.GeoDataFrame) -> pd.Series:
    """Area of each shape, measured in the county's zone; 0 for a missing one."""
    measured: pd.Series = (to_metric(cells).area / 1e6).fillna(0.0).round(4)
    return measured


@dataclass(frozen=True)
class CellDetail:
    """One cell on a day, and what was before and after.

    Attributes
    ----------
    facts : dict
        The cell's row of `cell_table`, without geometry; only code, name and village on a day on which
        it is not valid.
    is_valid : bool
        Whether it is valid on the day.
    geometry : MultiPolygon in EPSG:4490, or None
    history : DataFrame
        Every record ever of who answers for it, superseded ones too: as `geo.store.records.history_of`,
        with ``holder_name``.
    parents, children : DataFrame ``code, event, happened_on``
        Cells it came from, and cells that came from it, directly.
    successors : list of str
        Cells valid on the day that follow it through all generations; empty while it is valid itself.
    households : GeoDataFrame ``code, geometry``
        Those on record in it; without points for roles that may not see single households.
    village_shape : MultiPolygon or None
    neighbours : GeoDataFrame ``code, name, geometry``
        The village's other cells: what a drawing is tied to.
    """

    facts: dict[str, Any]
    is_valid: bool
    geometry: Any
    history: pd.DataFrame
    parents: pd.DataFrame
    children: pd.DataFrame
    successors: list[str]
    households: gpd.GeoDataFrame
    village_shape: Any
    neighbours: gpd.GeoDataFrame


def cell_detail(
    store: Store, actor: Actor, code: str, *, as_of: date, known_at: datetime | None = None
) -> CellDetail:
    """Everything about one cell.

    Raises
    ------
    CodeError
        There is no such cell and never was.
    PermissionError_
        It lies outside the actor's scope.
    """
    village_code = village_of(require_code(code, CELL))
    require_read(actor, village_code)
    with store.read() as session:
        called = queries.entity_names(session, [code])
        if called.empty:
            raise CodeError(_("没有代码为“{code}”的网格。").format(code=code))
        cells: Any = queries.layer_frame(
            session, "cells", as_of=as_of, known_at=known_at, within=(village_code,)
        )
        homes: Any = queries.layer_frame(
            session, "households", as_of=as_of, known_at=known_at, within=(village_code,)
        )
        history = _with_names(session, history_of(session, code))
        lineage = lineage_of(session, [code])
        village_shape = village_ground(session, village_code, as_of=as_of).shape
    here = cells["code"] == code
    table = cell_table(store, actor, as_of=as_of, village=village_code)
    row = table[table["code"] == code].drop(columns="geometry").to_dict("records")
    return CellDetail(
        facts=row[0] if row else {"code": code, "name": called["name"].iloc[0], "village_code": village_code},
        is_valid=bool(here.any()),
        geometry=cells.geometry[here].iloc[0] if here.any() else None,
        history=history,
        parents=_kin(lineage, of="child_code", code=code, other="parent_code"),
        children=_kin(lineage, of="parent_code", code=code, other="child_code"),
        successors=following(lineage, code, set(cells["code"]), as_of),
        households=_homes(homes[homes["cell_code"] == code], actor),
        village_shape=village_shape,
        neighbours=cells.loc[~here, ["code", "name", "geometry"]].reset_index(drop=True),
    )


def _kin(lineage: pd.DataFrame, *, of: str, code: str, other: str) -> pd.DataFrame:
    found = lineage.loc[lineage[of] == code, [other, "event", "happened_on"]]
    return found.rename(columns={other: "code"}).reset_index(drop=True)


def _with_names(session: Session, history: pd.DataFrame) -> pd.DataFrame:
    names = queries.entity_names(session, history["holder_code"]).drop_duplicates("code")
    called = history["holder_code"].map(names.set_index("code")["name"])
    return history.assign(holder_name=called.where(called.notna(), history["holder_code"]))


def _homes(households: gpd.GeoDataFrame, actor: Actor) -> gpd.GeoDataFrame:
    found = households[["code", "geometry"]].reset_index(drop=True)
    sees = actor.sees_positions and found["code"].size and actor.covers(households["village_code"].iloc[0])
    if sees:
        return found
    hidden = gpd.GeoSeries([None] * len(found), crs=STORED_CRS)
    return gpd.GeoDataFrame({"code": found["code"]}, geometry=hidden, crs=STORED_CRS)
