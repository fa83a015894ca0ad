"""The best plan as long as only numbers of things count: one flow of least cost (OR-tools), exactly.

What people have to bear, and that nobody serves twice in one place, is left out here; so what this flow
closes is also the most that any plan can close.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.analysis.gap_plan.problem import NONE, Flags, Integers, Problem

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
    wins, costs, steps = _prices(problem)
    n, m, g = problem.slots, problem.takers, len(problem.group_most)
    source, sink, first_group = n + m, n + m + 1, n + m + 2
    add: Any = flow.add_arcs_with_capacity_and_unit_cost
    ones = np.ones(len(problem.pair_slot), dtype=np.int64)
    pairs = add(problem.pair_slot, n + problem.pair_taker, ones, costs)
    group = problem.slot_group[problem.unit_slot]
    start = np.where(group == NONE, source, first_group + group)
    add(start, problem.unit_slot, np.ones(len(start), dtype=np.int64), -wins)
    add(np.full(g, source), first_group + np.arange(g), problem.group_most, np.zeros(g, dtype=np.int64))
    taker = np.repeat(np.arange(m), offered)
    number = np.arange(len(taker)) - np.repeat(np.cumsum(offered) - offered, offered)
    add(n + taker, np.full(len(taker), sink), np.ones(len(taker), dtype=np.int64), number * steps[taker])
    units = len(problem.unit_slot)
    flow.add_arc_with_capacity_and_unit_cost(source, sink, units, 0)
    flow.set_node_supply(source, units)
    flow.set_node_supply(sink, -units)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"flow: {status}")
    taken: Flags = np.asarray(flow.flows(pairs)) > 0
    return np.flatnonzero(taken)


def _prices(problem: Problem) -> tuple[Integers, Integers, Integers]:
    """What a unit wins, what a pair costs and a taker's step, in one scale that keeps their order of rank."""
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
            return problem.unit_weight * win - moves * move, costs, steps
    raise OverflowError("weights, moves and costs do not fit into one number")
