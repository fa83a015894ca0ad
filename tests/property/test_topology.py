"""Whatever is done to cells: what tiled a village still does, and what was wrong never gets worse."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.analysis import topology
from geo.analysis.reshaping import Reshaping
from geo.analysis.topology import Fault, tiling
from geo.crs import to_metric
from geo.rules import load_rules
from tests.shapes import (
    DIRT,
    VILLAGES_M,
    cell_rows,
    dirtied,
    drawn_line,
    drawn_star,
    tiled_village,
    with_moved_corner,
)

RULES = load_rules(date(2026, 5, 1))
NOTHING_M2 = 1.0
WITHOUT_PLACE = {Fault.UNKNOWN_CELL}
many = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
villages = st.tuples(st.sampled_from(sorted(VILLAGES_M)), st.integers(2, 10), st.integers(0, 10_000))
dirt = st.lists(st.sampled_from(sorted(DIRT)), min_size=1, max_size=3)
kinds = st.sampled_from(["split", "redraw", "drag", "merge", "create", "split_into", "replace", "retire"])


def changed_by(kind: str, cells: gpd.GeoDataFrame, village, rng: np.random.Generator) -> Reshaping:
    """One change of a kind, drawn at random."""
    given_ = {"village": village, "rules": RULES}
    at = int(rng.integers(len(cells)))
    code, area = cells["code"].iloc[at], cells.geometry.iloc[at]
    change = {
        "split": lambda: topology.split_cell(cells, code=code, line=drawn_line(area, rng), **given_),
        "redraw": lambda: topology.redraw_cell(cells, code=code, shape=drawn_star(area, rng), **given_),
        "drag": lambda: topology.redraw_cell(cells, code=code, shape=with_moved_corner(area, rng), **given_),
        "merge": lambda: topology.merge_cells(cells, codes=_neighbours(cells, area), **given_),
        "create": lambda: topology.create_cell(cells, shape=drawn_star(area, rng), **given_),
        "split_into": lambda: topology.split_into(cells, code=code, parts=_halves(area, rng), **given_),
        "replace": lambda: topology.replace_cells(
            cells, parts=[half for shape in cells.geometry for half in _halves(shape, rng)], **given_
        ),
        "retire": lambda: topology.retire_cells(cells, codes=[code], **given_),
    }
    return change[kind]()


def _neighbours(cells, area):
    near = np.argsort(shapely.distance(cells.geometry.to_numpy(), area), kind="stable")
    return cells["code"].iloc[near[:3]].tolist()


def _halves(area, rng):
    west, south, east, north = area.bounds
    cut = rng.uniform(0.3, 0.7)
    middle = west + cut * (east - west)
    sides = [
        shapely.box(west - 1, south - 1, middle, north + 1),
        shapely.box(middle, south - 1, east + 1, north + 1),
    ]
    halves = [shapely.intersection(area, side) for side in sides] if rng.random() < 0.5 else [area]
    return [half for half in halves if half.geom_type in ("Polygon", "MultiPolygon") and not half.is_empty]


def after(cells: gpd.GeoDataFrame, result: Reshaping) -> gpd.GeoDataFrame:
    """The village's cells once the change is saved."""
    shapes = dict(zip(cells["code"], cells.geometry, strict=True))
    shapes = {
        code: result.changed.get(code, shape) for code, shape in shapes.items() if code not in result.retired
    }
    codes = [*shapes, *(f"new{at}" for at in result.created.index)]
    return gpd.GeoDataFrame({"code": codes}, geometry=[*shapes.values(), *result.created], crs="EPSG:4490")


def area_m2(shapes) -> float:
    short = shapely.segmentize([*shapes], 1e-3)  # straight in degrees is not straight in metres
    return float(to_metric(gpd.GeoDataFrame(geometry=short, crs="EPSG:4490")).area.sum())


