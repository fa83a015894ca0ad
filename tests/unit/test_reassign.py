"""Ending some responsibilities and starting others in one step, on both databases."""

from dataclasses import replace
from datetime import date

import pytest

from geo.errors import InputError, PermissionError_, RuleError
from geo.operations.journal import preview, undo_last
from geo.operations.requests import Assignment, Ending, ReassignRequest, parse_request
from geo.store.queries import responsibilities
from tests.analysis_frames import A1, A2, B1, A
from tests.answers_store import COORDINATOR, ELSEWHERE, LEADER, fill
from tests.journal import NOW, TODAY, put

YESTERDAY = date(2026, 4, 30)
REQUEST = ReassignRequest(
    (
        Assignment("grid_officer", "c1", B1, TODAY),
        Assignment("resident_cadre", "c2", A, TODAY),
    ),
    (
        Ending("resident_cadre", A, "c3", TODAY),
        Ending("grid_officer", A2, "c5", TODAY),
    ),
    "补齐空白",
)


@pytest.fixture
def tiny(store):
    return fill(store)


def held(store, day):
    with store.read() as session:
        found = responsibilities(session, as_of=day, kinds=["grid_officer", "resident_cadre"])
    return set(zip(found["target_code"], found["holder_code"], strict=True))


def test_all_of_it_happens_in_one_step_and_is_undone_in_one(tiny):
    before = held(tiny, TODAY)
    assert before == {(A1, "c3"), (A2, "c4"), (A2, "c5"), (A, "c3")}
    shown = preview(tiny, COORDINATOR, REQUEST, today=TODAY)
    assert set(shown.gaps_closed) == {f"空白网格：{B1}", f"多头网格：{A2}"}
    assert put(tiny, REQUEST).state == "applied"
    assert held(tiny, TODAY) == {(A1, "c3"), (A2, "c4"), (B1, "c1"), (A, "c2")}
    assert held(tiny, YESTERDAY) == before
    undo_last(tiny, COORDINATOR, now=NOW)
    assert held(tiny, TODAY) == before


def test_the_request_survives_json():
    assert parse_request(REQUEST.document()) == REQUEST


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"rows": (), "ended": ()}, InputError),
        ({"reason": " "}, InputError),
        ({"ended": (Ending("steal", A2, "c5", TODAY),)}, InputError),
        ({"ended": (Ending("grid_officer", A2, "c1", TODAY),)}, RuleError),
    ],
)
def test_what_makes_no_sense_is_refused(tiny, changed, error):
    with pytest.raises(error):
        put(tiny, replace(REQUEST, **changed))


@pytest.mark.parametrize("actor", [ELSEWHERE, LEADER])
@pytest.mark.parametrize("part", [{"rows": ()}, {"ended": ()}])
def test_who_may_not_write_there_may_do_neither(tiny, actor, part):
    with pytest.raises(PermissionError_):
        put(tiny, replace(REQUEST, **part), actor=actor)
