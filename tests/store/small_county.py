"""A county of one township, four square villages of four cells each, and some people."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import pandas as pd
from shapely import MultiPolygon, Point, box

from geo.crs import STORED_CRS
from geo.store.bulk import insert_frame
from geo.store.engine import Store
from geo.store.models import Cadre, GridCell, Household, Township, Unit, Village

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
TODAY = date(2026, 5, 1)
WEST, SOUTH, SIDE = 117.0, 35.0, 1 / 32  # sums of these are exact
TOWNSHIP = "990101101"
VILLAGES = [f"{TOWNSHIP}{number:03d}" for number in (1, 2, 3, 4)]


def _square(west: float, south: float, side: float) -> MultiPolygon:
    return MultiPolygon([box(west, south, west + side, south + side)])


def _corner(number: int, side: float) -> tuple[float, float]:
    return number % 2 * side, number // 2 * side


def townships() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": [TOWNSHIP], "name": ["石桥镇"]}, geometry=[_square(WEST, SOUTH, 2 * SIDE)], crs=STORED_CRS
    )


def villages() -> gpd.GeoDataFrame:
    corners = [_corner(number, SIDE) for number in range(4)]
    return gpd.GeoDataFrame(
        {
            "code": VILLAGES,
            "name": ["石桥村", "河东村", "河西村", "山后村"],
            "township_code": TOWNSHIP,
            "kind": ["village", None, "community", None],
        },
        geometry=[_square(WEST + x, SOUTH + y, SIDE) for x, y in corners],
        crs=STORED_CRS,
    )


def cells() -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for number, village in enumerate(VILLAGES):
        x, y = _corner(number, SIDE)
        for part in range(4):
            inner_x, inner_y = _corner(part, SIDE / 2)
            rows.append((f"{village}{part + 1:03d}", village))
            shapes.append(_square(WEST + x + inner_x, SOUTH + y + inner_y, SIDE / 2))
    return gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["code", "village_code"]).assign(valid_from=None, valid_to=None),
        geometry=shapes,
        crs=STORED_CRS,
    )


def households(count: int = 40) -> gpd.GeoDataFrame:
    """Every tenth has no position."""
    step = 2 * SIDE / count
    points = [Point(WEST + step * (n + 0.5), SOUTH + step * (n + 0.5)) for n in range(count)]
    village = [VILLAGES[0] if n < count / 2 else VILLAGES[3] for n in range(count)]
    return gpd.GeoDataFrame(
        {
            "code": [f"H{n:06d}" for n in range(count)],
            "village_code": village,
            "head_name": "某某",
            "people": pd.array([None if n % 7 == 0 else n % 6 + 1 for n in range(count)], dtype="Int64"),
            "hardship": pd.array([None if n % 5 == 0 else n % 2 == 0 for n in range(count)], dtype="boolean"),
        },
        geometry=[None if n % 10 == 9 else point for n, point in enumerate(points)],
        crs=STORED_CRS,
    )


def units() -> pd.DataFrame:
    return pd.DataFrame({"code": ["U2", "U1"], "name": ["水利局", "县委办"], "parent_code": ["U1", None]})


def cadres() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": ["C1", "C2"], "name": ["王石桥", "李明"], "unit_code": ["U1", None]},
        geometry=[Point(WEST, SOUTH), None],
        crs=STORED_CRS,
    )


def load(store: Store) -> Store:
    """Put everything into a store."""
    with store.write() as session:
        insert_frame(session, Township, townships())
        insert_frame(session, Village, villages())
        insert_frame(session, GridCell, cells())
        insert_frame(session, Household, households())
        insert_frame(session, Unit, units())
        insert_frame(session, Cadre, cadres())
    return store
