"""Nearest first, written plainly: what a coordinator would do by hand, and random cases to compare plans on.

It shares no code with `geo.analysis.gap_plan`: limits, distances and costs are worked out again here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import hypot
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point

from geo.rules import Rules

METRIC = 4548
SENT = ("resident_cadre",)
COUNT_LIMITS = {
    "grid_officer": "officer_cells_max",
    "staff": "staff_households_max",
    "resident_cadre": "resident_villages_max",
}
TOWNSHIPS = ("990101101", "990101102", "990101103")
WEST, SOUTH = 117.0, 35.5


@dataclass(frozen=True)
class Outcome:
    """What a plan comes to: points closed, things taken from somebody, cost in kilometres."""

    weight: float
    moves: int
    cost_km: float

    def is_no_worse_than(self, other: Outcome, *, tolerance_km: float) -> bool:
        """More weight, or as much with fewer moves, or as much for no more than it costs."""
        if round(self.weight - other.weight, 6) != 0:
            return self.weight > other.weight
        if self.moves != other.moves:
            return self.moves < other.moves
        return self.cost_km <= other.cost_km + tolerance_km


def nearest_first(
    tasks: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, rules: Rules
) -> list[tuple[int, int]]:
    """Rows of tasks and candidates: each thing, the weightiest first, goes to the nearest who has room."""
    near = _distances_km(tasks, candidates)
    things, people = tasks.to_dict("records"), candidates.to_dict("records")
    number = Counter({at: person["load"] for at, person in enumerate(people)})
    burden = Counter({at: person["households"] for at, person in enumerate(people)})
    left = {thing["group"]: thing["at_most"] for thing in things if thing["group"]}
    plan: list[tuple[int, int]] = []
    for task in sorted(range(len(things)), key=lambda at: (-things[at]["weight"], at)):
        thing = things[task]
        if left.get(thing["group"], 1) < 1:
            continue
        able = [
            at
            for at, person in enumerate(people)
            if _may(thing, person, near[task][at], number[at], burden[at], rules)
        ]
        able = [at for at in able if not _is_there(thing, people[at], plan, things, people)]
        if able:
            taker = min(able, key=lambda at: (_far(near[task][at], rules), people[at]["code"]))
            plan.append((task, taker))
            number[taker] += 1
            burden[taker] += thing["households"] if thing["kind"] == "grid_officer" else 0
            if thing["group"]:
                left[thing["group"]] -= 1
    return plan


def _may(thing: Any, person: Any, km: float | None, number: int, burden: float, rules: Rules) -> bool:
    kind = thing["kind"]
    if person["kind"] != kind or person["code"] == thing["target_code"]:
        return False
    if kind in COUNT_LIMITS and number + 1 > rules[COUNT_LIMITS[kind]].value:
        return False
    if kind != "county_leader" and km is not None and km > rules["holder_remote_km"].value:
        return False
    if kind != "grid_officer":
        return True
    towns = (thing["township_code"], person["township_code"])
    if None not in towns and towns[0] != towns[1]:
        return False
    return bool(burden + thing["households"] <= rules["officer_households_max"].value)


def _is_there(thing: Any, person: Any, plan: list[tuple[int, int]], things: Any, people: Any) -> bool:
    """Whether somebody has this thing, or another one of the same place, by the plan."""
    return any(
        people[taker]["code"] == person["code"]
        and (
            (things[task]["kind"], things[task]["target_code"]) == (thing["kind"], thing["target_code"])
            or (thing["place"] != "" and things[task]["place"] == thing["place"])
        )
        for task, taker in plan
    )


def outcome(
    tasks: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, plan: list[tuple[int, int]], rules: Rules
) -> Outcome:
    """What a plan (rows of tasks and candidates) comes to."""
    near = _distances_km(tasks, candidates)
    things, people = tasks.to_dict("records"), candidates.to_dict("records")
    cost, taken = 0.0, Counter()
    for task, taker in plan:
        thing, person = things[task], people[taker]
        taken[taker] += 1
        cost += _far(near[task][taker], rules)
        if thing["kind"] in SENT and thing["wants"] and person["unit_kind"] not in thing["wants"].split(";"):
            cost += rules["handover_unfit_km"].value
        if person["fit"] < 1:
            cost += rules["handover_unknown_level_km"].value
        cost += (
            rules["handover_load_km"].value
            / _full(thing["kind"], candidates, rules)
            * (person["load"] + taken[taker])
        )
    moves = sum(pd.notna(things[task]["holder_code"]) for task, _taker in plan)
    return Outcome(float(sum(things[task]["weight"] for task, _taker in plan)), moves, cost)


def _full(kind: str, candidates: gpd.GeoDataFrame, rules: Rules) -> float:
    """How many things are a full load; without a limit, what those bear on average who bear something."""
    if kind in COUNT_LIMITS:
        return rules[COUNT_LIMITS[kind]].value
    loads = candidates.loc[candidates["kind"] == kind, "load"].astype(float)
    return max(float(loads[loads > 0].mean()) if (loads > 0).any() else 1.0, 1.0)


def _far(km: float | None, rules: Rules) -> float:
    return rules["handover_unplaced_km"].value if km is None else km


def _distances_km(tasks: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> list[list[float | None]]:
    here, there = (list(frame.geometry.to_crs(METRIC)) for frame in (tasks, candidates))
    return [[_km(a, b) for b in there] for a in here]


def _km(a: Point | None, b: Point | None) -> float | None:
    return None if a is None or b is None else hypot(a.x - b.x, a.y - b.y) / 1000


def random_case(
    seed: int, *, tasks: int, people: int, across_km: float = 30.0
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Tasks and candidates of several kinds, with limits that bind here and there."""
    rng = np.random.default_rng(seed)
    return _tasks(rng, tasks, across_km), _candidates(rng, people, across_km)


