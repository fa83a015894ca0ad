from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.analysis.partition import cell_count, partition_quality, propose_cells
from geo.analysis.tiling import Plan, cut_shape
from geo.crs import STORED_CRS, to_metric
from geo.errors import FrameError
from geo.rules import load_rules
from tests.partition_frames import box, counts_in, households_at, households_in, line, polygon

RULES = load_rules(date(2026, 5, 1))
SQUARE = box(0, 0, 1000, 1000)
HORSESHOE = polygon(
    (0, 0), (900, 0), (900, 1000), (600, 1000), (600, 300), (300, 300), (300, 1000), (0, 1000)
)
RING = shapely.difference(SQUARE, box(300, 300, 700, 700))
TWO_HOLES = shapely.difference(
    box(0, 0, 2000, 600), shapely.union(box(200, 200, 500, 400), box(900, 100, 1500, 500))
)
TWINS = shapely.union(box(0, 0, 500, 500), box(700, 0, 1200, 500))
ISLANDS = shapely.union_all(
    [SQUARE, box(1100, 400, 1150, 450), box(-90, 900, -50, 950), box(400, 1020, 430, 1060)]
)
THREAD = polygon((0, 0), (3000, 0), (3000, 10), (0, 10))
NONE = gpd.GeoSeries([], crs=STORED_CRS)


def assert_covered(cells, village):
    shapes = cells.to_numpy()
    assert cells.crs == STORED_CRS
    assert (cells.geom_type == "MultiPolygon").all()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.symmetric_difference(shapely.union_all(shapes), village).area < village.area * 1e-9


def pieces_of(cells):
    return shapely.get_num_geometries(cells.to_numpy()).tolist()


@pytest.mark.parametrize("village", [SQUARE, HORSESHOE, RING, TWO_HOLES, THREAD], ids=list("shrtn"))
@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_village_in_one_piece_gets_even_cells_in_one_piece(village, count):
    households = households_in(village, 350)
    cells = propose_cells(village, households, rules=RULES, count=count)
    assert_covered(cells, village)
    assert pieces_of(cells) == [1] * count
    quality = partition_quality(cells, village, households, target=350 / count)
    assert (quality.within_20, quality.contiguous) == (1.0, 1.0)


def test_the_number_of_cells_follows_from_the_target():
    households = households_in(SQUARE, 330)
    assert len(propose_cells(SQUARE, households, rules=RULES)) == 3
    assert len(propose_cells(SQUARE, households, rules=RULES, target=40)) == 8


@pytest.mark.parametrize(
    ("households", "target", "cells"), [(0, 60, 1), (60, 60, 1), (84, 60, 1), (86, 60, 2), (600, 60, 10)]
)
def test_the_nearest_number_of_cells_by_ratio(households, target, cells):
    assert cell_count(np.arange(2.0 * households).reshape(-1, 2), target) == cells


def test_households_at_one_place_are_not_shared_out():
    block = households_at([(200, 200)] * 600)
    cells = propose_cells(SQUARE, block, rules=RULES, target=60)
    assert_covered(cells, SQUARE)
    assert len(cells) == 1


def test_asked_for_a_number_of_cells_land_is_shared_out_where_households_cannot_be():
    for households in (NONE, households_at([(500, 500)]), households_at([(200, 200)] * 600)):
        cells = propose_cells(SQUARE, households, rules=RULES, count=4)
        assert_covered(cells, SQUARE)
        area = to_metric(gpd.GeoDataFrame(geometry=cells)).area
        assert (area / area.mean()).between(0.8, 1.2).all()


def test_missing_households_and_those_outside_do_not_count():
    inside = households_in(SQUARE, 120)
    others = gpd.GeoSeries([None, shapely.Point(), *households_at([(5000, 5000)] * 300)], crs=STORED_CRS)
    both = gpd.GeoSeries([*others, *inside], crs=STORED_CRS)
    cells = propose_cells(SQUARE, both, rules=RULES, count=2)
    assert max(counts_in(cells, inside)) <= 72
    assert cells.geom_equals(propose_cells(SQUARE, inside, rules=RULES, count=2)).all()


def test_parts_that_balance_are_not_cut():
    cells = propose_cells(TWINS, households_in(TWINS, 200), rules=RULES, count=2)
    assert_covered(cells, TWINS)
    assert sorted(cells.to_wkt()) == sorted(
        shapely.to_wkt(shapely.multipolygons([part])) for part in TWINS.geoms
    )


def test_small_islands_belong_to_the_nearest_cell():
    cells = propose_cells(ISLANDS, households_in(ISLANDS, 300), rules=RULES, count=4)
    assert_covered(cells, ISLANDS)
    assert sum(pieces_of(cells)) == 4 + 3
    large = [max(shapely.get_parts(cell), key=shapely.area) for cell in cells]
    for cell, own in zip(cells, large, strict=True):
        for island in shapely.get_parts(cell):
            assert island.distance(own) == min(island.distance(other) for other in large)


