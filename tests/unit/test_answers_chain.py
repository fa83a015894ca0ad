"""The matrix of village and level, from the store."""

import json

import pytest

from geo.access import Actor
from geo.answers.chain import TABLE_COLUMNS, chain_document, chain_table
from geo.answers.who import who
from geo.errors import PermissionError_
from geo.operations.thresholds import set_threshold
from geo.store.models import Household
from geo.vocabulary import Role
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import DAY, DEPARTMENT, ELSEWHERE, HELD, LEADER, RECORDED, RESIDENT_OF_A, fill

HOMES = ("h1", "h2", "h3", "h4")


def _rows(store, actor=DEPARTMENT, **asked):
    return chain_table(store, actor, as_of=DAY, **asked).set_index("code")


def _whole(store, actor=DEPARTMENT):
    """Households without a missing level, asked one by one."""
    return {code for code in HOMES if who(store, actor, code, as_of=DAY)["first_missing"] is None}


def test_every_village_with_its_levels(tiny_store):
    rows = _rows(tiny_store)
    assert rows.reset_index().columns.tolist() == TABLE_COLUMNS
    assert rows.loc[A, ["name", "township_name"]].tolist() == ["甲村", "安和镇"]
    assert rows["county_leader"].tolist() == ["held", "held"]
    assert rows.loc[A, ["county_leader_covered", "county_leader_of"]].tolist() == [1, 1]
    assert rows["sub_office"].tolist() == ["held", "not_applicable"]
    assert rows[["staff_covered", "staff_of"]].to_numpy().tolist() == [[1, 2], [1, 2]]
    assert rows["first_missing"].tolist() == ["staff", "staff"]


def test_whole_households_are_those_that_are_whole_one_by_one(tiny_store):
    rows = _rows(tiny_store)
    assert rows["households"].tolist() == [2, 2]
    assert rows["households_whole"].tolist() == [1, 1]
    assert _whole(tiny_store) == {"h1", "h3"}


@pytest.mark.parametrize(
    ("without", "whole", "level"),
    [
        ("county_leader", [0, 0], "county_leader"),
        ("department", [0, 0], "department"),
        ("sub_office", [0, 1], "sub_office"),
        ("org_cadre", [0, 0], "org_cadre"),
        ("staff", [0, 0], "staff"),
    ],
)
def test_a_missing_level_breaks_the_households_below(store, without, whole, level):
    fill(store, held=[row for row in HELD if row[0] != without])
    rows = _rows(store)
    assert rows["households_whole"].tolist() == whole
    assert rows.loc[A, "first_missing"] == level
    assert len(_whole(store)) == sum(whole)


def test_a_household_outside_its_villages_groups_is_not_whole(store):
    fill(store)
    with store.write() as session:
        session.query(Household).filter_by(code="h1").one().group_code = None
    assert _rows(store)["households_whole"].tolist() == [0, 1]
    assert _whole(store) == {"h3"}


def test_who_need_not_be_paired_lacks_no_staff(store):
    fill(store)
    with store.write() as session:
        session.query(Household).filter_by(code="h2").one().hardship = True
    set_threshold(
        store, DEPARTMENT, "pairing_hardship_only", 1, valid_from=DAY, reason="只包困难户", now=RECORDED
    )
    rows = _rows(store)
    assert rows["households_whole"].tolist() == [1, 2]
    assert rows["staff"].tolist() == ["missing", "not_applicable"]
    assert rows["first_missing"].tolist() == ["staff", None]
    assert _whole(store) == {"h1", "h3", "h4"}


def test_the_chain_does_not_tell_leaders_who_is_in_hardship(store):
    fill(store)
    with store.write() as session:
        session.query(Household).filter_by(code="h2").one().hardship = True
    set_threshold(
        store, DEPARTMENT, "pairing_hardship_only", 1, valid_from=DAY, reason="只包困难户", now=RECORDED
    )
    staff = [who(store, LEADER, code, as_of=DAY)["chain"][-1]["state"] for code in ("h2", "h4")]
    assert staff == ["not_applicable", "not_applicable"]


def test_the_document(tiny_store):
    document = json.loads(json.dumps(chain_document(tiny_store, LEADER, as_of=DAY)))
    assert document["as_of"] == DAY.isoformat()
    a = document["villages"][0]
    assert (a["code"], a["households_whole"], a["first_missing"]) == (A, 1, "staff")
    assert a["levels"][0]["kind"] == "county_leader"
    assert a["levels"][-1] == {"kind": "staff", "state": "missing", "covered": 1, "of": 2}


def test_the_scope(tiny_store):
    assert _rows(tiny_store, RESIDENT_OF_A).index.tolist() == [A]
    assert _rows(tiny_store, township=B).index.tolist() == [B]
    assert chain_table(tiny_store, ELSEWHERE, as_of=DAY).empty
    nobody = Actor("nobody", Role.RESIDENT_CADRE, frozenset({A}))
    with pytest.raises(PermissionError_):
        chain_table(tiny_store, nobody, as_of=DAY, township=B)
    with pytest.raises(PermissionError_):
        chain_table(tiny_store, ELSEWHERE, as_of=DAY, township=TOWNSHIP)
