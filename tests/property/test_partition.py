"""Proposed cells cover any village exactly, hold together, are even, and are the same each time."""

from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.partition import partition_quality, propose_cells
from geo.crs import STORED_CRS
from geo.rules import load_rules
from tests.partition_frames import households_in, on_ground

RULES = load_rules(date(2026, 5, 1))
MOST_OFF = 0.2

radii = st.lists(st.floats(150, 1000), min_size=5, max_size=40)


@st.composite
def stars(draw):
    """A concave polygon round a point, sometimes with a hole, sometimes drawn thin."""
    reach = np.array(draw(radii))
    angles = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    squeeze = draw(st.sampled_from([1.0, 0.3, 0.05]))
    outer = shapely.Polygon(np.column_stack([reach * np.cos(angles), squeeze * reach * np.sin(angles)]))
    if draw(st.booleans()):
        outer = shapely.difference(outer, shapely.Point(0, 0).buffer(40 * squeeze, quad_segs=3))
    return on_ground(outer)


@st.composite
def archipelagos(draw):
    """A few stars apart from each other."""
    found = [draw(stars()) for _star in range(draw(st.integers(2, 4)))]
    return shapely.multipolygons(
        [
            part
            for place, star in enumerate(found)
            for part in shapely.get_parts(
                shapely.transform(star, lambda at, place=place: at + np.array([0.025 * place, 0]))
            )
        ]
    )


def _proposed(village, households, count):
    cells = propose_cells(village, households, rules=RULES, count=count)
    shapes = cells.to_numpy()
    assert len(cells) == count
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.symmetric_difference(shapely.union_all(shapes), village).area < village.area * 1e-9
    return cells


@settings(max_examples=60, deadline=None, derandomize=True)
@given(village=stars(), households=st.integers(0, 200), count=st.integers(1, 8))
def test_a_village_in_one_piece(village, households, count):
    homes = households_in(village, households)
    cells = _proposed(village, homes, count)
    assert (shapely.get_num_geometries(cells.to_numpy()) == 1).all()
    assert propose_cells(village, homes, rules=RULES, count=count).to_wkb().equals(cells.to_wkb())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(village=stars(), share=st.integers(20, 60), count=st.integers(2, 6))
def test_cells_are_even(village, share, count):
    homes = households_in(village, share * count)
    cells = _proposed(village, homes, count)
    quality = partition_quality(cells, village, homes, target=share)
    assert quality.worst_ratio <= MOST_OFF


@settings(max_examples=40, deadline=None, derandomize=True)
@given(village=archipelagos(), households=st.integers(0, 150), count=st.integers(1, 7))
def test_a_village_of_several_parts(village, households, count):
    parts = len(village.geoms)
    cells = _proposed(village, households_in(village, households), count)
    pieces = shapely.get_num_geometries(cells.to_numpy())
    # Every cut makes one piece more; where parts suffice, nothing is cut.
    assert max(parts, count) <= pieces.sum() <= parts + count - 1
    assert (shapely.area(cells.to_numpy()) > 0).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    village=stars(),
    corners=st.lists(
        st.lists(st.tuples(st.floats(-1200, 1200), st.floats(-1200, 1200)), min_size=2, max_size=5),
        max_size=4,
    ),
    count=st.integers(2, 5),
)
def test_any_lines(village, corners, count):
    lines = gpd.GeoSeries([on_ground(shapely.LineString(way)) for way in corners], crs=STORED_CRS)
    homes = households_in(village, 80)
    cells = propose_cells(village, homes, rules=RULES, count=count, lines=lines)
    shapes = cells.to_numpy()
    assert len(cells) == count
    assert shapely.coverage_is_valid(shapes)
    assert shapely.symmetric_difference(shapely.union_all(shapes), village).area < village.area * 1e-9
    assert (shapely.get_num_geometries(shapes) == 1).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(village=stars(), places=st.integers(1, 5), count=st.integers(2, 6), data=st.data())
def test_households_at_few_places(village, places, count, data):
    at = households_in(village, places)
    chosen = data.draw(st.lists(st.integers(0, places - 1), min_size=1, max_size=60))
    cells = _proposed(village, at.iloc[chosen].reset_index(drop=True), count)
    assert (shapely.get_num_geometries(cells.to_numpy()) == 1).all()
