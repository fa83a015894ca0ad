from datetime import date, timedelta

import pytest
from sqlalchemy import select

from geo.access import Actor
from geo.analysis.rectification.transitions import transition
from geo.errors import (
    ConflictError,
    InputError,
    PermissionError_,
    RuleError,
    TransitionError,
)
from geo.operations import rectification as steps
from geo.operations.rectification import possible_steps
from geo.store.audit import verify
from geo.store.models import Audit, Cadre, Responsibility
from geo.store.rectifications import CASE_COLUMNS, case_events, cases
from geo.store.versions import layer_versions
from geo.vocabulary import CaseAction, CaseState, Role, label_of
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A
from tests.rectifying import (
    ASKED,
    CHECKER,
    DONE,
    LISTED,
    NOW,
    closed,
    finish,
    in_state,
    listed,
    now_of,
    planned,
    put,
    requested,
    state_of,
    step,
    working,
)

AUDITOR = Actor("auditor", Role.AUDITOR)
TODAY = NOW.date()


# The list


def test_a_case_goes_the_whole_way_and_is_struck_off(place):
    code = closed(place)
    case = now_of(place, code)
    assert code == "ZG2026-0001"
    assert (case["state"], case["closed_on"], case["round"]) == ("closed", ASKED, 1)
    with place.read() as session:
        events = case_events(session, code)
        assert verify(session).is_whole
    assert list(events["action"]) == ["list", "plan", "approve", "request", "review", "check", "close"]
    assert list(events["recorded_by"]) == [
        "department",
        "coordinator",
        "department",
        "resident",
        "coordinator",
        "leader",
        "department",
    ]
    assert events["checker_code"].iloc[5] == CHECKER


def test_the_limit_is_the_rules_and_the_leader_the_countys(place):
    case = now_of(place, listed(place))
    assert case["due_on"] == LISTED + timedelta(days=100)
    assert (case["responsible_code"], case["leader_code"]) == ("c3", "c1")


def test_a_leader_of_the_village_goes_before_the_townships_and_one_named_before_both(place):
    with place.write() as session:
        held = {"recorded_at": NOW, "recorded_by": "test", "rank": "primary", "valid_from": date(2026, 1, 1)}
        session.add(Responsibility(kind="county_leader", holder_code="c5", target_code=A, **held))
        session.add(Responsibility(kind="county_leader", holder_code="c-gone", target_code=B, **held))
    assert now_of(place, listed(place))["leader_code"] == "c5"
    assert now_of(place, listed(place, subject_code=B))["leader_code"] is None
    branch = listed(place, subject_kind="branch", subject_code="br-a", leader_code="c2")
    assert now_of(place, branch)["leader_code"] == "c2"


def test_a_branch_without_a_village_is_the_countys(place):
    code = listed(place, subject_kind="branch", subject_code="br-o")
    assert now_of(place, code)["village_code"] is None
    with pytest.raises(PermissionError_):
        steps.plan_from_template(place, COORDINATOR, code, now=NOW)
    steps.plan_from_template(place, DEPARTMENT, code, now=NOW)
    with place.read() as session:
        assert list(cases(session, as_of=None)["code"]) == [code]
        assert cases(session, as_of=None, within=(TOWNSHIP,)).empty
        assert layer_versions(session, ["rectifications"]) == {("rectifications", ""): 2}


