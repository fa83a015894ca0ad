"""A village on its way to cells: its pieces, the cell each belongs to, the households in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from shapely.geometry.base import BaseGeometry

from geo.analysis.choice import Wanted, best_cuts, cells_of, worth
from geo.analysis.cuts import Masses
from geo.analysis.tiling import Plan, cut_shape, joined

Numbers = npt.NDArray[np.float64]
Body = list[int]
Halves = tuple[Body, Body]

_ROUNDS = 2
_GAIN_MIN = 0.005
_PATCH_STEPS = 60
_ON_LINE_M = 1.0


@dataclass(frozen=True)
class Piece:
    """A polygon in EPSG:4490, the same in the plan, and the positions of the households in it."""

    shape: shapely.Polygon
    drawn: shapely.Polygon
    homes: npt.NDArray[np.intp]


class Division:
    """Cuts a village into cells. A *body* is what will be one or more cells: the keys of its pieces.

    Parameters
    ----------
    parts : list of Polygon in EPSG:4490, apart from each other
    homes : array of positions in EPSG:4490, all within the parts
    lines : roads and rivers in EPSG:4490, or None
    """

    def __init__(
        self, parts: list[shapely.Polygon], homes: Numbers, wanted: Wanted, lines: BaseGeometry | None
    ) -> None:
        self.plan = Plan.around(shapely.multipolygons(parts))
        self.wanted = wanted
        self.lines = None if lines is None else self.plan.drawn(lines)
        self.places = homes
        self.spots = shapely.get_coordinates(self.plan.drawn(shapely.points(homes)))
        gaps = shapely.distance(np.array(parts, dtype=object)[:, None], shapely.points(homes))
        home_of = np.argmin(gaps, axis=0)
        self.pieces = {
            key: Piece(part, self.plan.drawn(part), np.flatnonzero(home_of == key))
            for key, part in enumerate(parts)
        }
        self.bodies: list[Body] = []

    def cells(self) -> list[shapely.MultiPolygon]:
        """The cells made so far, in EPSG:4490."""
        return [shapely.multipolygons([self.pieces[key].shape for key in body]) for body in self.bodies]

    def divide(self, cells: int) -> None:
        """Cut the whole village into so many cells; fewer where no cut can be found."""
        waiting = [(list(self.pieces), cells)]
        while waiting:
            body, cells = waiting.pop()
            halves = self._halved(body, cells) if cells > 1 else None
            if halves is None:
                self.bodies.append(body)
                continue
            quota = self._quota(halves, cells)
            waiting += [(halves[1], cells - quota), (halves[0], quota)]

    def improve(self) -> None:
        """Join neighbouring cells and cut them anew where that is better."""
        fresh = set(range(len(self.bodies)))
        for _round in range(_ROUNDS):
            tried = [pair for pair in self._neighbours() if fresh & set(pair)]
            fresh = {cell for pair in tried if self._recut(*pair) for cell in pair}

    # Cutting a body in two

    def _halved(self, body: Body, cells: int) -> Halves | None:
        return self._separated(body, cells) or self._cut(body, cells)

    def _separated(self, body: Body, cells: int) -> Halves | None:
        """The body's pieces in two groups that lie apart, where that is balanced without any cut."""
        masses = self._masses(body, cells)
        amounts = np.array([mass.weights.sum() for mass in masses.values()])
        best: tuple[float, Halves] | None = None
        for side in self._groups(body):
            share = float(amounts[side].sum() / amounts.sum())
            quota = float(cells_of(np.array(share), cells))
            off = max(abs(share * cells / quota - 1), abs((1 - share) * cells / (cells - quota) - 1))
            if off <= self.wanted.tolerance and (best is None or off < best[0]):
                keys = np.array(body)
                best = off, (keys[side].tolist(), keys[~side].tolist())
        return None if best is None else best[1]

    def _groups(self, body: Body) -> Iterator[npt.NDArray[np.bool_]]:
        """Ways to part pieces into two groups: one link of the shortest tree between them is left out."""
        drawn = np.array([self.pieces[key].drawn for key in body], dtype=object)
        # Pieces that touch have no gap, but a link of length 0 would be none to SciPy.
        tree = minimum_spanning_tree(shapely.distance(drawn[:, None], drawn) + 1.0).toarray()
        for link in zip(*np.nonzero(tree), strict=True):
            without = tree.copy()
            without[link] = 0
            yield connected_components(without, directed=False)[1] == 0

    def _cut(self, body: Body, cells: int) -> Halves | None:
        masses = self._masses(body, cells)
        at = max(body, key=lambda key: (masses[key].weights.sum(), self.pieces[key].drawn.area))
        drawn = self.pieces[at].drawn
        shapes = {key: piece.shape for key, piece in self.pieces.items()}
        seen = _hung_on(drawn, masses.pop(at), masses.values())
        for lines in best_cuts(drawn, seen, cells, self.wanted, self.lines):
            found = cut_shape(shapes, at, lines, self.plan)
            if found is not None:
                return self._with_islands(body, at, self._take(at, *found))
        return None

    def _take(self, at: int, changed: dict[int, shapely.Polygon], second: shapely.Polygon) -> int:
        """Put a cut into effect; the key of the second half."""
        new, homes = max(self.pieces) + 1, self.pieces[at].homes
        within = shapely.intersects_xy(changed[at], self.places[homes])
        kept = {key: piece.homes for key, piece in self.pieces.items()} | {at: homes[within]}
        for key, shape in changed.items():
            self.pieces[key] = Piece(shape, self.plan.drawn(shape), kept[key])
        self.pieces[new] = Piece(second, self.plan.drawn(second), homes[~within])
        return new

    def _with_islands(self, body: Body, one: int, other: int) -> Halves:
        """The two halves of a piece, each with the body's other pieces that lie nearer to it."""
        halves: Halves = ([one], [other])
        for key in body:
            if key != one:
                gaps = [self.pieces[key].drawn.distance(self.pieces[half].drawn) for half in (one, other)]
                halves[int(gaps[1] < gaps[0])].append(key)
        return halves

    def _quota(self, halves: Halves, cells: int) -> int:
        masses = self._masses([*halves[0], *halves[1]], cells)
        amounts = [sum(float(masses[key].weights.sum()) for key in half) for half in halves]
        return int(cells_of(np.array(amounts[0] / sum(amounts)), cells))

    def _masses(self, body: Body, cells: int) -> dict[int, Masses]:
        """What to balance in each piece: households, or land where they stand at too few places."""
        found = {}
        for key in body:
            spots, counts = np.unique(self.spots[self.pieces[key].homes], axis=0, return_counts=True)
            found[key] = Masses(spots, counts.astype(float))
        if sum(len(mass.points) for mass in found.values()) >= cells:
            return found
        return {key: _land(self.pieces[key].drawn) for key in body}

    # Cutting two neighbours anew

    def _neighbours(self) -> list[tuple[int, int]]:
        shapes = np.array([shapely.multipolygons([self.pieces[k].shape for k in b]) for b in self.bodies])
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        return [(int(a), int(b)) for a, b in sorted(zip(one, other, strict=True)) if a < b]

    def _recut(self, one: int, other: int) -> bool:
        bodies = self.bodies[one], self.bodies[other]
        whole = self._joined(*bodies)
        if whole is None:
            return False
        before, worth_before = dict(self.pieces), self._worth(*bodies)
        body, self.pieces = whole
        halves = self._cut(body, 2)
        if halves is None or self._worth(*halves) < worth_before + _GAIN_MIN:
            self.pieces = before
            return False
        self.bodies[one], self.bodies[other] = halves
        return True

    def _joined(self, one: Body, other: Body) -> tuple[Body, dict[int, Piece]] | None:
        """Two cells as one body, and all pieces with the first two that share a border made one."""
        for first in one:
            for second in other:
                a, b = self.pieces[first], self.pieces[second]
                whole = joined(a.shape, b.shape)
                if whole is not None:
                    homes = np.concatenate([a.homes, b.homes])
                    pieces = {key: piece for key, piece in self.pieces.items() if key != second}
                    pieces[first] = Piece(whole, self.plan.drawn(whole), homes)
                    return [first, *(key for key in [*one, *other] if key not in (first, second))], pieces
        return None

    def _worth(self, *cells: Body) -> float:
        shapes = [shapely.multipolygons([self.pieces[key].drawn for key in body]) for body in cells]
        homes = np.array([sum(len(self.pieces[key].homes) for key in body) for body in cells])
        share = len(self.places) / len(self.bodies)
        off = homes / share - 1 if share else np.zeros(len(cells))
        return worth(shapely.area(shapes), shapely.length(shapes), off, self._followed(*shapes), self.wanted)

    def _followed(self, one: shapely.MultiPolygon, other: shapely.MultiPolygon) -> float:
        """The share of two cells' common border that lies on the given lines."""
        if self.lines is None:
            return 0.0
        border = shapely.intersection(one.boundary, other.boundary)
        near = shapely.intersection(border, shapely.buffer(self.lines, _ON_LINE_M))
        return float(near.length / border.length) if border.length else 0.0


def _land(drawn: shapely.Polygon) -> Masses:
    """A polygon's land as many points, each weighing as much as the small patch round it."""
    fine = shapely.segmentize(drawn, drawn.length / _PATCH_STEPS)
    patches = shapely.get_parts(shapely.constrained_delaunay_triangles(fine))
    return Masses(shapely.get_coordinates(shapely.centroid(patches)), shapely.area(patches))


def _hung_on(drawn: shapely.Polygon, own: Masses, others: Iterable[Masses]) -> Masses:
    """A piece's own masses, and those of other pieces as if they were where they are nearest to it."""
    points, weights = [own.points], [own.weights]
    for mass in others:
        nearest = shapely.shortest_line(drawn, shapely.points(mass.points))
        points.append(shapely.get_coordinates(nearest)[::2])
        weights.append(mass.weights)
    return Masses(np.concatenate(points), np.concatenate(weights))
