"""Cuts along roads and rivers: shortest ways through their network from border to border of one polygon."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from geo.analysis.cuts import Masses, Sides
from geo.analysis.tiling import reaching

Numbers = npt.NDArray[np.float64]

_SAME_M, _BEYOND_M = 0.01, 0.001
_MOST_GATES, _MOST_WAYS = 20, 60
_OFF_LINE_WEIGHT = 3.0


class _Network:
    """Lines inside a polygon as a graph; ``gates`` are its nodes on the border."""

    def __init__(self, polygon: shapely.Polygon, lines: BaseGeometry) -> None:
        border = polygon.boundary
        shapely.prepare(border)
        inside = _pieces(shapely.union_all(_pieces(shapely.intersection(polygon, lines))))
        middles = shapely.line_interpolate_point(inside, 0.5, normalized=True)
        inside = inside[~shapely.dwithin(middles, border, _SAME_M)]
        links = _links(inside, border)
        self.edges = np.concatenate([inside, links])
        self.followed = np.arange(len(self.edges)) < len(inside)
        ends = np.array([shapely.get_coordinates(edge)[[0, -1]] for edge in self.edges]).reshape(-1, 2)
        spots, nodes = np.unique(np.round(ends / _SAME_M), axis=0, return_inverse=True)
        self.nodes = nodes.reshape(-1, 2)
        at_border = shapely.dwithin(shapely.points(spots * _SAME_M), border, 2 * _SAME_M)
        self.gates = np.flatnonzero(at_border)[:_MOST_GATES]
        self.size = len(spots)
        self.edge_at = {
            tuple(sorted(pair)): at for at, pair in reversed(list(enumerate(self.nodes.tolist())))
        }

    def ways(self) -> list[tuple[Numbers, float]]:
        """The shortest ways between gates, shortest first, each with the share of it that follows a line."""
        if len(self.gates) < 2:
            return []
        length = shapely.length(self.edges) * np.where(self.followed, 1.0, _OFF_LINE_WEIGHT)
        kept = list(self.edge_at.values())
        graph = coo_matrix((length[kept], tuple(self.nodes[kept].T)), shape=(self.size, self.size)).tocsr()
        far, before = dijkstra(graph, directed=False, indices=self.gates, return_predecessors=True)
        pairs = sorted(combinations(range(len(self.gates)), 2), key=lambda p: far[p[0], self.gates[p[1]]])
        reached = [(one, other) for one, other in pairs if np.isfinite(far[one, self.gates[other]])]
        return [self._way(before[one], self.gates[other]) for one, other in reached[:_MOST_WAYS]]

    def _way(self, before: npt.NDArray[np.int32], node: int) -> tuple[Numbers, float]:
        nodes = [int(node)]
        while before[nodes[-1]] >= 0:
            nodes.append(int(before[nodes[-1]]))
        taken = [self.edge_at[(min(pair), max(pair))] for pair in pairwise(nodes)]
        length = shapely.length(self.edges[taken])
        coordinates = [
            shapely.get_coordinates(self.edges[at])[:: 1 if self.nodes[at, 0] == start else -1]
            for at, start in zip(taken, nodes[:-1], strict=True)
        ]
        return np.vstack(coordinates), float(length[self.followed[taken]].sum() / length.sum())


def _pieces(lines: BaseGeometry) -> npt.NDArray[np.object_]:
    parts = shapely.get_parts(shapely.get_parts(lines))
    found: npt.NDArray[np.object_] = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
    return found


def _links(lines: npt.NDArray[np.object_], border: BaseGeometry) -> npt.NDArray[np.object_]:
    """Straight ways to the border from where a line stops short of it."""
    ends = np.array([shapely.get_coordinates(line)[[0, -1]] for line in lines]).reshape(-1, 2)
    spots, first, uses = np.unique(np.round(ends / _SAME_M), axis=0, return_index=True, return_counts=True)
    loose = shapely.points(ends[first[uses == 1]]) if len(spots) else np.empty(0, dtype=object)
    loose = loose[~shapely.dwithin(loose, border, 2 * _SAME_M)]
    links: npt.NDArray[np.object_] = shapely.shortest_line(loose, border)
    return links


def cuts_along(
    polygon: shapely.Polygon, lines: BaseGeometry, masses: Masses
) -> tuple[list[Numbers], Sides, Numbers]:
    """Ways along lines that part a polygon, their two sides, and the share of each that follows a line.

    Parameters
    ----------
    polygon, lines, masses : in the plan's metres
        ``lines`` may cross, lie outside, or stop inside: a loose end is led straight to the border.
    """
    ways, followed, halves = [], [], []
    for way, share in _Network(polygon, lines).ways():
        linework = shapely.union_all([polygon.boundary, reaching(way, polygon, beyond=_BEYOND_M)])
        faces = shapely.get_parts(shapely.polygonize([linework]))
        faces = faces[shapely.contains_properly(polygon, shapely.point_on_surface(faces))]
        if len(faces) == 2:
            ways.append(way)
            followed.append(share)
            halves.append(faces)
    sides = np.array(halves, dtype=object).reshape(-1, 2).T
    return ways, _measured(sides, masses, ways), np.array(followed)


def _measured(sides: npt.NDArray[np.object_], masses: Masses, ways: list[Numbers]) -> Sides:
    shapely.prepare(sides)
    first = [shapely.intersects_xy(side, masses.points) @ masses.weights for side in sides[0]]
    mass = np.array(first, dtype=float)
    length = np.array([np.hypot(*np.diff(way, axis=0).T).sum() for way in ways], dtype=float)
    return Sides(
        np.stack([mass, masses.weights.sum() - mass]), shapely.area(sides), shapely.length(sides), length
    )
