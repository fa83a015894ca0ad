"""What SQL may ask of a geometry: PostGIS's names, answered by shapely.

Only what the store's queries, the GeoPackage's r-tree triggers and the type checks need. As in PostGIS a
missing argument gives NULL and geometries of different SRIDs are refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import shapely

from geo.store.gpkg import blob as blobs

INDEXED_PREDICATES = ("Intersects", "Within", "Contains", "Covers", "CoveredBy")
"""Predicates that can only hold where the bounding boxes meet, so the r-tree may go before them."""

_SHAPELY_NAMES = {"CoveredBy": "covered_by"}


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """NULL when any argument is NULL."""

    def answer(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return answer


def _predicate(function: Callable[..., Any]) -> Callable[..., Any]:
    """A truth about two geometries of the same SRID."""

    def answer(left: bytes | None, right: bytes | None) -> int | None:
        if left is None or right is None:
            return None
        if blobs.srid_of(left) != blobs.srid_of(right):
            raise ValueError("operation on geometries of different SRIDs")
        return int(function(blobs.decode(left), blobs.decode(right)))

    return answer


def _bound(which: int) -> Callable[..., Any]:
    return _strict(lambda blob: blobs.bound(blob, which))


def _envelope(minx: float, miny: float, maxx: float, maxy: float, srid: int) -> bytes:
    return blobs.encode(shapely.box(minx, miny, maxx, maxy), srid)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ST_MinX": _bound(0),
    "ST_MaxX": _bound(1),
    "ST_MinY": _bound(2),
    "ST_MaxY": _bound(3),
    "ST_X": _bound(0),
    "ST_Y": _bound(2),
    "ST_IsEmpty": _strict(lambda blob: int(blobs.is_empty(blob))),
    "ST_SRID": _strict(blobs.srid_of),
    "ST_GeometryType": _strict(blobs.type_name),
    "ST_MakeEnvelope": _strict(_envelope),
}
FUNCTIONS |= {
    f"ST_{name}": _predicate(getattr(shapely, _SHAPELY_NAMES.get(name, name.lower())))
    for name in INDEXED_PREDICATES
}


def register(connection: sqlite3.Connection) -> None:
    """Make all functions known to a connection."""
    for name, function in FUNCTIONS.items():
        connection.create_function(name, -1, function, deterministic=True)
