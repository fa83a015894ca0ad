"""What a kind of responsibility can cover, and who covers it."""

from __future__ import annotations

import pytest

from geo.answers.targets import COLUMNS, target_table
from geo.errors import PermissionError_
from geo.vocabulary import RESPONSIBILITY_RULES, ResponsibilityKind
from tests.analysis_frames import A1, A2, TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DAY, DEPARTMENT, ELSEWHERE, RESIDENT_OF_A

K = ResponsibilityKind


def rows(store, kind, actor=DEPARTMENT, **options):
    table = target_table(store, actor, kind, as_of=DAY, **options)
    return {row["code"]: row for row in table.to_dict("records")}


def test_cells_say_whether_they_are_owned(tiny_store):
    found = rows(tiny_store, K.GRID_OFFICER)
    assert found[A1]["state"] == "owned"
    assert found[A2]["state"] == "contested"
    assert found[A2]["holder_codes"] == "c4;c5"
    assert {row["state"] for row in found.values()} == {"owned", "contested", "unowned"}
    assert found[A1]["village_code"] == A
    assert found[A1]["households"] > 0


def test_a_kind_that_any_number_may_hold_is_never_contested(tiny_store):
    found = rows(tiny_store, K.RESIDENT_CADRE)
    assert found[A]["state"] == "owned"
    assert found[B]["state"] == "unowned"


def test_county_leaders_cover_villages_and_townships(tiny_store):
    found = rows(tiny_store, K.COUNTY_LEADER)
    assert found[TOWNSHIP]["target_kind"] == "township"
    assert found[TOWNSHIP]["holder_codes"] == "c1"
    assert found[A]["state"] == "unowned"


def test_households_are_called_by_their_codes(tiny_store):
    found = rows(tiny_store, K.STAFF)
    assert found["h1"]["name"] == "h1"
    assert found["h1"]["holder_codes"] == "c5"
    assert not any("张三丰" in str(row) for row in found.values())


def test_mentors_guide_the_cadres_that_live_in_villages(tiny_store):
    found = rows(tiny_store, K.MENTOR)
    assert list(found) == ["c3"]
    assert found["c3"]["village_code"] == A


@pytest.mark.parametrize("kind", list(K))
def test_every_kind_has_a_table_of_the_same_columns(tiny_store, kind):
    table = target_table(tiny_store, DEPARTMENT, kind, as_of=DAY)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    allowed = set(map(str, RESPONSIBILITY_RULES[kind].targets))
    assert set(table["target_kind"]) <= allowed
    assert len(table)


@pytest.mark.parametrize("kind", list(K))
def test_elsewhere_nothing_of_the_territory_is_seen(tiny_store, kind):
    assert target_table(tiny_store, ELSEWHERE, kind, as_of=DAY).empty


def test_a_resident_cadre_sees_the_own_village_only(tiny_store):
    assert set(rows(tiny_store, K.GRID_OFFICER, RESIDENT_OF_A)) == {A1, A2}


def test_another_township_is_refused(tiny_store):
    with pytest.raises(PermissionError_):
        rows(tiny_store, K.GRID_OFFICER, COORDINATOR, township="990101102")
