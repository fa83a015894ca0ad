"""A plan that keeps to every limit, from one that does not: what the exact search starts from."""

from __future__ import annotations

import numpy as np

from geo.analysis.gap_plan.problem import NONE, Integers, Problem


class _Taken:
    """A plan that grows by one pair at a time, and what is still free in it."""

    def __init__(self, problem: Problem) -> None:
        self.chosen: list[int] = []
        self._problem = problem
        self._wanted = np.bincount(problem.unit_slot, minlength=problem.slots)
        self._group = problem.group_most.copy()
        self._places, self._room = problem.places.copy(), problem.room.copy()
        self._pairs: set[tuple[int, int]] = set()
        self._present: set[tuple[int, int]] = set()

    def take(self, pair: int) -> bool:
        """Choose a pair if everything allows it; says whether it did."""
        problem = self._problem
        slot, taker = int(problem.pair_slot[pair]), int(problem.pair_taker[pair])
        group, load = problem.slot_group[slot], problem.slot_load[slot]
        there = (int(problem.slot_place[slot]), int(problem.person[taker]))
        if (
            self._wanted[slot] < 1
            or self._places[taker] < 1
            or self._room[taker] < load
            or (group != NONE and self._group[group] < 1)
            or (slot, taker) in self._pairs
            or there in self._present
        ):
            return False
        self._wanted[slot] -= 1
        self._places[taker] -= 1
        self._room[taker] -= load
        if group != NONE:
            self._group[group] -= 1
        self._pairs.add((slot, taker))
        if there[0] != NONE:
            self._present.add(there)
        self.chosen.append(pair)
        return True


def kept_to_limits(problem: Problem, chosen: Integers) -> Integers:
    """As much of a plan as the limits allow, heaviest first; what is left goes to the nearest with room."""
    worth = np.zeros(problem.slots, dtype=np.int64)
    np.maximum.at(worth, problem.unit_slot, problem.unit_weight)

    def in_order(pairs: Integers) -> Integers:
        keys = (pairs, problem.pair_cost[pairs], -worth[problem.pair_slot[pairs]])
        return pairs[np.lexsort(keys)]

    plan = _Taken(problem)
    for pair in in_order(chosen):
        plan.take(int(pair))
    for pair in in_order(np.arange(len(problem.pair_slot))):
        plan.take(int(pair))
    return np.array(sorted(plan.chosen), dtype=np.int64)
