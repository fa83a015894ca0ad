"""The sample county's committed files: the sources' figures at full size, and exactly the planted faults."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.analysis.gaps.engine import find_gaps
from geo.analysis.gaps.evidence import CASE_COLUMNS
from geo.crs import STORED_CRS
from geo.exchange.columns import SHORT_NAMES
from geo.exchange.values import day_of
from geo.frames import LAYERS, Layer, conform
from geo.rules import load_rules
from seeds.cases import Cases
from seeds.load import SAMPLE_FILES
from seeds.write import CASES, CORRECTIONS, DESIGNATIONS, FILES, MANIFEST
from seeds.years import corrected
from tests.county import AS_OF
from tests.evidence import evidence_from
from tests.gap_census import METRIC, by_kind, census, current, planted_codes

pytestmark = pytest.mark.slow


def read_layer(layer: Layer, folder: Path) -> pd.DataFrame:
    """A file as the sample brings it, by the layer's contract."""
    path = folder / FILES[layer.name]
    if layer.geometry:
        frame = gpd.read_file(path).rename(columns={short: name for name, short in SHORT_NAMES.items()})
        frame = frame.to_crs(STORED_CRS)
    else:
        labels = {column.label: column.name for column in layer.columns}
        frame = pd.read_csv(path, dtype=str).rename(columns=labels)
    for column in layer.columns:
        if column.kind == "flag":
            frame[column.name] = frame[column.name].isin(["是", 1])
        elif column.kind in ("integer", "year", "number"):
            frame[column.name] = pd.to_numeric(frame[column.name])
        elif column.kind == "date" and column.name in frame.columns:
            frame[column.name] = _days(frame[column.name])
    if "截止日期" in frame.columns:
        last = _days(frame["截止日期"])
        frame["valid_to"] = last.map(lambda day: day + timedelta(days=1), na_action="ignore")
    return conform(frame, layer)


def _days(texts: pd.Series) -> pd.Series:
    days = texts.astype(object).map(day_of, na_action="ignore")
    return days.where(texts.notna(), None)


def read_cases(folder: Path) -> Cases:
    """The sample's rectifications as their files have them."""
    tables = {name: pd.read_csv(folder / file, dtype=str).astype(object) for name, file in CASES.items()}
    for table in tables.values():
        for name in table.columns.intersection(
            ["listed_on", "due_on", "starts_on", "done_on", "on", "taken_on"]
        ):
            table[name] = table[name].map(date.fromisoformat, na_action="ignore")
    return Cases(**{name: table.where(table.notna(), None) for name, table in tables.items()})


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return {name: read_layer(layer, SAMPLE_FILES) for name, layer in LAYERS.items()}


@pytest.fixture(scope="module")
def designations() -> pd.DataFrame:
    return pd.read_csv(SAMPLE_FILES / DESIGNATIONS, dtype=str)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads((SAMPLE_FILES / MANIFEST).read_text(encoding="utf-8"))


def test_files_are_small_enough_to_travel() -> None:
    sizes = [path.stat().st_size for path in SAMPLE_FILES.rglob("*") if path.is_file()]
    assert sum(sizes) <= 12_000_000


def test_counts_of_the_sources(frames: dict[str, pd.DataFrame]) -> None:
    assert len(frames["villages"]) == 880
    assert len(frames["townships"]) == 16
    assert len(frames["cells"]) == pytest.approx(3_300, rel=0.03)
    assert len(frames["households"]) == 120_000
    assert frames["households"]["people"].sum() == pytest.approx(400_000, rel=0.01)
    assert frames["households"]["hardship"].sum() == 3_237
    assert frames["branches"]["village_code"].isna().sum() == 481
    assert (frames["villages"]["kind"] == "community").sum() == pytest.approx(44, abs=4)


def test_villages_look_like_villages(frames: dict[str, pd.DataFrame]) -> None:
    villages = frames["villages"].to_crs(METRIC)
    shapes = villages.geometry.to_numpy()
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert 0.8 <= np.median(shapely.area(shapes)) / 1e6 <= 1.7
    assert 0.5 <= np.log(shapely.area(shapes)).std() <= 0.9
    assert 0.27 <= np.median(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2) <= 0.43
    assert 42 <= np.median(shapely.get_num_coordinates(shapes)) <= 172
    assert (pairs.shape[1] - len(shapes)) / len(shapes) == pytest.approx(5.6, abs=0.25)


@pytest.mark.parametrize("name", ["townships", "villages"])
def test_ground_is_a_valid_coverage(name: str, frames: dict[str, pd.DataFrame]) -> None:
    shapes = frames[name].geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_poor_and_weak_villages_as_the_sources_say(
    frames: dict[str, pd.DataFrame], designations: pd.DataFrame
) -> None:
    figures = frames["indicators"]
    assert sorted(figures["year"].unique()) == [2022, 2023, 2024, 2025]
    standing = corrected(figures, pd.read_csv(SAMPLE_FILES / CORRECTIONS, dtype={"village_code": str}))
    last = standing.loc[standing["year"] == 2025, "income_own_yuan"].dropna()
    assert len(last) == 875
    assert round(100 * (last < 30_000).mean(), 2) == 44.57
    weak = designations[(designations["label"] == "weak") & designations["valid_to"].isna()]
    assert weak["village_code"].nunique() == 68
    assert weak["cause"].nunique() == 4
    assert (designations["label"] == "election_priority").any()


def test_resident_cadres_by_the_rule(frames: dict[str, pd.DataFrame]) -> None:
    held = current(frames["responsibilities"], AS_OF)
    assert (held["kind"] == "resident_cadre").sum() == pytest.approx(1_660, abs=30)
    assert held.loc[held["kind"] == "staff", "holder_code"].nunique() == pytest.approx(5_000, rel=0.05)
    share = held[held["kind"] == "grid_officer"]["holder_code"].value_counts()
    assert share.between(1, 4).all()


def test_exactly_the_planted_faults(
    frames: dict[str, pd.DataFrame], designations: pd.DataFrame, manifest: dict[str, Any]
) -> None:
    planted = planted_codes(manifest["faults"])
    cases = read_cases(SAMPLE_FILES).on(AS_OF)[CASE_COLUMNS]
    gaps = find_gaps(evidence_from(frames, designations, AS_OF, rectifications=cases), load_rules(AS_OF))
    columns = (gaps[name] for name in ("kind", "target_code", "aspect", "target_kind"))
    for counted in (census(frames, designations, AS_OF, cases), by_kind(zip(*columns, strict=True))):
        wrong = {kind: len(counted[kind] ^ planted.get(kind, set())) for kind in counted}
        assert {kind: count for kind, count in wrong.items() if count} == {}
        assert set(counted) == set(planted)
