"""The lie of the land, in metres around the county's middle: outline, river, seats, roads, density."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VILLAGE_AREA_M2 = 1.55e6
LINE_STEP_M, LANE_STEP_M = 120.0, 40.0  # main roads; the river and village roads
_BANK_M = 170.0  # so far from the river's middle its villages stand
MARGIN = 1.32  # how much more land is drawn than the county keeps


@dataclass(frozen=True)
class Terrain:
    """Where things are.

    Attributes
    ----------
    radius_m : float
        Mean radius of the county.
    wobble : (k, 3) array
        Frequency, amplitude and phase of the outline's waves.
    seats : (t, 2) array
        Town seats; the first is the county town.
    river : (n, 2) array
        Vertices of the river, from west to east.
    roads : list of (n, 2) arrays
        Main roads.
    lanes : list of (n, 2) arrays
        Village roads; empty until there are villages.
    """

    radius_m: float
    wobble: Floats
    seats: Floats
    river: Floats
    roads: list[Floats]
    lanes: list[Floats] = field(default_factory=list)

    def inside_ratio(self, points: Floats) -> Floats:
        """Distance from the middle as a share of the outline's radius in that direction (< 1 is inside)."""
        angle = np.arctan2(points[:, 1], points[:, 0])
        return np.hypot(points[:, 0], points[:, 1]) / (self.radius_m * _waves(self.wobble, angle))

    def density(self, points: Floats) -> Floats:
        """How many villages a square kilometre holds here, relative to empty land (1 to about 5)."""
        to_town = cKDTree(self.seats).query(points)[0]
        to_centre = np.hypot(*(points - self.seats[0]).T)
        return (
            1.0
            + 0.9 * np.exp(-to_town / 1800)
            + 2.0 * np.exp(-((to_centre / 2400) ** 2))
            + 0.6 * np.exp(-self.road_distance_m(points) / 700)
            + 0.5 * np.exp(-self.river_distance_m(points) / 900)
        )

    def river_distance_m(self, points: Floats) -> Floats:
        """Distance from each point to the river."""
        return cKDTree(self.river).query(points)[0]

    def north_of_river(self, points: Floats) -> NDArray[np.bool_]:
        """Whether each point lies on the river's left bank (it runs from west to east)."""
        nearest = cKDTree(self.river[:-1]).query(points)[1]
        step, reach = np.diff(self.river, axis=0)[nearest], points - self.river[nearest]
        return step[:, 0] * reach[:, 1] - step[:, 1] * reach[:, 0] > 0

    def road_distance_m(self, points: Floats) -> Floats:
        """Distance from each point to the nearest main road."""
        return cKDTree(np.vstack(self.roads)).query(points)[0]

    def nearest_way(self, points: Floats) -> tuple[Floats, Floats]:
        """The nearest place on a road, a lane or the river's bank, and its direction there in radians."""
        lines = [self.river, *self.roads, *self.lanes]
        nodes = np.vstack([line[:-1] for line in lines])
        steps = np.vstack([np.diff(line, axis=0) for line in lines])
        gap, nearest = cKDTree(nodes).query(points)
        bank = (_BANK_M / gap.clip(min=1.0) * (nearest < len(self.river) - 1))[:, None]
        return nodes[nearest] * (1 - bank) + points * bank, np.arctan2(steps[nearest, 1], steps[nearest, 0])


def make_terrain(villages: int, townships: int, rng: np.random.Generator) -> Terrain:
    """Draw the land for so many villages."""
    radius = float(np.sqrt(villages * VILLAGE_AREA_M2 / np.pi))
    frequency = np.arange(2, 9)
    wobble = np.column_stack([frequency, 0.15 / frequency**0.75, rng.uniform(0, 2 * np.pi, frequency.size)])
    river = _river(radius, rng)
    seats = _seats(radius, wobble, river, townships, rng)
    return Terrain(radius, wobble, seats, river, _roads(seats, radius, rng))


def _waves(wobble: Floats, angle: Floats) -> Floats:
    return 1 + (wobble[:, 1] * np.cos(wobble[:, 0] * angle[:, None] + wobble[:, 2])).sum(axis=1)


