"""Status, coverage, villages and who: the documents of design §4."""

import json
from datetime import date, timedelta

import pytest

from geo.answers.clock import default_as_of
from geo.answers.coverage import coverage
from geo.answers.search import search
from geo.answers.status import status
from geo.answers.villages import village_table, villages
from geo.answers.who import who
from geo.errors import CodeError, InputError, PermissionError_
from geo.store.queries import put_setting
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, B
from tests.answers_store import (
    COORDINATOR,
    DAY,
    DEPARTMENT,
    ELSEWHERE,
    HELD,
    LEADER,
    RECORDED,
    RESIDENT_OF_A,
)


def _ratios(document):
    return {row["name"]: row for row in document["ratios"]}


def _over(document):
    return {(row["kind"], row["holder_code"], row["target_code"]) for row in document["responsibilities"]}


def test_status_counts_what_there_is(tiny_store):
    document = status(tiny_store)
    assert document["counts"]["households"] == 4
    assert document["counts"]["responsibilities"] == len(HELD)
    assert {"store", "schema", "data_version"} <= set(document)
    assert document["county"] == "990101"
    json.dumps(document)


def test_coverage_of_the_county(tiny_store):
    ratios = _ratios(json.loads(json.dumps(coverage(tiny_store, DEPARTMENT, as_of=DAY))))
    assert (ratios["cells_owned"]["numerator"], ratios["cells_owned"]["denominator"]) == (2, 3)
    assert ratios["households_paired"]["ratio"] == 0.5
    assert ratios["households_in_owned_cells"]["numerator"] == 2
    assert ratios["priority_villages_staffed"]["ratio"] == 0.5
    assert ratios["land_in_owned_cells"]["ratio"] == pytest.approx(2 / 3, abs=1e-3)
    assert ratios["cells_owned_live"]["ratio"] is None


def test_coverage_is_taken_from_the_scope(tiny_store):
    own = _ratios(coverage(tiny_store, RESIDENT_OF_A, as_of=DAY))
    assert own["cells_owned"]["ratio"] == 1
    assert own["households_paired"]["denominator"] == 2
    assert _ratios(coverage(tiny_store, DEPARTMENT, as_of=DAY, within=A)) == own
    nothing = _ratios(coverage(tiny_store, ELSEWHERE, as_of=DAY))
    assert nothing["cells_owned"]["denominator"] == 0
    with pytest.raises(PermissionError_):
        coverage(tiny_store, RESIDENT_OF_A, as_of=DAY, within=B)


def test_coverage_as_it_was_known_before_anything_was_recorded(tiny_store):
    before = coverage(tiny_store, LEADER, as_of=DAY, known_at=RECORDED - timedelta(seconds=1))
    assert _ratios(before)["cells_owned"]["numerator"] == 0
    assert _ratios(before)["cells_owned"]["denominator"] == 3
    assert _ratios(before)["priority_villages_staffed"]["ratio"] is None


def test_coverage_before_the_first_day(tiny_store):
    assert _ratios(coverage(tiny_store, LEADER, as_of=date(2025, 12, 31)))["cells_owned"]["numerator"] == 0
    assert _ratios(coverage(tiny_store, LEADER, as_of=date(2026, 1, 1)))["cells_owned"]["numerator"] == 2


def test_villages_with_their_labels(tiny_store):
    document = json.loads(json.dumps(villages(tiny_store, DEPARTMENT, as_of=DAY)))
    labels = {village["code"]: village["labels"] for village in document["villages"]}
    assert [row["label"] for row in labels[A]] == ["weak", "old_revolutionary"]
    assert labels[B] == [
        {
            "label": "poor",
            "since": "2026-01-01",
            "value": 21_000,
            "threshold": 30_000,
            "reason": "2025 年不含补助的集体收入 21,000 元，低于 30,000 元。",
            "year": 2025,
            "source": "S1, S2",
            "cause": None,
            "document_no": None,
            "decided_by": None,
        }
    ]


def test_villages_of_one_label_and_of_ones_scope(tiny_store):
    poor = villages(tiny_store, DEPARTMENT, as_of=DAY, label="poor")
    assert [village["code"] for village in poor["villages"]] == [B]
    own = villages(tiny_store, RESIDENT_OF_A, as_of=DAY)
    assert [village["code"] for village in own["villages"]] == [A]
    with pytest.raises(InputError, match="rich"):
        villages(tiny_store, DEPARTMENT, as_of=DAY, label="rich")


def test_the_village_table(tiny_store):
    table = village_table(tiny_store, COORDINATOR, as_of=DAY).set_index("code")
    a, b = table.loc[A], table.loc[B]
    assert (a["cells"], a["cells_unowned"], a["cells_contested"]) == (2, 0, 1)
    assert (b["cells"], b["cells_unowned"]) == (1, 1)
    assert (a["households"], a["households_paired"]) == (2, 1)
    assert (a["residents"], a["resident_names"], a["staffed"]) == (1, "王三", True)
    assert (b["residents"], b["resident_names"], b["staffed"]) == (0, "", False)
    assert (a["labels"], b["labels"]) == ("weak;old_revolutionary", "poor")
    assert (b["income_own_yuan"], b["year"], b["poor"], a["poor"]) == (21_000, 2025, True, False)
    assert (a["first_missing"], b["first_missing"]) == ("staff", "staff")
    assert a["township_name"] == "安和镇"
    assert village_table(tiny_store, ELSEWHERE, as_of=DAY).empty
    with pytest.raises(PermissionError_):
        village_table(tiny_store, ELSEWHERE, as_of=DAY, township=TOWNSHIP)


