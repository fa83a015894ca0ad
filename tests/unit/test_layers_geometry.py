"""Tile arithmetic, simplification with shared borders, and parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from geo.access import Actor
from geo.errors import InputError
from geo.vocabulary import Role
from layers.mercator import Bounds, project, require_tile, tile_bounds, tiles_over, union
from layers.part import Part, Territory, View, area_shapes, label_places
from layers.pyramid import FULL_DETAIL_ZOOM, Pyramid


def wavy(x0: float, x1: float, y0: float, y1: float) -> list[tuple[float, float]]:
    """A line with many small bends between two points."""
    steps = np.linspace(0, 1, 200)
    bends = 40 * np.sin(steps * 90)
    return list(zip(x0 + (x1 - x0) * steps + bends, y0 + (y1 - y0) * steps, strict=True))


BORDER = wavy(1000, 1000, 0, 2000)
WEST = shapely.Polygon([(0, 0), *BORDER, (0, 2000)])
EAST = shapely.Polygon([(2000, 2000), *reversed(BORDER), (2000, 0)])


def part(*shapes: Any, township: str = "990101101") -> Part:
    array = np.array(shapes, dtype=object)
    return Part(array, {}, Territory([f"{township}{n:03d}" for n in range(len(shapes))]))


def test_projection_is_that_of_proj():
    degrees = np.array([[113.2, 33.0], [-0.5, -60.0], [0.0, 0.0]])
    expected = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(*degrees.T)
    assert np.allclose(project(degrees), np.column_stack(expected), atol=1e-6)


def test_bounds_go_to_degrees_and_back():
    (west, south), (east, north) = project([[112.9, 32.8], [113.4, 33.2]])
    assert Bounds(west, south, east, north).to_degrees() == pytest.approx((112.9, 32.8, 113.4, 33.2))


def test_tiles_of_a_zoom_cover_the_world_without_gaps():
    whole = union(tile_bounds(3, x, y) for x in range(8) for y in range(8))
    assert whole == pytest.approx(tile_bounds(0, 0, 0))
    assert tile_bounds(3, 2, 5).east == pytest.approx(tile_bounds(3, 3, 5).west)
    assert tile_bounds(3, 2, 5).south == pytest.approx(tile_bounds(3, 2, 6).north)


def test_tiles_over_a_rectangle():
    inner = tile_bounds(5, 10, 12).grown(-1)
    assert tiles_over(inner, 5) == [(10, 12)]
    assert tiles_over(inner.grown(2), 5) == [(x, y) for y in (11, 12, 13) for x in (9, 10, 11)]


def test_impossible_tiles_are_refused():
    require_tile(18, 2**18 - 1, 0)
    with pytest.raises(InputError, match="19/0/0"):
        require_tile(19, 0, 0)


def test_neighbours_keep_one_border_across_townships():
    parts = [part(WEST, township="990101101"), part(EAST, township="990101102")]
    (west,), (east,) = Pyramid(10**6).together(parts, 12)
    assert shapely.get_num_coordinates(west) < shapely.get_num_coordinates(WEST) / 3
    assert shapely.intersection(west, east).area == 0
    assert shapely.union(west, east).area == pytest.approx(west.area + east.area)
    assert len(shapely.get_parts(shapely.union(west, east))) == 1


def test_a_township_alone_keeps_its_outer_border():
    pyramid = Pyramid(10**6)
    (apart,) = pyramid.apart(part(WEST), 12)
    assert apart.equals(WEST)
    both = pyramid.apart(part(WEST, EAST), 12)
    assert all(shapely.get_num_coordinates(both) < shapely.get_num_coordinates([WEST, EAST]))


def test_close_up_nothing_is_simplified():
    one = part(WEST)
    assert Pyramid(10**6).together([one], FULL_DETAIL_ZOOM)[0] is one.shapes


def test_missing_shapes_stay_missing_in_their_place():
    (first, second, third) = Pyramid(10**6).together([part(WEST, None, EAST)], 12)[0]
    assert second is None
    assert first is not None
    assert third is not None


def test_nothing_at_all_can_be_simplified():
    (shapes,) = Pyramid(10**6).together([part()], 12)
    assert len(shapes) == 0


def test_borders_are_drawn_once():
    parts = [part(WEST, township="990101101"), part(EAST, township="990101102")]
    inner, outer = Pyramid(10**6).borders(parts, 12)
    width, height = 2000, 2000
    assert shapely.length(outer).sum() == pytest.approx(2 * (width + height), rel=0.02)
    between = shapely.length(inner).sum() - shapely.length(outer).sum()
    assert height <= between < 2 * height


def test_broken_polygons_become_areas_or_nothing():
    bow = shapely.Polygon([(113.0, 33.0), (113.1, 33.1), (113.1, 33.0), (113.0, 33.1)])
    flat = shapely.Polygon([(113.0, 33.0), (113.1, 33.1), (113.0, 33.0)])

    class Frame:
        geometry = type("Geometry", (), {"array": np.array([bow, flat, None], dtype=object)})

    first, second, third = area_shapes(Frame)
    assert first.is_valid
    assert first.area > 0
    assert (second, third) == (None, None)


def test_names_stand_inside_and_know_their_room():
    ring = shapely.Polygon(
        [(0, 0), (100, 0), (100, 100), (0, 100)], [[(10, 10), (90, 10), (90, 90), (10, 90)]]
    )
    places, rooms = label_places(np.array([shapely.box(0, 0, 100, 40), ring, None], dtype=object))
    assert rooms[0] == pytest.approx(40, rel=0.1)
    assert rooms[1] < 20
    assert ring.contains(shapely.Point(places[1]))
    assert np.isnan(places[2]).all()
    assert rooms[2] == 0


def test_territory_within_prefixes():
    territory = Territory(["990101101001", "990101102001", None])
    assert territory.within(["990101101"]).tolist() == [True, False, False]
    assert territory.within([""]).tolist() == [True, True, True]
    assert territory.within([]).tolist() == [False, False, False]
    assert territory.only(np.array([False, True, True])).within(["990101102"]).tolist() == [True, False]


def test_a_part_is_cut_up_by_township():
    codes = ["990101101001", "990101102001", "990101101002"]
    whole = Part(np.array([WEST, EAST, WEST], dtype=object), {"n": np.arange(3)}, Territory(codes))
    parts = whole.by_township(["990101101", "990101102", "990101103"])
    assert [piece.columns["n"].tolist() for piece in parts.values()] == [[0, 2], [1], []]
    assert parts["990101103"].bounds is None
    assert parts["990101102"].bounds == Bounds(*EAST.bounds)


def test_only_some_roles_see_single_households():
    scope = frozenset({"990101101"})
    leader, coordinator = Actor("l", Role.LEADER), Actor("c", Role.COORDINATOR, scope)
    assert View.of(leader) == View(reads=frozenset({""}), points=frozenset())
    assert View.of(coordinator) == View(reads=scope, points=scope)
