"""How the land is divided: into small patches, over which villages and cells grow.

The patches are Voronoi regions of points placed so that borders run along the river and the main roads.
Villages and cells grow over them by cheapest path, and crossing water or road is dear: that gives the
irregular outlines of real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Voronoi, cKDTree

from seeds.terrain import MARGIN, Floats, Ints, Terrain

Spacing = Callable[[Floats], Floats]

PATCHES_PER_VILLAGE, PATCHES_PER_CELL = 34, 9
_RIVER_COST, _ROAD_COST = 3.5, 1.7
_OUTSIDE = -1
_STEP = 1.0  # a sparse matrix would drop a path of no cost


@dataclass(frozen=True)
class Patches:
    """The finest division of the land.

    Attributes
    ----------
    sites : (n, 2) array
        One point a patch, in metres.
    ridges : (m, 2) array of int
        Pairs of patches that share a border.
    ends : (m, 2) array of int
        The border's ends, as rows of ``nodes``.
    nodes : (k, 2) array
    cost : (m,) array
        How hard it is for a village to grow over each border.
    is_open : (n,) array of bool
        Patches at the rim of the plane: their borders run far out, or to infinity.
    """

    sites: Floats
    ridges: Ints
    ends: Ints
    nodes: Floats
    cost: Floats
    is_open: NDArray[np.bool_]

    def graph(self, keep: NDArray[np.bool_] | None = None) -> csr_matrix:
        """Neighbourhood of patches, weighted by cost, over the ridges kept."""
        ridges, cost = (self.ridges, self.cost) if keep is None else (self.ridges[keep], self.cost[keep])
        return coo_matrix((cost, ridges.T), shape=(len(self.sites),) * 2).tocsr()


def make_patches(terrain: Terrain, villages: int, cells: int, rng: np.random.Generator) -> Patches:
    """Cut the land (and a margin around it) into patches, smaller where people live closer."""
    half = terrain.radius_m * MARGIN
    share = (2 * half) ** 2 / (np.pi * terrain.radius_m**2)
    count = round(max(villages * PATCHES_PER_VILLAGE, cells * PATCHES_PER_CELL) * share)
    spread = _scattered(terrain, half, count, rng)
    spacing = _spacing_m(terrain, half, count)
    lined, line, side = _along_lines(terrain, half, spacing, rng)
    clear = cKDTree(lined).query(spread)[0] > 0.62 * spacing(spread)
    sites = np.vstack([lined, spread[clear]])
    free = np.full(int(clear.sum()), -1)
    return _voronoi(sites, np.concatenate([line, free]), np.concatenate([side, free]), rng)


def _scattered(terrain: Terrain, half: float, count: int, rng: np.random.Generator) -> Floats:
    """Points in proportion to density, kept a little apart."""
    trial = rng.uniform(-half, half, (count * 4, 2))
    weight = terrain.density(trial)
    points = trial[rng.random(len(trial)) < weight / weight.max() * 1.6][: round(count * 1.35)]
    near = cKDTree(points).query(points, k=2)[0][:, 1]
    return (
        points[np.sort(near.argsort(kind="stable")[len(points) - count :])] if len(points) > count else points
    )


def _spacing_m(terrain: Terrain, half: float, count: int) -> Spacing:
    """A function that gives the usual distance between patches at a place."""
    grid = np.stack(np.meshgrid(*[np.linspace(-half, half, 60)] * 2), axis=-1).reshape(-1, 2)
    scale = terrain.density(grid).mean() * (2 * half) ** 2 / count
    return lambda points: np.sqrt(scale / terrain.density(points))


def _along_lines(
    terrain: Terrain, half: float, spacing: Spacing, rng: np.random.Generator
) -> tuple[Floats, Ints, Ints]:
    """Pairs of sites mirrored at the river and the roads, so that patch borders run along them."""
    points, lines, sides = np.empty((0, 2)), np.empty(0, int), np.empty(0, int)
    for number, path in enumerate([terrain.river, *terrain.roads]):
        middle, normal = _stations(path, spacing, rng)
        width = (0.38 * spacing(middle))[:, None]
        left, right = middle + normal * width, middle - normal * width
        good = (np.abs(left).max(axis=1) < half) & (np.abs(right).max(axis=1) < half)
        if len(points):
            taken = cKDTree(points)
            good &= np.minimum(taken.query(left)[0], taken.query(right)[0]) > 0.55 * spacing(middle)
        points = np.vstack([points, left[good], right[good]])
        lines = np.concatenate([lines, np.full(2 * good.sum(), number)])
        sides = np.concatenate([sides, np.zeros(good.sum(), int), np.ones(good.sum(), int)])
    return points, lines, sides


def _stations(path: Floats, spacing: Spacing, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points along a path about one patch apart, and the unit normals there."""
    lengths = np.concatenate([[0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    pace = np.interp(lengths, lengths, 0.8 * spacing(path))
    steps = np.concatenate([[0], np.cumsum(np.diff(lengths) / ((pace[1:] + pace[:-1]) / 2))])
    marks = np.interp(
        np.arange(0, steps[-1]) + rng.uniform(-0.18, 0.18, int(np.ceil(steps[-1]))), steps, lengths
    )
    middle = np.column_stack([np.interp(marks, lengths, path[:, axis]) for axis in (0, 1)])
    ahead = np.column_stack([np.interp(marks + 30, lengths, path[:, axis]) for axis in (0, 1)])
    behind = np.column_stack([np.interp(marks - 30, lengths, path[:, axis]) for axis in (0, 1)])
    along = ahead - behind
    return middle, np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]


def _voronoi(sites: Floats, line: Ints, side: Ints, rng: np.random.Generator) -> Patches:
    diagram = Voronoi(sites)
    ends = np.array(diagram.ridge_vertices)
    finite = (ends >= 0).all(axis=1)
    ridges, ends = diagram.ridge_points[finite].astype(int), ends[finite]
    a, b = ridges.T
    apart = np.hypot(*(sites[a] - sites[b]).T)
    across = (line[a] == line[b]) & (line[a] >= 0) & (side[a] != side[b])
    barrier = np.where(across, np.where(line[a] == 0, _RIVER_COST, _ROAD_COST), 1.0)
    length = np.hypot(*(diagram.vertices[ends[:, 0]] - diagram.vertices[ends[:, 1]]).T)
    narrow = np.where(length < 0.15 * apart, 6.0, 1.0)
    cost = apart * barrier * narrow * rng.uniform(0.4, 1.6, len(a))
    return Patches(sites, ridges, ends, diagram.vertices, cost, _is_open(diagram))


def _is_open(diagram: Voronoi) -> NDArray[np.bool_]:
    far = (np.abs(diagram.vertices) > np.abs(diagram.points).max()).any(axis=1)
    far = np.append(far, True)  # vertex -1 lies at infinity
    is_open = np.zeros(len(diagram.points), dtype=bool)
    is_open[diagram.ridge_points[far[np.array(diagram.ridge_vertices)].any(axis=1)]] = True
    return is_open


def grow(graph: csr_matrix, starts: Ints, handicap: Floats) -> Ints:
    """Which start each patch belongs to by cheapest path; `-1` where none reaches.

    A start's handicap (same unit as the costs) delays it, so that sizes vary.
    """
    count = graph.shape[0]
    doors = coo_matrix((handicap + _STEP, (np.arange(len(starts)), starts)), shape=(len(starts), count))
    wide = coo_matrix((len(starts), len(starts)))
    whole = block_array([[graph, None], [doors, wide]], format="csr")
    sources = dijkstra(
        whole + whole.T,
        indices=np.arange(count, count + len(starts)),
        min_only=True,
        return_predecessors=True,
    )[2]
    return np.where(sources[:count] >= count, sources[:count] - count, _OUTSIDE)