def test_borders_follow_a_road():
    road = gpd.GeoSeries([line((-50, 480), (400, 520), (1050, 490))], crs=STORED_CRS)
    households = households_in(SQUARE, 200)
    along = propose_cells(SQUARE, households, rules=RULES, count=2, lines=road)
    straight = propose_cells(SQUARE, households, rules=RULES, count=2)
    assert_covered(along, SQUARE)
    assert partition_quality(along, SQUARE, households, target=100, lines=road).border_on_lines > 0.99
    assert partition_quality(straight, SQUARE, households, target=100, lines=road).border_on_lines < 0.5


def test_a_road_that_stops_short_of_the_border_is_led_on():
    road = gpd.GeoSeries([line((60, 480), (400, 520), (950, 490))], crs=STORED_CRS)
    households = households_in(SQUARE, 200)
    cells = propose_cells(SQUARE, households, rules=RULES, count=2, lines=road)
    assert_covered(cells, SQUARE)
    assert partition_quality(cells, SQUARE, households, target=100, lines=road).border_on_lines > 0.85


def test_lines_elsewhere_and_no_lines_change_nothing():
    households = households_in(SQUARE, 200)
    bare = propose_cells(SQUARE, households, rules=RULES, count=3)
    for lines in (NONE, gpd.GeoSeries([line((5000, 0), (6000, 0))], crs=STORED_CRS)):
        assert propose_cells(SQUARE, households, rules=RULES, count=3, lines=lines).geom_equals(bare).all()


def test_no_land_no_cells():
    assert propose_cells(shapely.MultiPolygon(), NONE, rules=RULES).empty


def test_a_village_too_small_for_so_many_cells_gets_fewer():
    yard = box(0, 0, 70, 70)
    cells = propose_cells(yard, households_in(yard, 90), rules=RULES, count=50)
    assert_covered(cells, yard)
    assert len(cells) == 2


def test_a_border_that_crosses_itself_is_mended():
    bow = polygon((0, 0), (1000, 1000), (1000, 0), (0, 1000))
    cells = propose_cells(bow, households_in(shapely.make_valid(bow), 100), rules=RULES, count=4)
    assert_covered(cells, shapely.make_valid(bow))


def test_another_datum_is_refused():
    with pytest.raises(FrameError):
        propose_cells(SQUARE, households_in(SQUARE, 10).to_crs(4326), rules=RULES)


def test_quality_of_cells_that_overlap_leave_land_out_and_lie_apart():
    cells = gpd.GeoSeries(
        [shapely.union(box(0, 0, 500, 400), box(0, 600, 500, 1000)), box(400, 0, 1000, 1000)], crs=STORED_CRS
    )
    households = households_at([(100, 100)] * 10 + [(450, 100)] * 2 + [(900, 900)] * 6 + [(100, 500)] * 3)
    quality = partition_quality(cells, SQUARE, households, target=10)
    assert quality.cells == 2
    assert (quality.within_20, quality.worst_ratio, quality.contiguous) == (0.5, pytest.approx(0.4), 0.5)
    assert quality.uncovered_m2 == pytest.approx(80_000, rel=0.01)
    assert quality.overlap_m2 == pytest.approx(80_000, rel=0.01)
    assert quality.border_on_lines == 0.0


def test_a_square_is_as_compact_as_a_square():
    cells = gpd.GeoSeries([SQUARE], crs=STORED_CRS)
    assert partition_quality(cells, SQUARE, NONE, target=1).compactness == pytest.approx(np.pi / 4, rel=1e-3)


def test_quality_of_no_cells():
    quality = partition_quality(NONE, SQUARE, households_in(SQUARE, 3), target=60)
    assert (quality.cells, quality.within_20, quality.contiguous, quality.worst_ratio) == (0, 0.0, 0.0, 0.0)
    assert quality.uncovered_m2 == pytest.approx(1e6, rel=0.01)


def test_a_cut_gives_its_new_corners_to_the_neighbours():
    plan = Plan.around(SQUARE)
    west, east = box(0, 0, 500, 1000), box(500, 0, 1000, 1000)
    across = shapely.get_coordinates(plan.drawn(line((0, 300), (500, 300))))
    changed, second = cut_shape({0: west, 1: east}, 0, [across], plan)
    assert shapely.coverage_is_valid([changed[0], second, changed[1]])
    assert shapely.get_num_coordinates(changed[1]) == shapely.get_num_coordinates(east) + 1


def test_lines_that_do_not_part_a_shape_cut_nothing():
    plan = Plan.around(SQUARE)
    within = shapely.get_coordinates(plan.drawn(line((100, 300), (500, 300))))
    assert cut_shape({0: SQUARE}, 0, [within], plan) is None
