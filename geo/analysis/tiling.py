"""Shapes whose common borders stay vertex for vertex the same, however often they are cut and joined.

They are kept in EPSG:4490 and never moved. A cut is looked for in a `Plan`, an affine picture of the ground
in metres: straight lines are straight in both, so what was measured there holds here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import STORED_CRS, to_metric

_PROBE_DEG = 1e-3
_BEYOND_DEG = 1e-8
_CRUMB_RATIO = 1e-6
Numbers = npt.NDArray[np.float64]
Shapes = TypeVar("Shapes", BaseGeometry, npt.NDArray[np.object_])


@dataclass(frozen=True)
class Plan:
    """The ground around a point as a plane in metres, by the county's zone at that point."""

    origin: Numbers
    metres_per_degree: Numbers

    @classmethod
    def around(cls, shape: BaseGeometry) -> Plan:
        """The plan for a shape in EPSG:4490, exact at its middle, within a village off by less than 0.1 %."""
        west, south, east, north = shape.bounds
        origin = np.array([(west + east) / 2, (south + north) / 2])
        probes = origin + np.array([[0, 0], [_PROBE_DEG, 0], [0, _PROBE_DEG]])
        ground = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*probes.T), crs=STORED_CRS)
        at = shapely.get_coordinates(to_metric(ground).geometry.to_numpy())
        return cls(origin, (at[1:] - at[0]).T / _PROBE_DEG)

    def drawn(self, shapes: Shapes) -> Shapes:
        """Shapes in EPSG:4490 as they are in the plan."""
        drawn: Shapes = shapely.transform(
            shapes, lambda degrees: (degrees - self.origin) @ self.metres_per_degree.T
        )
        return drawn

    def located(self, positions: Numbers) -> Numbers:
        """Positions of the plan in EPSG:4490."""
        back: Numbers = positions @ np.linalg.inv(self.metres_per_degree).T + self.origin
        return back


def polygons_of(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of any shape, mended, without empty ones; largest first."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    found = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return sorted(found, key=lambda part: (-part.area, part.bounds))


def cut_shape(
    shapes: Mapping[int, shapely.Polygon], at: int, lines: Iterable[Numbers], plan: Plan
) -> tuple[dict[int, shapely.Polygon], shapely.Polygon] | None:
    """One of the shapes cut in two along lines of the plan: every shape that changes, and the second half.

    Neighbours get the new corners too, so that borders stay the same on both sides. None if the lines do not
    part the shape into exactly two.
    """
    keys, all_shapes = list(shapes), np.array(list(shapes.values()), dtype=object)
    cuts = [reaching(plan.located(line), shapes[at], beyond=_BEYOND_DEG) for line in lines]
    met = shapely.intersects(all_shapes, shapely.multilinestrings(cuts))
    met[keys.index(at)] = True
    linework = shapely.union_all([*shapely.boundary(all_shapes[met]), *cuts])
    faces = shapely.get_parts(shapely.polygonize([linework]))
    inside = shapely.point_on_surface(faces)
    changed = {
        keys[near]: faces[shapely.contains_properly(all_shapes[near], inside)] for near in np.flatnonzero(met)
    }
    halves = _two(changed.pop(at))
    whole = {key: _as_one(parts) for key, parts in changed.items()}
    if halves is None or any(shape is None for shape in whole.values()):
        return None
    return {**whole, at: halves[0]}, halves[1]


def _two(faces: Sequence[shapely.Polygon]) -> Sequence[shapely.Polygon] | None:
    """Faces as two; slivers, made where a cut runs along a border for a bit, go to the one they touch."""
    halves = sorted(faces, key=lambda face: -face.area)
    while len(halves) > 2:
        crumb = halves.pop()
        joins = [(at, whole) for at in (0, 1) if (whole := joined(halves[at], crumb)) is not None]
        if crumb.area > _CRUMB_RATIO * halves[1].area or not joins:
            return None
        halves[joins[0][0]] = joins[0][1]
    return halves if len(halves) == 2 else None


def reaching(line: Numbers, shape: shapely.Polygon, *, beyond: float) -> shapely.LineString:
    """A line to a shape's border so that it surely meets it: a little longer, or exactly to a corner.

    What sticks out bounds nothing and is dropped when faces are made. ``beyond`` is in the line's own units.
    """
    longer = line.copy()
    for end, inner in ((0, 1), (-1, -2)):
        step = line[end] - line[inner]
        length = float(np.hypot(*step))
        if length > 0:
            longer[end] += step * (beyond / length)
    return shapely.snap(shapely.LineString(longer), shape, 2 * beyond)


def joined(one: shapely.Polygon, other: shapely.Polygon) -> shapely.Polygon | None:
    """Two shapes with a common border as one; None where they share none."""
    return _as_one([one, other])


def _as_one(shapes: Sequence[shapely.Polygon]) -> shapely.Polygon | None:
    whole = shapely.coverage_union_all(shapes)
    return whole if whole.geom_type == "Polygon" else None
