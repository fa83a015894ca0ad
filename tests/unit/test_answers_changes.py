"""变更记录: the list of changes and the history of one thing, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from geo.answers.changes import change_list, requires_approval
from geo.answers.records import record_history
from geo.answers.who import who
from geo.errors import CodeError, PermissionError_
from geo.operations.journal import set_approval, undo_last
from tests.analysis_frames import A1, B1, TOWNSHIP
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, fill
from tests.journal import NOW, TODAY, assign, end, put

OTHER = replace(COORDINATOR, user="second")
JUNE = date(2026, 6, 1)


@pytest.fixture
def tiny(store):
    return fill(store)


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_changes_are_listed_latest_first(tiny):
    first = put(tiny, assign(A1, "c1")).code
    second = put(tiny, assign(B1, "c2"), actor=OTHER, now=later(1)).code
    undo_last(tiny, COORDINATOR, now=later(2))
    listed = change_list(tiny, COORDINATOR)
    assert listed["code"].tolist()[1:] == [second, first]
    assert listed["state"].tolist() == ["applied", "applied", "undone"]
    assert listed["may_write"].all()
    assert listed.loc[2, "decided_by"] == "coordinator"
    assert listed.loc[1, "decided_by"] is None
    assert change_list(tiny, COORDINATOR, mine=True)["user"].unique().tolist() == ["coordinator"]
    assert change_list(tiny, COORDINATOR, state="undone")["code"].tolist() == [first]
    assert len(change_list(tiny, COORDINATOR, limit=1)) == 1


def test_a_change_is_listed_only_to_those_who_may_read_its_places(tiny):
    put(tiny, assign(A1, "c1"))
    put(tiny, assign("br-o", "c1", kind="org_cadre"), actor=DEPARTMENT, now=later(1))
    assert len(change_list(tiny, DEPARTMENT)) == len(change_list(tiny, LEADER)) == 2
    assert len(change_list(tiny, COORDINATOR)) == 1
    assert change_list(tiny, ELSEWHERE).empty
    assert not change_list(tiny, LEADER)["may_write"].any()
    assert len(change_list(tiny, LEADER, township=TOWNSHIP)) == 1
    with pytest.raises(PermissionError_):
        change_list(tiny, ELSEWHERE, township=TOWNSHIP)


def test_whether_a_township_asks_for_approval_is_said(tiny):
    assert not requires_approval(tiny, COORDINATOR, TOWNSHIP)
    set_approval(tiny, DEPARTMENT, TOWNSHIP, True, now=NOW, reason="换届")
    assert requires_approval(tiny, COORDINATOR, TOWNSHIP)
    with pytest.raises(PermissionError_):
        requires_approval(tiny, ELSEWHERE, TOWNSHIP)
    with pytest.raises(PermissionError_):
        set_approval(tiny, COORDINATOR, TOWNSHIP, False, now=NOW, reason="不想等")


def test_the_history_of_a_cell_keeps_what_was_superseded(tiny):
    code = put(tiny, assign(A1, "c1", reason="调整网格")).code
    history = record_history(tiny, COORDINATOR, A1)
    assert history["holder_name"].tolist() == ["张一", "王三", "王三"]
    assert history["stands"].tolist() == [True, True, False]
    old = history.iloc[-1]
    assert (old["closed_by"], old["superseded_by"], old["closed_why"]) == (code, "coordinator", "调整网格")
    assert old["valid_to"] is None
    assert history.iloc[0]["what"] == old["closed_what"]
    assert history.iloc[0]["superseded_at"] is None


def test_the_history_of_a_holder_shows_what_is_in_sight(tiny):
    assert len(record_history(tiny, COORDINATOR, "c5")) == 3
    assert record_history(tiny, ELSEWHERE, "c5").empty
    with pytest.raises(PermissionError_):
        record_history(tiny, ELSEWHERE, A1)
    with pytest.raises(CodeError):
        record_history(tiny, DEPARTMENT, "nobody")


def _officer(store, **moment):
    held = who(store, COORDINATOR, A1, **({"as_of": TODAY} | moment))["responsibilities"]
    return [one["holder_code"] for one in held if one["kind"] == "grid_officer"]


def test_who_answers_for_past_future_and_former_knowledge(tiny):
    put(tiny, assign(A1, "c1", since=JUNE))
    put(tiny, end(A1, on=date(2026, 3, 1)), now=later(10), confirmed=True)
    assert _officer(tiny, as_of=date(2026, 2, 28)) == ["c3"]
    assert _officer(tiny, as_of=date(2026, 3, 1)) == []
    assert _officer(tiny) == []
    assert _officer(tiny, as_of=JUNE) == ["c1"]
    assert _officer(tiny, known_at=later(5)) == ["c3"]
    assert _officer(tiny, as_of=JUNE, known_at=later(-5)) == ["c3"]
    holds = who(tiny, COORDINATOR, "c1", as_of=JUNE)["holds"]
    assert (A1, "2026-06-01") in [(one["target_code"], one["valid_from"]) for one in holds]
