"""Submitting, approving, undoing and reversing changes, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from geo.errors import ConflictError, InputError, PermissionError_, RuleError, TransitionError
from geo.operations.journal import (
    approve,
    preview,
    reject,
    reverse,
    set_approval,
    submit,
    undo,
    undo_last,
)
from geo.operations.locks import lock_of, release_lock, take_lock
from geo.operations.registry import add_entry
from geo.operations.requests import CellRequest
from geo.store.audit import verify
from geo.store.changes import change_named, change_rows
from geo.store.engine import Store, open_store
from geo.store.models import Audit
from geo.store.queries import responsibilities
from geo.store.records import history_of
from geo.store.versions import layer_versions
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, fill
from tests.journal import MAY, NOW, TODAY, assign, end, put

OTHER = replace(COORDINATOR, user="second")
JUNE = date(2026, 6, 1)


@pytest.fixture
def tiny(store: Store) -> Store:
    return fill(store)


def officers(store, target=A1, *, as_of=TODAY):
    with store.read() as session:
        found = responsibilities(session, as_of=as_of, kinds=["grid_officer"], targets=[target])
    return sorted(found["holder_code"])


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_a_change_is_kept_with_what_was_asked_and_audited(tiny):
    outcome = put(tiny, assign([A1, B1], "c1", reason="调整网格"))
    with tiny.read() as session:
        change = change_named(session, outcome.code)
        audit = session.scalars(select(Audit).where(Audit.subject == outcome.code)).one()
        versions = layer_versions(session, ["responsibilities"])
        assert verify(session).is_whole
    assert (change.state, change.action, change.user, change.townships) == (
        "applied",
        "assign",
        "coordinator",
        [TOWNSHIP],
    )
    assert "张一" in change.summary
    assert audit.reason == "调整网格"
    assert [row["holder_code"] for row in audit.before["records"]] == ["c3"]
    assert {row["target_code"] for row in audit.after["records"]} == {A1, B1}
    assert versions["responsibilities", TOWNSHIP] >= 1


def test_the_second_sees_what_the_first_did(tiny):
    seen = preview(tiny, OTHER, assign(A1, "c2"), today=TODAY).seen
    put(tiny, assign(A1, "c1"))
    with pytest.raises(ConflictError, match=A1) as caught:
        put(tiny, assign(A1, "c2"), actor=OTHER, seen=seen, now=later(1))
    [other] = caught.value.others
    assert (other.code, other.user, other.at) == (A1, "coordinator", NOW)
    assert "张一" in other.what
    assert officers(tiny) == ["c1"]
    again = preview(tiny, OTHER, assign(A1, "c2"), today=TODAY).seen
    put(tiny, assign(A1, "c2"), actor=OTHER, seen=again, now=later(2))
    assert officers(tiny) == ["c2"]


def test_a_change_elsewhere_is_no_conflict(tiny):
    seen = preview(tiny, OTHER, assign(A1, "c2"), today=TODAY).seen
    put(tiny, assign(B1, "c1"))
    assert put(tiny, assign(A1, "c2"), actor=OTHER, seen=seen).state == "applied"


def test_undoing_steps_back_one_by_one(tiny):
    put(tiny, assign(A1, "c1"))
    put(tiny, assign(A1, "c2"), now=later(1))
    assert undo_last(tiny, COORDINATOR, now=later(2)).state == "undone"
    assert officers(tiny) == ["c1"]
    undo_last(tiny, COORDINATOR, now=later(3))
    assert officers(tiny) == ["c3"]
    assert officers(tiny, as_of=date(2026, 4, 1)) == ["c3"]
    with pytest.raises(TransitionError):
        undo_last(tiny, COORDINATOR, now=later(4))
    with tiny.read() as session:
        assert change_rows(session)["state"].tolist() == ["applied", "applied", "undone", "undone"]
        assert verify(session).is_whole


def test_what_was_known_before_an_undoing_stays_known(tiny):
    put(tiny, assign(A1, "c1"))
    undo_last(tiny, COORDINATOR, now=later(5))
    with tiny.read() as session:
        then = responsibilities(session, as_of=TODAY, known_at=later(1), targets=[A1])
    assert then["holder_code"].tolist() == ["c1"]


def test_only_ones_own_change_is_undone_but_the_department_may(tiny):
    code = put(tiny, assign(A1, "c1")).code
    with pytest.raises(TransitionError):
        undo_last(tiny, OTHER, now=later(1))
    for actor in (OTHER, ELSEWHERE, LEADER):
        with pytest.raises(PermissionError_):
            undo(tiny, actor, code, now=later(1), reason="错了")
    with pytest.raises(InputError):
        undo(tiny, DEPARTMENT, code, now=later(1), reason=" ")
    assert undo(tiny, DEPARTMENT, code, now=later(1), reason="错了").state == "undone"
    with pytest.raises(TransitionError):
        undo(tiny, DEPARTMENT, code, now=later(2), reason="再来")


def test_nothing_is_undone_that_somebody_built_on(tiny):
    put(tiny, assign(A1, "c1"))
    put(tiny, assign(A1, "c2"), actor=OTHER, now=later(1))
    with pytest.raises(ConflictError, match=A1) as caught:
        undo_last(tiny, COORDINATOR, now=later(2))
    assert [other.user for other in caught.value.others] == ["second"]
    assert officers(tiny) == ["c2"]


def test_a_reversal_is_a_new_dated_change(tiny):
    code = put(tiny, assign([A1, B1], "c1")).code
    with_gap = {"on": JUNE, "reason": "试行结束", "now": later(1), "today": TODAY}
    outcome = reverse(tiny, COORDINATOR, code, **with_gap, confirmed=True)
    assert officers(tiny) == ["c1"]
    assert officers(tiny, as_of=JUNE) == ["c3"]
    assert officers(tiny, B1, as_of=JUNE) == []
    with tiny.read() as session:
        assert change_named(session, outcome.code).reverses == code
    undo_last(tiny, COORDINATOR, now=later(2))
    assert officers(tiny, as_of=JUNE) == ["c1"]


def test_reversing_an_end_puts_the_holder_back(tiny):
    code = put(tiny, end(A1), confirmed=True).code
    reverse(tiny, COORDINATOR, code, on=JUNE, reason="回来了", now=later(1), today=TODAY)
    assert officers(tiny) == []
    assert officers(tiny, as_of=JUNE) == ["c3"]


def test_reversing_what_is_only_planned_withdraws_it(tiny):
    code = put(tiny, assign(A1, "c1", since=JUNE)).code
    reverse(tiny, COORDINATOR, code, on=MAY, reason="不调了", now=later(1), today=TODAY)
    assert officers(tiny) == officers(tiny, as_of=date(2027, 1, 1)) == ["c3"]


def test_nothing_is_reversed_that_somebody_built_on(tiny):
    code = put(tiny, assign(A1, "c1")).code
    put(tiny, assign(A1, "c2"), actor=OTHER, now=later(1))
    with pytest.raises(RuleError, match=A1):
        reverse(tiny, COORDINATOR, code, on=JUNE, reason="试行结束", now=later(2), today=TODAY)
    with pytest.raises(PermissionError_):
        reverse(tiny, ELSEWHERE, code, on=JUNE, reason="试行结束", now=later(2), today=TODAY)


def test_what_waits_or_was_undone_is_not_reversed(tiny):
    code = put(tiny, assign(A1, "c1")).code
    undo_last(tiny, COORDINATOR, now=later(1))
    with pytest.raises(TransitionError):
        reverse(tiny, COORDINATOR, code, on=JUNE, reason="试行结束", now=later(2), today=TODAY)
    with pytest.raises(InputError):
        reverse(tiny, COORDINATOR, "no-such", on=JUNE, reason="试行结束", now=later(2), today=TODAY)


def test_an_undoing_is_neither_undone_nor_reversed(tiny):
    put(tiny, assign(A1, "c1"))
    undo_last(tiny, COORDINATOR, now=later(1))
    with tiny.read() as session:
        code = change_rows(session)["code"][0]
    with pytest.raises(TransitionError, match="本身是一项撤销") as caught:
        undo(tiny, COORDINATOR, code, now=later(2), reason="还是要的")
    assert "重新办理" in caught.value.hint
    with pytest.raises(TransitionError, match="本身是一项撤销"):
        reverse(tiny, COORDINATOR, code, on=JUNE, reason="还是要的", now=later(2), today=TODAY)
    assert officers(tiny) == ["c3"]


def test_entries_of_registers_are_put_right_elsewhere(tiny):
    put(tiny, assign(A1, "c1"))
    values = {"code": "c9", "name": "周九"}
    add_entry(tiny, DEPARTMENT, "cadres", values, now=later(1), today=TODAY, reason="新来")
    with tiny.read() as session:
        code = change_rows(session)["code"].iloc[0]
    for undoing in (
        lambda: undo(tiny, DEPARTMENT, code, now=later(2), reason="错了"),
        lambda: reverse(tiny, DEPARTMENT, code, on=MAY, reason="错了", now=later(2), today=TODAY),
    ):
        with pytest.raises(RuleError, match="名册"):
            undoing()
    with pytest.raises(TransitionError):
        undo_last(tiny, DEPARTMENT, now=later(3))


def _needing_approval(store):
    set_approval(store, DEPARTMENT, TOWNSHIP, True, now=NOW, reason="换届期间")


def test_where_approval_is_needed_a_change_waits(tiny):
    _needing_approval(tiny)
    outcome = put(tiny, assign(A1, "c1"))
    assert outcome.state == "pending"
    assert officers(tiny) == ["c3"]
    with pytest.raises(PermissionError_):
        approve(tiny, COORDINATOR, outcome.code, now=later(1), today=TODAY)
    assert approve(tiny, DEPARTMENT, outcome.code, now=later(1), today=TODAY).state == "applied"
    assert officers(tiny) == ["c1"]
    with tiny.read() as session:
        change, record = change_named(session, outcome.code), history_of(session, A1).iloc[-1]
        assert verify(session).is_whole
    assert (change.user, change.decided_by, record["recorded_by"]) == (
        "coordinator",
        "department",
        "coordinator",
    )
    with pytest.raises(TransitionError):
        approve(tiny, DEPARTMENT, outcome.code, now=later(2), today=TODAY)
    with pytest.raises(RuleError):
        undo_last(tiny, COORDINATOR, now=later(3))


def test_the_department_needs_no_approval_and_may_turn_one_down(tiny):
    _needing_approval(tiny)
    assert put(tiny, assign(B1, "c1"), actor=DEPARTMENT).state == "applied"
    code = put(tiny, assign(A1, "c1")).code
    with pytest.raises(InputError):
        reject(tiny, DEPARTMENT, code, now=later(1), reason="")
    assert reject(tiny, DEPARTMENT, code, now=later(1), reason="人选未定").state == "rejected"
    assert officers(tiny) == ["c3"]


def test_what_changed_while_it_waited_is_said(tiny):
    _needing_approval(tiny)
    code = put(tiny, assign(A1, "c1")).code
    put(tiny, assign(A1, "c2"), actor=DEPARTMENT, now=later(1))
    with pytest.raises(ConflictError) as caught:
        approve(tiny, DEPARTMENT, code, now=later(2), today=TODAY)
    assert caught.value.others[0].user == "department"


def test_what_is_forbidden_never_waits(tiny):
    _needing_approval(tiny)
    with pytest.raises(PermissionError_):
        put(tiny, assign(A1, "c1"), actor=ELSEWHERE)
    with pytest.raises(RuleError):
        put(tiny, end(B1))
    with tiny.read() as session:
        assert change_rows(session).empty


def test_a_lock_is_a_notice_that_runs_out(tiny):
    mine = take_lock(tiny, COORDINATOR, A1, now=NOW, minutes=10)
    assert lock_of(tiny, COORDINATOR, A1, now=later(9)) == mine
    assert take_lock(tiny, OTHER, A1, now=later(5), minutes=10).user == "coordinator"
    release_lock(tiny, OTHER, A1)
    assert lock_of(tiny, COORDINATOR, A1, now=later(10)) is None
    assert take_lock(tiny, OTHER, A1, now=later(10), minutes=10).user == "second"
    release_lock(tiny, OTHER, A1)
    assert lock_of(tiny, COORDINATOR, A1, now=later(11)) is None
    with pytest.raises(PermissionError_):
        take_lock(tiny, ELSEWHERE, A1, now=NOW, minutes=10)


def _write(store, number):
    """One writer's four changes over the three cells."""
    own = open_store(store.engine.url.render_as_string(hide_password=False))
    actor = replace(COORDINATOR, user=f"writer{number}")
    holders, cells = ["c1", "c2", "c3", "c4", "c5"], [A1, A2, B1]
    done = []
    for turn in range(number, number + 4):
        request = assign(cells[turn % 3], holders[turn % 5], reason=f"{number}-{turn}")
        done.append(submit(own, actor, request, now=later(turn), today=TODAY, confirmed=True))
    own.close()
    return done


