"""Straight cuts through one polygon that leave two connected sides, and what each side holds.

A straight line may cross a concave polygon several times. Each of its *chords*, from border to border, parts
the polygon into exactly two connected sides on its own, so chords are what is looked at, never whole lines. A
hole is first joined to the outer border by a *slit*; then the border is one ring, and a chord parts it into
two arcs. Area and border length of a side are sums over its arc. A household is on the side whose arc its
ray, parallel to the chord, crosses an odd number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import shapely

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

DIRECTIONS = 16
_COARSE, _FINE, _REFINED = 32, 20, 4
_ENOUGH_POINTS = 150
_MOST_PAIRS = 1_000_000  # of points and edges looked at at once


@dataclass(frozen=True)
class Outline:
    """A polygon's border as one closed ring; ``slits`` are the joins to holes: the two edges along each."""

    ring: Numbers
    slits: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Masses:
    """What is to be balanced: points in the plane, each with its weight."""

    points: Numbers
    weights: Numbers


@dataclass(frozen=True)
class Sides:
    """Both sides of many cuts: arrays of shape (2, cuts); ``length_m`` is the length of each cut."""

    mass: Numbers
    area_m2: Numbers
    border_m: Numbers
    length_m: Numbers


@dataclass(frozen=True)
class Chords:
    """Many chords: their ends, the edges of the ring they end on, their sides, and the lines they lie on."""

    ends: npt.NDArray[np.float64]
    edges: Positions
    sides: Sides
    angle: Numbers
    offset: Numbers


def open_outline(polygon: shapely.Polygon) -> Outline:
    """The polygon's border as one ring, holes joined to it by the shortest slits."""
    ring = shapely.get_coordinates(polygon.exterior)[:-1]
    real = np.ones(len(ring), dtype=bool)
    holes = list(polygon.interiors)
    while holes:
        border = shapely.multilinestrings(_edges(ring)[real])
        nearest = int(np.argmin(shapely.distance(holes, border)))
        ring, real = _joined(ring, real, border, holes.pop(nearest))
    return Outline(np.vstack([ring, ring[:1]]), _slits(ring, real))


def _edges(ring: Numbers) -> Numbers:
    return np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)


def _joined(
    ring: Numbers, real: npt.NDArray[np.bool_], border: shapely.MultiLineString, hole: shapely.LinearRing
) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    here, there = shapely.get_coordinates(shapely.shortest_line(border, hole))
    inner = shapely.get_coordinates(hole)[:-1]
    at, start = _edge_at(ring, real, here), _edge_at(inner, np.ones(len(inner), dtype=bool), there)
    way = np.vstack([here, there, np.roll(inner, -start - 1, axis=0), there, here])
    kinds = np.concatenate([[False], np.ones(len(inner) + 1, dtype=bool), [False], [True]])
    ring = np.vstack([ring[: at + 1], way, ring[at + 1 :]])
    return ring, np.concatenate([real[: at + 1], kinds, real[at + 1 :]])


def _edge_at(ring: Numbers, real: npt.NDArray[np.bool_], point: Numbers) -> int:
    gaps = shapely.distance(shapely.linestrings(_edges(ring)), shapely.Point(point))
    return int(np.argmin(np.where(real, gaps, np.inf)))


