"""Real polygons under invented names and codes: labels, profile, paper and map of villages work on them.

No real village is ever shown with an invented label: names become 村001 …, the county 990831.
"""

from __future__ import annotations

import gzip
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pypdfium2
import pytest
import shapely

from geo.access import Actor
from geo.answers.label_trends import label_counts
from geo.answers.priority import priority_table
from geo.answers.profile import village_profile
from geo.exchange.village_profile_pdf import village_profile_pdf
from geo.operations.designate import designate_village
from geo.store.engine import Store, create_store
from geo.vocabulary import Role, VillageLabel, WeakCause
from layers.mercator import Bounds, project, tiles_over
from layers.tiles import TileService
from tests.exchange_files import NOW, SYSTEM, bring

SISHUI = Path(__file__).parents[3] / "shared" / "real" / "sishui"
COUNTY, REAL_COUNTY = "990831", "370831"
DEPARTMENT = Actor("department", Role.DEPARTMENT)
DAY = NOW.date()
YEARS = (DAY.year - 2, DAY.year - 1)
WEAK = 5

pytestmark = pytest.mark.skipif(not SISHUI.exists(), reason="not on this machine: ../shared/real/sishui")


def renamed(file: str, pattern: str) -> gpd.GeoDataFrame:
    """The places of a file under invented names and codes, and nothing else of it."""
    real = gpd.read_file(SISHUI / file).sort_values("adcode", ignore_index=True)
    codes = COUNTY + real["adcode"].str[len(REAL_COUNTY) :]
    names = [pattern.format(number) for number in range(1, len(real) + 1)]
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=real.geometry, crs=real.crs)


def invented_figures(codes: pd.Series) -> pd.DataFrame:
    """Indicators that nobody ever reported."""
    rng = np.random.default_rng(831)
    years = []
    for year in YEARS:
        own = rng.integers(0, 90, len(codes)) * 1_000.0
        years.append(
            pd.DataFrame(
                {
                    "village_code": codes,
                    "year": year,
                    "households": rng.integers(80, 400, len(codes)),
                    "people": rng.integers(900, 1_800, len(codes)),
                    "party_members": rng.integers(20, 60, len(codes)),
                    "new_members_3y": rng.integers(0, 6, len(codes)),
                    "income_own_yuan": own,
                    "income_total_yuan": own + 1_000_000.0,
                    "satisfaction_ratio": rng.uniform(0.5, 0.95, len(codes)).round(3),
                }
            )
        )
    return pd.concat(years, ignore_index=True)


@pytest.fixture(scope="module")
def villages() -> gpd.GeoDataFrame:
    return renamed("villages_shift115m.geojson", "村{:03d}")


@pytest.fixture(scope="module")
def figures(villages: gpd.GeoDataFrame) -> pd.DataFrame:
    return invented_figures(villages["code"])


@pytest.fixture(scope="module")
def county(
    villages: gpd.GeoDataFrame, figures: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Store:
    """The renamed county with invented figures and five villages designated as weak."""
    folder = tmp_path_factory.mktemp("renamed")
    renamed("townships.geojson", "镇{:02d}").to_file(folder / "townships.geojson")
    villages.to_file(folder / "villages.geojson")
    figures.to_csv(folder / "indicators.csv", index=False)
    store = create_store(str(folder / "renamed.gpkg"))
    for layer, file in (("townships", "geojson"), ("villages", "geojson"), ("indicators", "csv")):
        assert bring(store, folder / f"{layer}.{file}", layer).written
    for code in villages["code"][:WEAK]:
        designate_village(
            store,
            SYSTEM,
            village_code=code,
            label=VillageLabel.WEAK,
            cause=WeakCause.PETITIONS,
            valid_from=DAY,
            reason="试验用，非真实认定",
            now=NOW,
        )
    return store


@pytest.fixture(scope="module")
def real_names() -> set[str]:
    files = ("villages_shift115m.geojson", "townships.geojson")
    found = pd.concat([gpd.read_file(SISHUI / file) for file in files])
    return {*found["name"], *found["_county_name"], *found["_township_name"]} - {""}


def test_labels_are_those_of_the_invented_figures(county: Store, figures: pd.DataFrame) -> None:
    last = figures[figures["year"] == YEARS[-1]]
    counts = label_counts(county, DEPARTMENT, as_of=DAY)
    whole = counts[counts["township_code"] == ""].set_index("label")["villages"]
    assert whole["poor"] == (last["income_own_yuan"] < 30_000).sum() > 100
    assert whole["hollow"] == (last["income_own_yuan"] == 0).sum() > 0
    assert whole["weak"] == WEAK


def test_a_profile_fits_on_two_sheets_and_shows_the_village_where_it_lies(
    county: Store, villages: gpd.GeoDataFrame, real_names: set[str]
) -> None:
    for row in villages.iloc[[0, len(villages) // 2, len(villages) - 1]].itertuples():
        profile = village_profile(county, DEPARTMENT, row.code, as_of=DAY)
        assert (profile.code, profile.name) == (row.code, row.name)
        assert shapely.equals(profile.map.village.geometry.iloc[0], row.geometry)
        assert not real_names & {str(value) for value in asdict(profile).values() if isinstance(value, str)}
        assert set(profile.map.neighbours["name"]) <= set(villages["name"])
        document = pypdfium2.PdfDocument(
            village_profile_pdf(profile, made_by="department", made_at=NOW, content_of=_no_picture)
        )
        assert len(document) == 2
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
        assert row.name in text
        assert [name for name in real_names if name in text] == []


def test_map_tiles_show_every_village_under_its_invented_name(
    county: Store, villages: gpd.GeoDataFrame, real_names: set[str]
) -> None:
    service = TileService(county)
    west, south, east, north = villages.total_bounds
    (left, low), (right, top) = project([[west, south], [east, north]])
    named: set[str] = set()
    for x, y in tiles_over(Bounds(left, low, right, top), 11):
        body = service.tile("villages", 11, x, y, actor=DEPARTMENT, as_of=DAY).body
        layers = mapbox_vector_tile.decode(gzip.decompress(body)) if body else {}
        for layer in layers.values():
            for feature in layer["features"]:
                named |= {str(value) for value in feature["properties"].values()}
    assert set(villages["code"]) <= named
    assert not named & real_names


def test_no_real_name_is_in_the_store(county: Store, real_names: set[str]) -> None:
    table = priority_table(county, DEPARTMENT, as_of=DAY)
    assert len(table) > 100
    assert table["code"].str.startswith(COUNTY).all()
    texts = {str(value) for column in table.columns.drop("geometry") for value in table[column]}
    assert not texts & real_names
    content = Path(str(county.path)).read_bytes()
    assert not [name for name in real_names if len(name) > 2 and name.encode() in content]


def _no_picture(code: str) -> bytes:
    raise AssertionError(f"nothing was uploaded: {code}")
