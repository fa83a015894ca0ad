"""The best plan where burdens bind, or somebody could serve twice in one place: a search with proof (CP-SAT).

Three searches, one after the other: most weight, then fewest moves at that weight, then least cost at both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analysis.gap_plan.problem import (
    ENDLESS,
    NONE,
    Integers,
    Problem,
    Value,
    better,
    units_filled,
    value_of,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_SEED = 4
_LEAST = 1e-3
_EFFORT_SHARE = 0.5
"""The search stops after so much counted effort a second, so that a busy machine finds the same plan."""


@dataclass
class Effort:
    """What searches may still cost.

    Attributes
    ----------
    seconds : float
        By the clock: what cuts a search off that takes absurdly long.
    counted : float
        By the solver's own count, which is the same on every machine; it should end first.
    """

    seconds: float
    counted: float

    @classmethod
    def of(cls, time_limit_s: float) -> Effort:
        """Everything that a time limit allows."""
        return cls(time_limit_s, time_limit_s * _EFFORT_SHARE)

    @contextmanager
    def share(self, number: int) -> Iterator[Effort]:
        """One of so many equal shares; what is not used of it stays."""
        mine = Effort(self.seconds / number, self.counted / number)
        given = replace(mine)
        yield mine
        self.seconds -= given.seconds - mine.seconds
        self.counted -= given.counted - mine.counted

    def spend(self, solver: Any) -> None:
        """Take away what a search has cost."""
        self.seconds = max(self.seconds - solver.wall_time, _LEAST)
        self.counted = max(self.counted - solver.response_proto.deterministic_time, _LEAST)


@dataclass(frozen=True)
class Found:
    """A plan, and how good it is proved to be.

    Attributes
    ----------
    chosen : int array
        Positions of pairs.
    bound : int
        No plan closes more weight.
    is_proved : bool
        No plan is better, moves and cost included.
    cost_bound : int or None
        No plan that closes as much with as few moves costs less; None where that was not found out.
    """

    chosen: Integers
    bound: int
    is_proved: bool
    cost_bound: int | None = None


def searched(problem: Problem, known: Integers, relaxed: Value, *, effort: Effort) -> Found:
    """The best plan that can be found with so much effort.

    Parameters
    ----------
    known : int array
        A plan that keeps to every limit; what is found is never worse.
    relaxed : Value
        Value of the best plan without those limits.
    """
    model = _Model(problem)
    best, value = known, value_of(problem, known)
    bound = relaxed[0]
    is_proved = True
    for stage in range(3):
        if value[: stage + 1] == relaxed[: stage + 1]:
            continue  # as good as without the limits
        with effort.share(3 - stage) as mine:
            status = model.best_of(stage, value, best, effort=mine)
        if status.chosen is not None and better(value_of(problem, status.chosen), value):
            best, value = status.chosen, value_of(problem, status.chosen)
        is_proved = is_proved and status.is_proved
        if stage == 0:
            bound = min(bound, status.bound)
    return Found(best, max(bound, value[0]), is_proved)


@dataclass(frozen=True)
class _Stage:
    chosen: Integers | None
    bound: int
    is_proved: bool


class _Model:
    """The problem as CP-SAT takes it: a yes or no for each pair, unit and further place."""

    def __init__(self, problem: Problem) -> None:
        # Loaded here because it costs time that nobody should pay who asks for something else.
        from ortools.sat.python import cp_model

        self._problem = problem
        self._model: Any = cp_model.CpModel()
        self._cp: Any = cp_model
        self._pairs = self._flags(len(problem.pair_slot))
        self._units = self._flags(len(problem.unit_slot))
        self._further: list[tuple[int, int, int, cp_model.IntVar]] = []
        self._limit_slots()
        self._limit_takers()
        self._limit_places()

    def best_of(self, stage: int, value: Value, known: Integers, *, effort: Effort) -> _Stage:
        """Search for the best weight (0), moves (1) or cost (2), no worse than ``value`` before."""
        weight, moves, cost = self._terms()
        if stage > 0:
            self._model.add(weight >= value[0])
        if stage > 1:
            self._model.add(moves <= value[1])
        self._model.minimize((-weight, moves, cost)[stage])
        self._model.clear_hints()
        for variable, said in self._said(known):
            self._model.add_hint(variable, said)
        solver = self._solver(effort)
        status = solver.solve(self._model)
        effort.spend(solver)
        if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return _Stage(None, self._ceiling(), False)
        chosen = np.flatnonzero([solver.boolean_value(each) for each in self._pairs]).astype(np.int64)
        bound = int(np.floor(1e-6 - solver.best_objective_bound)) if stage == 0 else self._ceiling()
        return _Stage(chosen, bound, status == self._cp.OPTIMAL)

    def _ceiling(self) -> int:
        return int(self._problem.unit_weight.sum())

    def _solver(self, effort: Effort) -> Any:
        solver = self._cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = _SEED
        solver.parameters.max_deterministic_time = effort.counted
        solver.parameters.max_time_in_seconds = effort.seconds
        return solver

    def _flags(self, count: int) -> list[cp_model.IntVar]:
        return [self._model.new_bool_var("") for _at in range(count)]

    def _limit_slots(self) -> None:
        problem = self._problem
        pairs = _grouped(problem.pair_slot, problem.slots)
        units = _grouped(problem.unit_slot, problem.slots)
        for slot in range(problem.slots):
            self._model.add(
                sum(self._of(self._pairs, pairs[slot])) == sum(self._of(self._units, units[slot]))
            )
        for group, most in enumerate(problem.group_most):
            inside = np.flatnonzero(problem.slot_group[problem.unit_slot] == group)
            self._model.add(sum(self._of(self._units, inside)) <= int(most))

    def _limit_takers(self) -> None:
        problem = self._problem
        for taker, pairs in enumerate(_grouped(problem.pair_taker, problem.takers)):
            mine = self._of(self._pairs, pairs)
            places = min(int(problem.places[taker]), len(mine))
            self._model.add(sum(mine) <= places)
            loads = [int(load) for load in problem.slot_load[problem.pair_slot[pairs]]]
            if problem.room[taker] < min(sum(loads), ENDLESS):
                self._model.add(self._cp.LinearExpr.weighted_sum(mine, loads) <= int(problem.room[taker]))
            self._count_further(taker, mine, places)

    def _count_further(self, taker: int, mine: Sequence[Any], places: int) -> None:
        """One more yes for each place beyond the first that is used; the dearest last."""
        if self._problem.step[taker] <= 0 or places < 2:
            return
        further = self._flags(places - 1)
        self._model.add(sum(further) >= sum(mine) - 1)
        step = int(self._problem.step[taker])
        self._further += [
            (taker, number + 1, (number + 1) * step, flag) for number, flag in enumerate(further)
        ]

    def _limit_places(self) -> None:
        problem = self._problem
        place = problem.slot_place[problem.pair_slot]
        person = problem.person[problem.pair_taker]
        here = np.flatnonzero(place != NONE)
        together: dict[tuple[int, int], list[int]] = {}
        for pair in here:
            together.setdefault((int(place[pair]), int(person[pair])), []).append(int(pair))
        for pairs in together.values():
            if len(pairs) > 1:
                self._model.add_at_most_one(self._of(self._pairs, pairs))

    @staticmethod
    def _of(flags: Sequence[Any], at: Iterable[int]) -> list[Any]:
        return [flags[int(each)] for each in at]

    def _terms(self) -> tuple[Any, Any, Any]:
        problem, sums = self._problem, self._cp.LinearExpr.weighted_sum
        weight = sums(self._units, [int(each) for each in problem.unit_weight])
        moves = sums(self._units, [int(each) for each in problem.slot_move[problem.unit_slot]])
        flags = [*self._pairs, *(flag for _taker, _number, _cost, flag in self._further)]
        costs = [*map(int, problem.pair_cost), *(cost for _taker, _number, cost, _flag in self._further)]
        return weight, moves, sums(flags, costs)

    def _said(self, known: Integers) -> Iterable[tuple[Any, int]]:
        """A known plan as values of all that is asked."""
        problem = self._problem
        pairs, units = (
            set(known.tolist()),
            set(
                units_filled(problem, np.bincount(problem.pair_slot[known], minlength=problem.slots)).tolist()
            ),
        )
        given = np.bincount(problem.pair_taker[known], minlength=problem.takers)
        yield from ((flag, int(at in pairs)) for at, flag in enumerate(self._pairs))
        yield from ((flag, int(at in units)) for at, flag in enumerate(self._units))
        yield from ((flag, int(given[taker] > number)) for taker, number, _cost, flag in self._further)


def _grouped(keys: Integers, count: int) -> list[Integers]:
    """Positions by key, for the keys from zero up to a count."""
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.searchsorted(keys[order], np.arange(1, count)))
