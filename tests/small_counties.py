"""Small counties drawn by Hypothesis: odd shapes on a coarse grid near 113°E 23°N, odd periods around a day.

Villages are squares of two by two grid steps (some 205 m × 221 m) side by side, so that cells drawn from one
list of shapes are exact neighbours, overlap, lie inside one another or touch in one point. No measure comes
near one of the thresholds, so that no answer hangs on the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.periods import in_force
from geo.crs import STORED_CRS
from geo.frames import LAYERS, conform
from geo.rules import Rules, load_rules
from geo.vocabulary import RESPONSIBILITY_RULES, CaseState, EntityKind, ResponsibilityKind
from tests.evidence import case_frame, evidence_from, lineage_frame

DAY = date(2026, 5, 1)
EAST, NORTH, STEP = 113.05, 23.0, 0.001
COUNTY = "990101"
_STRIP, _HAIR = 0.05, 0.004  # of a step: some 5 m and 0.4 m

VILLAGE_SHAPES: tuple[BaseGeometry | None, ...] = (
    box(0, 0, 2, 2),
    MultiPolygon([box(0, 0, 2, 2), box(0.5, 5, 1.5, 6)]),
    box(0, 0, 2, 2).difference(box(1.2, 1.2, 1.4, 1.4)),
    None,
)
CELL_SHAPES: tuple[BaseGeometry | None, ...] = (
    box(0, 0, 2, 2),
    box(0, 0, 1, 2),
    box(1, 0, 2, 2),
    box(0, 0, 1, 1),
    box(1, 1, 2, 2),
    box(0, 1, 1, 2),
    box(1, 0, 2, 1),
    MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)]),  # the parts touch in one point
    MultiPolygon([box(0, 0, 0.5, 0.5), box(1.2, 1.2, 1.9, 1.9)]),
    box(0, 0, 2, 2).difference(box(0.5, 0.5, 1.5, 1.5)),
    box(0.5, 0.5, 1.5, 1.5),
    box(_STRIP, 0, 2, 2),
    box(_HAIR, 0, 2, 2),
    box(0, 0, 1 + _HAIR, 2),
    box(0, 0, 2 + 3 * _STRIP, 2),
    Polygon([(0, 0), (2, 0), (2, 2)]),
    Polygon([(0, 0), (2, 2), (0, 2)]),
    Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),  # its line crosses itself
    MultiPolygon([box(0, 0, 2, 2), box(0.5, 5, 1.5, 6)]),
    box(3, 3, 4, 4),
    None,
)
HOME_PLACES: tuple[tuple[float, float] | None, ...] = (
    (0.53, 0.47),
    (1.53, 0.47),
    (0.57, 1.47),
    (1.57, 1.61),
    (1.03, 1.07),
    (_STRIP / 2, 0.31),
    (1, 0.37),
    (2.005, 0.63),
    (2.05, 0.67),
    (8.1, 9.2),
    None,
)
BASE_PLACES: tuple[tuple[float, float] | None, ...] = ((0.6, 0.4), (6.3, 0.4), (1.4, 130), None)
STARTS = tuple(DAY + timedelta(days) for days in (-500, -90, -30, -1, 0, 1, 30))
STOPS = (None, None, None, None, *STARTS)
_TIGHT = {
    "officer_cells_max": 1,
    "officer_households_max": 2,
    "staff_households_max": 1,
    "holder_remote_km": 0.25,
    "pairing_hardship_only": 1,
    "team_township_cadres_min": 2,
}
_DEFAULTS = load_rules(DAY)
RULE_SETS = {
    "default": _DEFAULTS,
    "tight": Rules(
        DAY,
        {
            name: replace(one, value=float(_TIGHT.get(name, one.value)))
            for name, one in _DEFAULTS.thresholds.items()
        },
    ),
}
"""By name, because a report prints what was drawn."""

_KINDS = tuple(str(kind) for kind in RESPONSIBILITY_RULES)
_COMMON = ("grid_officer", "staff", "resident_cadre", "township_cadre")
_started, _ended = st.sampled_from(STARTS), st.sampled_from(STOPS)
_sometimes_ended = st.one_of(st.none(), st.none(), _ended)
_small = st.integers(0, 3)
_cell = st.tuples(st.sampled_from(CELL_SHAPES), st.one_of(st.none(), _started), _sometimes_ended)
_home = st.tuples(st.sampled_from(HOME_PLACES), st.integers(-1, 3), st.integers(-1, 1), st.booleans())
_village = st.fixed_dictionaries(
    {
        "town": _small,
        "shape": st.sampled_from((VILLAGE_SHAPES[0], *VILLAGE_SHAPES)),
        "flags": st.tuples(st.booleans(), st.booleans()),
        "income": st.sampled_from((None, 50_000, 0)),
        "cells": st.lists(_cell, max_size=4),
        "homes": st.lists(_home, max_size=8),
        "groups": st.lists(_sometimes_ended, max_size=2),
        "branches": st.lists(_sometimes_ended, max_size=2),
        "areas": st.frozensets(st.integers(0, 1), max_size=2),
        "decisions": st.lists(
            st.tuples(st.sampled_from(("weak", "election_priority")), _started, _ended), max_size=2
        ),
    }
)
_case = st.tuples(st.integers(0, 9), st.sampled_from([str(state) for state in CaseState]), _started, _started)
_descent = st.tuples(st.integers(0, 7), st.integers(0, 7), _started)
_cadre = st.tuples(st.sampled_from(BASE_PLACES), st.integers(-1, 2), _sometimes_ended)
_spell = st.tuples(_started, _ended, st.sampled_from(("primary", "primary", "primary", "assistant")))
_spells = st.tuples(
    st.sampled_from(
        ("grid_officer", *_KINDS, *("grid_officer", "staff", "resident_cadre", "township_cadre") * 2)
    ),
    st.integers(0, 5),
    st.integers(0, 4),
    st.sampled_from(((0, 0), (0, 1), (1, 0), (1, 1))),
    st.lists(_spell, min_size=1, max_size=4),
)
"""A kind, a first target and holder, by how much both move on from one record to the next, the records."""


def _many(
    things: st.SearchStrategy[Any], least: tuple[int, ...], at_most: int = 20
) -> st.SearchStrategy[list[Any]]:
    """A list of things; left alone Hypothesis draws short ones, in which nothing meets."""
    return st.sampled_from(least).flatmap(lambda count: st.lists(things, min_size=count, max_size=at_most))


@dataclass(frozen=True)
class SmallCounty:
    """Frames by layer as a store keeps them: registers with their periods; designations and lineage."""

    frames: dict[str, pd.DataFrame]
    designations: pd.DataFrame
    lineage: pd.DataFrame
    rectifications: pd.DataFrame

    def evidence(self, as_of: date = DAY) -> Evidence:
        """What the rules look at on a day."""
        frames = {
            name: conform(in_force(frame, as_of) if "valid_to" in frame else frame, LAYERS[name])
            for name, frame in self.frames.items()
            if name != "responsibilities"
        }
        frames["responsibilities"] = conform(self.frames["responsibilities"], LAYERS["responsibilities"])
        cases = self.rectifications
        listed = cases[(cases["listed_on"] <= as_of).to_numpy(bool)].reset_index(drop=True)
        return evidence_from(frames, self.designations, as_of, self.lineage, listed)


@st.composite
def small_counties(draw: st.DrawFn) -> SmallCounty:
    """A county of up to four townships and six villages, with or without anything in them."""
    towns = draw(st.integers(0, 4))
    villages = draw(_many(_village, (0, 1, 3), at_most=6)) if towns else []
    rows = _territory(towns, villages)
    units = draw(st.lists(_sometimes_ended, max_size=2))
    rows["units"] = [{"code": f"u{at}", "name": f"单位{at}", "valid_to": end} for at, end in enumerate(units)]
    rows["cadres"] = [
        {
            "code": f"c{at}",
            "name": f"干部{at}",
            "unit_code": f"u{unit}" if 0 <= unit < len(units) else None,
            "valid_to": end,
            "geometry": _placed(Point(place), 0) if place else None,
        }
        for at, (place, unit, end) in enumerate(draw(_many(_cadre, (0, 2), at_most=4)))
    ]
    rows["responsibilities"] = [
        _responsibility(rows, kind, target + at * on, holder + at * over, spell)
        for kind, target, holder, (on, over), spells in draw(_many(_spells, (0, 8, 16)))
        for at, spell in enumerate(spells)
    ]
    decisions = [
        (f"{_village_code(at, village, towns)}", label, start, end, "研究决定")
        for at, village in enumerate(villages)
        for label, start, end in village["decisions"]
    ]
    columns = ["village_code", "label", "valid_from", "valid_to", "reason"]
    designations = pd.DataFrame(decisions, columns=columns, dtype=object)
    lineage = _lineage(rows["cells"], draw(_many(_descent, (0, 4), at_most=8)))
    cases = _cases(rows, draw(_many(_case, (0, 4), at_most=8)))
    return SmallCounty({name: _frame(name, rows[name]) for name in LAYERS}, designations, lineage, cases)


def _cases(rows: dict[str, list[dict[str, Any]]], drawn: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rectifications of villages and branches and of a branch that lies nowhere."""
    villages = [("village", row["code"], row["code"]) for row in rows["villages"]]
    branches = [("branch", row["code"], row["village_code"]) for row in rows["branches"]]
    subjects = [*villages, *branches, ("branch", "b-nowhere", None)]
    return case_frame(
        *(
            (f"z{at}", *subjects[which % len(subjects)], state, min(listed, due), due)
            for at, (which, state, listed, due) in enumerate(drawn)
        )
    )


