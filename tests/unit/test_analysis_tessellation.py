"""Proofs that areas tile others: what is proved, what is not, and what is left over."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo.analysis.faces import with_vertices
from geo.analysis.tessellation import (
    border_edges,
    left_over,
    mended,
    overlap_nowhere,
    united_by,
    untiled_edges,
    wider_than,
)
from geo.analysis.topology import split_cell
from geo.rules import load_rules
from tests import shapes as in_m

DAY = date(2026, 5, 1)
SRID = 4548
SQUARE = box(0, 0, 2, 2)
WEST, EAST = box(0, 0, 1, 2), box(1, 0, 2, 2)
WITH_CORNERS = Polygon([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2)])
RING = SQUARE.difference(box(0.5, 0.5, 1.5, 1.5))
CORNERS = MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)])
OTHER_CORNERS = MultiPolygon([box(1, 0, 2, 1), box(0, 1, 1, 2)])
GRID = Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)])


def array(*shapes):
    return np.array([*shapes, None], dtype=object)[:-1]


def untiled(whole, *cells) -> int:
    return len(untiled_edges(array(whole), array(*cells), np.zeros(len(cells), dtype=np.intp)))


@pytest.mark.parametrize(
    ("whole", "cells"),
    [
        (SQUARE, [SQUARE]),
        (WITH_CORNERS, [WEST, EAST]),
        (WITH_CORNERS, [shapely.reverse(WEST), EAST]),
        (SQUARE, [RING, box(0.5, 0.5, 1.5, 1.5)]),
        (RING, [RING]),
        (GRID, [CORNERS, OTHER_CORNERS]),
        (MultiPolygon([SQUARE, box(5, 5, 6, 6)]), [SQUARE, box(5, 5, 6, 6)]),
        (SQUARE, [Polygon([(0, 0), (0, 0), (2, 0), (2, 2), (2, 2), (0, 2)])]),
        (SQUARE, [SQUARE, None, Polygon()]),
        (shapely.transform(SQUARE, lambda at: at * -1), [shapely.transform(SQUARE, lambda at: 0.0 - at)]),
        (None, []),
        (Polygon(), []),
    ],
    ids=[
        "itself",
        "two",
        "turned",
        "hole",
        "whole-hole",
        "parts",
        "far",
        "twice",
        "missing",
        "zero",
        "no",
        "empty",
    ],
)
def test_what_tiles_leaves_nothing(whole, cells):
    assert untiled(whole, *cells) == 0


@pytest.mark.parametrize(
    ("whole", "cells"),
    [
        (SQUARE, []),
        (WITH_CORNERS, [WEST]),
        (WITH_CORNERS, [WEST, EAST, EAST]),
        (SQUARE, [RING]),
        (RING, [SQUARE]),
        (GRID, [CORNERS, CORNERS]),
        (WITH_CORNERS, [WEST, box(1, 0, 2.1, 2)]),
        (None, [SQUARE]),
        (SQUARE, [WEST, EAST]),
    ],
    ids=["bare", "half", "doubled", "hole", "filled", "parts", "beyond", "no-whole", "corner-of-one-side"],
)
def test_what_does_not_tile_leaves_edges(whole, cells):
    assert untiled(whole, *cells) > 0


def test_edges_of_different_wholes_never_cancel():
    wholes, cells = array(WITH_CORNERS, None), array(WEST, EAST)
    assert np.unique(untiled_edges(wholes, cells, np.array([0, 1])).group).tolist() == [0, 1]
    assert len(untiled_edges(wholes, cells, np.array([0, 0]))) == 0


def test_an_area_of_no_whole_is_left_out():
    assert len(untiled_edges(array(SQUARE), array(SQUARE, box(1, 1, 3, 3)), np.array([0, -1]))) == 0


def test_left_over_counts_how_often_a_border_is_walked():
    edges = left_over(border_edges(array(SQUARE, SQUARE), np.zeros(2, dtype=np.intp)))
    assert len(edges) == 4
    assert np.abs(edges.times).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("shapes", "proved"),
    [
        ([], True),
        ([None], True),
        ([SQUARE], True),
        ([WEST, EAST], True),
        ([RING], True),
        ([RING, box(0.5, 0.5, 1.5, 1.5)], True),
        ([WEST, box(5, 5, 6, 6)], True),
        ([CORNERS, OTHER_CORNERS], True),
        ([SQUARE, SQUARE], False),
        ([SQUARE, WEST], False),
        ([SQUARE, box(0.5, 0.5, 1.5, 1.5)], False),
        ([SQUARE, box(1, 1, 3, 3)], False),
        ([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 0, 2, 1)], False),
    ],
)
def test_no_overlap_is_proved_only_where_there_is_none(shapes, proved):
    assert overlap_nowhere(array(*shapes)) is proved


def village(*cells, corners=()):
    """What is left over of a square of 1000 m with more corners on its rim, and of cells given in metres."""
    places = np.zeros(len(cells), dtype=np.intp)
    whole = with_vertices([box(0, 0, 1000, 1000)], corners)[0]
    return untiled_edges(mended([in_m.at_m(whole)]), mended([in_m.at_m(cell) for cell in cells]), places)


@pytest.mark.parametrize(
    ("cells", "corners", "wide"),
    [
        ([box(0, 0, 1000, 1000)], [], []),
        ([box(0, 0, 400, 1000), box(400, 0, 1000, 1000)], [], []),
        ([box(0, 0, 1000, 999.2)], [(0, 999.2), (1000, 999.2)], []),
        ([box(0, 0, 1000, 998.8)], [(0, 998.8), (1000, 998.8)], [0]),
        ([box(0, 0, 1000, 999.2)], [], [0]),
        ([box(0, 0, 400, 1000), box(399.2, 0, 1000, 1000)], [], [0]),
        ([], [], [0]),
    ],
    ids=["tiled", "corner-of-one-side", "thin", "wide", "thin-but-its-tour-is-not", "overlap", "bare"],
)
def test_only_villages_with_something_wide_need_measuring(cells, corners, wide):
    assert wider_than(village(*cells, corners=corners), 1, srid=SRID).tolist() == wide


def test_slivers_side_by_side_count_together():
    """Each of two gaps is narrower than a metre, but they adjoin along the border of two villages."""
    corners = [(999.3, 0), (999.3, 1000), (1000.7, 0), (1000.7, 1000)]
    wholes = with_vertices([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], corners)
    cells = [box(0, 0, 999.3, 1000), box(1000.7, 0, 2000, 1000)]
    wholes, cells = ([in_m.at_m(shape) for shape in shapes] for shapes in (wholes, cells))
    edges = untiled_edges(mended(wholes), mended(cells), np.array([0, 1]))
    assert wider_than(edges, 1, srid=SRID).tolist() == [0, 1]
    assert wider_than(edges.chosen(np.flatnonzero(edges.group == 0)), 1, srid=SRID).tolist() == []


def test_nothing_left_over_is_nowhere_wide():
    assert wider_than(village(box(0, 0, 1000, 1000)), 0, srid=SRID).tolist() == []


def test_mended_shapes_are_valid_and_keep_their_land():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    line = Polygon([(0, 0), (1, 1), (0, 0)])
    sound = mended([SQUARE, bow, line, None])
    assert sound[0] is SQUARE
    assert sound[1].is_valid
    assert sound[1].area == pytest.approx(2)
    assert sound[2].is_empty
    assert sound[3] is None


def test_united_land_of_each_place():
    united = united_by(array(WEST, EAST, WEST, None), np.array([2, 2, 0, 0]), 4)
    assert united[2].equals(SQUARE)
    assert united[0].equals(WEST)
    assert united[1].is_empty
    assert united[3].is_empty
    assert [shape.is_empty for shape in united_by(array(), np.empty(0, dtype=np.intp), 2)] == [True, True]


def test_a_split_leaves_corners_on_the_village_s_border_that_need_no_measuring():
    whole, cells = in_m.tiled_village("square", 4, np.random.default_rng(3))
    rows = in_m.cell_rows(cells)
    line = in_m.drawn_line(cells[0], np.random.default_rng(5))
    done = split_cell(rows, village=whole, code=in_m.cell_code(1), line=line, rules=load_rules(DAY))
    assert not done.faults
    after = [done.changed.get(code, shape) for code, shape in zip(rows["code"], rows.geometry, strict=True)]
    after = mended([*after[1:], *done.created])
    left = untiled_edges(mended([whole]), after, np.zeros(len(after), dtype=np.intp))
    assert len(left) > 0
    assert wider_than(left, 1, srid=SRID).tolist() == []