def test_each_case_counts_as_a_change_of_its_township(place):
    listed(place)
    with place.read() as session:
        assert layer_versions(session, ["rectifications"]) == {("rectifications", TOWNSHIP): 1}


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"subject_kind": "cell"}, InputError, "党支部"),
        ({"subject_code": "990101101299"}, InputError, "990101101299"),
        ({"subject_kind": "branch"}, InputError, A),
        ({"cause": "bad_luck"}, InputError, "经济落后"),
        ({"note": " "}, InputError, "理由"),
        ({"note": "长" * 2001}, InputError, "2000"),
        ({"document_no": "长" * 81}, InputError, "80"),
        ({"listed_on": TODAY + timedelta(days=2)}, InputError, "还没有到"),
        ({"responsible_code": "c9"}, InputError, "c9"),
        ({"responsible_code": ""}, InputError, "名册"),
        ({"responsible_code": "c-gone"}, InputError, "孙离"),
        ({"responsible_code": "c-new"}, InputError, "周新"),
        ({"leader_code": "c-gone"}, InputError, "孙离"),
        ({"due_on": LISTED}, InputError, "期限"),
        ({"due_on": LISTED + timedelta(days=101)}, InputError, "100"),
    ],
)
def test_what_makes_no_sense_is_not_listed(place, unchanged, changes, error, says):
    unchanged()
    with pytest.raises(error, match=says):
        listed(place, **changes)


@pytest.mark.parametrize("actor", [COORDINATOR, LEADER, RESIDENT_OF_A, AUDITOR])
def test_only_the_department_lists(place, unchanged, actor):
    unchanged()
    with pytest.raises(PermissionError_):
        listed(place, actor=actor)


def test_who_only_looks_as_somebody_else_takes_no_step(place, unchanged):
    code = planned(place)
    unchanged()
    looking = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}), viewer="department")
    with pytest.raises(PermissionError_):
        step(place, looking, code, "plan")
    with pytest.raises(PermissionError_):
        put(place, code, actor=looking)
    with place.read() as session:
        assert possible_steps(session, looking, code, on=ASKED) == []


def test_what_is_on_the_list_is_not_listed_again(place, unchanged):
    code = listed(place)
    unchanged()
    with pytest.raises(RuleError, match=code):
        listed(place, listed_on=ASKED)


def test_what_was_struck_off_may_be_listed_again(place):
    first = closed(place)
    with pytest.raises(RuleError, match=ASKED.isoformat()):
        listed(place, listed_on=ASKED - timedelta(days=1))
    again = listed(place, listed_on=ASKED)
    case = now_of(place, again)
    assert (again, case["round"], case["previous_code"]) == ("ZG2026-0002", 2, first)
    step(place, DEPARTMENT, again, "withdraw", document_no="安组〔2026〕9号")
    third = now_of(place, listed(place, listed_on=ASKED))
    assert (third["round"], third["previous_code"]) == (3, again)


# Steps


@pytest.mark.parametrize("state", CaseState)
def test_of_all_steps_only_those_of_the_table_are_taken(place, unchanged, state):
    code = in_state(place, state)
    assert state_of(place, code) is state
    unchanged()
    for action in set(CaseAction) - {CaseAction.LIST}:
        if transition(action, state) is None:
            with pytest.raises(TransitionError, match=label_of(state)):
                step(place, LEADER if action is CaseAction.CHECK else DEPARTMENT, code, action)


def test_an_unknown_case_or_step_is_said_so(place, unchanged):
    code = planned(place)
    unchanged()
    for given in ((code, "list"), (code, "burn"), ("ZG2026-0099", "plan")):
        with pytest.raises(InputError):
            step(place, DEPARTMENT, *given)


@pytest.mark.parametrize(
    ("actor", "action"),
    [
        (RESIDENT_OF_A, "plan"),
        (LEADER, "plan"),
        (ELSEWHERE, "plan"),
        (AUDITOR, "plan"),
        (COORDINATOR, "extend"),
        (Actor("resident", Role.RESIDENT_CADRE, frozenset({B})), "request"),
    ],
)
def test_who_may_not_take_a_step_takes_none(place, unchanged, actor, action):
    code = planned(place)
    unchanged()
    with pytest.raises(PermissionError_):
        step(place, actor, code, action)
    with place.read() as session:
        assert CaseAction(action) not in dict(possible_steps(session, actor, code, on=ASKED))


