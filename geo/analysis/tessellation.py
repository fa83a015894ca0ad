"""Whether areas tile others exactly, told from their borders alone: no overlay, no tolerance, all at once.

Walk round every area with its land on the left. Where areas lie side by side their common border is
walked once in each direction, and the two cancel. What is left over when everything has cancelled is the
border of the sum of the areas (how often each place is covered). So if the borders of some areas and the
border of a whole, walked the other way round, cancel altogether, then every place of the whole is covered
exactly once and no place outside: there is neither a gap nor an overlap. That takes valid polygons and
vertices that match to the last bit.

Where something is left over, it falls into closed tours, and a gap or an overlap can only lie within the
convex hull of one of them. A vertex that only one side of a border has leaves a tour that encloses next
to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.analysis.faces import Coords, Shapes, areal, projected

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ by the golden ratio: neighbouring numbers end up far apart
_ROUND_CORNERS = 0.98  # GEOS draws round corners as short straight lines, up to a hundredth inside


def mended(shapes: Any) -> Shapes:
    """Polygons as valid ones: others are mended and keep what is an area. Missing ones stay missing."""
    sound = np.array(shapes, dtype=object)
    broken = ~shapely.is_valid(sound) & ~shapely.is_missing(sound)
    sound[broken] = [areal(shape) for shape in shapely.make_valid(sound[broken])]
    return sound


@dataclass(frozen=True)
class Edges:
    """Straight pieces of borders, each once, from its lower to its higher end.

    Attributes
    ----------
    group : n
        What they belong to; edges of different groups never cancel.
    ends : n × 4
        x and y of the lower end, then of the higher.
    times : n
        How often more it is walked forwards than backwards.
    """

    group: Ints
    ends: Coords
    times: Ints

    def __len__(self) -> int:
        return len(self.group)

    def chosen(self, which: Ints) -> Edges:
        """The edges at some positions, in that order."""
        # numpy takes rows a good deal faster this way than by an index in brackets.
        return Edges(self.group.take(which), self.ends.take(which, axis=0), self.times.take(which))

    def projected(self, srid: int) -> Edges:
        """The edges, straight in the metres of a zone."""
        ends = shapely.get_coordinates(projected(shapely.points(self.ends.reshape(-1, 2)), srid=srid))
        return _edges(self.group, ends[0::2], ends[1::2], self.times)

    def minus(self, other: Edges) -> Edges:
        """These edges and the others walked backwards; nothing cancels yet."""
        return Edges(
            np.concatenate([self.group, other.group]),
            np.vstack([self.ends, other.ends]),
            np.concatenate([self.times, -other.times]),
        )


def border_edges(shapes: Shapes, groups: Ints) -> Edges:
    """The edges of valid polygons, walked with the land on the left; missing and empty ones have none.

    A vertex that is there twice makes no difference.
    """
    polygons, shape_at = shapely.get_parts(shapes, return_index=True)
    rings, polygon_at = shapely.get_rings(polygons, return_index=True)
    is_shell = np.diff(polygon_at, prepend=-1) != 0
    turn = np.where(shapely.is_ccw(rings) == is_shell, 1, -1)
    coords, ring_at = shapely.get_coordinates(rings, return_index=True)
    coords = coords + 0.0  # minus zero and zero are the same place and must have the same bits
    moves = (coords[1:, 0] != coords[:-1, 0]) | (coords[1:, 1] != coords[:-1, 1])
    at = np.flatnonzero((ring_at[1:] == ring_at[:-1]) & moves)
    start, end, ring_at = coords.take(at, axis=0), coords.take(at + 1, axis=0), ring_at[at]
    return _edges(groups[shape_at[polygon_at[ring_at]]], start, end, turn[ring_at])


def _edges(group: Ints, start: Coords, end: Coords, times: Ints) -> Edges:
    """Edges walked so many times from start to end."""
    back = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.hstack([start, end])
    ends[back] = np.hstack([end[back], start[back]])
    return Edges(group, ends, np.where(back, -times, times))


def left_over(edges: Edges) -> Edges:
    """What is left when everything walked in both directions has cancelled: a border of the same sum."""
    order = np.argsort(_mixed(edges))
    same = edges.chosen(order)
    fresh = np.ones(len(order), dtype=bool)
    # Different edges that happen to get the same number may stand between equal ones, so these stay.
    # What is left over is no longer the shortest border, but still one of the same sum.
    fresh[1:] = same.group[1:] != same.group[:-1]
    for column in same.ends.T:
        fresh[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(fresh)
    times = np.add.reduceat(same.times, first) if len(first) else same.times
    stays = times != 0
    return Edges(same.group[first[stays]], same.ends[first[stays]], times[stays])


def _mixed(edges: Edges) -> npt.NDArray[np.uint64]:
    """A number for each edge, the same for equal ones, hardly ever for others."""
    mixed = edges.group.astype(np.uint64)
    for column in edges.ends.T:
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ np.ascontiguousarray(column).view(np.uint64)) * _SPREAD
    return mixed ^ (mixed >> np.uint64(32))


def untiled_edges(wholes: Shapes, areas: Shapes, places: Ints) -> Edges:
    """What is left over of the borders of wholes and of the areas in them; ``group`` is the whole.

    Parameters
    ----------
    wholes, areas : arrays of valid polygons (`mended`); None counts as no land
    places : array of int
        Which whole each area is meant to lie in; areas at -1 are left out.

    Returns
    -------
    Edges
        None of a group: its areas tile it exactly.
    """
    here = places >= 0
    every = np.arange(len(wholes))
    return left_over(border_edges(areas[here], places[here]).minus(border_edges(wholes, every)))


def overlap_nowhere(shapes: Shapes, *, srid: int | None = None) -> bool:
    """Whether it is proved that no two of these valid polygons have land in common.

    The proof: what is left over of their borders is the border of one valid polygon. True for no shapes.

    Parameters
    ----------
    srid : int or None
        Zone in whose metres the borders are straight; None: as they are given.
    """
    rest = left_over(border_edges(shapes, np.zeros(len(shapes), dtype=np.intp)))
    if not len(rest):
        return True
    if srid is not None:
        rest = rest.projected(srid)
    lines = shapely.linestrings(rest.ends.reshape(-1, 2, 2))
    try:
        whole = areal(shapely.build_area(shapely.multilinestrings(lines)))
    except shapely.errors.GEOSException:  # lines that cross are the border of no area
        return False
    if not shapely.is_valid(whole):
        return False
    border = border_edges(np.array([whole], dtype=object), np.zeros(1, dtype=np.intp))
    return len(left_over(rest.minus(border))) == 0


def wider_than(edges: Edges, width_m: float, *, srid: int) -> Ints:
    """The groups in which a gap or an overlap may be wider than so many metres, by what is left over there.

    In the others all of it, together with that of neighbours it touches, is nowhere so wide: taking half the
    width off its rim leaves nothing.
    """
    if not len(edges):
        return np.empty(0, dtype=np.intp)
    hulls, groups = _hulls(edges, srid)
    together = shapely.get_parts(shapely.union_all(hulls))
    wide = together[~shapely.is_empty(shapely.buffer(together, -_ROUND_CORNERS * width_m / 2))]
    near, _part = shapely.STRtree(wide).query(hulls, predicate="intersects") if len(wide) else ([], [])
    return np.unique(groups[np.asarray(near, dtype=np.intp)])


def _hulls(edges: Edges, srid: int) -> tuple[Shapes, Ints]:
    """The convex hull of each tour of the left-over edges in metres, and its group."""
    ends = pd.DataFrame(edges.ends.reshape(-1, 2)).assign(group=np.repeat(edges.group, 2))
    vertex = ends.groupby([0, 1, "group"], sort=False).ngroup().to_numpy()
    size = int(vertex.max()) + 1
    joined = coo_array((np.ones(len(edges), dtype=bool), vertex.reshape(-1, 2).T), shape=(size, size))
    tour = connected_components(joined, directed=False)[1][vertex]
    order = np.argsort(tour, kind="stable")
    points = shapely.points(ends[[0, 1]].to_numpy()[order])
    hulls = shapely.convex_hull(projected(shapely.multipoints(points, indices=tour[order]), srid=srid))
    first = np.flatnonzero(np.diff(tour[order], prepend=-1))
    return hulls, ends["group"].to_numpy()[order][first]


def united_by(shapes: Shapes, places: Ints, count: int) -> Shapes:
    """The land of the shapes of each place from 0 up to ``count``; an empty shape where there are none."""
    united = np.full(count, shapely.MultiPolygon(), dtype=object)
    if len(shapes) == 0:
        return united
    order = np.argsort(places, kind="stable")
    there, sizes = np.unique(places[order], return_counts=True)
    row = np.repeat(np.arange(len(there)), sizes)
    column = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(there), sizes.max()), None, dtype=object)
    table[row, column] = shapes[order]
    united[there] = shapely.union_all(table, axis=1)
    return united
