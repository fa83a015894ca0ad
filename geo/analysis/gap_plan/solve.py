"""The best plan for a problem, and how good it is proved to be.

Where only numbers count, one flow is the exact answer. Parts of the county in which somebody would then bear
too much are searched again with what one can bear; the flow's answer stays the bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.analysis.gap_plan.dive import dived, only
from geo.analysis.gap_plan.exact import Effort, Found, searched
from geo.analysis.gap_plan.flow import best_by_number
from geo.analysis.gap_plan.greedy import kept_to_limits
from geo.analysis.gap_plan.problem import (
    Integers,
    Problem,
    better,
    overburdened,
    parts_of,
    twice_in_a_place,
    value_of,
)
from geo.analysis.gap_plan.spare import spare_of


def solved(problem: Problem, *, time_limit_s: float) -> Found:
    """Most weight closed, then fewest moves, then least cost; the same problem gives the same plan.

    Parameters
    ----------
    time_limit_s : float
        For all searches together; the flows take a second or two for a thousand things and are not counted.

    Returns
    -------
    Found
        Positions of pairs; without any pair an empty plan, which is proved.
    """
    parts = [(part, pairs, best_by_number(part)) for part, pairs in parts_of(problem)]
    hard = sum(_breaks_limits(part, chosen) for part, _pairs, chosen in parts)
    effort = Effort.of(time_limit_s)
    chosen: list[Integers] = [np.zeros(0, dtype=np.int64)]
    bound, is_proved, least = 0, True, [0]
    for part, pairs, by_number in parts:
        if _breaks_limits(part, by_number):
            with effort.share(hard) as mine:
                found = _within_limits(part, by_number, effort=mine)
            hard -= 1
        else:
            weight, _moves, cost = value_of(part, by_number)
            found = Found(by_number, weight, True, cost)
        chosen.append(pairs[found.chosen])
        bound, is_proved = bound + found.bound, is_proved and found.is_proved
        least += [] if found.cost_bound is None else [found.cost_bound]
    cost_bound = sum(least) if len(least) == len(parts) + 1 else None
    return Found(np.sort(np.concatenate(chosen)), bound, is_proved, cost_bound)


def _breaks_limits(part: Problem, chosen: Integers) -> bool:
    return len(overburdened(part, chosen)) + len(twice_in_a_place(part, chosen)) > 0


def _within_limits(part: Problem, by_number: Integers, *, effort: Effort) -> Found:
    """Search with what one can bear, among the pairs that may be in a better plan than one known already."""
    best, known = value_of(part, by_number), _kept(part, by_number)
    pairs = np.flatnonzero(spare_of(part, by_number).may_matter(value_of(part, known), best))
    found = searched(only(part, pairs), np.searchsorted(pairs, known), best, effort=effort)
    chosen = pairs[found.chosen]
    weight, moves, cost = value_of(part, chosen)
    least = cost if found.is_proved else best[2] if (weight, moves) == best[:2] else None
    return replace(found, chosen=chosen, cost_bound=least)


def _kept(part: Problem, by_number: Integers) -> Integers:
    """A plan that keeps to every limit: the better one of two."""
    one, other = (kept_to_limits(part, chosen) for chosen in (by_number, dived(part, by_number)))
    return other if better(value_of(part, other), value_of(part, one)) else one