def test_many_writers_at_once_never_make_two_officers(tiny):
    with ThreadPoolExecutor(8) as pool:
        done = [
            outcome for each in pool.map(lambda number: _write(tiny, number), range(8)) for outcome in each
        ]
    applied = [outcome.code for outcome in done if outcome.state == "applied"]
    assert len(done) == 32
    with tiny.read() as session:
        assert sorted(change_rows(session)["code"]) == sorted(applied)
        assert verify(session).is_whole
        for cell in (A1, A2, B1):
            assert len(officers(tiny, cell)) == 1
            history = history_of(session, cell)
            made = history[history["batch"].isin(applied) & (history["valid_from"] == MAY)]
            assert made["batch"].is_unique
            assert len(made[made["superseded_at"].isna()]) == 1


CUT = {"type": "LineString", "coordinates": [[117.005, 35.499], [117.005, 35.511]]}


def _split(**given):
    asked = {
        "kind": "split",
        "village_code": A,
        "on": MAY,
        "reason": "户数太多",
        "codes": (A1,),
        "geometry": CUT,
    }
    return CellRequest(**(asked | {"geometry": CUT} | given))


def test_a_split_is_previewed_with_what_officers_will_carry(tiny):
    shown = preview(tiny, COORDINATOR, _split(owners={"1": "c1"}), today=TODAY)
    assert shown.faults == ()
    first, second = f"{A}003", f"{A}004"
    rows = shown.changes.set_index("target_code")
    assert rows["holder_after"].to_dict() == {A1: "", first: "王三", second: "张一"}
    loads = shown.loads.set_index("holder_code")
    assert loads.loc[["c3", "c1"], "cells_after"].tolist() == [1, 1]
    assert loads[["households_before", "households_after"]].sum().tolist() == [1, 1]
    assert rows.loc[first, "distance_km"] > 0


def test_a_split_is_submitted_undone_and_reversed_like_any_change(tiny):
    seen = preview(tiny, COORDINATOR, _split(), today=TODAY).seen
    code = put(tiny, _split(), seen=seen, confirmed=True).code
    child = f"{A}003"
    assert officers(tiny, A1) == []
    assert officers(tiny, A1, as_of=date(2026, 4, 30)) == officers(tiny, child) == ["c3"]
    with pytest.raises(ConflictError) as caught:
        put(tiny, _split(), seen=seen, now=later(1))
    assert caught.value.others
    given = {"on": MAY, "reason": "恢复", "now": later(2), "today": TODAY}
    assert reverse(tiny, COORDINATOR, code, **given, confirmed=True).state == "applied"
    assert officers(tiny, child) == []
    undo_last(tiny, COORDINATOR, now=later(3))
    assert officers(tiny, child) == ["c3"]
    undo_last(tiny, COORDINATOR, now=later(4))
    assert officers(tiny, A1) == ["c3"]