def test_the_township_returns_a_request_and_the_county_a_review(place):
    code = requested(place)
    with pytest.raises(PermissionError_):
        step(place, LEADER, code, "return")
    step(place, COORDINATOR, code, "return")
    step(place, RESIDENT_OF_A, code, "request")
    step(place, COORDINATOR, code, "review")
    with pytest.raises(PermissionError_):
        step(place, COORDINATOR, code, "return")
    step(place, LEADER, code, "return")
    assert state_of(place, code) is CaseState.WORKING


def test_days_follow_each_other(place, unchanged):
    code = requested(place)
    unchanged()
    for on, says in ((ASKED - timedelta(days=1), ASKED.isoformat()), (TODAY + timedelta(days=2), "还没有到")):
        with pytest.raises(InputError, match=says):
            step(place, COORDINATOR, code, "review", on=on)


def test_what_does_not_belong_to_a_step_is_refused(place, unchanged):
    code = planned(place)
    unchanged()
    for given in (
        {"checker_code": "c4"},
        {"due_on": TODAY},
        {"responsible_code": "c4"},
        {"leader_code": "c4"},
    ):
        with pytest.raises(InputError, match="上报方案"):
            step(place, COORDINATOR, code, "plan", **given)
    with pytest.raises(InputError, match="责任人"):
        step(place, DEPARTMENT, code, "reassign")


def test_a_limit_is_extended_by_a_document_only(place):
    code = working(place)
    later = LISTED + timedelta(days=130)
    for given, says in (
        ({"due_on": later}, "文号"),
        ({"document_no": "5号"}, "期限"),
        ({"document_no": "5号", "due_on": LISTED + timedelta(days=100)}, "期限"),
    ):
        with pytest.raises(RuleError, match=says):
            step(place, DEPARTMENT, code, "extend", **given)
    step(place, DEPARTMENT, code, "extend", due_on=later, document_no=" 5号 ")
    case = now_of(place, code)
    assert (case["due_on"], case["state"]) == (later, "working")
    with place.read() as session:
        assert cases(session, as_of=ASKED - timedelta(days=1))["due_on"].tolist() == [
            LISTED + timedelta(days=100)
        ]
        assert case_events(session, code)["document_no"].iloc[-1] == "5号"


def test_somebody_else_answers_for_it_from_a_day_on(place):
    code = planned(place)
    for given in ({"responsible_code": "c-gone"}, {"leader_code": "c-gone"}, {"responsible_code": "c9"}):
        with pytest.raises(RuleError, match="名册"):
            step(place, DEPARTMENT, code, "reassign", **given)
    step(place, DEPARTMENT, code, "reassign", responsible_code="c5")
    step(place, DEPARTMENT, code, "reassign", leader_code="c2")
    case = now_of(place, code)
    assert (case["responsible_code"], case["leader_code"]) == ("c5", "c2")


def test_a_plan_is_approved_only_with_people_in_office(place):
    code = listed(place)
    put(place, code)
    step(place, COORDINATOR, code, "plan", on=LISTED)
    with place.write() as session:
        session.scalars(select(Cadre).where(Cadre.code == "c3")).one().valid_to = date(2026, 3, 15)
    with pytest.raises(RuleError, match="王三"):
        step(place, DEPARTMENT, code, "approve")
    put(place, code, 1, actor=DEPARTMENT, owner_code="c5")
    with pytest.raises(RuleError, match="王三"):
        step(place, DEPARTMENT, code, "approve")
    step(place, DEPARTMENT, code, "reassign", responsible_code="c5")
    step(place, DEPARTMENT, code, "approve")


