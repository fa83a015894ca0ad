"""Assigning, ending and correcting on both databases, with the tiny county of `tests.answers_store`."""

from datetime import date

import pytest

from geo.access import Actor
from geo.errors import CodeError, ConfirmationNeeded, InputError, PermissionError_, RuleError
from geo.operations.journal import preview, submit
from geo.operations.requests import (
    Assignment,
    AssignRequest,
    CorrectRequest,
    EndRequest,
    parse_request,
)
from geo.store.engine import Store
from geo.store.queries import responsibilities
from geo.store.records import history_of
from geo.vocabulary import Role
from tests.analysis_frames import A1, A2, B1, START, TOWNSHIP, A
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A, fill
from tests.journal import MARCH, MAY, NOW, TODAY, assign, end, put


@pytest.fixture
def tiny(store: Store) -> Store:
    return fill(store)


def held(store, target, *, as_of=TODAY, kind="grid_officer", known_at=None):
    with store.read() as session:
        found = responsibilities(session, as_of=as_of, known_at=known_at, kinds=[kind], targets=[target])
    return sorted(zip(found["holder_code"], found["rank"].fillna("primary"), strict=True))


def test_an_unowned_cell_gets_its_officer(tiny):
    outcome = put(tiny, assign(B1, "c1"))
    assert outcome.state == "applied"
    assert held(tiny, B1) == [("c1", "primary")]
    assert held(tiny, B1, as_of=date(2026, 4, 30)) == []


def test_the_period_of_the_officer_before_closes_by_itself(tiny):
    put(tiny, assign(A1, "c1"))
    assert held(tiny, A1) == [("c1", "primary")]
    assert held(tiny, A1, as_of=date(2026, 4, 30)) == [("c3", "primary")]


def test_what_was_known_before_stays_known(tiny):
    put(tiny, assign(A1, "c1", since=MARCH))
    assert held(tiny, A1, as_of=MAY) == [("c1", "primary")]
    earlier = NOW.replace(hour=7)
    assert held(tiny, A1, as_of=MAY, known_at=earlier) == [("c3", "primary")]
    with tiny.read() as session:
        history = history_of(session, A1)
    assert history["superseded_at"].notna().tolist() == [True, False, False]
    assert history["closed_by"].iloc[0] == history["batch"].iloc[1] == history["batch"].iloc[2]


def test_a_start_in_the_future_leaves_today_as_it_is(tiny):
    june = date(2026, 6, 1)
    put(tiny, assign(A1, "c1", since=june))
    assert held(tiny, A1) == [("c3", "primary")]
    assert held(tiny, A1, as_of=june) == [("c1", "primary")]


def test_a_contested_cell_is_settled_by_assigning(tiny):
    assert len(held(tiny, A2)) == 2
    shown = preview(tiny, COORDINATOR, assign(A2, "c4"), today=TODAY)
    assert shown.gaps_closed == [f"多头网格：{A2}"]
    put(tiny, assign(A2, "c4"))
    assert held(tiny, A2) == [("c4", "primary")]


def test_a_preview_says_what_would_change_and_writes_nothing(tiny):
    shown = preview(tiny, COORDINATOR, assign([A1, B1], "c1"), today=TODAY)
    rows = shown.changes.set_index("target_code")
    assert rows["holder_before"].to_dict() == {A1: "王三", B1: ""}
    assert rows["holder_after"].to_dict() == {A1: "张一", B1: "张一"}
    assert (rows["from"] == MAY).all()
    assert 0 < rows.loc[B1, "distance_km"] < 10
    assert shown.gaps_closed == [f"空白网格：{B1}"]
    assert (shown.gaps_opened, shown.moves) == ([], 2)
    loads = shown.loads.set_index("holder_code")
    assert loads.loc["c1", ["cells_before", "cells_after", "households_after"]].tolist() == [0, 2, 2]
    assert loads.loc["c3", ["cells_before", "cells_after"]].tolist() == [1, 0]
    assert held(tiny, B1) == []


def test_more_than_a_share_must_be_confirmed(tiny):
    put(tiny, assign(A1, "c4"))
    put(tiny, assign([A2, B1], "c4"))
    from geo.store.bulk import insert_frame
    from geo.store.models import GridCell
    from tests import analysis_frames as frames

    extra = f"{A}003"
    with tiny.write() as session:
        cell = frames.layer("cells", [{"code": extra, "village_code": A}], [frames.square(0, 1, 1, 2)])
        insert_frame(session, GridCell, cell)
    request = assign(extra, "c4")
    assert preview(tiny, COORDINATOR, request, today=TODAY).gaps_opened == ["责任过载：赵四"]
    with pytest.raises(ConfirmationNeeded, match="赵四") as caught:
        put(tiny, request)
    assert len(caught.value.consequences) == 1
    assert put(tiny, request, confirmed=True).state == "applied"


def test_ending_leaves_a_cell_alone_only_when_confirmed(tiny):
    with pytest.raises(ConfirmationNeeded, match=A1):
        put(tiny, end(A1))
    put(tiny, end(A1), confirmed=True)
    assert held(tiny, A1) == []
    assert held(tiny, A1, as_of=date(2026, 4, 30)) == [("c3", "primary")]


def test_ending_one_of_two_needs_no_confirmation(tiny):
    put(tiny, end(A2, holder="c5"))
    assert held(tiny, A2) == [("c4", "primary")]


