"""Bad inputs people really have: each is read, or refused in words; never anything else."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import AppError, FileFault, InputError
from geo.store.engine import create_store
from geo.store.queries import counts, layer_frame
from tests.exchange_files import bring
from tests.stores import copied_store

REAL = Path(__file__).parents[3] / "shared" / "real"
NASTY = REAL / "nasty"
FILES = [path for path in sorted(NASTY.rglob("*")) if path.is_file()]
CHOICES = (("villages", "auto"), ("households", "EPSG:4490"))

pytestmark = pytest.mark.skipif(not NASTY.exists(), reason="not on this machine: ../shared/real/nasty")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A store with the real county's townships."""
    path = tmp_path_factory.mktemp("nasty") / "store.gpkg"
    store = create_store(str(path))
    bring(store, REAL / "sishui" / "townships.geojson", "townships")
    store.close()
    return path


@pytest.fixture
def store(template, tmp_path):
    with copied_store(template, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def truth():
    return gpd.read_file(NASTY / "derived" / "truth.geojson").set_index("村代码").sort_index()


@pytest.fixture(scope="module")
def shared_store(template, tmp_path_factory):
    """A store that is only asked."""
    with copied_store(template, tmp_path_factory.mktemp("asked")) as opened:
        yield opened


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(NASTY)) for path in FILES])
def test_every_nasty_file_is_read_or_refused_in_words(shared_store, path):
    with shared_store.read() as session:
        before = counts(session)
    for layer, crs in CHOICES:
        try:
            report = bring(shared_store, path, layer, crs=crs, dry_run=True)
        except AppError as refusal:
            assert refusal.message[-1] in "。？"
            assert isinstance(refusal, InputError)
        else:
            assert report.sentence()
    with shared_store.read() as session:
        assert counts(session) == before


@pytest.mark.parametrize(
    ("name", "metres"),
    [
        ("01_gbk_cpg", 0),
        ("03_utf8_nocpg_ldid0", 0),
        ("05_gk4527_zone39", 0.01),
        ("10_webmercator", 0.01),
        ("13_polygonz", 0),
        ("16_code_as_float", 0),
        ("19_bom.geojson", 0),
        ("20_gbk.geojson", 0),
    ],
)
def test_variants_of_one_layer_all_come_to_the_truth(store, truth, name, metres):
    path = NASTY / "derived" / name
    report = bring(store, path if path.is_file() else path / "村界.shp", "villages")
    assert report.written, report.sentence()
    with store.read() as session:
        stored = layer_frame(session, "villages").set_index("code").sort_index()
    assert stored["name"].to_dict() == truth["村名"].to_dict()
    apart = shapely.hausdorff_distance(stored.geometry.to_numpy(), truth.geometry.to_numpy())
    assert apart.max() <= metres / 90_000 + 1e-12


@pytest.mark.parametrize("name", ["08_xian80_2363", "09_beijing54_2415"])
def test_old_datums_come_in_with_a_warning(store, name):
    report = bring(store, NASTY / "derived" / name / "村界.shp", "villages")
    assert "datum_shift_unknown" in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("06_gk4527_noprj/村界.shp", "EPSG:4527"),
        ("12_no_shx/村界.shp", ".shx"),
        ("18_latlon_swapped.geojson", "颠倒"),
        ("22_two_layers.zip", "村界2000/村界"),
        ("25_names_only_variants.csv", "村代码"),
    ],
)
def test_refusals_say_what_is_wrong_and_how_to_go_on(store, name, said):
    with pytest.raises(FileFault) as refusal:
        bring(store, NASTY / "derived" / name, "villages")
    assert said in str(refusal.value)
    assert refusal.value.hint


def test_the_crs_that_the_hint_names_is_the_right_one(store, truth):
    path = NASTY / "derived" / "06_gk4527_noprj" / "村界.shp"
    assert bring(store, path, "villages", crs="EPSG:4527").written
    with store.read() as session:
        stored = layer_frame(session, "villages").set_index("code").sort_index()
    assert shapely.hausdorff_distance(stored.geometry.to_numpy(), truth.geometry.to_numpy()).max() < 1e-7
