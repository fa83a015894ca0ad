"""From places on the ground to places on the page: projection, scale and what lies in the frame of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import gauss_kruger_srid
from geo.exchange.paper_fit import Box

POINT_M = 0.0254 / 72
"""Length of a point of the page, in metres of paper."""

_STEPS = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10)
_LEAST_SCALE = 500.0  # a single point has no size: nothing is drawn larger than 1:500
_TOLERANCE = 0.12  # points: finer than any printer shows


@dataclass(frozen=True)
class MapView:
    """How a village lies in the frame of its map.

    Attributes
    ----------
    frame : Box
    srid : int
        The Gauss–Krüger zone.
    scale : float
        So many metres on the ground are one on paper.
    east, north : float
        What lies in the middle of the frame, in metres of the zone.
    """

    frame: Box
    srid: int
    scale: float
    east: float
    north: float

    @property
    def points_per_m(self) -> float:
        """How long a metre on the ground is on the page."""
        return 1 / (self.scale * POINT_M)

    @property
    def meridian(self) -> int:
        """The central meridian of the zone, in degrees east."""
        return 75 + 3 * (self.srid - gauss_kruger_srid(75.0))

    def on_page(self, frame: gpd.GeoDataFrame) -> Any:
        """Shapes of a stored frame as an array in points of the page, cut to the frame; empty outside it."""
        if frame.empty:
            return np.array([], dtype=object)
        ground = frame.geometry.to_crs(self.srid).to_numpy()
        middle = np.array([self.frame.left + self.frame.width / 2, self.frame.top + self.frame.height / 2])
        turn = np.array([self.points_per_m, -self.points_per_m])
        moved = shapely.transform(ground, lambda coords: middle + (coords - [self.east, self.north]) * turn)
        fine = shapely.simplify(shapely.make_valid(moved), _TOLERANCE)
        return shapely.intersection(fine, self.window)

    @property
    def window(self) -> Any:
        """The frame as a shape."""
        return shapely.box(self.frame.left, self.frame.top, self.frame.right, self.frame.bottom)


def view_of(village: gpd.GeoDataFrame, frame: Box, *, margin: float = 14.0) -> MapView | None:
    """The view at the largest round scale at which the village fits the frame; None where it has no place."""
    placed = village[~(village.geometry.isna() | village.geometry.is_empty)]
    if placed.empty:
        return None
    west, _south, east, _north = placed.total_bounds
    srid = gauss_kruger_srid(float(west + east) / 2)
    left, bottom, right, top = placed.geometry.to_crs(srid).total_bounds
    inside = frame.inset(margin)
    needed = max((right - left) / inside.width, (top - bottom) / inside.height) / POINT_M
    return MapView(frame, srid, round_scale(needed), float(left + right) / 2, float(bottom + top) / 2)


def round_scale(needed: float) -> float:
    """The next larger scale that people use.

    >>> round_scale(11_300)
    12500.0
    """
    needed = max(needed, _LEAST_SCALE)
    whole = 10.0 ** np.floor(np.log10(needed))
    return float(next(step * whole for step in _STEPS if step * whole >= needed - 1e-6))


def bar_length_m(view: MapView, room: float) -> float:
    """A round length on the ground (1, 2 or 5 …) whose bar is at most ``room`` points long."""
    longest = room / view.points_per_m
    whole = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * whole for step in (1, 2, 5) if step * whole <= longest))