def _points(rng: np.random.Generator, count: int, across_km: float) -> list[Point | None]:
    spread = rng.uniform(0, across_km / 90.6, count), rng.uniform(0, across_km / 111.0, count)
    places = [Point(WEST + x, SOUTH + y) for x, y in zip(*spread, strict=True)]
    return [None if lost else place for place, lost in zip(places, rng.random(count) < 0.05, strict=True)]


def _tasks(rng: np.random.Generator, count: int, across_km: float) -> gpd.GeoDataFrame:
    kinds = rng.choice(
        ["grid_officer", "staff", "resident_cadre", "township_cadre"], count, p=[0.5, 0.3, 0.1, 0.1]
    )
    moved = rng.random(count) < 0.3
    frame = pd.DataFrame(
        {
            "kind": kinds,
            "target_code": [f"t{at}" for at in range(count)],
            "rank": "primary",
            "township_code": rng.choice(TOWNSHIPS, count),
            "wants": rng.choice(["", "party", "economic;party"], count),
            "households": np.where(kinds == "grid_officer", rng.integers(20, 260, count), 0),
            "holder_code": np.where(moved, "gone", None),
            "weight": rng.integers(10, 2_200, count) / 10,
            "group": "",
            "at_most": None,
            "place": np.where(
                np.isin(kinds, ["resident_cadre", "township_cadre"]),
                [f"v{at // 3}" for at in range(count)],
                "",
            ),
        }
    ).astype(object)
    overloaded = np.flatnonzero(moved & (kinds == "grid_officer"))[:4]
    frame.loc[overloaded, ["group", "at_most"]] = ["overloaded", 2]
    return gpd.GeoDataFrame(frame, geometry=_points(rng, count, across_km), crs="EPSG:4490")


def _candidates(rng: np.random.Generator, count: int, across_km: float) -> gpd.GeoDataFrame:
    kinds = rng.choice(
        ["grid_officer", "staff", "resident_cadre", "township_cadre"], count, p=[0.5, 0.3, 0.1, 0.1]
    )
    most = pd.Series({"grid_officer": 4, "staff": 32, "resident_cadre": 2, "township_cadre": 4})
    frame = pd.DataFrame(
        {
            "kind": kinds,
            "code": [f"c{at}" for at in range(count)],
            "unit_kind": rng.choice(["party", "economic", "other"], count),
            "township_code": rng.choice(TOWNSHIPS, count),
            "fit": rng.choice([1.0, 0.5], count),
            "load": rng.integers(0, most[kinds].to_numpy()),
            "households": np.where(kinds == "grid_officer", rng.integers(0, 380, count), 0),
        }
    ).astype(object)
    return gpd.GeoDataFrame(frame, geometry=_points(rng, count, across_km), crs="EPSG:4490")
