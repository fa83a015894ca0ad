"""Households: single points close up for those who may see them, counts by cell for everybody else.

Neither names nor hardship ever enter a tile (domain §9); a point says only whether the household is paired.
A household without a cell in force is counted in none: its place must not be guessed.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely

from geo.answers.theme import household_attributes
from geo.store.engine import Store
from layers import cells, mvt
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import project
from layers.part import NOTHING, Part, Territory, joined, picked

SINGLE_FROM_ZOOM = 12


def load_households(store: Store, *, as_of: date, township: str) -> Part:
    """The placed households of a township as a part."""
    frame = household_attributes(store, as_of=as_of, township=township)
    xy = project(shapely.get_coordinates(frame.geometry.array))
    columns = {"paired": frame["paired"].to_numpy(dtype=bool)}
    return Part(None, columns, Territory(frame["village_code"]), xy)


def encode_households(request: TileRequest) -> bytes:
    """Tile layers ``households`` (``paired``) and ``household_counts`` (``n``, ``unpaired``)."""
    singles = request.view.points if request.z >= SINGLE_FROM_ZOOM else NOTHING
    return _encode_singles(request, singles) + _encode_counts(request, singles)


def _encode_singles(request: TileRequest, singles: frozenset[str]) -> bytes:
    if not singles:
        return b""
    parts = request.touched(LAYER)
    chosen = [part.territory.within(singles) for part in parts]
    xy = joined([part.points[rows] for part, rows in zip(parts, chosen, strict=True)])
    return mvt.encode_points("households", xy, picked(parts, chosen), request.bounds, merge=True)


def _encode_counts(request: TileRequest, singles: frozenset[str]) -> bytes:
    """Counts in the middle of each cell whose households are not shown themselves."""
    parts = request.touched(cells.LAYER)
    chosen = [
        part.territory.within(request.view.reads)
        & ~part.territory.within(singles)
        & (part.columns["n"] > 0)
        & ~np.isnan(part.points).any(axis=1)
        for part in parts
    ]
    xy = joined([part.points[rows] for part, rows in zip(parts, chosen, strict=True)])
    columns = picked(parts, chosen)
    carried = {name: columns[name] for name in ("n", "unpaired")}
    return mvt.encode_points("household_counts", xy, carried, request.bounds)


LAYER = MapLayer(
    "households",
    ("households", "cells", "responsibilities"),
    load_households,
    encode_households,
    shows_persons=True,
    reads_whole=False,
)