def _lineage(cells: list[dict[str, Any]], descents: list[tuple[int, int, date]]) -> pd.DataFrame:
    """Which of the cells came from which, or from one before all; none from one with a later code."""
    codes = ["former", *sorted(cell["code"] for cell in cells)]
    pairs = {
        (codes[min(pair)], codes[max(pair)], day)
        for one, other, day in descents
        if min(pair := (one % len(codes), other % len(codes))) < max(pair)
    }
    return lineage_frame(*sorted(pairs, key=lambda row: (row[1], row[0], row[2])))


def _village_code(at: int, village: dict[str, Any], towns: int) -> str:
    return f"{COUNTY}{101 + village['town'] % towns}{201 + at}"


def _territory(towns: int, villages: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of everything that stands on the ground or is told apart there."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in LAYERS}
    rows["townships"] = [
        {"code": f"{COUNTY}{101 + at}", "name": f"第{at}镇", "geometry": _placed(box(0, at, 1, at + 1), 0)}
        for at in range(towns)
    ]
    for at, village in enumerate(villages):
        code = _village_code(at, village, towns)
        _add_village(rows, village, code, at)
        _add_cells_and_homes(rows, village, code, at)
    for area in (0, 1):
        members = [
            row["code"] for row, one in zip(rows["villages"], villages, strict=True) if area in one["areas"]
        ]
        if members:
            rows["areas"].append(
                {"code": f"a{area}", "name": f"片{area}", "village_codes": ";".join(members)}
            )
    return rows


def _add_village(rows: dict[str, list[dict[str, Any]]], village: dict[str, Any], code: str, at: int) -> None:
    old, minority = village["flags"]
    rows["villages"].append(
        {
            "code": code,
            "name": f"村{at}",
            "township_code": code[:9],
            "kind": "village",
            "old_revolutionary": old,
            "ethnic_minority": minority,
            "geometry": _placed(village["shape"], at),
        }
    )
    rows["groups"] += [
        {"code": f"{code}0{one}", "name": f"{one}组", "village_code": code, "valid_to": end}
        for one, end in enumerate(village["groups"])
    ]
    rows["branches"] += [
        {"code": f"b{at}{one}", "name": f"支部{at}{one}", "village_code": code, "valid_to": end}
        for one, end in enumerate(village["branches"])
    ]
    if village["income"] is not None:
        rows["indicators"].append(
            {"village_code": code, "year": DAY.year - 1, "income_own_yuan": village["income"]}
        )


def _add_cells_and_homes(
    rows: dict[str, list[dict[str, Any]]], village: dict[str, Any], code: str, at: int
) -> None:
    rows["cells"] += [
        {
            "code": f"{code}{one + 1:03d}",
            "village_code": code,
            "valid_from": start,
            "valid_to": end,
            "geometry": _placed(shape, at),
        }
        for one, (shape, start, end) in enumerate(village["cells"])
    ]
    for one, (place, cell, group, hardship) in enumerate(village["homes"]):
        rows["households"].append(
            {
                "code": f"h{at}{one}",
                "village_code": code,
                "cell_code": f"{code}{cell + 1:03d}" if 0 <= cell < len(village["cells"]) else None,
                "group_code": f"{code}0{group}" if 0 <= group < len(village["groups"]) else None,
                "hardship": hardship,
                "geometry": _placed(Point(place), at) if place else None,
            }
        )


def _placed(shape: BaseGeometry | None, at: int) -> BaseGeometry | None:
    """A shape of the catalogue in the village ``at``: each lies two steps east of the one before."""
    if shape is None:
        return None
    moved = affinity.affine_transform(shape, [STEP, 0, 0, STEP, EAST + 2 * at * STEP, NORTH])
    return MultiPolygon([moved]) if isinstance(moved, Polygon) else moved


def _responsibility(
    rows: dict[str, list[dict[str, Any]]], kind: str, target: int, holder: int, spell: tuple[Any, ...]
) -> dict[str, Any]:
    """One record over something of the county, or over something unknown; so with who holds it."""
    layers = {str(one.entity): name for name, one in LAYERS.items() if one.entity}
    rule = RESPONSIBILITY_RULES[ResponsibilityKind(kind)]
    targets = [row["code"] for one in rule.targets for row in rows[layers[str(one)]]] + ["unknown"]
    holders = [row["code"] for row in rows[layers[str(rule.holder)]]]
    holders.append("stranger" if rule.holder == EntityKind.CADRE else "no-unit")
    return {
        "kind": kind,
        "holder_code": holders[holder % len(holders)],
        "target_code": targets[target % len(targets)],
        **dict(zip(("valid_from", "valid_to", "rank"), spell, strict=True)),
    }


_DATED = ("groups", "branches", "cadres", "units")


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    layer = LAYERS[name]
    columns = [*layer.column_names, *(["valid_to"] if name in _DATED else [])]
    if name in _DATED:
        columns.append("valid_from")
    frame = pd.DataFrame({column: [row.get(column) for row in rows] for column in columns}, dtype=object)
    if layer.geometry is None:
        return frame
    shapes = gpd.GeoSeries([row.get("geometry") for row in rows], crs=STORED_CRS)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=STORED_CRS)