def _slits(ring: Numbers, real: npt.NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    by_ends: dict[tuple[tuple[float, ...], ...], list[int]] = {}
    for edge in np.flatnonzero(~real):
        ends = sorted([tuple(ring[edge]), tuple(ring[(edge + 1) % len(ring)])])
        by_ends.setdefault(tuple(ends), []).append(int(edge))
    return tuple((pair[0], pair[-1]) for pair in by_ends.values())


def all_chords(outline: Outline, masses: Masses) -> Chords:
    """Chords in 16 directions, at offsets that share out the masses finely; many points are thinned out."""
    masses = _thinned(masses)
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    gaps = [_gaps(masses, angle) for angle in angles]
    thinned = [gap[np.linspace(0, len(gap) - 1, min(len(gap), _COARSE)).astype(int)] for gap in gaps]
    return _chords(outline, masses, angles, thinned)


def chords_near(outline: Outline, masses: Masses, chords: Chords, best: Positions) -> Chords:
    """Chords beside the best few of these, between every two masses there: for the last bit of balance."""
    refined = best[:_REFINED]
    gaps = [_gaps(masses, angle) for angle in chords.angle[refined]]
    places = [int(np.searchsorted(gap, at)) for gap, at in zip(gaps, chords.offset[refined], strict=True)]
    near = [gap[max(at - _FINE, 0) : at + _FINE] for gap, at in zip(gaps, places, strict=True)]
    return _chords(outline, masses, chords.angle[refined], near)


def _thinned(masses: Masses) -> Masses:
    """Every second or further point, as heavy as all together, where there are many."""
    step = max(len(masses.points) // _ENOUGH_POINTS, 1)
    weights = masses.weights[::step]
    return Masses(masses.points[::step], weights * (masses.weights.sum() / weights.sum()))


def _gaps(masses: Masses, angle: float) -> Numbers:
    """The offsets of lines at an angle that lie in the middle between two masses."""
    found = np.unique(masses.points @ np.array([np.cos(angle), np.sin(angle)]))
    gaps: Numbers = (found[:-1] + found[1:]) / 2
    return gaps


def _chords(outline: Outline, masses: Masses, angles: Numbers, offsets: list[Numbers]) -> Chords:
    """The chords of lines at each angle, at each of its offsets; so many angles at once as memory allows."""
    at_once = max(_MOST_PAIRS // (len(outline.ring) * max(len(masses.points), 1)), 1)
    starts = range(0, len(angles), at_once)
    return _gathered(
        [_chords_at(outline, masses, angles[at : at + at_once], offsets[at : at + at_once]) for at in starts]
    )


def _gathered(parts: list[Chords]) -> Chords:
    sides = [
        np.concatenate([getattr(part.sides, item.name) for part in parts], axis=-1) for item in fields(Sides)
    ]
    ends, edges, angle, offset = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("ends", "edges", "angle", "offset")
    )
    return Chords(ends, edges, Sides(*sides), angle, offset)


def _chords_at(outline: Outline, masses: Masses, angles: Numbers, offsets: list[Numbers]) -> Chords:
    turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
    rings, points = outline.ring @ turns, masses.points @ turns
    table = np.full((len(angles), max(map(len, offsets))), np.nan)
    for row, own in zip(table, offsets, strict=True):
        row[: len(own)] = own
    turn, at, edges, heights = _crossings(rings, table)
    whole = ~np.isin(edges, np.ravel(outline.slits)).any(axis=1)
    turn, at, edges, heights = turn[whole], at[whole], edges[whole], heights[whole]
    ends = np.stack([np.stack([at, heights[:, side]], axis=1) for side in (0, 1)], axis=1)
    within = _within(rings, points, turn, edges, at)
    sides = _sides(rings, turn, edges, ends, masses.weights, within)
    return Chords(ends @ turns[turn].transpose(0, 2, 1), edges, sides, angles[turn], at)


def _crossings(rings: Numbers, offsets: Numbers) -> tuple[Positions, Numbers, Positions, Numbers]:
    """Chords of vertical lines: ring and offset of each, the edges it ends on in ring order, the heights."""
    x, y = rings[..., 0], rings[..., 1]
    left = x[:, None, :] < offsets[:, :, None]
    turn, line, edge = np.nonzero(left[..., :-1] != left[..., 1:])
    at = offsets[turn, line]
    along = (at - x[turn, edge]) / (x[turn, edge + 1] - x[turn, edge])
    height = y[turn, edge] + along * (y[turn, edge + 1] - y[turn, edge])
    order = np.lexsort((height, line, turn))
    edges, heights = edge[order].reshape(-1, 2), height[order].reshape(-1, 2)
    turned = edges[:, 0] > edges[:, 1]
    edges[turned], heights[turned] = edges[turned, ::-1], heights[turned, ::-1]
    return turn[order][::2], at[order][::2], edges, heights


def _sides(
    rings: Numbers,
    turn: Positions,
    edges: Positions,
    ends: Numbers,
    weights: Numbers,
    within: npt.NDArray[np.bool_],
) -> Sides:
    """Mass, area and border of the arc between the two edges of each chord, and of the rest."""
    first, last = edges[:, 0], edges[:, 1]
    length = np.abs(ends[:, 1, 1] - ends[:, 0, 1])
    entry, leave = rings[turn, first + 1], rings[turn, last]
    run = _summed(np.hypot(*np.diff(rings, axis=1).transpose(2, 0, 1)))
    arc = run[turn, last] - run[turn, first + 1]
    arc += np.hypot(*(entry - ends[:, 0]).T) + np.hypot(*(ends[:, 1] - leave).T)
    swept = _summed(_cross(rings[:, :-1], rings[:, 1:]))
    area = swept[turn, last] - swept[turn, first + 1] + _cross(ends[:, 0], entry)
    area = np.abs(area + _cross(leave, ends[:, 1]) + _cross(ends[:, 1], ends[:, 0])) / 2
    mass = within @ weights
    return Sides(
        np.stack([mass, weights.sum() - mass]),
        np.stack([area, np.maximum(np.abs(swept[turn, -1]) / 2 - area, 0.0)]),
        np.stack([arc, run[turn, -1] - arc]) + length,
        length,
    )


def _summed(values: Numbers) -> Numbers:
    """Running sums along the last axis, from 0."""
    return np.pad(np.cumsum(values, axis=-1), ((0, 0), (1, 0)))


def _cross(a: Numbers, b: Numbers) -> Numbers:
    crossed: Numbers = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return crossed


def _within(
    rings: Numbers, points: Numbers, turn: Positions, edges: Positions, at: Numbers
) -> npt.NDArray[np.bool_]:
    """Which points lie on the arc's side of which chord: (chords, points)."""
    x, y = rings[:, None, :, 0], rings[:, None, :, 1]
    px, py = points[..., :1], points[..., 1:]
    left = x < px
    crossed = left[..., :-1] != left[..., 1:]
    run = np.diff(x)
    slope = np.divide(np.diff(y), run, out=np.zeros_like(run), where=run != 0)
    crossed &= y[..., :-1] + (px - x[..., :-1]) * slope > py
    counted = np.zeros((*crossed.shape[:2], x.shape[-1]), dtype=np.int16)
    np.cumsum(crossed, axis=-1, out=counted[..., 1:])
    first, last = edges[:, 0], edges[:, 1]
    hits = counted[turn, :, last] - counted[turn, :, first + 1]
    # The first and last edge belong to the arc beyond the chord only.
    beyond = px[turn, :, 0] > at[:, None]
    hits += crossed[turn, :, first] & (beyond == (rings[turn, first + 1, 0] > at)[:, None])
    hits += crossed[turn, :, last] & (beyond == (rings[turn, last, 0] > at)[:, None])
    odd: npt.NDArray[np.bool_] = hits % 2 == 1
    return odd


def cut_lines(outline: Outline, chords: Chords, at: int) -> list[Numbers]:
    """The lines that part the polygon: the chord, and the slits whose two sides it parts."""
    first, last = chords.edges[at]
    ring = outline.ring
    parted = [
        ring[one : one + 2] for one, other in outline.slits if (first < one < last) != (first < other < last)
    ]
    return [chords.ends[at], *parted]