def test_what_is_possible_says_what_is_missing(place):
    code = working(place)
    with place.read() as session:
        of_resident = possible_steps(session, RESIDENT_OF_A, code, on=ASKED)
        of_department = dict(possible_steps(session, DEPARTMENT, code, on=ASKED))
        of_leader = possible_steps(session, LEADER, code, on=ASKED)
        elsewhere = possible_steps(session, ELSEWHERE, code, on=ASKED)
    assert of_resident == [(CaseAction.REQUEST, ("任务 1 尚未完成。", "任务 1 没有佐证材料。"))]
    assert set(of_department) == {
        CaseAction.REQUEST,
        CaseAction.EXTEND,
        CaseAction.REASSIGN,
        CaseAction.WITHDRAW,
    }
    assert of_department[CaseAction.EXTEND] == ()
    assert of_leader == elsewhere == []


# Others at the same time


def test_who_has_seen_an_older_state_is_refused(place, unchanged):
    code = planned(place)
    seen = now_of(place, code)["version"]
    put(place, code)
    unchanged()
    attempts = (
        lambda: step(place, COORDINATOR, code, "plan", version=seen),
        lambda: put(place, code, 1, version=seen),
        lambda: steps.remove_task(place, RESIDENT_OF_A, code, 1, reason="x", now=NOW, version=seen),
    )
    for attempt in attempts:
        with pytest.raises(ConflictError) as refusal:
            attempt()
        assert [other.user for other in refusal.value.others] == ["resident"]
    now = now_of(place, code)["version"]
    assert now == seen + 1


def test_finishing_and_planning_mind_the_version_too(place):
    code = listed(place)
    seen = now_of(place, code)["version"]
    step(place, DEPARTMENT, code, "reassign", responsible_code="c5")
    with pytest.raises(ConflictError):
        steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW, version=seen)
    put(place, code)
    step(place, COORDINATOR, code, "plan")
    step(place, DEPARTMENT, code, "approve")
    with pytest.raises(ConflictError):
        finish(place, code, version=seen)


def test_everything_is_audited_with_who_what_and_why(place):
    code = working(place)
    finish(place, code)
    steps.remove_task(place, DEPARTMENT, code, put(place, code, actor=DEPARTMENT), reason="重复", now=NOW)
    with place.read() as session:
        rows = session.execute(
            select(Audit.action, Audit.user, Audit.reason).where(Audit.subject == code)
        ).all()
        assert verify(session).is_whole
    assert rows == [
        ("rectify.list", "department", "信访多"),
        ("rectify.task.task", "resident", None),
        ("rectify.plan", "coordinator", "属实"),
        ("rectify.approve", "department", "属实"),
        ("rectify.task.finish", "resident", None),
        ("rectify.task.task", "department", None),
        ("rectify.task.remove", "department", "重复"),
    ]


# What was so and known


def test_a_case_is_told_as_it_was_and_as_it_was_known(place):
    early = NOW - timedelta(days=30)
    code = listed(place, now=early)
    step(place, DEPARTMENT, code, "reassign", responsible_code="c5", on=DONE)
    with place.read() as session:
        assert cases(session, as_of=LISTED - timedelta(days=1)).empty
        assert cases(session, as_of=None, known_at=early - timedelta(days=1)).empty
        assert cases(session, as_of=LISTED)["responsible_code"].tolist() == ["c3"]
        assert cases(session, as_of=DONE)["responsible_code"].tolist() == ["c5"]
        assert cases(session, as_of=DONE, known_at=early)["responsible_code"].tolist() == ["c3"]
        assert cases(session, as_of=DONE, codes=[]).empty
        assert cases(session, as_of=DONE, within=(B,)).empty
        assert cases(session, as_of=DONE, within=(A,))["code"].tolist() == [code]
        with_code = cases(session, as_of=DONE, codes=[code])
    assert list(with_code.columns) == list(CASE_COLUMNS)


def test_a_case_that_is_off_the_list_says_since_when(place):
    closed(place)
    listed(place, subject_code=B)
    with place.read() as session:
        before, on = (cases(session, as_of=ASKED - timedelta(days=by)) for by in (1, 0))
    assert before["closed_on"].tolist() == [None, None]
    assert on["closed_on"].tolist() == [ASKED, None]
    assert on["state"].tolist() == ["closed", "listed"]
