"""A good plan that keeps to every limit: the plan by number again and again, each time with less allowed.

Whoever would bear too much leaves the thing that somebody else takes at the least additional cost; whoever
would serve twice in one place leaves one of the two. A few rounds are enough, each as quick as the flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geo.analysis.gap_plan.flow import best_by_number
from geo.analysis.gap_plan.problem import Flags, Integers, Problem, overburdened, twice_in_a_place

_ROUNDS = 30
_DEAR = 2**50


def dived(problem: Problem, chosen: Integers) -> Integers:
    """The plan after as many rounds as it takes, or as there are; ``chosen`` is the plan by number.

    What is left of it that breaks a limit is for the caller to leave out.
    """
    allowed = np.ones(len(problem.pair_slot), dtype=bool)
    for _round in range(_ROUNDS):
        forbidden = [*_too_heavy(problem, chosen, allowed), *twice_in_a_place(problem, chosen)]
        if not forbidden:
            break
        allowed[forbidden] = False
        kept = np.flatnonzero(allowed)
        chosen = kept[best_by_number(only(problem, kept))]
    return chosen


def only(problem: Problem, pairs: Integers) -> Problem:
    """The problem with some of its pairs only."""
    return replace(
        problem,
        pair_slot=problem.pair_slot[pairs],
        pair_taker=problem.pair_taker[pairs],
        pair_cost=problem.pair_cost[pairs],
    )


def _too_heavy(problem: Problem, chosen: Integers, allowed: Flags) -> Iterator[int]:
    """One pair of each who would bear too much."""
    heavy = overburdened(problem, chosen)
    if not len(heavy):
        return
    second = _second_cost(problem, chosen, allowed)
    for taker in heavy:
        mine = chosen[problem.pair_taker[chosen] == taker]
        loads = problem.slot_load[problem.pair_slot[mine]]
        enough = loads.sum() - loads <= problem.room[taker]
        regret = second[problem.pair_slot[mine]] - problem.pair_cost[mine]
        # Where no single one is enough, the heaviest goes first.
        order = np.lexsort((mine, np.where(enough, regret, -loads), ~enough))
        yield int(mine[order[0]])


def _second_cost(problem: Problem, chosen: Integers, allowed: Flags) -> Integers:
    """The cheapest other pair of each slot that is still allowed."""
    other = allowed.copy()
    other[chosen] = False
    least = np.full(problem.slots, _DEAR, dtype=np.int64)
    np.minimum.at(least, problem.pair_slot[other], problem.pair_cost[other])
    return least
