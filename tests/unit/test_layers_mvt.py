"""The tile encoder, read back by an independent decoder."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from layers import mvt
from layers.mercator import Bounds

TILE = Bounds(0.0, 0.0, 4096.0, 4096.0)
"""One unit of the grid is one metre, so that coordinates can be read off."""


def decoded(body: bytes, name: str = "things") -> list[dict[str, Any]]:
    """Features of a layer as the decoder sees them, y upwards as on the map."""
    return mapbox_vector_tile.decode(body)[name]["features"] if body else []


def shapes(body: bytes) -> list[Any]:
    return [shapely.geometry.shape(feature["geometry"]) for feature in decoded(body)]


def polygons(*geometries: Any, columns: dict[str, Any] | None = None, bounds: Bounds = TILE) -> bytes:
    return mvt.encode_polygons("things", np.array(geometries, dtype=object), columns or {}, bounds)


HOLED = shapely.Polygon(
    [(100, 100), (900, 100), (900, 900), (100, 900)], [[(300, 300), (300, 600), (600, 600), (600, 300)]]
)


@pytest.mark.parametrize(
    "geometry",
    [
        pytest.param(shapely.box(10, 20, 300, 400), id="box"),
        pytest.param(shapely.box(10, 20, 300, 400).reverse(), id="wound-the-other-way"),
        pytest.param(HOLED, id="hole"),
        pytest.param(HOLED.reverse(), id="hole-wound-the-other-way"),
        pytest.param(
            shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(50, 50, 90, 90)]), id="multi"
        ),
        pytest.param(
            shapely.MultiPolygon([HOLED, shapely.box(1000, 1000, 1200, 1300)]), id="multi-with-hole"
        ),
        pytest.param(shapely.Polygon([(0, 0), (5, 0), (5, 0), (5, 5), (0, 0)]), id="repeated-vertex"),
    ],
)
def test_a_polygon_comes_back_equal(geometry: Any) -> None:
    (found,) = shapes(polygons(geometry))
    assert found.is_valid
    assert found.equals(geometry)


def test_a_polygon_is_cut_a_little_beyond_the_tile() -> None:
    (found,) = shapes(polygons(shapely.box(-5000, -5000, 9000, 2000)))
    assert found.bounds == (-mvt.BUFFER, -mvt.BUFFER, 4096 + mvt.BUFFER, 2000)


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(None, id="missing"),
        pytest.param(shapely.Polygon(), id="empty"),
        pytest.param(shapely.Point(5, 5), id="point"),
        pytest.param(shapely.LineString([(0, 0), (9, 9)]), id="line"),
        pytest.param(shapely.box(9000, 9000, 9100, 9100), id="elsewhere"),
        pytest.param(shapely.box(10, 10, 10.2, 10.2), id="collapses-to-a-point"),
        pytest.param(shapely.box(10, 10, 200, 10.2), id="collapses-to-a-line"),
    ],
)
def test_what_leaves_no_area_is_left_out(nothing: Any) -> None:
    assert polygons(nothing) == b""
    (kept,) = decoded(polygons(nothing, shapely.box(1, 1, 9, 9), columns={"n": [1, 2]}))
    assert kept["properties"] == {"n": 2}


def test_a_hole_that_collapses_leaves_its_polygon() -> None:
    speck = [(300, 300), (300.2, 300), (300.2, 300.2), (300, 300.2)]
    (found,) = shapes(polygons(shapely.Polygon(shapely.box(100, 100, 900, 900).exterior.coords, [speck])))
    assert found.equals(shapely.box(100, 100, 900, 900))


def test_a_part_that_collapses_takes_its_hole_along() -> None:
    sliver = shapely.Polygon([(0, 0), (100, 0), (100, 0.3), (0, 0.3)], [[(1, 0.1), (99, 0.1), (99, 0.2)]])
    (found,) = shapes(polygons(shapely.MultiPolygon([sliver, shapely.box(500, 500, 600, 600)])))
    assert found.equals(shapely.box(500, 500, 600, 600))


def test_properties_of_every_kind_come_back() -> None:
    columns = {
        "flag": np.array([True, False, None], dtype=object),
        "count": np.array([-7, 0, 2**33]),
        "share": np.array([0.25, np.nan, -1e9]),
        "name": np.array(["石桥村", None, ""], dtype=object),
    }
    boxes = [shapely.box(i * 10, 0, i * 10 + 5, 5) for i in range(3)]
    found = [feature["properties"] for feature in decoded(polygons(*boxes, columns=columns))]
    assert found == [
        {"flag": True, "count": -7, "share": 0.25, "name": "石桥村"},
        {"flag": False, "count": 0},
        {"count": 2**33, "share": -1e9, "name": ""},
    ]


def test_true_and_one_stay_different_columns() -> None:
    found = decoded(polygons(shapely.box(0, 0, 5, 5), columns={"a": [True], "b": [1]}))
    assert found[0]["properties"] == {"a": True, "b": 1}
    assert found[0]["properties"]["a"] is True


def test_lines_come_back_cut_at_the_margin() -> None:
    lines = np.array(
        [
            shapely.LineString([(10, 10), (20, 30), (20, 30), (40, 40)]),
            shapely.LineString([(-1000, 50), (5000, 50)]),
            shapely.MultiLineString([[(0, 0), (5, 5)], [(9, 9), (20, 9)]]),
            shapely.LineString([(7, 7), (7.1, 7.1)]),
            None,
        ],
        dtype=object,
    )
    found = shapes(mvt.encode_lines("things", lines, {}, TILE))
    assert [each.wkt for each in found] == [
        "LINESTRING (10 10, 20 30, 40 40)",
        "LINESTRING (-64 50, 4160 50)",
        "MULTILINESTRING ((0 0, 5 5), (9 9, 20 9))",
    ]


def test_points_outside_the_margin_are_left_out() -> None:
    xy = [(1, 2), (-64, 4160), (-65, 5), (100, 100)]
    found = decoded(mvt.encode_points("things", xy, {"n": [1, 2, 3, 4]}, TILE))
    assert [(each["properties"]["n"], each["geometry"]["coordinates"]) for each in found] == [
        (1, [1, 2]),
        (2, [-64, 4160]),
        (4, [100, 100]),
    ]


def test_merged_points_are_one_feature_for_each_kind() -> None:
    xy = [(1, 1), (2, 2), (3, 3), (4, 4)]
    paired = np.array([True, False, True, True])
    found = decoded(mvt.encode_points("things", xy, {"paired": paired}, TILE, merge=True))
    coordinates = {each["properties"]["paired"]: each["geometry"]["coordinates"] for each in found}
    assert coordinates == {True: [[1, 1], [3, 3], [4, 4]], False: [2, 2]}


def test_no_points_give_no_layer() -> None:
    assert mvt.encode_points("things", np.empty((0, 2)), {"n": []}, TILE) == b""


def test_layers_join_into_one_tile() -> None:
    body = polygons(shapely.box(0, 0, 9, 9)) + mvt.encode_points("dots", [(1, 1)], {}, TILE)
    assert set(mapbox_vector_tile.decode(body)) == {"things", "dots"}
