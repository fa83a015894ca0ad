"""What becomes of two or three plain cells, drawn by hand, when they are split, merged, redrawn …"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.analysis.topology import (
    Fault,
    create_cell,
    merge_cells,
    redraw_cell,
    replace_cells,
    retire_cells,
    split_cell,
    split_into,
    tiling,
)
from geo.errors import FrameError
from geo.rules import load_rules
from tests.shapes import at_m, box, cell_code, cell_rows, in_m, line, polygon

RULES = load_rules(date(2026, 5, 1))
LAND = box(0, 0, 1000, 1000)
WEST, EAST = cell_code(1), cell_code(2)
ARM = polygon((0, 0), (500, 0), (500, 400), (1000, 400), (1000, 600), (500, 600), (500, 1000), (0, 1000))
BOW_TIE = polygon((100, 100), (400, 400), (400, 100), (100, 400))


def half_a_line():
    with np.errstate(invalid="ignore"):
        return shapely.linestrings([[117.2, 35.6], [np.nan, 35.7]])


def halves():
    return cell_rows([box(0, 0, 500, 1000), box(500, 0, 1000, 1000)])


def plan(change, cells=None, land=LAND, **given):
    return change(halves() if cells is None else cells, village=land, rules=RULES, **given)


def codes_of(result):
    return [fault.code for fault in result.faults]


def corners_m(shape):
    return {tuple(corner) for corner in np.round(shapely.get_coordinates(in_m(shape)), 3)}


def is_same_land(one, other):
    """Whether two shapes differ by less than a tenth of a square metre."""
    return in_m(shapely.symmetric_difference(one, other)).area < 0.1


# --- split ---


def test_a_line_that_stops_short_is_led_on_and_the_neighbour_gets_the_new_corner():
    result = plan(split_cell, code=WEST, line=line((6, 400), (250, 420), (495, 410)))
    assert not result.faults
    assert result.retired == (WEST,)
    assert result.lineage == ((WEST, 0), (WEST, 1))
    assert [*result.changed.index] == [EAST]
    assert (500, 410) in corners_m(result.changed[EAST])
    north, south = result.created
    assert (500, 410) in corners_m(north) & corners_m(south)
    assert north.bounds[3] > south.bounds[3]
    assert set(result.created.geom_type) == {"MultiPolygon"}
    assert result.created.crs.to_epsg() == 4490
    assert shapely.coverage_is_valid([north, south, result.changed[EAST]])


def test_a_line_through_a_corner_changes_no_neighbour():
    cells = cell_rows(
        [polygon((0, 0), (500, 0), (500, 400), (500, 1000), (0, 1000)), box(500, 0, 1000, 1000)]
    )
    cells.loc[1, "geometry"] = shapely.multipolygons(
        [polygon((500, 0), (1000, 0), (1000, 1000), (500, 1000), (500, 400))]
    )
    result = plan(split_cell, cells, code=WEST, line=line((-5, 400), (700, 400.4)))
    assert not result.faults
    assert result.changed.empty


def test_a_line_that_crosses_a_cell_several_times_makes_a_cell_of_each_piece():
    comb = polygon((0, 0), (1000, 0), (1000, 800), (700, 800), (700, 300), (300, 300), (300, 800), (0, 800))
    result = plan(split_cell, cell_rows([comb]), land=comb, code=WEST, line=line((-10, 500), (1010, 505)))
    assert not result.faults
    assert len(result.created) == 3


def test_a_part_that_the_line_does_not_meet_stays_with_the_nearest_piece():
    land = shapely.multipolygons([box(0, 0, 500, 500), box(520, 0, 600, 100)])
    result = plan(split_cell, cell_rows([land]), land=land, code=WEST, line=line((-5, 250), (505, 255)))
    assert not result.faults
    assert [len(shape.geoms) for shape in result.created] == [1, 2]


@pytest.mark.parametrize(
    ("drawn", "code", "words"),
    [
        (line((600, 400), (900, 420)), Fault.NOT_SPLIT, "没有把网格"),
        (line((500, -10), (500, 1010)), Fault.NOT_SPLIT, "没有把网格"),
        (line((100, 400), (600, 420)), Fault.NOT_SPLIT, "还有 100 米（超过 10 米）"),
        (line((-5, 1.9), (505, 1.3)), Fault.TOO_SMALL, "少于 1000 平方米"),
        (line((-5, 400), (400, 400), (300, 500), (300, 300), (600, 350)), Fault.INVALID, "与自身相交"),
    ],
)
def test_a_line_that_does_not_split_says_why_and_where(drawn, code, words):
    result = plan(split_cell, code=WEST, line=drawn)
    assert code in codes_of(result)
    fault = result.faults[0]
    assert words in fault.message
    assert fault.geometry is not None


@pytest.mark.parametrize(
    "drawn",
    [
        None,
        shapely.LineString(),
        shapely.Point(117.2, 35.6),
        line((1, 1), (1, 1)),
        BOW_TIE,
        half_a_line(),
        shapely.LineString([(1000, 1000), (117.205, 35.601)]),
    ],
)
def test_what_is_no_line_is_a_fault(drawn):
    assert codes_of(plan(split_cell, code=WEST, line=drawn)) == [Fault.INVALID]


def test_a_cell_of_another_village_is_a_fault():
    result = plan(split_cell, code="990101101299001", line=line((0, 0), (1, 1)))
    assert codes_of(result) == [Fault.UNKNOWN_CELL]
    assert "990101101299001" in result.faults[0].message


# --- split into parts ---


def test_parts_that_miss_each_other_by_less_than_the_tolerance_fit():
    parts = [box(0, 0, 250, 1000), box(250.6, 0, 500, 1000)]
    result = plan(split_into, code=WEST, parts=parts)
    assert not result.faults
    assert shapely.coverage_is_valid([*result.created])
    assert tiling(_after(halves(), result), village=LAND).uncovered_m2 < 1


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([box(0, 0, 250, 1000), box(260, 0, 500, 1000)], Fault.UNCOVERED),
        ([box(0, 0, 260, 1000), box(250, 0, 500, 1000)], Fault.OVERLAP),
        ([box(0, 0, 500, 1000)], Fault.NOT_SPLIT),
        ([box(0, 0, 500, 1000), box(600, 0, 900, 900)], Fault.OUTSIDE),
        ([BOW_TIE], Fault.INVALID),
        ([], Fault.INVALID),
    ],
)
def test_parts_that_do_not_tile_the_cell_are_a_fault(parts, code):
    assert code in codes_of(plan(split_into, code=WEST, parts=parts))


# --- merge ---


def test_a_merged_cell_is_the_land_of_its_parents():
    result = plan(merge_cells, codes=[WEST, EAST])
    assert not result.faults
    assert result.lineage == ((WEST, 0), (EAST, 0))
    assert result.created[0].equals(LAND)


def test_a_sliver_between_merged_cells_is_closed():
    cells = cell_rows([box(0, 0, 500, 1000), box(500.5, 0, 1000, 1000)])
    result = plan(merge_cells, cells, codes=[WEST, EAST])
    assert not result.faults
    assert len(result.created[0].geoms) == 1
    assert tiling(_after(cells, result), village=LAND).uncovered_m2 < 1


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([box(0, 0, 400, 1000), box(500, 0, 1000, 1000)], "相距 100 米"),
        ([box(0, 0, 500, 500), box(500, 500, 1000, 1000)], "只在一点相接"),
    ],
)
def test_cells_that_are_not_neighbours_are_not_merged(shapes, words):
    result = plan(merge_cells, cell_rows(shapes), codes=[WEST, EAST])
    assert Fault.NOT_ADJACENT in codes_of(result)
    assert words in result.faults[0].message


@pytest.mark.parametrize(("codes", "code"), [([], Fault.UNKNOWN_CELL), ([WEST, WEST], Fault.NOT_ADJACENT)])
def test_there_must_be_two_cells_to_merge(codes, code):
    assert codes_of(plan(merge_cells, codes=codes)) == [code]


# --- redraw ---


def test_what_a_cell_gains_its_neighbour_loses():
    result = plan(redraw_cell, code=WEST, shape=polygon((0, 0), (600, 0), (400, 1000), (0, 1000)))
    assert not result.faults
    assert [*result.changed.index] == [WEST, EAST]
    assert shapely.coverage_is_valid([*result.changed])
    assert result.changed[EAST].equals(LAND.difference(result.changed[WEST]))


def test_what_reaches_beyond_the_village_is_cut_off_and_said():
    result = plan(redraw_cell, code=WEST, shape=box(-200, -300, 600, 1000))
    assert not result.faults
    assert is_same_land(result.changed[WEST], box(0, 0, 600, 1000))
    assert "已按村界裁剪" in result.notes[0]


def test_a_border_drawn_a_little_inside_the_village_lies_on_its_border():
    result = plan(redraw_cell, code=WEST, shape=polygon((7, 4), (600, 3), (600, 992), (5, 995)))
    assert not result.faults
    assert tiling(_after(halves(), result), village=LAND).uncovered_m2 == pytest.approx(0, abs=0.01)


def test_a_border_of_ones_own_can_be_moved_by_less_than_the_snap_distance():
    result = plan(redraw_cell, code=WEST, shape=box(0, 0, 504, 1000))
    assert not result.faults
    assert is_same_land(result.changed[WEST], box(0, 0, 504, 1000))


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (box(0, 0, 500.6, 999.5), Fault.UNCHANGED),
        (box(2000, 0, 3000, 1000), Fault.OUTSIDE),
        (box(600, 0, 900, 1000), Fault.OUTSIDE),
        (BOW_TIE, Fault.INVALID),
        (polygon(), Fault.INVALID),
        (None, Fault.INVALID),
        (line((0, 0), (5, 5)), Fault.INVALID),
        (box(0, 0, 1000, 1000), Fault.TOO_SMALL),
        (ARM, Fault.SCATTERED),
    ],
)
def test_a_shape_that_will_not_do_says_why(drawn, code):
    result = plan(redraw_cell, code=WEST, shape=drawn)
    assert code in codes_of(result)
    assert all(fault.message.endswith("。") for fault in result.faults)


def test_land_given_up_where_there_is_no_neighbour_is_a_fault():
    result = plan(redraw_cell, code=WEST, shape=polygon((0, 0), (500, 0), (500, 1000), (100, 1000), (0, 500)))
    assert codes_of(result) == [Fault.UNCOVERED]
    assert result.faults[0].area_m2 == pytest.approx(25_000, rel=0.01)
    assert corners_m(result.faults[0].geometry) == {(0, 500), (100, 1000), (0, 1000)}


def test_a_scrap_of_a_neighbour_that_is_cut_off_goes_to_the_cell_round_it():
    shape = polygon((0, 0), (980, 0), (1000, 30), (1000, 60), (500, 60), (500, 1000), (0, 1000))
    result = plan(redraw_cell, code=WEST, shape=shape)
    assert not result.faults
    assert "零碎地块" in result.notes[0]
    assert result.changed[WEST].covers(shapely.Point(in_corner()))


def in_corner():
    return shapely.get_coordinates(at_m(shapely.Point(998, 2)))[0]


# --- create, retire, replace ---


def test_a_new_cell_takes_only_land_that_no_cell_covers():
    cells = halves().iloc[:1]
    result = plan(create_cell, cells, shape=box(300, -50, 1200, 600))
    assert not result.faults
    assert result.created[0].equals(box(500, 0, 1000, 600))
    assert [*result.changed.index] == [WEST]
    assert shapely.coverage_is_valid([result.changed[WEST], result.created[0]])


def test_where_every_place_is_covered_there_is_no_room_for_a_new_cell():
    assert codes_of(plan(create_cell, shape=box(300, 300, 600, 600))) == [Fault.OVERLAP]


def test_the_first_cell_of_a_village():
    empty = gpd.GeoDataFrame({"code": []}, geometry=[], crs="EPSG:4490")
    result = plan(create_cell, empty, shape=box(-50, -50, 1050, 1050))
    assert not result.faults
    assert result.created[0].equals(LAND)


def test_retiring_leaves_land_bare_which_must_be_confirmed():
    result = plan(retire_cells, codes=[EAST])
    assert not result.faults
    assert result.retired == (EAST,)
    [bare] = result.consequences
    assert bare.code == Fault.UNCOVERED
    assert bare.area_m2 == pytest.approx(500_000, rel=0.01)
    assert bare.geometry.equals(box(500, 0, 1000, 1000))


def test_retiring_the_last_cell_says_so():
    result = plan(retire_cells, codes=[WEST, EAST])
    assert [fault.code for fault in result.consequences] == [Fault.UNCOVERED, Fault.NO_CELL_LEFT]


def test_a_proposed_part_equal_to_a_cell_keeps_it():
    parts = [box(0, 0, 500, 400), box(0, 400, 500, 1000), box(500.4, 0, 1000, 1000)]
    result = plan(replace_cells, parts=parts)
    assert not result.faults
    assert result.retired == (WEST,)
    assert result.lineage == ((WEST, 0), (WEST, 1))
    assert shapely.coverage_is_valid([*_after(halves(), result).geometry])


def test_a_proposal_equal_to_what_there_is_changes_nothing():
    assert codes_of(plan(replace_cells, parts=[*halves().geometry])) == [Fault.UNCHANGED]


# --- the ground ---


def test_a_broken_cell_that_a_change_does_not_reach_stays_as_it_is():
    cells = cell_rows([box(0, 0, 500, 1000), box(500, 0, 700, 1000), shapely.multipolygons([BOW_TIE])])
    result = plan(split_cell, cells, code=EAST, line=line((490, 700), (710, 720)))
    assert not result.faults
    assert cell_code(3) not in result.changed.index


def test_tiling_measures_overlap_bare_land_and_what_sticks_out():
    cells = cell_rows([box(0, 0, 510, 1000), box(500, 0, 900, 1000), box(900, 0, 1010, 500)])
    measured = tiling(cells, village=LAND)
    assert measured.overlap_m2 == pytest.approx(10_000, rel=0.01)
    assert measured.uncovered_m2 == pytest.approx(50_000, rel=0.01)
    assert measured.outside_m2 == pytest.approx(5_000, rel=0.01)
    assert not measured.is_coverage
    assert tiling(halves(), village=LAND).is_coverage


def test_another_coordinate_system_is_refused():
    with pytest.raises(FrameError):
        plan(retire_cells, halves().to_crs(3857), codes=[WEST])


def _after(cells, result):
    kept = cells[~cells["code"].isin(result.retired)]
    shapes = [
        result.changed.get(code, shape) for code, shape in zip(kept["code"], kept.geometry, strict=True)
    ]
    return cell_rows([*shapes, *result.created])
