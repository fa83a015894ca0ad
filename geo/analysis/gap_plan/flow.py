"""The best plan as long as only numbers of things count: one flow of least cost (OR-tools), exactly.

What people have to bear, and that nobody serves twice in one place, is left out here; so what this flow
closes is also the most that any plan can close.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analysis.gap_plan.problem import NONE, Flags, Integers, Problem, Value

_FIRST_PLACES = 2
_MOST = 2**61
_UNITS = (1, 10, 100, 1_000, 10_000)
"""Costs are counted in the finest of these units that leaves room for all of it in the solver's numbers."""


def best_by_number(problem: Problem) -> Integers:
    """Positions of the chosen pairs: most weight, then fewest moves, then least cost.

    Places beyond the first few of a taker are offered only once those are filled: a place that stays empty
    proves that a dearer one beside it would stay empty too.
    """
    most = np.minimum(problem.places, np.bincount(problem.pair_taker, minlength=problem.takers))
    offered = np.minimum(most, _FIRST_PLACES)
    while True:
        chosen = _solved(problem, offered)
        filled = np.bincount(problem.pair_taker[chosen], minlength=problem.takers)
        short = (filled >= offered) & (offered < most)
        if not short.any():
            return chosen
        offered = np.where(short, np.minimum(offered * 2, most), offered)


def _solved(problem: Problem, offered: Integers) -> Integers:
    # Costs some 50 ms to load, which nobody should pay who asks for something else.
    from ortools.graph.python import min_cost_flow

    flow = min_cost_flow.SimpleMinCostFlow()
    scale = prices(problem)
    n, m, g = problem.slots, problem.takers, len(problem.group_most)
    source, sink, first_group = n + m, n + m + 1, n + m + 2
    add: Any = flow.add_arcs_with_capacity_and_unit_cost
    ones = np.ones(len(problem.pair_slot), dtype=np.int64)
    pairs = add(problem.pair_slot, n + problem.pair_taker, ones, scale.pairs)
    group = problem.slot_group[problem.unit_slot]
    start = np.where(group == NONE, source, first_group + group)
    add(start, problem.unit_slot, np.ones(len(start), dtype=np.int64), -scale.wins)
    add(np.full(g, source), first_group + np.arange(g), problem.group_most, np.zeros(g, dtype=np.int64))
    taker = np.repeat(np.arange(m), offered)
    number = np.arange(len(taker)) - np.repeat(np.cumsum(offered) - offered, offered)
    add(
        n + taker, np.full(len(taker), sink), np.ones(len(taker), dtype=np.int64), number * scale.steps[taker]
    )
    units = len(problem.unit_slot)
    flow.add_arc_with_capacity_and_unit_cost(source, sink, units, 0)
    flow.set_node_supply(source, units)
    flow.set_node_supply(sink, -units)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"flow: {status}")
    taken: Flags = np.asarray(flow.flows(pairs)) > 0
    return np.flatnonzero(taken)


@dataclass(frozen=True)
class Prices:
    """Weight, moves and cost in one scale that keeps their order of rank.

    Attributes
    ----------
    unit : int
        How many metres one step of the scale is.
    win, move : int
        What a tenth of a point and a move are worth.
    wins, pairs, steps : int array
        What a unit wins (its move counted), what a pair costs, what a taker's further places cost more.
    """

    unit: int
    win: int
    move: int
    wins: Integers
    pairs: Integers
    steps: Integers

    def of(self, value: Value) -> int:
        """A plan's value in this scale; less is better."""
        weight, moves, cost = value
        return moves * self.move - weight * self.win + cost


def prices(problem: Problem) -> Prices:
    """The finest scale for which the solver's numbers have room."""
    moves = problem.slot_move[problem.unit_slot]
    nodes = problem.slots + problem.takers + len(problem.group_most) + 2
    for unit in _UNITS:
        costs, steps = (np.rint(each / unit).astype(np.int64) for each in (problem.pair_cost, problem.step))
        dearest = int(np.abs(costs).max(initial=0)) + int(
            (steps * problem.places.clip(0, len(moves))).max(initial=0)
        )
        move = 2 * len(moves) * dearest + 1
        win = move * (int(moves.sum()) + 1)
        if win * (int(problem.unit_weight.max()) + 1) * nodes < _MOST:
            return Prices(unit, win, move, problem.unit_weight * win - moves * move, costs, steps)
    raise OverflowError("weights, moves and costs do not fit into one number")
