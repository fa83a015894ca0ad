"""A store with two townships and four villages, and the files people send: for tests of import and export."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo.access import SYSTEM
from geo.exchange.report import ImportReport
from geo.operations.load import import_file
from geo.store.engine import Store

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = date(2026, 5, 1)
COUNTY = "990101"
TOWNSHIPS = ("990101101", "990101102")
VILLAGES = tuple(f"{town}{number:03}" for town in TOWNSHIPS for number in (1, 2))
WEST, SOUTH, STEP = 117.0, 35.5, 0.02


def square(column: float, row: float = 0, size: float = 1) -> shapely.Polygon:
    """A square of the county's grid, a village's size by default."""
    left, bottom = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(left, bottom, left + size * STEP, bottom + size * STEP)


def townships() -> gpd.GeoDataFrame:
    shapes = [shapely.union(square(2 * at), square(2 * at + 1)) for at in (0, 1)]
    return gpd.GeoDataFrame({"code": TOWNSHIPS, "name": ["东岭镇", "西河镇"]}, geometry=shapes, crs=4490)


def villages() -> gpd.GeoDataFrame:
    names = ["北陈", "大汪", "石桥", "柳林"]
    shapes = [square(at) for at in range(4)]
    return gpd.GeoDataFrame({"code": VILLAGES, "name": names}, geometry=shapes, crs=4490)


def cells() -> gpd.GeoDataFrame:
    """Two cells in each of the first two villages, west and east."""
    shapes = [
        shapely.box(WEST + (at + part / 2) * STEP, SOUTH, WEST + (at + (part + 1) / 2) * STEP, SOUTH + STEP)
        for at in (0, 1)
        for part in (0, 1)
    ]
    owners = [VILLAGES[at] for at in (0, 0, 1, 1)]
    return gpd.GeoDataFrame({"village_code": owners}, geometry=shapes, crs=4490)


def households() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": ["H1", "H2", "H3", "H4"],
            "village_code": [VILLAGES[0], VILLAGES[0], VILLAGES[1], VILLAGES[2]],
            "head_name": ["张三", "李四", "王五", "赵六"],
            "phone": ["13800000001", "13800000002", None, None],
            "people": [3, 4, None, 2],
            "hardship": ["是", "否", None, "否"],
            "lon": [WEST + 0.2 * STEP, WEST + 0.7 * STEP, WEST + 1.2 * STEP, None],
            "lat": [SOUTH + 0.5 * STEP] * 3 + [None],
        }
    )


def write(frame: pd.DataFrame, path: Path, **options: object) -> Path:
    """Write a frame as the file its suffix names."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, **options)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False, **options)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    return path


def bring(store: Store, path: Path, layer: str, **options: object) -> ImportReport:
    """Import a file as the department, today."""
    return import_file(store, SYSTEM, path, layer, **{"now": NOW, **options})


def load_territory(store: Store, folder: Path) -> None:
    """Townships, villages and cells, by the import itself."""
    for layer, frame in (("townships", townships()), ("villages", villages()), ("cells", cells())):
        report = bring(store, write(frame, folder / f"{layer}.gpkg"), layer)
        assert report.written, report.sentence()
