"""What holds for every tile: nothing invalid, nothing lost but what is smaller than the grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from layers import mvt
from layers.mercator import Bounds

TILE = Bounds(0.0, 0.0, 4096.0, 4096.0)

numbers = st.floats(-6000, 10000, allow_nan=False, width=32)
radii = st.floats(0.125, 3000, width=32)


@st.composite
def blobs(draw: st.DrawFn) -> Any:
    """Star-shaped polygons, some with a hole, some in two parts, wound either way."""
    centre = draw(st.tuples(numbers, numbers))
    lengths = np.array(draw(st.lists(radii, min_size=3, max_size=12)))
    angles = np.linspace(0, 2 * np.pi, len(lengths), endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * lengths[:, None] + centre
    hole = [(ring - centre) * 0.4 + centre] if draw(st.booleans()) else []
    blob = shapely.Polygon(ring, hole)
    if draw(st.booleans()):
        blob = blob.reverse()
    if draw(st.booleans()):
        blob = shapely.MultiPolygon([blob, shapely.box(20000, 0, 20001, 1)])
    return blob if blob.is_valid else shapely.make_valid(blob)


def features(body: bytes) -> list[dict[str, Any]]:
    return mapbox_vector_tile.decode(body)["v"]["features"] if body else []


@settings(max_examples=100, deadline=None)
@given(st.lists(blobs(), max_size=6))
def test_area_survives_but_for_the_grid(shapes: list[Any]) -> None:
    numbered = {"n": np.arange(len(shapes))}
    found = features(mvt.encode_polygons("v", np.array(shapes, dtype=object), numbered, TILE))
    kept = {each["properties"]["n"]: shapely.geometry.shape(each["geometry"]) for each in found}
    margin = mvt.BUFFER
    for n, shape in enumerate(shapes):
        inside = shapely.clip_by_rect(shape, -margin, -margin, 4096 + margin, 4096 + margin)
        area = kept[n].buffer(0).area if n in kept else 0.0
        # Each vertex moves by at most half a unit each way, so the border sweeps at most that much.
        assert abs(area - inside.area) <= 0.75 * inside.length + 2


@settings(max_examples=100, deadline=None)
@given(st.lists(blobs(), min_size=1, max_size=4))
def test_rings_are_closed_wound_and_never_flat(shapes: list[Any]) -> None:
    body = mvt.encode_polygons("v", np.array(shapes, dtype=object), {}, TILE)
    for layer in vector_tile_pb2.tile.FromString(body).layers:
        for feature in layer.features:
            areas = [twice_the_area(ring) for ring in rings_of(list(feature.geometry))]
            assert areas[0] > 0  # an outer ring comes first: clockwise on the screen
            assert all(areas)


def rings_of(commands: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Rings of a polygon, read off its command integers as the standard describes them."""
    x = y = 0
    while commands:
        assert commands.pop(0) == 1 << 3 | 1, "one MoveTo begins each ring"
        count = 1
        ring: list[tuple[int, int]] = []
        while len(ring) < 1 + count:
            x, y = x + unzigzag(commands.pop(0)), y + unzigzag(commands.pop(0))
            ring.append((x, y))
            if len(ring) == 1:
                command, count = commands[0] & 7, commands.pop(0) >> 3
                assert command == 2
                assert count >= 2, "a ring has three corners at least"
        assert commands.pop(0) == 1 << 3 | 7, "ClosePath ends each ring"
        yield ring


def unzigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def twice_the_area(ring: list[tuple[int, int]]) -> int:
    following = [*ring[1:], ring[0]]
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, following, strict=True))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.tuples(numbers, numbers), st.text(max_size=6), st.integers(-9, 9)), max_size=30))
def test_every_point_in_reach_comes_once_with_its_own_properties(rows: list[Any]) -> None:
    xy = np.array([place for place, _name, _n in rows], dtype=float).reshape(-1, 2)
    columns = {
        "name": np.array([name for _place, name, _n in rows], dtype=object),
        "n": np.array([n for _place, _name, n in rows], dtype=int),
    }
    found = features(mvt.encode_points("v", xy, columns, TILE))
    snapped = np.rint(xy).astype(int)
    near = ((snapped >= -64) & (snapped <= 4160)).all(axis=1)
    expected = [
        ([int(x), int(y)], {"name": name, "n": n})
        for (x, y), (_place, name, n), is_near in zip(snapped, rows, near, strict=True)
        if is_near
    ]
    assert [(each["geometry"]["coordinates"], each["properties"]) for each in found] == expected


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4096), st.integers(0, 4096), st.booleans()), max_size=40, unique=True)
)
def test_merging_points_neither_loses_nor_adds_any(rows: list[tuple[int, int, bool]]) -> None:
    xy = np.array([(x, y) for x, y, _paired in rows], dtype=float).reshape(-1, 2)
    paired = np.array([paired for _x, _y, paired in rows], dtype=bool)
    found = features(mvt.encode_points("v", xy, {"paired": paired}, TILE, merge=True))
    seen = [
        (int(x), int(y), each["properties"]["paired"])
        for each in found
        for x, y in np.array(each["geometry"]["coordinates"]).reshape(-1, 2)
    ]
    assert sorted(seen) == sorted(rows)
    assert len(found) == len(set(paired.tolist()))
