"""What the manifest says was planted is there, and nothing else of those kinds is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import shapely

from seeds.county import County, make_county
from seeds.size import Size
from tests.county import AS_OF
from tests.gap_census import census, planted_codes

KINDS = {
    "cell_unowned",
    "cell_contested",
    "household_unpaired",
    "household_unlocated",
    "household_misplaced",
    "land_uncovered",
    "cell_overlap",
    "village_unstaffed",
    "team_understaffed",
    "owner_overloaded",
    "owner_remote",
    "owner_inactive",
    "rectification_overdue",
    "chain_broken:department:area",
    "chain_broken:org_cadre:village",
    "chain_broken:org_cadre:branch",
    "chain_broken:sub_office:group",
}


@pytest.fixture(scope="module", params=[(24, 1_500, 7), (24, 1_500, 11), (90, 6_000, 3)], ids=str)
def county(request: pytest.FixtureRequest) -> County:
    villages, households, seed = request.param
    return make_county(Size.of(villages, households), seed)


@pytest.fixture(scope="module")
def counted(county: County) -> dict[str, set[str]]:
    return census(county.frames, county.designations, AS_OF, county.cases.on(AS_OF))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_exactly_what_was_planted(kind: str, county: County, counted: dict[str, set[str]]) -> None:
    planted = planted_codes(county.manifest["faults"])
    assert planted[kind]
    assert counted[kind] == planted[kind]


def test_manifest_names_every_kind_and_its_day(planted: list[dict[str, Any]], small_county: County) -> None:
    assert set(planted_codes(planted)) == KINDS
    assert all(note["count"] == len(note["codes"]) and note["cause"] for note in planted)
    assert small_county.manifest["as_of"] == AS_OF.isoformat()


def test_ground_faults_carry_their_shape(planted: list[dict[str, Any]]) -> None:
    for note in planted:
        if note["kind"] in ("land_uncovered", "cell_overlap"):
            shapes = [shapely.geometry.shape(shape) for shape in note["geometry"]]
            assert len(shapes) == note["count"]
            assert all(shape.area > 0 for shape in shapes)


def test_the_past_was_different(county_frames: dict[str, pd.DataFrame]) -> None:
    officers = county_frames["responsibilities"].query("kind == 'grid_officer'")
    days = [AS_OF.replace(year=2025, month=10), AS_OF]
    holders = [
        officers[
            [a <= day and (b is None or b > day) for a, b in officers[["valid_from", "valid_to"]].to_numpy()]
        ]
        for day in days
    ]
    before, now = (dict(zip(rows["target_code"], rows["holder_code"], strict=False)) for rows in holders)
    assert {cell for cell in before if now.get(cell) not in (None, before[cell])}
    assert set(before) - set(now)
