"""Web-Mercator arithmetic: what a tile covers and where a coordinate falls."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import shapely

from geo.errors import InputError
from geo.i18n import _

HALF_WORLD_M = 20037508.342789244
"""Half the width of the projected world in (projected) metres."""
SCREEN_TILE_PX = 512
"""Size at which the map draws one tile; decides how much detail a zoom needs."""
MAX_ZOOM = 18


class Bounds(NamedTuple):
    """West, south, east, north in projected metres."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, distance_m: float) -> Bounds:
        """The same rectangle, wider by a distance on every side."""
        return Bounds(
            self.west - distance_m, self.south - distance_m, self.east + distance_m, self.north + distance_m
        )

    def meets(self, other: Bounds) -> bool:
        """Whether two rectangles touch or overlap."""
        return (
            self.west <= other.east
            and self.east >= other.west
            and self.south <= other.north
            and self.north >= other.south
        )

    def to_degrees(self) -> tuple[float, float, float, float]:
        """West, south, east, north as longitudes and latitudes."""
        west, east = (180 * x / HALF_WORLD_M for x in (self.west, self.east))
        south, north = (_latitude(y) for y in (self.south, self.north))
        return west, south, east, north


def _latitude(y: float) -> float:
    return math.degrees(2 * math.atan(math.exp(math.pi * y / HALF_WORLD_M))) - 90


def union(rectangles: Iterable[Bounds | None]) -> Bounds | None:
    """The rectangle around several; None when there are none."""
    given = [rectangle for rectangle in rectangles if rectangle is not None]
    if not given:
        return None
    west, south, east, north = zip(*given, strict=True)
    return Bounds(min(west), min(south), max(east), max(north))


def require_tile(z: int, x: int, y: int) -> None:
    """Raise `InputError` unless such a tile exists (zoom 0–18)."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(_("没有编号为 {z}/{x}/{y} 的瓦片。").format(z=z, x=x, y=y))


def tile_bounds(z: int, x: int, y: int) -> Bounds:
    """The rectangle that a tile covers."""
    side = 2 * HALF_WORLD_M / 2**z
    west, north = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    return Bounds(west, north - side, west + side, north)


def tiles_over(bounds: Bounds, z: int) -> list[tuple[int, int]]:
    """Column and row of every tile of a zoom that a rectangle touches, row by row."""
    side, last = 2 * HALF_WORLD_M / 2**z, (1 << z) - 1

    def index(distance_m: float) -> int:
        return min(max(int(distance_m // side), 0), last)

    columns = range(index(bounds.west + HALF_WORLD_M), index(bounds.east + HALF_WORLD_M) + 1)
    rows = range(index(HALF_WORLD_M - bounds.north), index(HALF_WORLD_M - bounds.south) + 1)
    return [(x, y) for y in rows for x in columns]


def pixel_m(z: int) -> float:
    """Width in projected metres of one screen pixel of a tile of that zoom."""
    return float(2 * HALF_WORLD_M / 2**z / SCREEN_TILE_PX)


def project(lon_lat: Any) -> Any:
    """Project an (n, 2) array of longitudes and latitudes (EPSG:4490) to metres of Web Mercator.

    CGCS2000 and WGS 84 differ by centimetres; they are taken as the same here.
    """
    lon_lat = np.asarray(lon_lat, dtype=float)
    x = lon_lat[:, 0] * HALF_WORLD_M / 180
    y = np.log(np.tan((90 + lon_lat[:, 1]) * np.pi / 360)) * HALF_WORLD_M / np.pi
    return np.column_stack([x, y])


def project_geometries(geometries: Any) -> Any:
    """Project an array of shapely geometries from degrees to Web Mercator; missing ones stay missing."""
    return shapely.transform(np.asarray(geometries, dtype=object), project)
