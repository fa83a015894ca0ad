"""The plan is never worse than nearest first, keeps every limit, and is the same each time."""

from datetime import date

import pandas as pd
import pytest

from geo.analysis.gap_plan.ground import PlanLimits
from geo.analysis.gap_plan.propose import propose
from geo.rules import load_rules
from tests.greedy_plan import Outcome, nearest_first, outcome, random_case

RULES = load_rules(date(2026, 5, 1))
pytestmark = pytest.mark.slow
CASES = 50
LIMIT_S = 20.0


def _plan(case):
    return propose(*case, RULES, limits=PlanLimits(), time_limit_s=LIMIT_S)


def _pairs(case, found):
    """The plan as rows of tasks and candidates."""
    _tasks, candidates = case
    at = pd.Series(range(len(candidates)), index=candidates["code"])
    return [
        (task, int(at[code])) for task, code in zip(found.given["task"], found.given["to_code"], strict=True)
    ]


def _case(seed):
    return random_case(seed, tasks=10 + seed, people=8 + 2 * (seed % 17))


@pytest.fixture(scope="module")
def compared():
    """Of each case the plan, what it comes to, and what nearest first comes to."""
    found = []
    for seed in range(CASES):
        case = _case(seed)
        plan = _plan(case)
        found.append(
            (
                plan,
                outcome(*case, _pairs(case, plan), RULES),
                outcome(*case, nearest_first(*case, RULES), RULES),
            )
        )
    return found


def test_no_plan_is_worse_than_nearest_first(compared):
    for _found, mine, greedy in compared:
        assert mine.is_no_worse_than(greedy, tolerance_km=0.1), (mine, greedy)


def test_nearest_first_is_beaten_often(compared):
    worse = [mine.weight > greedy.weight for _found, mine, greedy in compared]
    assert sum(worse) > CASES // 4


def test_what_a_plan_says_of_itself_is_so(compared):
    for plan, mine, _greedy in compared:
        assert plan.weight == pytest.approx(mine.weight)
        assert plan.moves == mine.moves
        assert plan.cost_km == pytest.approx(mine.cost_km, abs=0.1)
        assert plan.is_proved
        assert plan.bound == pytest.approx(plan.weight)


def test_the_same_question_gives_the_same_plan():
    for seed in (3, 27, 49):
        one, other = _plan(_case(seed)), _plan(_case(seed))
        pd.testing.assert_frame_equal(one.given, other.given)


def test_an_outcome_is_compared_by_weight_then_moves_then_cost():
    base = Outcome(10.0, 1, 5.0)
    assert Outcome(10.1, 9, 99.0).is_no_worse_than(base, tolerance_km=0)
    assert not Outcome(10.0, 2, 1.0).is_no_worse_than(base, tolerance_km=0)
    assert not Outcome(10.0, 1, 5.2).is_no_worse_than(base, tolerance_km=0.1)