def test_an_end_that_was_asked_for_leaves_the_cell_alone_afterwards(tiny):
    request = AssignRequest(
        (Assignment("grid_officer", "c1", A1, MAY, "primary", date(2026, 7, 1)),), "临时顶替"
    )
    with pytest.raises(ConfirmationNeeded, match="2026-07-01"):
        put(tiny, request)


def test_a_resident_cadre_stays_for_a_year_when_no_end_is_said(tiny):
    put(tiny, assign(A, "c4", kind="resident_cadre"))
    assert ("c4", "primary") in held(tiny, A, kind="resident_cadre", as_of=date(2027, 4, 30))
    assert ("c4", "primary") not in held(tiny, A, kind="resident_cadre", as_of=date(2027, 5, 1))


def test_a_wrong_record_is_corrected_and_stays_visible(tiny):
    with tiny.read() as session:
        record = history_of(session, A1).iloc[0]
    put(tiny, CorrectRequest(int(record["id"]), "录错了人", holder_code="c1"))
    assert held(tiny, A1, as_of=START) == [("c1", "primary")]
    with tiny.read() as session:
        history = history_of(session, A1)
    assert history["holder_code"].tolist() == ["c3", "c1"]
    assert history["superseded_at"].notna().tolist() == [True, False]
    with pytest.raises(RuleError, match="更正"):
        put(tiny, CorrectRequest(int(record["id"]), "再改", holder_code="c2"))


def test_a_record_that_was_wrong_altogether_is_withdrawn(tiny):
    with tiny.read() as session:
        wrong = history_of(session, A2).set_index("holder_code").loc["c5", "id"]
    put(tiny, CorrectRequest(int(wrong), "重复录入", withdraw=True))
    assert held(tiny, A2, as_of=START) == [("c4", "primary")]


def test_nothing_to_change_writes_nothing(tiny):
    assert put(tiny, assign(A1, "c3")).state == "unchanged"
    with tiny.read() as session:
        assert len(history_of(session, A1)) == 1


@pytest.mark.parametrize(
    ("request_", "error", "says"),
    [
        (assign(A1, "u1"), RuleError, "u1"),
        (assign(A, "c1"), RuleError, A),
        (assign(A1, "nobody"), CodeError, "nobody"),
        (assign(f"{A}099", "c1"), CodeError, "099"),
        (assign("c1", "c1", kind="mentor"), InputError, "自己"),
        (assign(A1, "c1", kind="king"), InputError, "king"),
        (assign(A1, "c1", reason=" "), InputError, "理由"),
        (AssignRequest((), "到岗"), InputError, "选择"),
        (EndRequest("grid_officer", (), MAY, "离岗"), InputError, "选择"),
        (end(B1), RuleError, B1),
        (assign(A1, "c1", rank="chief"), InputError, "chief"),
    ],
)
def test_what_makes_no_sense_is_refused(tiny, request_, error, says):
    with pytest.raises(error, match=says):
        put(tiny, request_, actor=DEPARTMENT)


@pytest.mark.parametrize("actor", [ELSEWHERE, LEADER, RESIDENT_OF_A, Actor("auditor", Role.AUDITOR)])
@pytest.mark.parametrize(
    "request_",
    [
        assign(A1, "c1"),
        assign("h1", "c1", kind="staff"),
        assign("ar1", "u2", kind="department"),
        assign(TOWNSHIP, "c1", kind="county_leader"),
        assign("c3", "c1", kind="mentor"),
        end(A1),
        end(B1),
        assign("no-such-household", "c1", kind="staff"),
    ],
    ids=lambda request: request.document()["action"],
)
def test_who_may_not_write_there_learns_nothing(tiny, actor, request_):
    with pytest.raises(PermissionError_):
        preview(tiny, actor, request_, today=TODAY)
    with pytest.raises(PermissionError_):
        put(tiny, request_, actor=actor, confirmed=True)


def test_what_lies_nowhere_is_the_departments(tiny):
    with pytest.raises(PermissionError_):
        put(tiny, assign("br-o", "c1", kind="org_cadre"))
    assert put(tiny, assign("br-o", "c1", kind="org_cadre"), actor=DEPARTMENT).state == "applied"


def test_a_mentor_is_where_the_resident_cadre_lives(tiny):
    assert put(tiny, assign("c3", "c1", kind="mentor")).state == "applied"
    with pytest.raises(PermissionError_):
        put(tiny, assign("c4", "c1", kind="mentor"))


@pytest.mark.parametrize(
    "request_",
    [
        assign([A1, A2], "c1", until=date(2026, 9, 1)),
        end(A1, holder="c3"),
        CorrectRequest(7, "录错", valid_to=None, rank="assistant"),
        CorrectRequest(7, "录错", valid_from=MAY),
    ],
)
def test_a_request_goes_through_json_and_back(request_):
    assert parse_request(request_.document()) == request_


@pytest.mark.parametrize(
    "document",
    [{}, {"action": "steal"}, {"action": "assign", "reason": "x"}, {"action": "end", "on": "soon"}],
)
def test_a_document_that_is_no_request_is_refused(document):
    with pytest.raises(InputError):
        parse_request(document)


def test_submit_gives_the_same_for_one_batch(tiny):
    outcome = submit(tiny, COORDINATOR, assign([A1, B1], "c1"), now=NOW, today=TODAY)
    with tiny.read() as session:
        records = history_of(session, "c1")
    assert set(records.loc[records["kind"] == "grid_officer", "batch"]) == {outcome.code}
