"""Which of many cuts through one polygon is best: even, compact, and along the given lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.analysis.cuts import Masses, Sides, all_chords, chords_near, cut_lines, open_outline
from geo.analysis.line_cuts import cuts_along

Numbers = npt.NDArray[np.float64]

# Weights of a search, not rules of the domain: they were chosen by trying (docs/decisions/0006).
_UNEVEN_COST = 4.0
_TOO_SMALL_COST = 10.0
_FOLLOWED_GAIN = 0.3
_STRAIGHT_TRIES, _ALONG_TRIES = 4, 4


@dataclass(frozen=True)
class Wanted:
    """What a division aims at: the tolerance of balance (a ratio), the least area of a cell."""

    tolerance: float
    area_min_m2: float


def best_cuts(
    polygon: shapely.Polygon, masses: Masses, cells: int, wanted: Wanted, lines: BaseGeometry | None
) -> Iterator[list[Numbers]]:
    """A few cuts that part a polygon for so many cells, the best first; each as the lines to cut along.

    Parameters
    ----------
    polygon, masses, lines : in the plan's metres
    cells : int
        How many cells both sides together will have, at least 2.
    """
    outline = open_outline(polygon)
    chords = all_chords(outline, masses)
    rough = np.argsort(costs(chords.sides, cells, wanted), kind="stable")
    chords = chords_near(outline, masses, chords, rough)
    straight = costs(chords.sides, cells, wanted)
    found = [
        (float(straight[at]), cut_lines(outline, chords, int(at)))
        for at in np.argsort(straight, kind="stable")[:_STRAIGHT_TRIES]
    ]
    if lines is not None:
        ways, sides, followed = cuts_along(polygon, lines, masses)
        along = costs(sides, cells, wanted) - _FOLLOWED_GAIN * followed
        found += [(float(along[at]), [ways[at]]) for at in np.argsort(along, kind="stable")[:_ALONG_TRIES]]
    for _cost, cut in sorted(found, key=lambda one: one[0]):
        yield cut


def costs(sides: Sides, cells: int, wanted: Wanted) -> Numbers:
    """What each cut costs: sides uneven beyond a slack, not compact, or too small for their cells."""
    total = sides.mass.sum(axis=0)
    first = cells_of(sides.mass[0] / total, cells)
    quotas = np.stack([first, cells - first])
    off = np.abs(sides.mass * cells / (total * quotas) - 1)
    small = (sides.area_m2 < quotas * wanted.area_min_m2).any(axis=0)
    compact = roundness(sides.area_m2, sides.border_m).mean(axis=0)
    found: Numbers = unevenness(off, wanted, cells).max(axis=0) - compact + _TOO_SMALL_COST * small
    return found


def worth(area_m2: Numbers, border_m: Numbers, off: Numbers, followed: float, wanted: Wanted) -> float:
    """How good two neighbouring cells are together, by the same measure as a cut between them."""
    compact = roundness(area_m2, border_m).mean()
    return float(compact - unevenness(off, wanted, 2).max() + _FOLLOWED_GAIN * followed)


def unevenness(off: Numbers, wanted: Wanted, cells: int) -> Numbers:
    """The cost of being off the even share. Early cuts are held tighter: they put all their cells off."""
    slack = wanted.tolerance * (0.4 if cells == 2 else 0.2)
    cost: Numbers = _UNEVEN_COST * np.maximum(np.abs(off) - slack, 0.0)
    return cost


def cells_of(share: Numbers, cells: int) -> Numbers:
    """How many of so many cells a side with a share of the mass gets: at least one, and not all."""
    quota: Numbers = np.clip(np.rint(share * cells), 1, cells - 1)
    return quota


def roundness(area_m2: Numbers, border_m: Numbers) -> Numbers:
    """Polsby–Popper: 1 for a circle, the nearer to 0 the longer the border is for its area."""
    found: Numbers = 4 * np.pi * area_m2 / np.maximum(border_m, 1e-9) ** 2
    return found