def check(cells: gpd.GeoDataFrame, village, result: Reshaping, *, kind: str) -> None:
    assert not [fault for fault in result.faults if fault.code == Fault.UNMATCHED]
    if result.faults:
        assert all(fault.message for fault in result.faults)
        assert all(fault.geometry is not None for fault in result.faults if fault.code not in WITHOUT_PLACE)
        return
    now = after(cells, result)
    assert set(now.geom_type) <= {"MultiPolygon"}
    assert now.is_valid.all()
    assert not now.is_empty.any()
    was, is_ = tiling(cells, village=village), tiling(now, village=village)
    assert is_.is_coverage or not was.is_coverage
    assert is_.overlap_m2 <= was.overlap_m2 + NOTHING_M2
    assert is_.outside_m2 <= was.outside_m2 + NOTHING_M2
    if kind == "retire":
        return
    assert is_.uncovered_m2 <= was.uncovered_m2 + NOTHING_M2
    pieces = {code: len(shape.geoms) for code, shape in zip(cells["code"], cells.geometry, strict=True)}
    assert all(len(shape.geoms) <= pieces[code] for code, shape in result.changed.items())
    if kind in ("split", "split_into"):
        parent = cells.loc[cells["code"].isin(result.retired), "geometry"]
        assert area_m2(result.created) == pytest.approx(area_m2(parent), abs=NOTHING_M2)
        _check_only_vertices_were_added(cells, result)
    if kind == "merge":
        parents = cells.loc[cells["code"].isin(result.retired), "geometry"]
        assert area_m2(result.created) >= area_m2([parents.union_all()]) - 1e-3


def _check_only_vertices_were_added(cells, result):
    before = cells.set_index("code").geometry
    for code, shape in result.changed.items():
        kept = {tuple(vertex) for vertex in shapely.get_coordinates(before[code])}
        assert kept < {tuple(vertex) for vertex in shapely.get_coordinates(shape)}
        assert area_m2([shape]) == pytest.approx(area_m2([before[code]]), abs=0.1)


@many
@given(village=villages, kind=kinds, seed=st.integers(0, 10_000))
def test_cells_that_tile_their_village_still_do(village, kind, seed):
    name, count, maker = village
    land, shapes = tiled_village(name, count, np.random.default_rng(maker))
    cells = cell_rows(shapes)
    assert tiling(cells, village=land).is_coverage
    check(cells, land, changed_by(kind, cells, land, np.random.default_rng(seed)), kind=kind)


@many
@given(village=villages, faults=dirt, kind=kinds, seed=st.integers(0, 10_000))
def test_what_was_wrong_with_cells_never_gets_worse(village, faults, kind, seed):
    name, count, maker = village
    rng = np.random.default_rng(seed)
    land, shapes = tiled_village(name, count, np.random.default_rng(maker))
    cells = cell_rows(dirtied(shapes, faults, rng))
    check(cells, land, changed_by(kind, cells, land, rng), kind=kind)


@settings(parent=many, max_examples=25)
@given(
    village=villages,
    sequence=st.lists(kinds.filter(lambda kind: kind != "retire"), max_size=5),
    seed=st.integers(0, 999),
)
def test_any_sequence_of_changes_keeps_the_tiling(village, sequence, seed):
    name, count, maker = village
    rng = np.random.default_rng(seed)
    land, shapes = tiled_village(name, count, np.random.default_rng(maker))
    cells = cell_rows(shapes)
    start = tiling(cells, village=land)
    for kind in sequence:
        result = changed_by(kind, cells, land, rng)
        check(cells, land, result, kind=kind)
        cells = cells if result.faults else cell_rows(after(cells, result).geometry)
    end = tiling(cells, village=land)
    assert end.is_coverage
    assert end.uncovered_m2 == pytest.approx(start.uncovered_m2, abs=len(sequence) + 0.01)


@many
@given(village=villages, seed=st.integers(0, 10_000))
def test_what_was_split_can_be_merged_again(village, seed):
    name, count, maker = village
    land, shapes = tiled_village(name, count, np.random.default_rng(maker))
    cells = cell_rows(shapes)
    rng = np.random.default_rng(seed)
    split = changed_by("split", cells, land, rng)
    if split.faults:
        return
    halves = after(cells, split)
    merged = topology.merge_cells(
        halves, village=land, codes=[f"new{at}" for at in split.created.index], rules=RULES
    )
    parent = cells.set_index("code").geometry[split.retired[0]]
    assert not merged.faults
    assert not len(merged.changed)
    assert area_m2([shapely.symmetric_difference(merged.created.iloc[0], parent)]) < 0.01
