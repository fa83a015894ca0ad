"""Households that nobody is paired with, that lie outside their cell, or that have no point."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from shapely import Polygon, box

from geo.analysis.gaps.households import household_misplaced, household_unlocated, household_unpaired
from tests.analysis_frames import TOWNSHIP
from tests.drawn_county import DAY, RULES, A, county, with_limits

WHOLE, CELL = {A: box(0, 0, 1000, 1000)}, f"{A}001"
CELLS = {CELL: (box(0, 0, 1000, 1000), None)}
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def unpaired(homes, records=(), rules=RULES):
    return household_unpaired(county(WHOLE, CELLS, homes, records), rules)


def test_a_household_that_nobody_holds_is_a_gap():
    homes = [("h1", CELL, 10, 10), ("h2", CELL, 20, 20), ("h3", None)]
    gaps = unpaired(homes, [("h1", JANUARY, None)])
    assert gaps["target_code"].tolist() == ["h2", "h3"]
    assert gaps["since"].tolist() == [None, None]
    assert gaps["why"].tolist() == ["户 h2 没有结对干部。", "户 h3 没有结对干部。"]
    assert set(gaps["needs"]) == {"staff"}
    assert set(gaps["who_code"]) == set(gaps["township_code"]) == {TOWNSHIP}
    assert gaps[["value", "threshold", "unit"]].to_numpy().tolist() == [[0, 1, "holders"]] * 2
    assert gaps.geometry.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("records", "since"),
    [
        ([(JANUARY, MARCH)], MARCH),
        ([(JANUARY, DAY)], DAY),
        ([(JANUARY, MARCH), (date(2025, 1, 1), date(2025, 2, 1))], MARCH),
        ([(date(2026, 7, 1), None)], None),
        ([(MARCH, MARCH)], None),
    ],
    ids=["ended", "ends-today", "earlier", "planned", "never-began"],
)
def test_it_is_a_gap_since_the_last_pairing_ended(records, since):
    [gap] = unpaired([("h1", CELL)], [("h1", *days) for days in records]).to_dict("records")
    assert gap["since"] == since
    assert ("自 " in gap["why"]) is (since is not None)


def test_by_rule_only_those_in_hardship_must_be_paired():
    homes = [("h1", CELL), ("h2!", CELL)]
    assert len(unpaired(homes)) == 2
    assert unpaired(homes, rules=with_limits(pairing_hardship_only=1))["target_code"].tolist() == ["h2!"]


def misplaced(homes, cells=None, rules=RULES):
    return household_misplaced(county(WHOLE, CELLS if cells is None else cells, homes), rules)


@pytest.mark.parametrize(("x", "found"), [(500, False), (1000, False), (1000.8, False), (1001.3, True)])
def test_a_point_may_lie_outside_its_cell_by_the_limit(x, found):
    assert len(misplaced([("h1", CELL, x, 500)])) == found


def test_how_far_outside_is_measured_in_metres():
    [gap] = misplaced([("h1", CELL, 1200, 500), ("h2", CELL, 5, 5)]).to_dict("records")
    assert gap["target_code"] == "h1"
    assert gap["value"] == pytest.approx(200, rel=2e-3)
    assert (gap["threshold"], gap["unit"]) == (1, "m")
    assert gap["why"] == f"户 h1 的点位在所登记网格 {CELL} 以外 {gap['value']} 米（允许 1 米）。"
    assert gap["geometry"].geom_type == "Point"


def test_what_has_no_point_or_no_cell_is_not_misplaced():
    homes = [("h1", CELL), ("h2", None, 5000, 5000), ("h3", f"{A}009", 5000, 5000), ("h4", f"{A}002", 1, 1)]
    assert misplaced(homes, {**CELLS, f"{A}002": (None, None)}).empty
    assert misplaced([]).empty
    assert misplaced([("h1", CELL, 1, 1)], {}).empty


def test_a_cell_in_parts_with_a_hole_or_a_line_that_crosses_itself():
    ring = box(0, 0, 100, 100).difference(box(40, 40, 60, 60))
    bow = Polygon([(0, 500), (100, 600), (100, 500), (0, 600)])
    cells = {CELL: (shapely.union(ring, box(200, 200, 300, 300)), None), f"{A}002": (bow, None)}
    homes = [
        ("part", CELL, 250, 250),
        ("hole", CELL, 50, 50),
        ("between", CELL, 150, 150),
        ("wing", f"{A}002", 20, 550),
        ("waist", f"{A}002", 50, 580),
    ]
    found = misplaced(homes, cells).set_index("target_code")["value"]
    assert sorted(found.index) == ["between", "hole", "waist"]
    assert found["hole"] == pytest.approx(10, rel=0.01)


def test_along_a_very_long_border_straight_means_straight_in_metres():
    """Between corners 60 km apart the border in metres runs 50 m north of the parallel."""
    cell = {CELL: (box(0, 0, 60_000, 1000), None)}
    assert misplaced([("h1", CELL, 30_000, 10)], cell)["value"].iloc[0] == pytest.approx(40, abs=5)
    assert misplaced([("h1", CELL, 30_000, 1020)], cell).empty


def test_a_household_without_a_point_is_a_gap():
    gaps = household_unlocated(county(WHOLE, CELLS, [("h1", CELL), ("h2", CELL, 1, 1)]), RULES)
    assert gaps["target_code"].tolist() == ["h1"]
    assert gaps.geometry.isna().all()
    assert gaps[["value", "threshold", "unit"]].to_numpy().tolist() == [[0, 1, "positions"]]
    assert gaps["why"].tolist() == ["户 h1 没有坐标，未落图。"]
    assert household_unlocated(county({}, {}), RULES).empty
