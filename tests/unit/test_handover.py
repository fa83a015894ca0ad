from datetime import UTC, date, datetime

import pandas as pd
import pytest

from geo.access import Actor
from geo.errors import (
    CodeError,
    ConfirmationNeeded,
    ConflictError,
    InputError,
    PermissionError_,
    RuleError,
)
from geo.operations.handover import handover_request, propose_handover
from geo.operations.journal import preview, submit, undo_last
from geo.operations.requests import Assignment, AssignRequest, HandoverRequest, parse_request
from geo.store.bulk import insert_frame
from geo.store.models import Responsibility
from geo.store.queries import responsibilities
from geo.vocabulary import Role
from tests.analysis_frames import A1, A2, A, B
from tests.answers_store import DEPARTMENT, HELD, LEADER, fill

TODAY = date(2026, 5, 1)
JUNE, AUGUST = date(2026, 6, 1), date(2026, 8, 1)
NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
OF_A = Actor("coordinator", Role.COORDINATOR, frozenset({A}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({"990101102"}))


@pytest.fixture
def county(store):
    return fill(store, held=[*HELD, ("grid_officer", "c3", f"{B}001", "assistant")])


def _propose(store, holder="c3", *, actor=DEPARTMENT, on=JUNE):
    return propose_handover(store, actor, holder, on=on, as_of=TODAY)


def _submit(store, request, *, actor=DEPARTMENT, **more):
    return submit(store, actor, request, now=NOW, today=TODAY, **more)


def _request(store, holder="c3", *, actor=DEPARTMENT, on=JUNE):
    return handover_request(_propose(store, holder, actor=actor, on=on), holder, on=on, reason="调离")


def _held(store, day, **only):
    with store.read() as session:
        frame = responsibilities(session, as_of=day, **only)
    return {(row.kind, row.holder_code, row.target_code, row.rank) for row in frame.itertuples(index=False)}


def _everything(store):
    with store.read() as session:
        frame = responsibilities(session)
    columns = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to", "reason"]
    return frame[columns].astype(object).sort_values(columns[:5], ignore_index=True)


def _plan_ahead(store, *rows):
    assigned = tuple(Assignment(kind, holder, target, day) for kind, holder, target, day in rows)
    _submit(store, AssignRequest(assigned, "预先安排"), confirmed=True)


def test_everything_held_is_listed_with_somebody_who_could_take_it(county):
    found = _propose(county)
    assert list(zip(found["kind"], found["target_code"], found["rank"], strict=True)) == [
        ("grid_officer", A1, "primary"),
        ("grid_officer", f"{B}001", "assistant"),
        ("resident_cadre", A, "primary"),
    ]
    assert found["target_name"].tolist()[-1] == "甲村"
    assert found["is_yours"].all()
    assert "c3" not in found["successor_code"].tolist()
    assert found["successor_name"].notna().all()
    assert (found["valid_from"] == JUNE).all()
    assert (found["limit"].dropna() >= found["load_after"].dropna()).all()


def test_all_of_it_changes_hands_in_one_step_and_comes_back_in_one(county):
    before, stored = _held(county, TODAY), _everything(county)
    request = _request(county)
    assert _submit(county, request).state == "applied"
    assert _held(county, JUNE, holders=["c3"]) == set()
    after = _held(county, JUNE)
    assert {(item.kind, item.holder_code, item.target_code, item.rank) for item in request.items} <= after
    assert len(after) == len(before)
    assert _held(county, date(2026, 5, 31)) == before
    undo_last(county, DEPARTMENT, now=NOW)
    pd.testing.assert_frame_equal(_everything(county), stored)


def test_what_is_only_planned_is_handed_over_too(county):
    _plan_ahead(county, ("team_head", "c3", B, AUGUST))
    found = _propose(county).set_index("kind")
    assert found.loc["team_head", "valid_from"] == AUGUST
    _submit(county, _request(county))
    assert _held(county, AUGUST, holders=["c3"]) == set()
    heads = _held(county, AUGUST, kinds=["team_head"], targets=[B])
    assert {holder for _kind, holder, *_rest in heads} == {found.loc["team_head", "successor_code"]}
    assert _held(county, JUNE, kinds=["team_head"], targets=[B]) == set()


def test_what_ends_before_the_day_stays(county):
    request = _request(county, on=AUGUST)
    _submit(county, request)
    assert len(_held(county, date(2026, 7, 31), holders=["c3"])) == 3
    _submit(county, _request(county, "c1", on=JUNE))
    with pytest.raises(RuleError, match="没有责任可移交"):
        _submit(county, HandoverRequest("c3", AUGUST, (), "再次移交"))


def test_what_is_left_without_anybody_must_be_confirmed(county):
    request = HandoverRequest("c3", JUNE, (), "调离")
    shown = preview(county, DEPARTMENT, request, today=TODAY)
    assert any("3 项责任没有接手人" in said for said in shown.consequences)
    assert f"空白网格：{A1}" in shown.gaps_opened
    with pytest.raises(ConfirmationNeeded):
        _submit(county, request)
    assert len(_held(county, JUNE, holders=["c3"])) == 3
    _submit(county, request, confirmed=True)
    assert _held(county, JUNE, holders=["c3"]) == set()


def test_a_contested_cell_goes_to_the_other_one(county):
    found = _propose(county, "c4")
    assert found["successor_code"].tolist() == [None]
    assert found["why"].tolist() == ["另有主责人，无需接手。"]
    _submit(county, _request(county, "c4"), confirmed=True)
    assert _held(county, JUNE, targets=[A2]) == {("grid_officer", "c5", A2, "primary")}


def test_only_what_lies_in_the_coordinators_territory_is_handed_over(county):
    found = _propose(county, "c5", actor=OF_A).set_index("target_code")
    assert found["is_yours"].to_dict() == {A2: True, "h1": True}
    request = _request(county, "c5", actor=OF_A)
    shown = preview(county, OF_A, request, today=TODAY)
    assert any("1 项责任不在您的管理范围内，保持不变。" in note for note in shown.plan.notes)
    _submit(county, request, actor=OF_A, confirmed=True)
    assert _held(county, JUNE, holders=["c5"]) == {("staff", "c5", "h3", "primary")}


def test_a_reader_sees_what_is_held_and_hands_nothing_over(county):
    found = _propose(county, "c5", actor=LEADER).set_index("target_code")
    assert found["is_yours"].to_dict() == {A2: False, "h1": False, "h3": False}
    assert set(found["successor_code"]) == {None}
    assert set(found["why"]) == {"不在您的管理范围内，保持不变。"}


def test_nobody_hands_over_what_lies_elsewhere(county):
    before = _everything(county)
    with pytest.raises(PermissionError_, match="不在您的管理范围内"):
        _submit(county, HandoverRequest("c5", JUNE, (), "调离"), actor=ELSEWHERE, confirmed=True)
    crafted = HandoverRequest("c5", JUNE, (Assignment("staff", "c1", "h3", JUNE),), "调离")
    with pytest.raises(InputError, match="h3"):
        _submit(county, crafted, actor=OF_A, confirmed=True)
    pd.testing.assert_frame_equal(_everything(county), before)


@pytest.mark.parametrize(
    ("request_", "error", "says"),
    [
        (HandoverRequest("c9", JUNE, (), "调离"), CodeError, "c9"),
        (HandoverRequest(A1, JUNE, (), "调离"), CodeError, A1),
        (HandoverRequest("c3", JUNE, (), " "), InputError, "理由"),
        (HandoverRequest("c3", JUNE, (Assignment("staff", "c1", "h1", JUNE),), "调离"), InputError, "h1"),
        (
            HandoverRequest("c3", JUNE, (Assignment("grid_officer", "c3", A1, JUNE),), "调离"),
            InputError,
            "移交人自己",
        ),
    ],
    ids=["unknown", "no-holder", "no-reason", "not-held", "to-oneself"],
)
def test_what_makes_no_sense_is_said(county, request_, error, says):
    with pytest.raises(error, match=says):
        _submit(county, request_, confirmed=True)


def test_whatever_the_holder_got_meanwhile_is_a_conflict(county):
    request = _request(county)
    seen = preview(county, DEPARTMENT, request, today=TODAY).seen
    _plan_ahead(county, ("team_head", "c3", B, AUGUST))
    with pytest.raises(ConflictError, match="2 个对象"):
        _submit(county, request, seen=seen, confirmed=True)


def test_the_request_survives_json(county):
    request = _request(county)
    assert parse_request(request.document()) == request


def test_a_cadre_whose_base_is_unknown_is_where_its_things_are(county):
    record = {"recorded_at": NOW, "recorded_by": "import", "rank": "primary", "valid_from": TODAY}
    with county.write() as session:
        session.connection().exec_driver_sql("UPDATE cadre SET geom = NULL")
        row = {"kind": "grid_officer", "holder_code": "c1", "target_code": f"{B}001", **record}
        insert_frame(session, Responsibility, pd.DataFrame([row]))
    row = _propose(county).set_index("target_code").loc[A1]
    # c1 holds the next cell but one, c4 and c5 the next one; both have as much to do.
    assert row["successor_code"] in ("c4", "c5")
    assert row["distance_km"] == pytest.approx(0.9, abs=0.05)
