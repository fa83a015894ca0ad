"""Whatever accounts do in whatever order: nothing is struck off without evidence and an independent check."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from geo.analysis.rectification.transitions import EDITABLE, OPEN, transition
from geo.errors import InputError, PermissionError_, RuleError
from geo.operations import rectification as steps
from geo.operations.attachments import remove_attachment
from geo.store.audit import verify
from geo.store.engine import create_store
from geo.store.rectifications import case_events, case_tasks, cases, evidence_counts, task_records
from geo.store.village_models import Attachment
from geo.vocabulary import CaseAction, CaseState
from tests import rectifying
from tests.answers_store import COORDINATOR, DEPARTMENT, LEADER, RESIDENT_OF_A
from tests.rectifying import LISTED, NOW, SECOND, bring, finish, listed, put, step, tasks_of
from tests.stores import copied_store

pytestmark = pytest.mark.slow
ACCOUNTS = (RESIDENT_OF_A, COORDINATOR, LEADER, DEPARTMENT, SECOND)
CADRES = ("c1", "c2", "c3", "c4", "c5", "c-gone")
REFUSALS = (RuleError, PermissionError_, InputError)
BACK_OR_ASIDE = (CaseAction.RETURN, CaseAction.EXTEND, CaseAction.REASSIGN)
STEPS = sorted(set(CaseAction) - {CaseAction.LIST}) + list(BACK_OR_ASIDE) * 3
RUNS = 20
DISTURBANCES = ("step", "step", "add", "change", "remove", "finish", "bring", "take")
# The way to the end comes up as often as everything that disturbs it, or hardly a run would get there.
deed = st.tuples(
    st.sampled_from(("next",) * 6 + ("help",) * 3 + DISTURBANCES),
    st.permutations(ACCOUNTS),
    st.sampled_from(CADRES),
    st.integers(0, 3),
    st.sampled_from(STEPS),
)
ONWARD = {
    CaseState.LISTED: "plan",
    CaseState.PLANNED: "approve",
    CaseState.WORKING: "request",
    CaseState.REQUESTED: "review",
    CaseState.REVIEWED: "check",
    CaseState.CHECKED: "close",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("rectification") / "tiny.gpkg"
    rectifying.county(create_store(str(path))).close()
    return path


def _do(store, code, what, on):
    kind, accounts, cadre, _pick, action = what
    if kind == "next":
        _by_anybody(store, code, ONWARD[rectifying.state_of(store, code)], accounts, cadre, on)
    elif kind == "help":
        _help(store, code, on)
    elif kind == "step":
        _by_anybody(store, code, action, accounts, cadre, on)
    elif kind == "add":
        put(store, code, actor=accounts[0], owner_code=cadre)
    elif kind == "take":
        _take(store, accounts[0], code)
    elif numbers := [int(number) for number in tasks_of(store, code).index]:
        _touch(store, code, numbers, what, on)


def _by_anybody(store, code, action, accounts, cadre, on):
    """One account after the other tries a step, until one of them may take it."""
    for actor in accounts[:-1]:
        with suppress(*REFUSALS):
            return _step(store, code, action, actor, cadre, on)
    return _step(store, code, action, accounts[-1], cadre, on)


def _touch(store, code, numbers, what, on):
    """Do something to one task."""
    kind, (actor, *_others), cadre, pick, _action = what
    number = numbers[pick % len(numbers)]
    if kind == "change":
        put(store, code, number, actor=actor, owner_code=cadre, title=f"措施{pick}")
    elif kind == "remove":
        steps.remove_task(store, actor, code, number, reason="另作安排", now=NOW)
    elif kind == "finish":
        finish(store, code, number, actor=actor, done_on=on if pick else None)
    else:
        bring(store, code, number, actor=actor, mark=f"{on}{pick}")


def _step(store, code, action, actor, cadre, on):
    more = {
        "check": {"checker_code": cadre},
        "reassign": {"responsible_code": cadre},
        "extend": {"due_on": LISTED + timedelta(days=101 + on.day), "document_no": "5号"},
        "withdraw": {"document_no": "6号"},
    }
    step(store, actor, code, action, on=on, **more.get(action, {}))


def _take(store, actor, code):
    with store.read() as session:
        found = select(Attachment.code).where(
            Attachment.case_code == code, Attachment.superseded_at.is_(None)
        )
        piece = session.scalars(found).first()
    if piece is not None:
        remove_attachment(store, actor, piece, reason="模糊", now=NOW)


def _help(store, code, on):
    """What diligent people do: plan, do and show everything that is open."""
    state = rectifying.state_of(store, code)
    if state is CaseState.LISTED and tasks_of(store, code).empty:
        put(store, code)
    if state is CaseState.WORKING:
        for number, task in tasks_of(store, code).iterrows():
            if task["done_on"] is None:
                finish(store, code, int(number), done_on=on)
            with suppress(RuleError):  # the same file is there already
                bring(store, code, int(number), mark="own")


def _require_earned(store, code):
    """Whatever was closed has evidence for each task, and accounts and a cadre that were apart."""
    with store.read() as session:
        events, tasks = case_events(session, code), case_tasks(session, [code])
        shown = set(evidence_counts(session, [code])["task_number"])
        records = task_records(session, code)
        pieces = session.execute(
            select(Attachment.recorded_by, Attachment.removed_by).where(Attachment.case_code == code)
        ).all()
    asked, reviewed, checked, closed = (events.iloc[-at] for at in (4, 3, 2, 1))
    assert [each["action"] for each in (asked, reviewed, checked, closed)] == [
        "request",
        "review",
        "check",
        "close",
    ]
    assert len(tasks)
    assert set(tasks["number"]) <= shown
    assert all(day is not None for day in tasks["done_on"])
    workers = {user for pair in pieces for user in pair if user}
    workers |= set(records.loc[[day is not None for day in records["done_on"]], "recorded_by"])
    workers |= set(events.loc[events["action"] == "request", "recorded_by"])
    assert not workers & {each["recorded_by"] for each in (reviewed, checked, closed)}
    assert checked["recorded_by"] not in set(events.loc[events["action"] == "review", "recorded_by"])
    named = {
        *events["responsible_code"].dropna(),
        *events["leader_code"].dropna(),
        *records["owner_code"].dropna(),
    }
    # c1 heads the team of village A and c3 lives there.
    assert checked["checker_code"] not in named | {"c1", "c3", "c-gone"}
    assert checked["role"] in ("leader", "department")


def test_no_way_leads_to_the_end_without_evidence_and_an_independent_check(template, tmp_path_factory):
    ends, taken = Counter(), Counter()

    @settings(max_examples=RUNS, deadline=None, derandomize=True)
    @given(deeds=st.lists(deed, min_size=16, max_size=28))
    def run(deeds):
        with copied_store(template, tmp_path_factory.mktemp("run")) as store:
            code, on = listed(store), LISTED
            for what in deeds:
                on += timedelta(days=1)
                if rectifying.state_of(store, code) not in OPEN:
                    break
                _try(store, code, what, on)
            end = rectifying.state_of(store, code)
            taken.update(_steps_of_the_table(store, code))
            if end is CaseState.CLOSED:
                _require_earned(store, code)
            if end not in OPEN:
                assert rectifying.now_of(store, listed(store, listed_on=on))["round"] == 2
        ends[end] += 1
        event(str(end))

    run()
    assert ends[CaseState.CLOSED] >= RUNS / 3, ends
    assert set(taken) == set(CaseAction), taken


def _try(store, code, what, on):
    """Do something; whoever is refused has written nothing."""
    written = rectifying.rows_of(store)
    try:
        _do(store, code, what, on)
    except REFUSALS:
        assert what[0] == "help" or rectifying.rows_of(store) == written


def _steps_of_the_table(store, code):
    """The steps taken: each led where the table says, the past says what it said, the audit is whole."""
    with store.read() as session:
        events = case_events(session, code)
        assert cases(session, as_of=LISTED)["state"].tolist() == ["listed"]
        assert verify(session).is_whole
    states = [CaseState(state) for state in events["state"]]
    actions = [CaseAction(action) for action in events["action"]]
    for before, action, after in zip(states, actions[1:], states[1:], strict=False):
        assert (transition(action, before).after or before) is after
        if before in EDITABLE and after not in EDITABLE:
            assert action in ("request", "withdraw")
    return actions


@pytest.mark.parametrize("checker", ["c2", "c4"])
def test_people_who_keep_apart_do_reach_the_end(template, tmp_path_factory, checker):
    """Else the test above would be about nothing."""
    with copied_store(template, tmp_path_factory.mktemp("run")) as store:
        code = rectifying.requested(store)
        step(store, COORDINATOR, code, "review")
        step(store, LEADER, code, "check", checker_code=checker)
        step(store, DEPARTMENT, code, "close")
        _require_earned(store, code)
