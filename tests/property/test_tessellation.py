"""The proof of tiling never claims what overlay refutes, and proves what does tile."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from geo.analysis.faces import projected
from geo.analysis.tessellation import mended, overlap_nowhere, united_by, untiled_edges, wider_than
from tests.shapes import DIRT, VILLAGES_M, dirtied, tiled_village

SRID, WIDTH_M, SIDE = 4548, 1.0, 4
many = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
squares = st.integers(0, SIDE * SIDE - 1)


def land_of(chosen):
    """Unit squares of a grid as one area, with a vertex on every corner it passes."""
    tiles = [shapely.box(at % SIDE, at // SIDE, at % SIDE + 1, at // SIDE + 1) for at in sorted(chosen)]
    whole = shapely.segmentize(shapely.union_all(tiles), 1.0)
    return shapely.transform(whole, np.round) if chosen else None


@many
@given(
    owners=st.lists(st.integers(-1, 3), min_size=SIDE * SIDE, max_size=SIDE * SIDE),
    more=st.lists(st.tuples(squares, st.integers(0, 3)), max_size=2),
    less=st.lists(squares, max_size=1),
)
def test_on_a_grid_the_proof_holds_exactly_when_each_square_is_covered_once(owners, more, less):
    cells = [{at for at, owner in enumerate(owners) if owner == cell} for cell in range(4)]
    village = set().union(*cells)
    for square, cell in more:
        cells[cell] ^= {square}
    village -= {*less}
    covered = np.zeros(SIDE * SIDE, dtype=int)
    for cell in cells:
        covered[[*cell]] += 1
    wanted = np.array([int(at in village) for at in range(SIDE * SIDE)])
    shapes = np.array([land_of(cell) for cell in cells], dtype=object)
    left = untiled_edges(np.array([land_of(village)], dtype=object), shapes, np.zeros(4, dtype=np.intp))
    tiles = bool((covered == wanted).all())
    event(f"tiles: {tiles}")
    assert (len(left) == 0) is tiles
    if covered.max() > 1:
        assert not overlap_nowhere(shapes)


def with_corner(cell, rng):
    """The cell with one more corner, in the middle of an edge of its rim; its neighbour does not get it."""
    rim = shapely.get_coordinates(shapely.get_exterior_ring(cell))
    at = int(rng.integers(1, len(rim)))
    holes = [shapely.get_coordinates(ring) for ring in cell.interiors]
    return shapely.Polygon(np.insert(rim, at, (rim[at - 1] + rim[at]) / 2, axis=0), holes)


def drawn_cells(tiles, faults, rng):
    """Cells with faults; ``corner`` is harmless and comes last."""
    found = dirtied(tiles, [fault for fault in faults if fault != "corner"], rng)
    for _corner in range(faults.count("corner")):
        at = int(rng.integers(len(found)))
        found[at] = with_corner(found[at], rng)
    return found


kinds = st.lists(st.sampled_from(["corner", *sorted(DIRT)]), max_size=3)
village = st.tuples(st.sampled_from(sorted(VILLAGES_M)), st.integers(2, 8), st.integers(0, 10_000), kinds)


@many
@given(drawn=st.lists(village, min_size=1, max_size=2))
def test_what_is_not_measured_holds_nothing_wider_than_the_tolerance(drawn):
    wholes, cells, places = [], [], []
    for place, (name, count, seed, faults) in enumerate(drawn):
        rng = np.random.default_rng(seed)
        whole, tiles = tiled_village(name, count, rng)
        found = drawn_cells(tiles, faults, rng)
        wholes.append(whole)
        cells += found
        places += [place] * len(found)
    lands, areas, at = mended(wholes), mended(cells), np.array(places, dtype=np.intp)
    left = untiled_edges(lands, areas, at)
    wide = wider_than(left, WIDTH_M, srid=SRID)
    for place, (*_drawn, faults) in enumerate(drawn):
        if not faults:
            assert place not in left.group
        if {*faults} <= {"corner"} and len(drawn) == 1:
            assert place not in wide
        if place in wide:
            continue
        event("proved" if place not in left.group else "thin")
        own = projected(areas[at == place], srid=SRID)
        bare = shapely.difference(projected(lands[place], srid=SRID), shapely.union_all(own))
        first, second = np.triu_indices(len(own), 1)
        shared = shapely.intersection(own[first], own[second])
        for rest in (bare, *shared):
            assert shapely.buffer(rest, -WIDTH_M / 2).is_empty
            assert place in left.group or rest.area < 1e-3


@many
@given(drawn=st.lists(village, min_size=1, max_size=2))
def test_no_overlap_is_claimed_that_there_is(drawn):
    shapes = []
    for name, count, seed, faults in drawn:
        rng = np.random.default_rng(seed)
        shapes += drawn_cells(tiled_village(name, count, rng)[1], faults, rng)
    areas = mended(shapes)
    first, second = np.triu_indices(len(areas), 1)
    metric = projected(areas, srid=SRID)
    proved = overlap_nowhere(areas, srid=SRID)
    event(f"proved: {proved}")
    if proved:
        assert shapely.area(shapely.intersection(metric[first], metric[second])).max(initial=0) < 1e-3
    if len(drawn) == 1 and not drawn[0][3]:
        assert proved


def test_united_by_place_is_the_union():
    rng = np.random.default_rng(5)
    _whole, cells = tiled_village("square", 8, rng)
    shapes, places = np.array(dirtied(cells, ["overlap"], rng), dtype=object), rng.integers(0, 3, 8)
    for place, land in enumerate(united_by(shapes, places, 3)):
        assert (
            land.equals_exact(shapely.union_all(shapes[places == place]), 1e-12)
            or not (places == place).any()
        )
