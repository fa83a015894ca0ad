"""Who takes what at the least cost: an assignment in which everybody has room for so much and no more.

A holder's cost rises with each further thing it takes, so that load spreads; and things have weights, of
which a holder can bear so much in all. Numbers in, numbers out: what a cost means is said by the caller.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NOBODY = -1
_FIRST_PLACES = 2
_EFFORT = 400_000
"""How many pairs of thing and taker the search with weights may look at, all its steps together."""


@dataclass(frozen=True)
class Room:
    """What each of m takers can still take.

    Attributes
    ----------
    places : int array (m,)
        How many things; 0 or less means none.
    steps : array (m,)
        What each further thing costs more than the one before; not negative.
    weight : array (m,)
        How much weight in all; infinity where weight does not matter.
    """

    places: Integers
    steps: Floats
    weight: Floats

    def without(self, taken: Integers, weights: Floats) -> Room:
        """What is left after the things have been taken; ``taken`` names their takers or `NOBODY`."""
        mine = taken >= 0
        number = np.bincount(taken[mine], minlength=len(self.places))
        weight = np.bincount(taken[mine], weights=weights[mine], minlength=len(self.places))
        return Room(self.places - number, self.steps, self.weight - weight)


def assign(costs: Floats, weights: Floats, room: Room) -> Integers:
    """The taker of each thing, so that as many as possible have one, and that at the least cost.

    Parameters
    ----------
    costs : array (n, m)
        What it costs that taker j takes thing i as its first one; infinity where it may not.
    weights : array (n,)
    room : Room of the m takers

    Returns
    -------
    array (n,)
        Positions of takers, `NOBODY` where none is left. The same input gives the same answer.

    Notes
    -----
    The optimum, unless weights bind so often that the search is given up: then the optimum without weights,
    with what is too heavy moved to the next cheapest (docs/decisions/0007-handing-over.md).
    """
    if not costs.size:
        return np.full(len(costs), NOBODY)
    bearable = np.where(weights[:, None] <= room.weight[None, :], costs, np.inf)
    taken = _by_places(bearable, room)
    if not len(_too_heavy(taken, weights, room)):
        return taken
    found = _best_within_weight(bearable, weights, room)
    return _lightened(bearable, weights, room, taken) if found is None else found


def _too_heavy(taken: Integers, weights: Floats, room: Room) -> Integers:
    """Takers that are given more weight than they can bear."""
    weight = np.maximum(room.weight, 0)  # who bears too much already is given nothing
    return np.flatnonzero(Room(room.places, room.steps, weight).without(taken, weights).weight < 0)


def _best_within_weight(costs: Floats, weights: Floats, room: Room) -> Integers | None:
    """Branch and bound: whoever bears too much must leave one of its things; None when given up.

    The cheapest plan is looked at first, and a plan with more forbidden is never cheaper, so the first one
    that nobody bears too much in is the best.
    """
    order = count()
    first = _by_places(costs, room)
    plans = [(_price(costs, room, first), next(order), costs, first)]
    for _step in range(_EFFORT // costs.size):
        _cost, _number, allowed, taken = heapq.heappop(plans)
        heavy = _too_heavy(taken, weights, room)
        if not len(heavy):
            return taken
        for thing in np.flatnonzero(taken == heavy[0]):
            fewer = allowed.copy()
            fewer[thing, heavy[0]] = np.inf
            plan = _by_places(fewer, room)
            heapq.heappush(plans, (_price(costs, room, plan), next(order), fewer, plan))
    return None


def _price(costs: Floats, room: Room, taken: Integers) -> tuple[int, float]:
    """How many things have no taker, and what the others cost."""
    mine = np.flatnonzero(taken >= 0)
    number = np.bincount(taken[mine], minlength=len(room.places))
    further = room.steps * number * (number - 1) / 2
    return len(taken) - len(mine), float(costs[mine, taken[mine]].sum() + further.sum())


def _lightened(costs: Floats, weights: Floats, room: Room, taken: Integers) -> Integers:
    """Take the heaviest things from whoever bears too much, and give them, one each a round, to others."""
    taken = taken.copy()
    for taker in _too_heavy(taken, weights, room):
        mine = np.flatnonzero(taken == taker)
        by_weight = mine[np.argsort(weights[mine], kind="stable")]
        taken[by_weight[np.cumsum(weights[by_weight]) > room.weight[taker]]] = NOBODY
    while True:
        left, rest = np.flatnonzero(taken == NOBODY), room.without(taken, weights)
        dearer = costs[left] + room.steps * (room.places - rest.places)
        bearable = np.where(weights[left, None] <= rest.weight[None, :], dearer, np.inf)
        one_each = Room(np.minimum(rest.places, 1), room.steps, rest.weight)
        given = _by_places(bearable, one_each)
        if (given == NOBODY).all():
            return taken
        taken[left] = given


def _by_places(costs: Floats, room: Room) -> Integers:
    """The optimum when only the number of places counts."""
    open_costs = np.where(room.places > 0, costs, np.inf)
    near = _nearest(open_costs)
    most = np.clip(room.places[near], 0, len(costs))
    taken = _by_growing_offer(open_costs[:, near], most, room.steps[near])
    return np.where(taken == NOBODY, NOBODY, near[taken])


def _nearest(costs: Floats) -> Integers:
    """Takers that are among the n cheapest of some of the n things: others never get anything, because the
    other things cannot occupy all of those n."""
    things, takers = costs.shape
    if things >= takers:
        return np.arange(takers)
    return np.unique(np.argpartition(costs, things - 1, axis=1)[:, :things])


def _by_growing_offer(costs: Floats, most: Integers, steps: Floats) -> Integers:
    """Places beyond the first few of a taker are offered only once it has filled those: a place that stays
    empty proves that a dearer one beside it would stay empty too."""
    offered = np.minimum(most, _FIRST_PLACES)
    while True:
        taken = _by_slots(costs, offered, steps)
        filled = np.bincount(taken[taken >= 0], minlength=len(offered))
        short = (filled >= offered) & (offered < most)
        if not short.any():
            return taken
        offered = np.where(short, np.minimum(offered * 2, most), offered)


def _by_slots(costs: Floats, offered: Integers, steps: Floats) -> Integers:
    owner = np.repeat(np.arange(len(offered)), offered)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(offered) - offered, offered)
    slots = costs[:, owner] + number * steps[owner]
    unassigned = np.full((len(costs), len(costs)), _dearest(costs, offered, steps))
    row, column = linear_sum_assignment(np.hstack([slots, unassigned]))
    taken = np.full(len(costs), NOBODY)
    mine = column < len(owner)
    taken[row[mine]] = owner[column[mine]]
    return taken


def _dearest(costs: Floats, offered: Integers, steps: Floats) -> float:
    """A cost of having no taker that no saving elsewhere outweighs."""
    finite = costs[np.isfinite(costs)]
    if not finite.size:
        return 1.0
    spread = float(finite.max() - finite.min()) + float((offered * steps).max())
    return float(abs(finite).max()) + len(costs) * (spread + 1)
