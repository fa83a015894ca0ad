"""Real villages with invented households: in settlements, along roads, a few anywhere; fixed by one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import STORED_CRS, to_metric

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "real" / "sishui" / "villages_shift115m.geojson"
SAMPLE = ROOT / "data" / "shapefiles" / "villages.zip"
FEWEST, MOST = 150, 500
_ALONG_ROADS, _ANYWHERE = 0.2, 0.08
_SPREAD_M = (60, 220)


@dataclass(frozen=True)
class Place:
    """A village with what was invented in it; all in EPSG:4490."""

    name: str
    village: BaseGeometry
    households: gpd.GeoSeries
    roads: gpd.GeoSeries


def places(seed: int, most: int | None) -> Iterator[Place]:
    """The villages of the real county, or of the sample where it is not on this machine."""
    villages = village_shapes()
    chosen = np.arange(len(villages)) if most is None else np.linspace(0, len(villages) - 1, most).astype(int)
    metric = to_metric(villages)
    for at in np.unique(chosen):
        rng = np.random.default_rng([seed, int(at)])
        shape = metric.geometry.iloc[at]
        roads = _roads(shape, rng)
        homes = _homes(shape, roads, int(rng.integers(FEWEST, MOST)), rng)
        stored = gpd.GeoSeries([*shapely.points(homes), *roads], crs=metric.crs).to_crs(STORED_CRS)
        yield Place(
            str(villages["name"].iloc[at]),
            villages.geometry.iloc[at],
            stored.iloc[: len(homes)],
            stored.iloc[len(homes) :],
        )


def village_shapes() -> gpd.GeoDataFrame:
    """Names and polygons of the villages, in EPSG:4490."""
    found = gpd.read_file(REAL if REAL.exists() else f"zip://{SAMPLE}")
    return found.set_axis([name.lower() for name in found.columns], axis=1).to_crs(STORED_CRS)


def _roads(shape: BaseGeometry, rng: np.random.Generator) -> list[BaseGeometry]:
    """One or two winding roads from one side of the village to the other."""
    middle = np.array(shape.centroid.coords[0])
    reach = np.hypot(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
    roads = []
    for _road in range(int(rng.integers(1, 3))):
        angle = rng.uniform(0, np.pi)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        steps = np.linspace(-0.7, 0.7, 15)
        winding = rng.normal(0, 0.03) + np.cumsum(rng.normal(0, 0.015, 15))
        roads.append(
            shapely.LineString(middle + reach * (steps[:, None] * along + winding[:, None] * across))
        )
    return roads


def _homes(
    shape: BaseGeometry, roads: list[BaseGeometry], count: int, rng: np.random.Generator
) -> np.ndarray:
    """Positions of so many households in one to four settlements, along the roads and anywhere."""
    shapely.prepare(shape)
    centres = _anywhere(shape, 1, rng)
    for _settlement in range(int(rng.integers(0, 4))):
        centres = np.concatenate([centres, _anywhere(shape, 1, rng)])
    sizes = rng.dirichlet(np.ones(len(centres)) * 2)
    found = np.empty((0, 2))
    while len(found) < count:
        kind = rng.random(count)
        at = rng.choice(len(centres), count, p=sizes)
        drawn = centres[at] + rng.normal(0, 1, (count, 2)) * rng.uniform(*_SPREAD_M)
        road = rng.integers(len(roads))
        near = shapely.line_interpolate_point(roads[road], rng.random(count), normalized=True)
        near_road = shapely.get_coordinates(near) + rng.normal(0, 25, (count, 2))
        drawn = np.where((kind < _ALONG_ROADS)[:, None], near_road, drawn)
        drawn = np.where((kind > 1 - _ANYWHERE)[:, None], _anywhere(shape, count, rng), drawn)
        found = np.concatenate([found, drawn[shapely.contains_xy(shape, drawn)]])
    return found[:count]


def _anywhere(shape: BaseGeometry, count: int, rng: np.random.Generator) -> np.ndarray:
    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform([west, south], [east, north], (2 * count, 2))
        found = np.concatenate([found, drawn[shapely.contains_xy(shape, drawn)]])
    return found[:count]
