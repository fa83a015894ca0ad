"""Bare land and overlapping cells of a small county, drawn in metres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import pytest
import shapely
from shapely import box

from geo.analysis.faces import projected
from geo.analysis.gaps.evidence import within_villages
from geo.analysis.gaps.ground import cell_overlap, land_uncovered
from geo.analysis.gaps.zone import county_srid
from tests.analysis_frames import TOWNSHIP
from tests.drawn_county import RULES, SRID, A, B, county, with_limits

WHOLE = {A: box(0, 0, 1000, 1000)}
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def bare(cells, households=(), villages=None, rules=RULES):
    return land_uncovered(county(WHOLE if villages is None else villages, cells, households), rules)


def test_a_tiled_village_has_no_bare_land():
    assert bare({f"{A}001": (box(0, 0, 1000, 1000), None)}).empty
    assert bare({f"{A}001": (box(0, 0, 400, 1000), None), f"{A}002": (box(400, 0, 1000, 1000), None)}).empty


def test_bare_land_is_measured_as_it_is():
    gaps = bare({f"{A}001": (box(0, 0, 990, 1000), JANUARY), f"{A}002": (box(0, 0, 100, 100), MARCH)})
    [gap] = gaps.to_dict("records")
    assert gap["target_code"] == gap["village_code"] == A
    assert gap["township_code"] == gap["who_code"] == TOWNSHIP
    assert gap["value"] == pytest.approx(10 * 1000, rel=0.001)
    assert (gap["threshold"], gap["unit"], gap["source"]) == (1000, "m2", "S4")
    assert gap["since"] == MARCH
    assert "1.0 公顷土地不属于本村任何网格（达到 1,000 平方米即为空白区）；自 2026-03-01 起。" in gap["why"]
    drawn = projected(gap["geometry"], srid=SRID)
    assert drawn.geom_type == "MultiPolygon"
    assert drawn.area == pytest.approx(gap["value"], rel=1e-3)


@pytest.mark.parametrize(
    ("hole", "found"),
    [
        pytest.param(box(999.1, 0, 1000, 1000), False, id="no wider than the tolerance"),
        pytest.param(box(998.8, 0, 1000, 1000), True, id="a little wider"),
        pytest.param(box(500, 500, 512, 584), True, id="12 m wide and 1,008 m²"),
        pytest.param(box(500, 500, 512, 583), False, id="12 m wide and 996 m²"),
    ],
)
def test_land_counts_from_the_threshold_on(hole, found):
    gaps = bare({f"{A}001": (WHOLE[A].difference(hole), None)}, rules=with_limits(gap_uncovered_m2=1000))
    assert len(gaps) == found
    if found:
        assert gaps["value"].iloc[0] == pytest.approx(hole.area, rel=1e-3)


def test_slivers_do_not_add_to_land_or_overlap_and_corners_do():
    corner = shapely.Polygon([(0, 0), (40, 0), (40, 20), (20, 20), (20, 40), (0, 40)])
    odd = shapely.union(shapely.affinity.translate(corner, 480, 480), box(520, 480, 1000, 480.8))
    [gap] = bare({f"{A}001": (WHOLE[A].difference(odd), None)}).to_dict("records")
    assert gap["value"] == pytest.approx(1200, abs=1.5)
    [shared] = overlaps({f"{A}001": (WHOLE[A], None), f"{A}002": (odd, None)}).to_dict("records")
    assert shared["value"] == pytest.approx(1200, abs=1.5)


def test_a_household_in_little_bare_land_is_enough():
    cells = {f"{A}001": (box(0, 0, 1000, 1000).difference(box(500, 500, 510, 510)), None)}
    assert bare(cells).empty
    assert bare(cells, [("h1", f"{A}001", 505, 499.5)]).empty
    [gap] = bare(cells, [("h1", f"{A}001", 505, 505), ("h2", f"{A}001", 300, 505)]).to_dict("records")
    assert gap["value"] == pytest.approx(100, rel=0.01)
    assert "，其中有 1 户。" in gap["why"]
    neighbour = [("h1", f"{B}001", 505, 505)]
    assert bare(cells, neighbour).empty


def test_a_village_without_cells_is_bare_as_a_whole():
    [gap] = bare({}).to_dict("records")
    assert gap["value"] == pytest.approx(1000**2, rel=0.001)
    assert gap["since"] is None
    assert "没有网格，全村 100.0 公顷都是空白。" in gap["why"] or "1.00 平方公里都是空白。" in gap["why"]


def test_only_the_village_s_own_cells_count():
    cells = {f"{B}001": (box(0, 0, 1000, 1000), None)}
    villages = {**WHOLE, B: box(0, 0, 1000, 1000)}
    assert bare(cells, villages=villages)["target_code"].tolist() == [A]


def test_of_a_village_without_a_shape_nothing_is_said():
    assert bare({f"{A}001": (box(0, 0, 10, 10), None)}, villages={A: None}).empty
    assert bare({}, villages={}).empty
    assert list(bare({}, villages={}).columns) == list(bare({}).columns)


def test_large_bare_land_is_told_in_larger_units():
    assert "全村 5.00 平方公里都是空白" in bare({}, villages={A: box(0, 0, 2500, 2000)})["why"].iloc[0]


def test_a_part_of_the_county_has_the_same_bare_land():
    villages = {**WHOLE, B: box(2000, 0, 3000, 1000)}
    evidence = county(villages, {f"{B}001": (box(2000, 0, 2900, 1000), None)})
    whole = land_uncovered(evidence, RULES)
    part = land_uncovered(within_villages(evidence, {B}), RULES)
    assert part.to_dict("records") == whole[whole["target_code"] == B].to_dict("records")


def overlaps(cells, villages=None, rules=RULES) -> gpd.GeoDataFrame:
    return cell_overlap(county(WHOLE if villages is None else villages, cells), rules)


def test_cells_side_by_side_do_not_overlap():
    assert overlaps(
        {f"{A}001": (box(0, 0, 400, 1000), None), f"{A}002": (box(400, 0, 1000, 1000), None)}
    ).empty
    assert overlaps(
        {f"{A}001": (box(0, 0, 400, 1000), None), f"{A}002": (box(399.2, 0, 1000, 1000), None)}
    ).empty
    assert overlaps({}).empty


@pytest.mark.parametrize(
    ("one", "other", "m2"),
    [
        (box(0, 0, 400, 1000), box(390, 0, 1000, 1000), 10 * 1000),
        (box(0, 0, 1000, 1000), box(0, 0, 1000, 1000), 1000**2),
        (box(0, 0, 1000, 1000), box(100, 100, 200, 200), 100**2),
    ],
    ids=["partly", "doubled", "inside"],
)
def test_an_overlap_is_one_row_a_pair(one, other, m2):
    [gap] = overlaps({f"{A}002": (other, MARCH), f"{A}001": (one, JANUARY)}).to_dict("records")
    assert (gap["target_code"], gap["aspect"]) == (f"{A}001", f"{A}002")
    assert (gap["village_code"], gap["since"]) == (A, MARCH)
    assert gap["value"] == pytest.approx(m2, rel=0.001)
    assert (gap["threshold"], gap["source"]) == (100, "STD")
    assert f"网格 {A}001 与 网格 {A}002 重叠 " in gap["why"]
    assert projected(gap["geometry"], srid=SRID).area == pytest.approx(m2, rel=0.01)


def test_cells_of_two_tiled_villages_overlap_where_the_villages_do():
    villages = {A: box(0, 0, 1000, 1000), B: box(950, 0, 2000, 1000)}
    cells = {f"{A}001": (villages[A], None), f"{B}001": (villages[B], None)}
    [gap] = overlaps(cells, villages).to_dict("records")
    assert (gap["target_code"], gap["aspect"], gap["since"]) == (f"{A}001", f"{B}001", None)
    assert overlaps(cells, {A: villages[A], B: box(999.5, 0, 2000, 1000)})["value"].tolist() == [gap["value"]]
    assert overlaps({**cells, f"{A}001": (box(0, 0, 950.5, 1000), None)}, villages).empty


def test_a_cell_of_no_known_village_may_overlap_too():
    cells = {f"{A}001": (box(0, 0, 1000, 1000), None), f"{B}001": (box(900, 0, 1100, 1000), None)}
    assert overlaps(cells)["aspect"].tolist() == [f"{B}001"]


def test_a_cell_that_sticks_out_overlaps_one_of_a_tiled_village():
    villages = {A: box(0, 0, 1000, 1000), B: box(1000, 0, 2000, 1000)}
    cells = {f"{A}001": (box(0, 0, 1000, 1000), None), f"{B}001": (box(900, 0, 2000, 1000), None)}
    assert overlaps(cells, villages)["target_code"].tolist() == [f"{A}001"]


def test_the_zone_is_that_of_the_townships():
    evidence = county(WHOLE, {})
    assert county_srid(evidence) == SRID
    away = evidence.townships.assign(geometry=[shapely.multipolygons([box(113, 22, 113.5, 22.5)])])
    assert county_srid(replace(evidence, townships=away)) == 4547
    nothing = replace(evidence, townships=evidence.townships.iloc[:0], villages=evidence.villages.iloc[:0])
    assert county_srid(nothing) == SRID
    assert county_srid(replace(nothing, villages=evidence.villages)) == SRID
