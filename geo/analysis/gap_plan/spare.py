"""Which pairs can be left out of a search: those that cost more than a plan that is known already.

The flow that is best when only numbers count has a price for every slot and taker (its dual). Whoever forces
a pair into a plan pays at least that pair's reduced cost beyond the flow; where that alone is dearer than a
plan that keeps to every limit, the pair is in no better plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.analysis.gap_plan.flow import Prices, prices
from geo.analysis.gap_plan.problem import NONE, Flags, Integers, Problem, Value, units_filled


@dataclass(frozen=True)
class Spare:
    """What each pair costs beyond the best plan by number.

    Attributes
    ----------
    prices : Prices
    extra : int array (p,)
        In the scale of the prices; never negative but for pairs of the plan itself.
    """

    prices: Prices
    extra: Integers

    def may_matter(self, known: Value, best: Value) -> Flags:
        """Pairs that a plan better than ``known`` can have; ``best`` is the value of the plan by number."""
        if self.prices.unit != 1:  # costs were rounded: nothing is sure to the metre
            return np.ones(len(self.extra), dtype=bool)
        return self.extra <= self.prices.of(known) - self.prices.of(best)


def spare_of(problem: Problem, chosen: Integers) -> Spare:
    """What pairs cost beyond ``chosen``, which is `geo.analysis.gap_plan.flow.best_by_number`."""
    scale = prices(problem)
    potential = _distances(*_residual(problem, chosen, scale))
    ends = potential[problem.pair_slot], potential[problem.slots + problem.pair_taker]
    return Spare(scale, scale.pairs + ends[0] - ends[1])


def _residual(problem: Problem, chosen: Integers, scale: Prices) -> tuple[Integers, Integers, Integers, int]:
    """Tails, heads and costs of all ways in which the plan's flow could be changed; and how many nodes."""
    n, m, g = problem.slots, problem.takers, len(problem.group_most)
    source, sink, first_group = n + m, n + m + 1, n + m + 2
    filled = np.bincount(problem.pair_slot[chosen], minlength=n)
    given = np.bincount(problem.pair_taker[chosen], minlength=m)
    taken = np.zeros(len(problem.pair_slot), dtype=bool)
    taken[chosen] = True
    won = np.zeros(len(problem.unit_slot), dtype=bool)
    won[units_filled(problem, filled)] = True
    group = problem.slot_group[problem.unit_slot]
    begin = np.where(group == NONE, source, first_group + group)
    in_group = np.bincount(group[won & (group != NONE)], minlength=g)
    groups, people, total = first_group + np.arange(g), n + np.arange(m), int(won.sum())
    nothing, never = np.zeros(g, dtype=np.int64), np.zeros(m, dtype=bool)
    ways = [
        *_ways(problem.pair_slot, n + problem.pair_taker, scale.pairs, ~taken, taken),
        *_ways(begin, problem.unit_slot, -scale.wins, ~won, won),
        *_ways(np.full(g, source), groups, nothing, in_group < problem.group_most, in_group > 0),
        *_ways(people, np.full(m, sink), given * scale.steps, given < problem.places, never),
        *_ways(people, np.full(m, sink), (given - 1) * scale.steps, never, given > 0),
        *_ways(
            np.array([source]),
            np.array([sink]),
            np.zeros(1, dtype=np.int64),
            np.array([total > 0]),
            np.array([total < len(won)]),
        ),
    ]
    tails, heads, costs = (np.concatenate([way[at] for way in ways]) for at in range(3))
    return tails, heads, costs, first_group + g


def _ways(
    tails: Integers, heads: Integers, costs: Integers, more: Flags, less: Flags
) -> list[tuple[Integers, Integers, Integers]]:
    """Along an arc where it can carry more, back along it where it can carry less."""
    return [(tails[more], heads[more], costs[more]), (heads[less], tails[less], -costs[less])]


def _distances(tails: Integers, heads: Integers, costs: Integers, nodes: int) -> Integers:
    """Shortest ways to every node, from anywhere (Bellman–Ford, all arcs at once)."""
    order = np.argsort(heads, kind="stable")
    tails, costs = tails[order], costs[order]
    reached, first = np.unique(heads[order], return_index=True)
    far = np.zeros(nodes, dtype=np.int64)
    for _round in range(nodes):
        best = np.minimum.reduceat(far[tails] + costs, first)
        nearer = np.minimum(far[reached], best)
        if (nearer == far[reached]).all():
            break
        far[reached] = nearer
    return far
