"""Households: single points close up for those who may see them, counts by cell for everybody else.

Neither names nor hardship ever enter a tile (domain §9); a point says only whether the household is paired.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.answers.theme import cell_attributes, household_attributes
from geo.store.engine import Store
from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import project_geometries
from layers.part import NOTHING, Part, Points, Territory, area_shapes, gather, joined

SINGLE_FROM_ZOOM = 12


def load_households(store: Store, *, as_of: date, township: str) -> Part:
    """Counts at the middle of each cell of a township, with the single households beside them.

    A household without a cell in force is counted nowhere: its place must not be guessed.
    """
    cells = cell_attributes(store, as_of=as_of, township=township)
    households = household_attributes(store, as_of=as_of, township=township)
    counts = households_by_cell(cells["code"], households)
    middles = shapely.point_on_surface(area_shapes(cells))
    middles[counts["n"].to_numpy() == 0] = None
    columns = {column: counts[column].to_numpy() for column in ("n", "unpaired")}
    return Part(middles, columns, Territory(cells["village_code"]), households=_points(households))


def households_by_cell(cells: pd.Series, households: pd.DataFrame) -> pd.DataFrame:
    """Number of households ``n`` and of those ``unpaired`` for each cell code, in the given order."""
    by_cell = households.assign(unpaired=~households["paired"].astype(bool)).groupby("cell_code")["unpaired"]
    counts = by_cell.agg(n="size", unpaired="sum")
    return counts.reindex(cells).fillna(0).astype(int)


def _points(households: Any) -> Points:
    located = households[shapely.get_type_id(households.geometry.to_numpy()) == 0]
    points = project_geometries(located.geometry.array)
    return Points(
        np.column_stack([shapely.get_x(points), shapely.get_y(points)]),
        located["paired"].to_numpy(dtype=bool),
        Territory(located["village_code"]),
    )


def encode_households(request: TileRequest) -> bytes:
    """Tile layers ``households`` (``paired``) and ``household_counts`` (``n``, ``unpaired``)."""
    singles = request.view.points if request.z >= SINGLE_FROM_ZOOM else NOTHING
    return _encode_singles(request, singles) + _encode_counts(request, singles)


def _encode_singles(request: TileRequest, singles: frozenset[str]) -> bytes:
    clouds = [part.households for part in request.touched if part.households is not None]
    chosen = [cloud.territory.within(singles) for cloud in clouds]
    if not any(rows.any() for rows in chosen):
        return b""
    xy = joined([cloud.xy[rows] for cloud, rows in zip(clouds, chosen, strict=True)])
    paired = joined([cloud.paired[rows] for cloud, rows in zip(clouds, chosen, strict=True)])
    return mvt.encode_points("households", xy, {"paired": paired}, request.bounds, merge=True)


def _encode_counts(request: TileRequest, singles: frozenset[str]) -> bytes:
    shapes = [_without(part, singles) for part in request.touched]
    points, columns = gather(request.touched, shapes, bounds=request.reach, reads=request.view.reads)
    present = ~shapely.is_missing(points)
    xy = shapely.get_coordinates(points[present])
    carried = {name: column[present] for name, column in columns.items()}
    return mvt.encode_points("household_counts", xy, carried, request.bounds)


def _without(part: Part, singles: frozenset[str]) -> Any:
    """Count points of a part, missing where the households themselves are shown."""
    if not singles:
        return part.shapes
    return np.where(part.territory.within(singles), None, part.shapes)


LAYER = MapLayer(
    "households",
    ("households", "cells", "responsibilities"),
    load_households,
    encode_households,
    shows_persons=True,
)
