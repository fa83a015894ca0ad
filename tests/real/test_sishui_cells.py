"""Cells of real villages, with their real borders, are reshaped without a fault and in no time."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.analysis.topology import replace_cells, tiling
from tests.property.test_topology import NOTHING_M2, RULES, changed_by, check
from tests.shapes import cell_rows

SISHUI = Path(__file__).parents[3] / "shared" / "real" / "sishui"
KINDS = ("split", "redraw", "drag", "merge", "split_into", "replace", "retire")
EVERY = 15

pytestmark = pytest.mark.skipif(not SISHUI.exists(), reason="not on this machine: ../shared/real/sishui")


@pytest.fixture(scope="module")
def villages():
    frame = gpd.read_file(SISHUI / "villages_shift115m.geojson").to_crs("EPSG:4490")
    return frame.sort_values("adcode").geometry.to_numpy()


def proposed(village, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame | None:
    """Cells of a village, round random places; None where one of them falls apart or is too small."""
    west, south, east, north = village.bounds
    places = rng.uniform((west, south), (east, north), (count * 8, 2))
    places = places[shapely.contains_xy(village, *places.T)][:count]
    regions = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=village))
    parts = shapely.intersection(regions, village)
    none = gpd.GeoDataFrame({"code": []}, geometry=[], crs="EPSG:4490")
    result = replace_cells(none, village=village, parts=[*parts], rules=RULES)
    return None if result.faults else cell_rows([*result.created])


@pytest.mark.parametrize("kind", KINDS)
def test_changes_keep_the_tiling_of_real_villages(villages, kind):
    done = 0
    for number, village in enumerate(villages[KINDS.index(kind) :: EVERY]):
        rng = np.random.default_rng(number)
        cells = proposed(village, 6, rng)
        if cells is None:
            continue
        before = tiling(cells, village=village)
        assert before.is_coverage
        assert before.uncovered_m2 + before.overlap_m2 + before.outside_m2 < NOTHING_M2
        result = changed_by(kind, cells, village, rng)
        check(cells, village, result, kind=kind)
        done += not result.faults
    assert done > 3