def _river(radius: float, rng: np.random.Generator) -> Floats:
    reach = radius * 1.7
    along = np.linspace(-reach, reach, int(2 * reach / LINE_STEP_M))
    across = np.zeros_like(along)
    for wavelength, height in (
        (2.6 * radius, 0.16 * radius),
        (9000.0, 850.0),
        (3600.0, 420.0),
        (1500.0, 130.0),
    ):
        phase, drift = rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 1.25)
        across += height * np.sin(2 * np.pi * along / (wavelength * drift) + phase)
    tilt = rng.uniform(-0.5, 0.1)
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return _resampled(np.column_stack([along, across - 0.1 * radius]) @ turn.T, LANE_STEP_M)


def _seats(radius: float, wobble: Floats, river: Floats, townships: int, rng: np.random.Generator) -> Floats:
    """County town on the river near the middle; the others far from each other (best of many candidates)."""
    centre = river[np.hypot(*river.T).argmin()]
    seats = [centre + np.array([0.0, 350.0])]
    while len(seats) < townships:
        candidates = rng.uniform(-1.2, 1.2, (60 * townships, 2)) * radius
        ratio = np.hypot(*candidates.T) / (
            radius * _waves(wobble, np.arctan2(candidates[:, 1], candidates[:, 0]))
        )
        candidates = candidates[ratio < 0.86][: 12 + len(seats)]
        gap = cKDTree(np.array(seats)).query(candidates)[0]
        seats.append(candidates[gap.argmax()])
    return np.array(seats)


def _roads(seats: Floats, radius: float, rng: np.random.Generator) -> list[Floats]:
    """Roads between neighbouring seats (Gabriel graph), and some that lead out of the county."""
    ends = [(seats[a], seats[b]) for a, b in _gabriel_pairs(seats)]
    outer = seats[np.argsort(np.hypot(*seats.T))[-min(5, len(seats)) :]]
    ends += [(seat, seat / np.hypot(*seat) * radius * 1.6) for seat in outer]
    return [_resampled(_winding(start, end, rng), LINE_STEP_M) for start, end in ends]


def _gabriel_pairs(points: Floats) -> list[tuple[int, int]]:
    if len(points) < 4:
        return [(0, other) for other in range(1, len(points))]
    triangles = Delaunay(points).simplices
    pairs = np.unique(
        np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0
    )
    middle = points[pairs].mean(axis=1)
    half = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) / 2
    nearest = cKDTree(points).query(middle)[0]
    return [(int(a), int(b)) for a, b in pairs[nearest >= half * 0.999]]


def make_lanes(centres: Floats, rng: np.random.Generator) -> list[Floats]:
    """Village roads: every village is joined to its neighbours by the shortest tree."""
    triangles = Delaunay(centres).simplices
    a, b = np.unique(
        np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0
    ).T
    lengths = np.hypot(*(centres[a] - centres[b]).T)
    tree = minimum_spanning_tree(coo_matrix((lengths, (a, b)), shape=(len(centres),) * 2)).tocoo()
    ends = sorted(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    return [_resampled(_winding(centres[a], centres[b], rng), LANE_STEP_M) for a, b in ends]


def _winding(start: Floats, end: Floats, rng: np.random.Generator) -> Floats:
    """A line between two points that winds a little: midpoints pushed aside, halves again and again."""
    line = np.array([start, end])
    sway = 0.11
    while np.hypot(*(line[1] - line[0])) > 4 * LINE_STEP_M:
        step = np.diff(line, axis=0)
        normal = np.column_stack([-step[:, 1], step[:, 0]])
        middle = line[:-1] + step / 2 + normal * rng.normal(0, sway, (len(step), 1)).clip(-0.2, 0.2)
        line = np.insert(line, np.arange(1, len(line)), middle, axis=0)
        sway *= 0.8
    return line


def _resampled(line: Floats, step_m: float) -> Floats:
    """The line with vertices every ``step_m`` metres."""
    lengths = np.concatenate([[0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    marks = np.linspace(0, lengths[-1], max(2, round(lengths[-1] / step_m) + 1))
    return np.column_stack([np.interp(marks, lengths, line[:, axis]) for axis in (0, 1)])
