"""Villages and households for tests of proposed cells: made in metres round one point, given in degrees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from geo.crs import STORED_CRS

LON, LAT = 117.3, 35.6
_DEGREES_PER_M = (1 / 90_600, 1 / 110_950)


def on_ground(shape):
    """A shape drawn in metres, in EPSG:4490."""
    scaled = affinity.scale(shape, *_DEGREES_PER_M, origin=(0, 0))
    return affinity.translate(scaled, LON, LAT)


def box(west, south, east, north):
    return on_ground(shapely.box(west, south, east, north))


def polygon(*corners):
    return on_ground(shapely.Polygon(corners))


def line(*corners):
    return on_ground(shapely.LineString(corners))


def households_at(points):
    """Households at positions given in metres."""
    return gpd.GeoSeries([on_ground(shapely.Point(*point)) for point in points], crs=STORED_CRS)


def households_in(village, count, *, seed=7):
    """So many households anywhere in a village given in EPSG:4490."""
    rng = np.random.default_rng(seed)
    west, south, east, north = village.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform([west, south], [east, north], (4 * count, 2))
        found = np.concatenate([found, drawn[shapely.contains_xy(village, drawn)]])
    return gpd.GeoSeries(gpd.points_from_xy(*found[:count].T), crs=STORED_CRS)


def counts_in(cells, households):
    """Households of each cell; one on a border counts in the first."""
    left, counts = list(households), []
    for cell in cells:
        counts.append(sum(cell.intersects(point) for point in left))
        left = [point for point in left if not cell.intersects(point)]
    return counts
