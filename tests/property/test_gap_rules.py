"""Every gap rule finds what the slow reference finds, on small counties of all kinds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import GAP_COLUMNS, GAP_KEY, GAP_RULES
from geo.crs import STORED_CRS
from geo.rules import Rules
from geo.rules.gap_kinds import WHO, gap_kinds
from seeds.county import County
from tests.county import AS_OF
from tests.evidence import evidence_of
from tests.gap_reference import Found, Key, in_metres, reference_gaps
from tests.small_counties import DAY, RULE_SETS, STARTS, SmallCounty, small_counties

FIXED = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
rule_names = st.sampled_from(sorted(RULE_SETS))
ROUNDED = {"land_uncovered": 1.0, "cell_overlap": 1.0, "household_misplaced": 0.06, "owner_remote": 0.06}
"""How far a measured value may be off; numbers of things are exact."""
BY_THE_RECORDS = {*gap_kinds()} - {
    "land_uncovered",
    "cell_overlap",
    "household_misplaced",
    "household_unlocated",
}


def by_key(gaps: gpd.GeoDataFrame) -> dict[Key, dict[str, Any]]:
    rows = {tuple(row[name] for name in GAP_KEY): row for row in gaps.to_dict("records")}
    assert len(rows) == len(gaps), "two gaps with one key"
    return rows


def check(gaps: gpd.GeoDataFrame, evidence: Evidence, rules: Rules) -> None:
    """All that is said of every gap, against the reference."""
    found, wanted = by_key(gaps), reference_gaps(evidence, rules)
    assert sorted(found) == sorted(wanted)
    names = {*evidence.townships["code"]}, {*evidence.villages["code"]}
    for key, row in found.items():
        _check_measure(key, row, wanted[key])
        _check_text(key, row)
        _check_place(key, row, wanted[key], *names)


def _check_measure(key: Key, row: dict[str, Any], wanted: Found) -> None:
    assert row["target_kind"] == wanted.target_kind, key
    assert row["since"] == wanted.since, key
    assert row["needs"] == wanted.needs, key
    for name, value in (("value", wanted.value), ("threshold", wanted.threshold)):
        if value is None:
            assert row[name] is None, (key, name)
        else:
            assert row[name] == pytest.approx(value, abs=ROUNDED.get(key[0], 0)), (key, name)


def _check_text(key: Key, row: dict[str, Any]) -> None:
    assert row["source"], key
    assert row["who_kind"] in WHO, key
    assert (row["who_code"] == "") == (row["who_kind"] == "department"), key
    assert row["why"].endswith("。"), key
    for nothing in ("None", "nan", "NaT", "<NA>", "{", "}"):
        assert nothing not in row["why"], key
    assert (row["unit"] is None) == (row["value"] is None), key


def _check_place(
    key: Key, row: dict[str, Any], wanted: Found, townships: set[str], villages: set[str]
) -> None:
    assert row["village_code"] is None or row["village_code"] in villages, key
    assert row["township_code"] is None or row["township_code"] in townships, key
    if row["village_code"] is not None:
        assert row["township_code"] == row["village_code"][:9], key
    shape, expected = row["geometry"], wanted.shape
    if key[0] == "chain_broken" or (expected is None and key[0].startswith("owner_")):
        return  # shown somewhere in the village of what it is about
    if expected is None:
        assert shape is None, key
        return
    drawn = in_metres(shape)
    if key[0] in ("land_uncovered", "cell_overlap"):
        # What is told is where it is, with or without the margin that is not measured.
        assert drawn.difference(expected.buffer(1.1)).area < 1, key
        assert expected.difference(drawn.buffer(0.01)).area < 1, key
    else:
        assert shapely.hausdorff_distance(drawn, expected) < 0.01, key


def test_every_kind_has_a_rule() -> None:
    assert set(GAP_RULES) == set(gap_kinds())


@settings(FIXED, max_examples=45)
@given(small_counties(), rule_names, st.one_of(st.just(DAY), st.sampled_from(STARTS)))
def test_the_rules_find_what_the_reference_finds(county: SmallCounty, named: str, day: date) -> None:
    evidence, rules = county.evidence(day), RULE_SETS[named]
    gaps = find_gaps(evidence, rules)
    assert list(gaps.columns) == [*GAP_COLUMNS, "geometry"]
    assert gaps.crs == STORED_CRS
    assert list(gaps.index) == list(range(len(gaps)))
    check(gaps, evidence, rules)


def test_the_rules_find_what_the_reference_finds_in_a_made_up_county(small_county: County) -> None:
    evidence = evidence_of(small_county, AS_OF)
    for rules in RULE_SETS.values():
        check(find_gaps(evidence, rules), evidence, rules)


def _of_records_on(evidence: Evidence, day: date, rules: Rules) -> set[Key]:
    """Gaps in who holds what, had the county always been as it is but for responsibilities and labels."""
    begun = np.array([since is None or since <= day for since in evidence.labels["since"]], dtype=bool)
    then = replace(evidence, as_of=day, labels=evidence.labels[begun].reset_index(drop=True))
    return set(by_key(find_gaps(then, rules, kinds=BY_THE_RECORDS)))


@settings(FIXED, max_examples=3)
@given(small_counties(), rule_names)
def test_a_gap_is_one_since_its_first_day_and_none_on_the_day_before(county: SmallCounty, named: str) -> None:
    evidence, rules = county.evidence(), RULE_SETS[named]
    never = evidence.lineage.iloc[:0]
    evidence = replace(evidence, cells=evidence.cells.assign(valid_from=None), lineage=never)
    begun: dict[date, set[Key]] = {}
    for key, row in by_key(find_gaps(evidence, rules, kinds=BY_THE_RECORDS)).items():
        if row["since"] is not None:
            begun.setdefault(row["since"], set()).add(key)
    for day, keys in begun.items():
        assert keys <= _of_records_on(evidence, day, rules)
        assert not keys & _of_records_on(evidence, day - timedelta(days=1), rules)


@settings(FIXED, max_examples=6)
@given(small_counties(), small_counties(), st.sampled_from(STARTS), rule_names, st.booleans())
def test_what_is_brought_up_to_date_is_what_is_found_anew(
    county: SmallCounty, other: SmallCounty, day: date, named: str, same: bool
) -> None:
    before, after = county.evidence(), (county if same else other).evidence(day)
    rules = RULE_SETS[named]
    updated = updated_gaps(find_gaps(before, rules), before, after, rules)
    assert_geodataframe_equal(updated, find_gaps(after, rules))
