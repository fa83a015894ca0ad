"""The best plan for a problem, and how good it is proved to be.

Where only numbers count, one flow is the exact answer. Parts of the county in which somebody would then bear
too much are searched again with what one can bear; the flow's answer stays the bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.analysis.gap_plan.exact import Found, searched
from geo.analysis.gap_plan.flow import best_by_number
from geo.analysis.gap_plan.greedy import kept_to_limits
from geo.analysis.gap_plan.problem import (
    Integers,
    Problem,
    overburdened,
    parts_of,
    twice_in_a_place,
    value_of,
)
from geo.analysis.gap_plan.spare import spare_of

_ROUNDS = 3


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
    hard = [at for at, (part, _pairs, chosen) in enumerate(parts) if _breaks_limits(part, chosen)]
    chosen: list[Integers] = [np.zeros(0, dtype=np.int64)]
    bound, is_proved = 0, True
    for at, (part, pairs, by_number) in enumerate(parts):
        if at in hard:
            found = _within_limits(part, by_number, time_limit_s=time_limit_s / len(hard))
        else:
            found = Found(by_number, value_of(part, by_number)[0], True)
        chosen.append(pairs[found.chosen])
        bound, is_proved = bound + found.bound, is_proved and found.is_proved
    return Found(np.sort(np.concatenate(chosen)), bound, is_proved)


def _breaks_limits(part: Problem, chosen: Integers) -> bool:
    return len(overburdened(part, chosen)) + len(twice_in_a_place(part, chosen)) > 0


def _within_limits(part: Problem, by_number: Integers, *, time_limit_s: float) -> Found:
    """Search with what one can bear; each better plan leaves fewer pairs to look at."""
    best, spare = value_of(part, by_number), spare_of(part, by_number)
    found = Found(kept_to_limits(part, by_number), best[0], False)
    for _round in range(_ROUNDS):
        value = value_of(part, found.chosen)
        pairs = np.flatnonzero(spare.may_matter(value, best))
        fewer = replace(
            part,
            pair_slot=part.pair_slot[pairs],
            pair_taker=part.pair_taker[pairs],
            pair_cost=part.pair_cost[pairs],
        )
        known = np.searchsorted(pairs, found.chosen)
        searched_for = searched(fewer, known, best, time_limit_s=time_limit_s / _ROUNDS)
        found = Found(pairs[searched_for.chosen], searched_for.bound, searched_for.is_proved)
        if found.is_proved or value_of(part, found.chosen) == value:
            break
    return found
