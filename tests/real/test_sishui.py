"""One real county goes in, is on the map at the right place, and comes out as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.exchange.write import export_layer
from geo.store.engine import Store, create_store, open_store
from geo.store.queries import county_code, layer_frame
from tests.exchange_files import NOW, SYSTEM, TODAY, bring

SISHUI = Path(__file__).parents[3] / "shared" / "real" / "sishui"
VILLAGE_FILES = ("villages_shift115m.geojson", "villages_as_published.geojson")
TOLERANCE_DEG = 1e-7
OVERLAPPING_PAIRS = 990

pytestmark = pytest.mark.skipif(not SISHUI.exists(), reason="not on this machine: ../shared/real/sishui")


@pytest.fixture(scope="module", params=VILLAGE_FILES)
def county(request, tmp_path_factory):
    """A store with the real county, and the reports of its two imports."""
    store = create_store(str(tmp_path_factory.mktemp("sishui") / "sishui.gpkg"))
    towns = bring(store, SISHUI / "townships.geojson", "townships")
    villages = bring(store, SISHUI / request.param, "villages")
    yield store, towns, villages, request.param
    store.close()


def test_every_township_and_village_goes_in_in_spite_of_its_faults(county):
    store, towns, villages, _file = county
    assert (towns.added, towns.faults) == (13, [])
    assert (villages.added, villages.faults) == (588, [])
    counts = {finding.code: finding.count for finding in villages.findings}
    assert counts["village_overlap"] == OVERLAPPING_PAIRS
    assert counts["land_uncovered"] > 0
    with store.read() as session:
        assert county_code(session) == "370831"


def test_villages_lie_where_the_file_says_in_the_township_of_their_code(county):
    store, _towns, _villages, file = county
    given = gpd.read_file(SISHUI / file).set_index("adcode").sort_index()
    with store.read() as session:
        stored = layer_frame(session, "villages").set_index("code").sort_index()
    assert stored["name"].tolist() == given["name"].tolist()
    assert (stored["township_code"] == stored.index.str[:9]).all()
    assert shapely.equals(stored.geometry.to_numpy(), given.geometry.to_numpy()).all()
    assert np.allclose(stored.total_bounds, given.total_bounds, rtol=0, atol=TOLERANCE_DEG)


@pytest.mark.parametrize("layer", ["townships", "villages"])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "zip"])
def test_what_is_exported_is_read_back_equal(county, tmp_path, layer, suffix):
    store = county[0]
    path = tmp_path / f"{layer}.{suffix}"
    export_layer(store, SYSTEM, layer, path, as_of=TODAY)
    again = copy_of(store, tmp_path)
    assert bring(again, path, layer).unchanged in (13, 588)
    again.close()
    with store.read() as session:
        stored = layer_frame(session, layer).set_index("code").sort_index()
    found = gpd.read_file(path).set_index("code").sort_index()
    assert found.index.tolist() == stored.index.tolist()
    assert found["name"].tolist() == stored["name"].tolist()
    apart = shapely.hausdorff_distance(found.geometry.to_numpy(), stored.geometry.to_numpy())
    assert apart.max() < TOLERANCE_DEG
    assert shapely.equals(
        shapely.set_precision(found.geometry.to_numpy(), TOLERANCE_DEG),
        shapely.set_precision(stored.geometry.to_numpy(), TOLERANCE_DEG),
    ).all()


def copy_of(store: Store, folder: Path) -> Store:
    """A copy of a closed-for-writing store, to import into."""
    path = folder / "again.gpkg"
    shutil.copy(store.path, path)
    log = store.path.with_name(f"{store.path.name}-wal")
    if log.exists():
        shutil.copy(log, path.with_name(f"{path.name}-wal"))
    return open_store(str(path))


def test_importing_the_other_village_file_moves_every_village_and_adds_none(county, tmp_path):
    store, _towns, _villages, file = county
    other = next(name for name in VILLAGE_FILES if name != file)
    again = copy_of(store, tmp_path)
    report = bring(again, SISHUI / other, "villages", now=NOW)
    again.close()
    assert (report.added, report.changed, report.missing) == (0, 588, 0)
