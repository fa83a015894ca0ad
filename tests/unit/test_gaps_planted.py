"""Every fault planted in a made-up county is found as a gap, and nothing else is."""

from __future__ import annotations

import geopandas as gpd
import pytest

from geo.analysis.gaps.engine import find_gaps
from geo.rules import load_rules
from geo.rules.gap_kinds import gap_kinds
from geo.rules.units import UNITS
from seeds.county import County, make_county
from seeds.size import Size
from tests.county import AS_OF, HOUSEHOLDS, SEED, VILLAGES
from tests.evidence import evidence_of

OTHER_SEED = 11


@pytest.fixture(scope="module", params=[SEED, OTHER_SEED])
def county(request: pytest.FixtureRequest, small_county: County) -> County:
    if request.param == SEED:
        return small_county
    return make_county(Size.of(VILLAGES, HOUSEHOLDS), request.param)


@pytest.fixture(scope="module")
def gaps(county: County) -> gpd.GeoDataFrame:
    return find_gaps(evidence_of(county, AS_OF), load_rules(AS_OF))


@pytest.mark.parametrize("kind", gap_kinds())
def test_exactly_what_was_planted(kind: str, county: County, gaps: gpd.GeoDataFrame) -> None:
    notes = [note for note in county.manifest["faults"] if note["kind"] == kind]
    planted = [(note.get("level"), note.get("target"), code) for note in notes for code in note["codes"]]
    mine = gaps[gaps["kind"] == kind]
    if kind != "chain_broken":
        assert set(mine["target_code"]) == {code for _level, _target, code in planted}
    else:
        found = zip(mine["aspect"], mine["target_kind"], mine["target_code"], strict=True)
        assert sorted(found) == sorted(planted)


def test_pairs_that_overlap(county: County, gaps: gpd.GeoDataFrame) -> None:
    pairs = [note["pairs"] for note in county.manifest["faults"] if note["kind"] == "cell_overlap"]
    mine = gaps[gaps["kind"] == "cell_overlap"]
    found = zip(mine["target_code"], mine["aspect"], strict=True)
    assert {tuple(pair) for some in pairs for pair in some} == set(found)


def test_every_gap_says_where_why_and_who(gaps: gpd.GeoDataFrame) -> None:
    said = gaps[["target_kind", "target_code", "source", "who_kind", "who_code", "why"]]
    assert not said.isna().any(axis=None)
    nowhere = gaps[gaps["township_code"].isna()]  # branches of offices and firms, which are the county's
    assert set(zip(nowhere["kind"], nowhere["target_kind"], nowhere["who_kind"], strict=True)) <= {
        ("rectification_overdue", "branch", "department")
    }
    assert set(gaps["unit"].dropna()) <= set(UNITS)
    assert gaps["why"].str.endswith("。").all()
    assert not gaps.duplicated(["kind", "target_code", "aspect"]).any()
    without_place = gaps[gaps.geometry.isna()]
    by_kind = {"household_unlocated", "household_unpaired", "chain_broken"}
    assert set(without_place.drop(nowhere.index)["kind"]) <= by_kind
