"""Faults in the ground: a strip that no cell covers, a bulge that two cells cover."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

_METRE_DEG = 1e-5  # about a metre, everywhere in the sample county
_WIDTHS = (0.10, 0.14, 0.19, 0.25)
_LEAST_STRIP_M2, _MOST_STRIP_M2 = 4000.0, 120_000.0
_CLEAR_M, _BULGE_M, _LEAST_BULGE_M2 = 6, 75, 1500.0
_SQUARE_DEG_M2 = 93_400.0 * 110_900.0  # at 33° N, good to a percent


def gap_strip(cell: BaseGeometry, places: shapely.STRtree) -> BaseGeometry | None:
    """A strip on a side of the cell with no household in it; None where there is no such strip."""
    west, south, east, north = cell.bounds
    for width in _WIDTHS:
        across, up = width * (east - west), width * (north - south)
        for band in (
            (west, south, west + across, north),
            (east - across, south, east, north),
            (west, south, east, south + up),
            (west, north - up, east, north),
        ):
            strip = cell.intersection(shapely.box(*band))
            if _is_clean(strip, cell, places):
                return strip
    return None


def _is_clean(strip: BaseGeometry, cell: BaseGeometry, places: shapely.STRtree) -> bool:
    fits = _LEAST_STRIP_M2 < strip.area * _SQUARE_DEG_M2 < _MOST_STRIP_M2
    if not fits or strip.geom_type != "Polygon" or cell.difference(strip).geom_type != "Polygon":
        return False
    return not len(places.query(strip.buffer(_CLEAR_M * _METRE_DEG), predicate="intersects"))


def overlap_bulge(cell: BaseGeometry, neighbour: BaseGeometry) -> BaseGeometry | None:
    """The cell grown into its neighbour around the middle of their border; None if they don't share one."""
    border = cell.intersection(neighbour)
    if not border.length:
        return None
    disc = border.interpolate(0.5, normalized=True).buffer(_BULGE_M * _METRE_DEG, quad_segs=3)
    bulge = disc.intersection(neighbour)
    grown = shapely.union(cell, bulge)
    if bulge.area * _SQUARE_DEG_M2 < _LEAST_BULGE_M2 or grown.geom_type != "Polygon":
        return None
    return grown