def test_who_answers_for_a_household(tiny_store):
    document = json.loads(json.dumps(who(tiny_store, DEPARTMENT, "h2", as_of=DAY)))
    assert _over(document) == {row for row in HELD if row[2] in (TOWNSHIP, "ar1", f"{A}01", "br-a", A, A2)}
    assert document["target_kind"] == "household"
    assert document["first_missing"] == "staff"
    assert [level["state"] for level in document["chain"]] == ["held"] * 4 + ["missing"]
    assert "张三丰" not in json.dumps(document, ensure_ascii=False)
    first = document["responsibilities"][0]
    assert first["recorded_at"].startswith("2026-01-05T08:00:00")
    assert first["valid_to"] is None


def test_a_household_with_all_five_levels(tiny_store):
    document = who(tiny_store, DEPARTMENT, "h1", as_of=DAY)
    assert document["first_missing"] is None
    assert [level["holders"][0]["name"] for level in document["chain"]] == [
        "张一",
        "农业局",
        "种植股",
        "李二",
        "钱五",
    ]


def test_a_village_without_groups_is_not_broken_there(tiny_store):
    document = who(tiny_store, DEPARTMENT, "h3", as_of=DAY)
    assert document["first_missing"] is None
    assert document["chain"][2]["state"] == "not_applicable"


def test_who_answers_for_a_village_and_a_cell(tiny_store):
    village = who(tiny_store, LEADER, A, as_of=DAY)
    assert _over(village) == {row for row in HELD if row[2] in (TOWNSHIP, "ar1", f"{A}01", "br-a", A)}
    assert (village["chain"][4]["covered"], village["chain"][4]["total"]) == (1, 2)
    cell = who(tiny_store, LEADER, A1, as_of=DAY)
    assert ("grid_officer", "c3", A1) in _over(cell)
    assert not {row for row in _over(cell) if row[2] in (A2, f"{A}01")}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("990101", set()),
        (TOWNSHIP, {("county_leader", "c1", TOWNSHIP)}),
        ("ar1", {("department", "u1", "ar1")}),
        ("br-o", set()),
        ("u1", set()),
    ],
)
def test_who_answers_for_things_without_a_chain(tiny_store, code, expected):
    document = who(tiny_store, LEADER, code, as_of=DAY)
    assert _over(document) == expected
    assert document["chain"] == []
    assert document["first_missing"] is None


def test_a_branch_and_a_group_stand_in_their_villages_chain(tiny_store):
    assert ("org_cadre", "c2", "br-a") in _over(who(tiny_store, LEADER, "br-a", as_of=DAY))
    group = _over(who(tiny_store, LEADER, f"{A}01", as_of=DAY))
    assert {("sub_office", "u2", f"{A}01"), ("county_leader", "c1", TOWNSHIP)} <= group


def test_what_a_cadre_holds(tiny_store):
    holds = who(tiny_store, LEADER, "c5", as_of=DAY)["holds"]
    assert {(row["kind"], row["target_code"]) for row in holds} == {
        ("grid_officer", A2),
        ("staff", "h1"),
        ("staff", "h3"),
    }
    own = who(tiny_store, RESIDENT_OF_A, "c5", as_of=DAY)["holds"]
    assert {row["target_code"] for row in own} == {A2, "h1"}
    assert who(tiny_store, ELSEWHERE, "c5", as_of=DAY)["holds"] == []


@pytest.mark.parametrize("code", [A, A1, "h1", "br-a", "ar1", f"{A}01", TOWNSHIP])
def test_who_keeps_to_the_scope(tiny_store, code):
    assert who(tiny_store, COORDINATOR, code, as_of=DAY)["code"] == code
    with pytest.raises(PermissionError_):
        who(tiny_store, ELSEWHERE, code, as_of=DAY)


def test_who_at_other_times(tiny_store):
    assert who(tiny_store, LEADER, A1, as_of=date(2025, 12, 31))["responsibilities"] == []
    unknown_yet = who(tiny_store, LEADER, A1, as_of=DAY, known_at=RECORDED - timedelta(seconds=1))
    assert unknown_yet["responsibilities"] == []
    assert unknown_yet["first_missing"] == "county_leader"


def test_an_unknown_code(tiny_store):
    with pytest.raises(CodeError, match="nobody"):
        who(tiny_store, LEADER, "nobody", as_of=DAY)


def test_search_keeps_to_the_scope_and_hides_households(tiny_store):
    assert set(search(tiny_store, DEPARTMENT, "甲村", as_of=DAY)["code"]) >= {A}
    assert search(tiny_store, RESIDENT_OF_A, "乙村", as_of=DAY).query("kind == 'village'").empty
    assert search(tiny_store, DEPARTMENT, "h1", as_of=DAY)["code"].tolist() == ["h1"]
    assert search(tiny_store, LEADER, "h1", as_of=DAY).empty
    assert search(tiny_store, DEPARTMENT, "张三丰", as_of=DAY).empty


def test_the_day_a_page_opens_with(store):
    late, early = date(2026, 11, 21), date(2026, 2, 1)
    with store.write() as session:
        assert default_as_of(session, late) == late
        put_setting(session, "sample", "yes")
        put_setting(session, "sample_until", "2026-05-31")
    with store.read() as session:
        assert default_as_of(session, late) == date(2026, 5, 31)
        assert default_as_of(session, early) == early


def test_an_empty_store_answers_too(store):
    assert all(row["ratio"] is None for row in coverage(store, LEADER, as_of=DAY)["ratios"])
    assert villages(store, LEADER, as_of=DAY)["villages"] == []
    assert village_table(store, LEADER, as_of=DAY).empty
    assert status(store)["county"] is None


def test_the_unowned_cell_is_b1(tiny_store):
    assert not [row for row in _over(who(tiny_store, LEADER, B1, as_of=DAY)) if row[0] == "grid_officer"]
