"""Borders drawn: each shared border roughened once, then closed into polygons that fit exactly.

A border between two Voronoi patches may move freely inside the two triangles from its ends to the two sites,
and no other border enters there: so roughening can never make borders cross, whatever the random numbers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geo.crs import STORED_SRID, gauss_kruger_srid
from seeds.partition import Patches
from seeds.terrain import Floats, Ints

MIDDLE_LON, MIDDLE_LAT = 113.2, 33.0
DEGREE_M = np.array([93_400.0, 110_900.0])  # metres in a degree at 33° N, good to a percent
DECIMALS = 8  # about a millimetre
_LONG_M = 170.0
_MOST_ASIDE = 0.6
_SWAY = 0.19


@dataclass(frozen=True)
class Plane:
    """Metres around the county's middle, to degrees of EPSG:4490."""

    to_degrees: Transformer
    origin: Floats

    @classmethod
    def of_county(cls) -> Plane:
        """The plane of the sample county, a shifted Gauss–Krüger zone."""
        metric = gauss_kruger_srid(MIDDLE_LON)
        there = Transformer.from_crs(STORED_SRID, metric, always_xy=True)
        back = Transformer.from_crs(metric, STORED_SRID, always_xy=True)
        return cls(back, np.array(there.transform(MIDDLE_LON, MIDDLE_LAT)))

    def degrees(self, points: Floats) -> Floats:
        """Longitude and latitude, rounded to a millimetre so that equal places stay equal."""
        lon, lat = self.to_degrees.transform(*(points + self.origin).T)
        return np.column_stack([lon, lat]).round(DECIMALS)


@dataclass(frozen=True)
class Borders:
    """All patch borders that matter, as lines in degrees.

    Attributes
    ----------
    lines : (m,) array of LineString
    sides : (m, 2) array of int
        The patches on both sides.
    """

    lines: np.ndarray
    sides: Ints


def draw_borders(patches: Patches, village: Ints, plane: Plane, rng: np.random.Generator) -> Borders:
    """Roughen and draw, once for all levels, every border of a patch that lies in some village."""
    wanted = (village[patches.ridges] >= 0).any(axis=1)
    ridges, ends = patches.ridges[wanted], patches.ends[wanted]
    start, stop = patches.nodes[ends[:, 0]], patches.nodes[ends[:, 1]]
    is_long = np.hypot(*(stop - start).T) > _LONG_M
    lines = np.empty(len(ridges), dtype=object)
    for some, halvings in ((~is_long, 1), (is_long, 2)):
        sites = patches.sites[ridges[some]]
        lines[some] = _rough_lines(start[some], stop[some], sites, halvings, plane, rng)
    real = ~shapely.is_empty(lines)
    return Borders(lines[real], ridges[real])


def close_regions(borders: Borders, label: Ints, sites: Floats, count: int) -> np.ndarray:
    """Polygons of the regions that patches are labelled with, in the order of the labels, as MultiPolygons.

    ``sites`` are the patches' points in degrees; a patch labelled -1 lies outside.
    """
    left, right = label[borders.sides].T
    faces = shapely.get_parts(shapely.polygonize(borders.lines[left != right]))
    tree = shapely.STRtree(shapely.points(sites))
    face, patch = tree.query(faces, predicate="contains")
    owner = np.full(len(faces), -1)
    owner[face] = label[patch]
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    parts = [faces[order[low:high]] for low, high in pairwise(bounds)]
    return np.array([_multipolygon(some) for some in parts], dtype=object)


def _multipolygon(faces: np.ndarray) -> BaseGeometry:
    return shapely.normalize(shapely.multipolygons(faces))


def _rough_lines(
    start: Floats, stop: Floats, sites: Floats, halvings: int, plane: Plane, rng: np.random.Generator
) -> np.ndarray:
    """Lines with ``2**halvings - 1`` vertices between their ends, pushed towards one site or the other."""
    pieces = 2**halvings
    length = np.hypot(*(stop - start).T)
    aside = np.zeros((len(start), pieces + 1))
    step = pieces
    sway = _SWAY
    while step > 1:
        middle = np.arange(step // 2, pieces, step)
        parents = (aside[:, middle - step // 2] + aside[:, middle + step // 2]) / 2
        aside[:, middle] = parents + rng.normal(0, sway, parents.shape)
        step, sway = step // 2, sway * 0.6
    aside = _one_sided_where_needed(aside, start, stop, sites)
    along = np.linspace(0, 1, pieces + 1)[None, :, None]
    on_line = start[:, None] * (1 - along) + stop[:, None] * along
    target = np.where(aside[..., None] > 0, sites[:, 0][:, None], sites[:, 1][:, None])
    reach = np.hypot(*np.moveaxis(target - on_line, -1, 0))
    share = np.minimum(np.abs(aside) * length[:, None] / reach, _MOST_ASIDE)[..., None]
    return _lines(plane.degrees((on_line * (1 - share) + target * share).reshape(-1, 2)), pieces + 1)


def _one_sided_where_needed(aside: Floats, start: Floats, stop: Floats, sites: Floats) -> Floats:
    """Where the two triangles don't form a convex kite, stay within one of them."""
    along = stop - start
    foot = ((sites[:, 0] - start) * along).sum(axis=1) / (along**2).sum(axis=1).clip(min=1e-12)
    return np.where(((foot > 0.05) & (foot < 0.95))[:, None], aside, np.abs(aside))


def _lines(coordinates: Floats, size: int) -> np.ndarray:
    """Lines of ``size`` vertices each; one that shrank to a point is empty."""
    groups = coordinates.reshape(-1, size, 2)
    moved = (groups[:, 0] != groups[:, -1]).any(axis=1)
    lines = np.full(len(groups), shapely.LineString(), dtype=object)
    index = np.repeat(np.arange(moved.sum()), size)
    lines[moved] = shapely.linestrings(groups[moved].reshape(-1, 2), indices=index)
    return lines
