"""Coverage by township, village, holder and unit, from the store."""

import json

import pytest

from geo.answers.coverage import coverage, coverage_areas, coverage_by, coverage_table
from geo.errors import PermissionError_
from geo.operations.thresholds import set_threshold
from geo.store.models import Household
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import (
    COORDINATOR,
    DAY,
    DEPARTMENT,
    ELSEWHERE,
    LEADER,
    RECORDED,
    RESIDENT_OF_A,
    fill,
)


def _table(store, actor=DEPARTMENT, **asked):
    return coverage_table(store, actor, as_of=DAY, **asked).set_index("code")


def test_townships_and_villages(tiny_store):
    towns = _table(tiny_store, by="township")
    assert towns["name"].to_dict() == {TOWNSHIP: "安和镇"}
    villages = _table(tiny_store, by="village")
    assert villages["name"].to_dict() == {A: "甲村", B: "乙村"}
    assert villages["cells_owned"].tolist() == [1.0, 0.0]
    assert villages["cells_owned_of"].sum() == towns.loc[TOWNSHIP, "cells_owned_of"] == 3
    assert towns.loc[TOWNSHIP, "priority_villages_staffed"] == 0.5


def test_holders_have_the_ratios_of_their_villages(tiny_store):
    holders = _table(tiny_store, by="holder")
    assert holders["name"].to_dict() == {"c1": "张一", "u1": "农业局"}
    assert holders["cells_owned_of"].tolist() == [3, 3]
    units = _table(tiny_store, by="unit")
    assert units.index.tolist() == ["u1"]
    assert units.loc["u1", "households_paired_of"] == 4


def test_only_what_lies_in_the_scope_counts(tiny_store):
    assert _table(tiny_store, RESIDENT_OF_A, by="village").index.tolist() == [A]
    assert _table(tiny_store, RESIDENT_OF_A, by="holder")["cells_owned_of"].tolist() == [2, 2]
    assert _table(tiny_store, ELSEWHERE, by="township").empty
    assert _table(tiny_store, DEPARTMENT, by="village", within=B).index.tolist() == [B]
    for by in ("township", "village", "holder", "unit"):
        with pytest.raises(PermissionError_):
            coverage_table(tiny_store, ELSEWHERE, by=by, as_of=DAY, within=TOWNSHIP)


def test_the_document_by_groups(tiny_store):
    document = json.loads(json.dumps(coverage_by(tiny_store, COORDINATOR, by="village", as_of=DAY)))
    whole = coverage(tiny_store, COORDINATOR, as_of=DAY)
    assert document["ratios"] == whole["ratios"]
    assert document["by"] == "village"
    groups = {group["code"]: {row["name"]: row for row in group["ratios"]} for group in document["groups"]}
    assert groups[A]["cells_owned"]["ratio"] == 1
    assert groups[A]["cells_owned_live"]["ratio"] is None
    own = coverage(tiny_store, DEPARTMENT, as_of=DAY, within=A)["ratios"]
    assert document["groups"][0]["ratios"] == own


def test_what_was_not_known_yet_does_not_count(tiny_store):
    before = RECORDED.replace(day=1)
    assert coverage_table(tiny_store, LEADER, by="holder", as_of=DAY, known_at=before).empty
    assert _table(tiny_store, by="village", known_at=before)["cells_owned"].tolist() == [0, 0]


def test_outlines_of_what_has_one(tiny_store):
    areas = coverage_areas(tiny_store, LEADER, by="village", as_of=DAY)
    assert areas.crs.to_epsg() == 4490
    assert areas.geometry.notna().all()
    assert coverage_areas(tiny_store, LEADER, by="holder", as_of=DAY).geometry.isna().all()


def test_the_rule_on_who_must_be_paired(store):
    fill(store)
    with store.write() as session:
        session.query(Household).filter(Household.code.in_(["h1", "h2"])).update({"hardship": True})
    assert _table(store, by="village")["households_paired_of"].tolist() == [2, 2]
    set_threshold(
        store, DEPARTMENT, "pairing_hardship_only", 1, valid_from=DAY, reason="只包困难户", now=RECORDED
    )
    after = _table(store, by="village")
    assert after["households_paired_of"].tolist() == [2, 0]
    assert after["households_paired_n"].tolist() == [1, 0]
    assert after["households_paired"].tolist() == [0.5, None]
    assert after["households_in_owned_cells_of"].tolist() == [2, 2]
