"""The plan in numbers: things that want somebody, people with room, what it is worth and what it costs.

Numbers in, numbers out: `geo.analysis.gap_plan.propose` says what they mean. All of them are whole, so that
two plans can be compared exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NONE = -1
ENDLESS = 2**40
"""Room of who has no limit."""

Value = tuple[int, int, int]
"""Weight closed, moves and cost of a plan."""


@dataclass(frozen=True)
class Problem:
    """Units (one person wanted each) of slots (things), and pairs of a slot and a taker who may have it.

    Attributes
    ----------
    unit_slot, unit_weight : int array (u,)
        The slot of each unit and what is won when it is filled. A slot with several units wants as many
        different takers.
    slot_move : bool array (n,)
        Whether filling it takes it away from somebody.
    slot_load : int array (n,)
        What a taker has to bear with it.
    slot_group, group_most : int array (n,), (g,)
        Of all slots in a group only so many are to be filled; `NONE` in no group.
    slot_place : int array (n,)
        Nobody may have two slots of one place, whatever they are; `NONE` where that does not matter.
    pair_slot, pair_taker, pair_cost : int array (p,)
        ``pair_cost`` is that of the taker's first slot.
    places, step, room : int array (m,)
        How many slots a taker can have, what each further one costs more than the one before, and how much
        it can bear in all.
    person : int array (m,)
        Who the taker is: one person may be a taker of several kinds of things.
    """

    unit_slot: Integers
    unit_weight: Integers
    slot_move: Flags
    slot_load: Integers
    slot_group: Integers
    group_most: Integers
    slot_place: Integers
    pair_slot: Integers
    pair_taker: Integers
    pair_cost: Integers
    places: Integers
    step: Integers
    room: Integers
    person: Integers

    def __post_init__(self) -> None:
        """Keep the pairs that can be at all."""
        can = (self.places[self.pair_taker] > 0) & (
            self.slot_load[self.pair_slot] <= self.room[self.pair_taker]
        )
        for name in ("pair_slot", "pair_taker", "pair_cost"):
            object.__setattr__(self, name, getattr(self, name)[can])

    @property
    def slots(self) -> int:
        """How many things there are."""
        return len(self.slot_move)

    @property
    def takers(self) -> int:
        """How many people there are."""
        return len(self.places)


def value_of(problem: Problem, chosen: Integers) -> Value:
    """What a plan closes, moves and costs; ``chosen`` are positions of pairs."""
    filled = np.bincount(problem.pair_slot[chosen], minlength=problem.slots)
    given = np.bincount(problem.pair_taker[chosen], minlength=problem.takers)
    further = problem.step * given * (given - 1) // 2
    return (
        int(problem.unit_weight[units_filled(problem, filled)].sum()),
        int(filled[problem.slot_move].sum()),
        int(problem.pair_cost[chosen].sum() + further.sum()),
    )


def units_filled(problem: Problem, filled: Integers) -> Integers:
    """The heaviest units of each slot, as many as it has takers."""
    order = np.lexsort((np.arange(len(problem.unit_slot)), -problem.unit_weight, problem.unit_slot))
    slot = problem.unit_slot[order]
    number = np.arange(len(order)) - np.searchsorted(slot, slot)
    return np.sort(order[number < filled[slot]])


def better(one: Value, other: Value) -> bool:
    """Whether a plan closes more weight than another; as much with fewer moves; or as much for less."""
    return (-one[0], *one[1:]) < (-other[0], *other[1:])


def overburdened(problem: Problem, chosen: Integers) -> Integers:
    """Takers who would bear more than they can."""
    takers, loads = problem.pair_taker[chosen], problem.slot_load[problem.pair_slot[chosen]]
    borne = np.bincount(takers, weights=loads, minlength=problem.takers)
    return np.flatnonzero(borne > np.maximum(problem.room, 0))


def twice_in_a_place(problem: Problem, chosen: Integers) -> Integers:
    """Of the chosen pairs those that give somebody a second thing of one place."""
    place, person = problem.slot_place[problem.pair_slot[chosen]], problem.person[problem.pair_taker[chosen]]
    counts = np.flatnonzero(place != NONE)
    both = place[counts] * (int(problem.person.max(initial=0)) + 1) + person[counts]
    _keys, first = np.unique(both, return_index=True)
    return chosen[np.delete(counts, first)]


def parts_of(problem: Problem) -> list[tuple[Problem, Integers]]:
    """The problem in parts that have nothing to do with each other, each with the positions of its pairs.

    Slots that nobody may have are in no part.
    """
    if not len(problem.pair_slot):
        return []
    label = _labels(problem)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [(_part(problem, pairs), pairs) for pairs in np.split(order, cuts)]


def _labels(problem: Problem) -> Integers:
    """The part of each pair: slots, takers and groups that hang together, and people where places matter."""
    n, m, g = problem.slots, problem.takers, len(problem.group_most)
    grouped = np.flatnonzero(problem.slot_group != NONE)
    people = np.unique(problem.pair_taker[problem.slot_place[problem.pair_slot] != NONE])
    ends = [
        (problem.pair_slot, n + problem.pair_taker),
        (grouped, n + m + problem.slot_group[grouped]),
        (n + people, n + m + g + problem.person[people]),
    ]
    left, right = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    size = n + m + g + int(problem.person.max(initial=0)) + 1
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    found: Integers = connected_components(graph, directed=False)[1][problem.pair_slot].astype(np.int64)
    return found


def _part(problem: Problem, pairs: Integers) -> Problem:
    """The problem of some pairs only: slots, takers and groups numbered anew."""
    slots, pair_slot = np.unique(problem.pair_slot[pairs], return_inverse=True)
    takers, pair_taker = np.unique(problem.pair_taker[pairs], return_inverse=True)
    units = np.flatnonzero(np.isin(problem.unit_slot, slots))
    group = problem.slot_group[slots]
    groups = np.unique(group[group != NONE])
    return replace(
        problem,
        unit_slot=np.searchsorted(slots, problem.unit_slot[units]),
        unit_weight=problem.unit_weight[units],
        slot_move=problem.slot_move[slots],
        slot_load=problem.slot_load[slots],
        slot_group=np.where(group == NONE, NONE, np.searchsorted(groups, group)),
        group_most=problem.group_most[groups],
        slot_place=problem.slot_place[slots],
        pair_slot=pair_slot.astype(np.int64),
        pair_taker=pair_taker.astype(np.int64),
        pair_cost=problem.pair_cost[pairs],
        places=problem.places[takers],
        step=problem.step[takers],
        room=problem.room[takers],
        person=np.unique(problem.person[takers], return_inverse=True)[1].astype(np.int64),
    )
