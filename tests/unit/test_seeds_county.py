"""The made-up county looks like a real one, keeps the sources' figures, and is the same every time."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.codes import township_of, village_of
from geo.exchange.check import has_national_id
from geo.frames import LAYERS
from seeds.county import County, make_county
from seeds.settlement import households_per_village
from seeds.size import Size
from tests.county import AS_OF, HOUSEHOLDS, SEED, VILLAGES
from tests.gap_census import current

METRIC = 4547
SAMPLE = Size.of()


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(Size.of(120, 9_000), 5)


@pytest.fixture(scope="module")
def villages(county: County) -> gpd.GeoDataFrame:
    return county.frames["villages"].to_crs(METRIC)


def test_villages_are_as_large_as_real_ones(villages: gpd.GeoDataFrame) -> None:
    area_km2 = villages.area / 1e6
    assert 0.8 <= area_km2.median() <= 1.7
    assert 0.5 <= np.log(area_km2).std() <= 0.9


def test_villages_are_as_ragged_as_real_ones(villages: gpd.GeoDataFrame) -> None:
    compactness = 4 * np.pi * villages.area / villages.length**2
    assert 0.27 <= compactness.median() <= 0.43
    assert 42 <= np.median(shapely.get_num_coordinates(villages.geometry.to_numpy())) <= 172


def test_villages_have_as_many_neighbours_as_real_ones(villages: gpd.GeoDataFrame) -> None:
    shapes = villages.geometry.to_numpy()
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (pairs.shape[1] - len(shapes)) / len(shapes) == pytest.approx(5.6, abs=0.4)


@pytest.mark.parametrize("name", ["townships", "villages"])
def test_ground_is_a_valid_coverage_of_single_polygons(name: str, county: County) -> None:
    shapes = county.frames[name].geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_num_geometries(shapes) == 1).all()
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize("seed", [1, 7, 8, 9])
def test_no_village_of_a_small_county_runs_out_of_the_plane(seed: int) -> None:
    west, south, east, north = make_county(Size.of(24, 1500), seed).frames["villages"].total_bounds
    assert east - west < 0.2
    assert north - south < 0.2


def test_levels_share_their_borders(county: County) -> None:
    frames = county.frames
    union = shapely.coverage_union_all(frames["villages"].geometry.to_numpy())
    assert union.equals(shapely.coverage_union_all(frames["townships"].geometry.to_numpy()))
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0


def test_untouched_cells_tile_their_village_exactly(county: County) -> None:
    cells, villages = county.frames["cells"], county.frames["villages"].set_index("code").geometry
    faulty = {
        village_of(code)
        for note in county.manifest["faults"]
        if note["kind"] in ("land_uncovered", "cell_overlap")
        for code in note["codes"]
    }
    for village, some in cells[~cells["village_code"].isin(faulty)].groupby("village_code"):
        shapes = some.geometry.to_numpy()
        assert shapely.coverage_is_valid(shapes)
        assert shapely.coverage_union_all(shapes).equals(villages[village])


def test_settlements_are_clusters_not_scatter(county: County) -> None:
    """Half of the households have ten others within 80 m; scattered evenly, hardly any would have."""
    points = shapely.get_coordinates(county.frames["households"].to_crs(METRIC).geometry.dropna().to_numpy())
    tree = shapely.STRtree(shapely.points(points))
    pairs = tree.query(shapely.points(points), predicate="dwithin", distance=80.0)
    near = np.bincount(pairs[0], minlength=len(points)) - 1
    assert np.median(near) >= 10


def test_households_stand_near_a_road_or_the_river(county: County) -> None:
    ways = shapely.union_all([*county.roads.to_crs(METRIC).geometry, *county.river.to_crs(METRIC).geometry])
    shapely.prepare(ways)
    points = county.frames["households"].to_crs(METRIC).geometry.dropna().to_numpy()
    assert np.mean(shapely.dwithin(points, ways, 250.0)) > 0.75


def test_cell_codes_run_in_reading_order_without_a_gap(county: County) -> None:
    numbers = county.frames["cells"]["code"].str[12:].astype(int)
    by_village = numbers.groupby(county.frames["cells"]["village_code"])
    assert (by_village.max() == by_village.size()).all()
    assert county.frames["cells"]["code"].is_unique


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_frames_keep_their_contract(name: str, county: County) -> None:
    frame, layer = county.frames[name], LAYERS[name]
    assert list(frame.columns) == [*layer.column_names, *(["geometry"] if layer.geometry else [])]
    assert len(frame)
    assert not frame[list(layer.key)].isna().any(axis=None)
    assert not frame.duplicated(list(layer.key)).any()


def test_calibration(county: County) -> None:
    frames = county.frames
    assert len(frames["villages"]) == 120
    assert len(frames["households"]) == 9_000
    figures = frames["indicators"]
    last = figures[figures["year"] == 2025]
    assert (last["income_own_yuan"] < 30_000).sum() == round(0.4457 * 120)
    assert (last["income_own_yuan"] == 0).any()
    assert (last["income_total_yuan"] >= 1e8).any()
    assert (last["income_total_yuan"] >= last["income_own_yuan"]).all()
    assert frames["households"]["people"].mean() == pytest.approx(400 / 120, rel=0.02)
    assert frames["households"]["hardship"].sum() == round(9_000 * 3237 / 120_000)


def test_teams_follow_the_rule(county: County) -> None:
    held = current(county.frames["responsibilities"], AS_OF)
    residents = held[held["kind"] == "resident_cadre"].groupby("target_code").size()
    figures = county.frames["indicators"]
    poor = figures.loc[(figures["year"] == 2025) & (figures["income_own_yuan"] < 30_000), "village_code"]
    odd = {
        code
        for note in county.manifest["faults"]
        if note["kind"] in ("village_unstaffed", "team_understaffed", "owner_inactive")
        for code in note.get("villages", note["codes"])
    }
    rest = residents[~residents.index.isin(odd)]
    assert (rest[rest.index.isin(poor)] == 3).all()
    assert (rest[~rest.index.isin(poor)] == 1).all()
    levels = county.frames["cadres"].set_index("code")["level"]
    sent = levels[held.loc[held["kind"] == "resident_cadre", "holder_code"]].value_counts(normalize=True)
    assert sent["township"] == pytest.approx(3402 / 5109, abs=0.06)
    assert sent["county"] == pytest.approx(1365 / 5109, abs=0.06)


def test_responsibilities_refer_to_what_is_there(county: County) -> None:
    frames = county.frames
    codes = {code for name, layer in LAYERS.items() if layer.entity for code in frames[name]["code"]}
    assert set(frames["responsibilities"]["holder_code"]) <= codes
    assert set(frames["responsibilities"]["target_code"]) <= codes


def test_names_repeat_in_no_township_and_nobody_has_an_identity_number(county: County) -> None:
    villages = county.frames["villages"]
    assert not villages.duplicated(["township_code", "name"]).any()
    assert (villages["code"].map(township_of) == villages["township_code"]).all()
    texts = pd.concat([county.frames["households"]["phone"], county.frames["cadres"]["phone"]])
    assert texts.str.fullmatch(r"100\d{8}").all()
    assert not texts.map(has_national_id).any()


def test_the_same_seed_makes_the_same_county(small_county: County) -> None:
    again = make_county(Size.of(VILLAGES, HOUSEHOLDS), SEED)
    for name, frame in small_county.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])
    assert again.manifest == small_county.manifest
    pd.testing.assert_frame_equal(again.designations, small_county.designations)


def test_another_seed_makes_another_county(small_county: County) -> None:
    other = make_county(Size.of(VILLAGES, HOUSEHOLDS), SEED + 1)
    assert not other.frames["villages"].geometry.equals(small_county.frames["villages"].geometry)


def test_sizes() -> None:
    assert (SAMPLE.villages, SAMPLE.townships, SAMPLE.cells, SAMPLE.households) == (880, 16, 3_300, 120_000)
    city = Size.of(2_060, 1_200_000)
    assert city.townships == 109
    assert city.cells == pytest.approx(12_000, rel=0.01)
    assert round(city.residents_per_village * city.villages) == 5_109
    with pytest.raises(ValueError, match="villages"):
        Size.of(3, 1_000)


def test_a_county_as_small_as_can_be_gives_every_village_the_least():
    counts = households_per_village(
        np.full(12, 30.0), np.zeros(12, dtype=bool), np.ones(12, dtype=int), 96, np.random.default_rng(SEED)
    )
    assert counts.tolist() == [8] * 12
