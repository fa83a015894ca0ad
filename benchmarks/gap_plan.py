"""Plans that close gaps, beside nearest first.

::

    python -m benchmarks.gap_plan [--gaps 1000] [--people 5000] [--cases 50]

- *size*: that many gaps and people, once spread over a county and once all within reach of each other, where
  every pair has to be weighed;
- *cases*: random small cases, in which limits bind; how often the plan closes more, moves less or walks less.

Nearest first is `tests.greedy_plan.nearest_first`: the weightiest gap goes to the nearest who has room. Its
time is that of plain loops and says nothing. Both are measured by the same plain sums (`outcome` there).
"""

from __future__ import annotations

import argparse
import time
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.analysis.gap_plan.ground import PlanLimits
from geo.analysis.gap_plan.propose import TaskPlan, propose
from geo.rules import load_rules
from tests.greedy_plan import Outcome, nearest_first, outcome, random_case

RULES = load_rules(date(2026, 5, 1))
TIME_LIMIT_S = 8.0
TOLERANCE_KM = 0.1
SPREADS_KM = (60.0, 9.0)
Case = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


def plan_of(case: Case) -> TaskPlan:
    """The plan of a case."""
    return propose(*case, RULES, limits=PlanLimits(), time_limit_s=TIME_LIMIT_S)


def outcome_of(case: Case, plan: TaskPlan) -> Outcome:
    """What a plan comes to, by plain sums."""
    at = pd.Series(range(len(case[1])), index=case[1]["code"])
    pairs = zip(plan.given["task"], at[plan.given["to_code"]], strict=True)
    return outcome(*case, [(int(task), int(taker)) for task, taker in pairs], RULES)


def sizes(gaps: int, people: int) -> None:
    """One plan of the full size, spread and dense."""
    plan_of(random_case(1, tasks=5, people=5))  # loads the solver
    for across_km in SPREADS_KM:
        case = random_case(7, tasks=gaps, people=people, across_km=across_km)
        began, worked = time.perf_counter(), time.process_time()
        plan = plan_of(case)
        took, work = time.perf_counter() - began, time.process_time() - worked
        said = "proved optimal" if plan.is_proved else _said(plan)
        print(
            f"{gaps} gaps, {people} people, {across_km:g} km across: "
            f"{took:.1f} s ({work:.1f} s of processor), "
            f"{len(plan.given)} closed, {len(plan.open)} open, {said}"
        )


def _said(plan: TaskPlan) -> str:
    cost = "unknown" if plan.cost_bound_km is None else f"{1 - plan.cost_bound_km / plan.cost_km:.2%}"
    return f"at most {1 - plan.weight / plan.bound:.2%} of the points and {cost} of the way from the best"


def cases(count: int) -> None:
    """Many small plans beside nearest first."""
    tally = dict.fromkeys(("closes more", "moves less", "walks less", "the same", "worse"), 0)
    mine, other, proved = [], [], 0
    for seed in range(count):
        case = random_case(seed, tasks=10 + seed, people=8 + 2 * (seed % 17))
        plan = plan_of(case)
        proved += plan.is_proved
        mine.append(outcome_of(case, plan))
        other.append(outcome(*case, nearest_first(*case, RULES), RULES))
        tally[_verdict(mine[-1], other[-1])] += 1
    points = [sum(each.weight for each in part) for part in (mine, other)]
    print(f"{count} cases, {proved} proved optimal; beside nearest first: {tally}")
    print(f"points closed: {points[0]:,.0f} / {points[1]:,.0f} ({points[0] / points[1] - 1:+.1%})")


def _verdict(mine: Outcome, other: Outcome) -> str:
    if not mine.is_no_worse_than(other, tolerance_km=TOLERANCE_KM):
        return "worse"
    if mine.weight > other.weight + 1e-6:
        return "closes more"
    if mine.moves < other.moves:
        return "moves less"
    return "walks less" if mine.cost_km < other.cost_km - TOLERANCE_KM else "the same"


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gaps", type=int, default=1_000)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--cases", type=int, default=50)
    asked = parser.parse_args()
    sizes(asked.gaps, asked.people)
    cases(asked.cases)


if __name__ == "__main__":
    main()
