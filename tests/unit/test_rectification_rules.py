from collections import deque
from datetime import date, timedelta

import pandas as pd
import pytest
import yaml

from geo.analysis.rectification.needs import Facts, unmet
from geo.analysis.rectification.plan import planned_tasks
from geo.analysis.rectification.status import case_status
from geo.analysis.rectification.transitions import (
    EDITABLE,
    OPEN,
    TASK_ROLES,
    TRANSITIONS,
    Need,
    TaskDeed,
    roles_of,
    transition,
)
from geo.errors import InputError
from geo.rules import load_rules
from geo.rules.measures import measures, read_measures
from geo.rules.sources import in_words
from geo.vocabulary import CaseAction, CaseState, Role, WeakCause

DAY = date(2026, 5, 1)
LISTED, LIMIT = date(2026, 3, 1), date(2026, 6, 9)
RULES = load_rules(DAY)


def _reached(starts):
    """Every state that can be reached from some."""
    seen, waiting = set(starts), deque(starts)
    while waiting:
        state = waiting.popleft()
        for step in TRANSITIONS:
            if state in step.before and step.after and step.after not in seen:
                seen.add(step.after)
                waiting.append(step.after)
    return seen


def test_every_action_and_every_state_has_its_step():
    assert {step.action for step in TRANSITIONS} == set(CaseAction)
    assert _reached([CaseState.LISTED]) == set(CaseState)


@pytest.mark.parametrize("state", OPEN)
def test_from_every_open_state_the_case_can_be_closed(state):
    assert CaseState.CLOSED in _reached([state])


def test_nothing_leads_on_from_a_case_that_is_off_the_list():
    for state in (CaseState.CLOSED, CaseState.WITHDRAWN):
        assert all(state not in step.before for step in TRANSITIONS)


def test_of_an_action_there_is_one_step_in_each_state():
    for state in CaseState:
        of_state = [step.action for step in TRANSITIONS if state in step.before]
        assert len(of_state) == len(set(of_state))
        assert all(transition(action, state).action == action for action in of_state)
    assert transition(CaseAction.LIST, None).after is CaseState.LISTED
    assert transition(CaseAction.LIST, CaseState.CLOSED) is None
    assert transition(CaseAction.CLOSE, CaseState.WORKING) is None


def test_what_is_being_checked_is_neither_changed_nor_withdrawn():
    assert set(TASK_ROLES[TaskDeed.CHANGE]) == set(EDITABLE)
    assert set(TASK_ROLES[TaskDeed.FINISH]) <= set(EDITABLE)
    for action in (CaseAction.EXTEND, CaseAction.REASSIGN, CaseAction.WITHDRAW):
        assert set(transition(action, CaseState.WORKING).before) <= set(EDITABLE)


def test_three_levels_take_part_in_every_way_to_the_end():
    """Without any one of these the closed state is out of reach."""
    for action in (
        CaseAction.PLAN,
        CaseAction.APPROVE,
        CaseAction.REQUEST,
        CaseAction.REVIEW,
        CaseAction.CHECK,
        CaseAction.CLOSE,
    ):
        seen = {CaseState.LISTED}
        while True:
            more = {
                step.after
                for step in TRANSITIONS
                if step.action != action and step.after and seen & set(step.before)
            }
            if more <= seen:
                break
            seen |= more
        assert CaseState.CLOSED not in seen, action


def test_after_the_request_every_step_on_asks_for_evidence_and_another_account():
    for action in (CaseAction.REVIEW, CaseAction.CHECK, CaseAction.CLOSE):
        (step,) = [each for each in TRANSITIONS if each.action == action]
        assert {Need.TASKS_DONE, Need.EVIDENCE, Need.OTHER_ACCOUNT} <= set(step.needs)
    (check,) = [each for each in TRANSITIONS if each.action == CaseAction.CHECK]
    assert {Need.CHECKER, Need.SECOND_ACCOUNT} <= set(check.needs)


def test_auditors_take_no_step_and_residents_only_ask():
    of_resident = {step.action for step in TRANSITIONS if Role.RESIDENT_CADRE in step.roles}
    assert of_resident == {CaseAction.REQUEST}
    assert all(Role.AUDITOR not in roles_of(action) for action in CaseAction)


# Plans


@pytest.mark.parametrize("cause", WeakCause)
def test_every_cause_has_measures_with_a_known_source(cause):
    assert len(measures()[cause]) >= 4
    for measure in measures()[cause]:
        assert in_words(measure.source)


@pytest.mark.parametrize("cause", WeakCause)
@pytest.mark.parametrize("days", [0, 1, 2, 5, 30, 99, 100, 365])
def test_a_plan_lies_between_listing_and_limit_and_ends_on_it(cause, days):
    due_on = LISTED + timedelta(days=days)
    tasks = planned_tasks(cause, listed_on=LISTED, due_on=due_on, responsible_code="c1", leader_code="c2")
    assert list(tasks["number"]) == list(range(1, len(measures()[cause]) + 1))
    assert max(tasks["due_on"]) == due_on == tasks["due_on"].iloc[-1]
    assert min(tasks["starts_on"]) == LISTED
    assert all(
        LISTED <= first <= last for first, last in zip(tasks["starts_on"], tasks["due_on"], strict=True)
    )
    assert set(tasks["owner_code"]) == {"c1", "c2"}


def test_a_plan_is_counted_back_from_the_limit():
    tasks = planned_tasks("petitions", listed_on=LISTED, due_on=LIMIT, responsible_code="c1")
    assert list(tasks["due_on"]) == [LIMIT - timedelta(days=days) for days in (80, 65, 20, 10, 0)]
    assert list(tasks["starts_on"]) == [LISTED, *(LIMIT - timedelta(days=d) for d in (79, 64, 34, 9))]
    assert set(tasks["owner_code"]) == {"c1"}


def test_a_shorter_limit_shortens_every_task():
    def lengths(days):
        tasks = planned_tasks(
            "economy_behind", listed_on=LISTED, due_on=LISTED + timedelta(days=days), responsible_code="c1"
        )
        return [(last - first).days for first, last in zip(tasks["starts_on"], tasks["due_on"], strict=True)]

    assert all(short < full for short, full in zip(lengths(50), lengths(100), strict=True))


def test_a_limit_before_the_first_day_is_no_plan():
    with pytest.raises(ValueError, match="limit"):
        planned_tasks("petitions", listed_on=LISTED, due_on=LISTED - timedelta(days=1), responsible_code="c1")


GOOD = {"title": "走访", "share_from": 0, "share_to": 1, "who": "responsible", "source": "S3"}


def _file(tmp_path, **changes):
    entries = {str(cause): [GOOD] for cause in WeakCause} | changes
    path = tmp_path / "measures.yaml"
    path.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    return path


def test_measures_are_read(tmp_path):
    assert read_measures(_file(tmp_path))[WeakCause.PETITIONS][0].title == "走访"


@pytest.mark.parametrize(
    "changes",
    [
        {"petitions": []},
        {"petitions": [GOOD | {"who": "nobody"}]},
        {"petitions": [GOOD | {"share_from": 1}]},
        {"petitions": [GOOD | {"share_to": 1.1}]},
        {"petitions": [GOOD | {"share_to": 0.9}]},
        {"petitions": [GOOD | {"title": ""}]},
        {"petitions": [{"title": "走访"}]},
        {"unheard_of": [GOOD]},
    ],
)
def test_faulty_measures_are_refused(tmp_path, changes):
    with pytest.raises(InputError):
        read_measures(_file(tmp_path, **changes))


# Status


def _cases(*rows):
    return pd.DataFrame(
        rows, columns=["code", "state", "due_on"], index=[f"i{at}" for at in range(len(rows))]
    )


def _tasks(*rows):
    return pd.DataFrame(rows, columns=["case_code", "due_on", "done_on"])


NO_TASKS = _tasks()


@pytest.mark.parametrize(
    ("state", "due_on", "status", "left"),
    [
        ("working", DAY - timedelta(days=1), "overdue", -1),
        ("working", DAY, "pressing", 0),
        ("working", DAY + timedelta(days=15), "pressing", 15),
        ("working", DAY + timedelta(days=16), "on_time", 16),
        ("checked", DAY - timedelta(days=1), "overdue", -1),
        ("closed", DAY - timedelta(days=1), "closed", None),
        ("withdrawn", DAY + timedelta(days=1), "withdrawn", None),
    ],
)
def test_the_status_of_a_case(state, due_on, status, left):
    found = case_status(_cases(("a", state, due_on)), NO_TASKS, RULES, as_of=DAY).iloc[0]
    assert found["status"] == status
    assert (None if pd.isna(found["days_left"]) else found["days_left"]) == left
    assert (found["tasks"], found["tasks_done"], found["tasks_overdue"]) == (0, 0, 0)


def test_tasks_are_counted_as_they_were_on_the_day():
    past, later = DAY - timedelta(days=1), DAY + timedelta(days=1)
    tasks = _tasks(
        ("a", past, past), ("a", past, None), ("a", past, later), ("a", DAY, None), ("b", past, None)
    )
    far = DAY + timedelta(days=90)
    cases = _cases(("a", "working", far), ("b", "closed", far), ("c", "listed", far))
    found = case_status(cases, tasks, RULES, as_of=DAY)
    assert list(found.index) == list(cases.index)
    assert found[["tasks", "tasks_done", "tasks_overdue"]].to_numpy().tolist() == [
        [4, 1, 2],
        [1, 0, 0],
        [0, 0, 0],
    ]
    assert list(found["status"]) == ["pressing", "closed", "on_time"]


def test_no_cases_have_no_status():
    found = case_status(_cases(), NO_TASKS, RULES, as_of=DAY)
    assert found.empty
    assert {"status", "days_left", "tasks", "tasks_done", "tasks_overdue"} <= set(found.columns)


# Needs

TASK_COLUMNS = ["number", "title", "owner_code", "starts_on", "due_on", "done_on"]


def _facts(**changes):
    task = (1, "走访", "c3", LISTED, DAY, DAY)
    given = {
        "on": DAY,
        "user": "leader",
        "listed_on": LISTED,
        "due_on": LIMIT,
        "tasks": pd.DataFrame([task], columns=TASK_COLUMNS),
        "evidence": {1: 1},
        "workers": frozenset({"resident"}),
        "reviewers": frozenset({"coordinator"}),
        "people": frozenset({"c1", "c3"}),
        "in_office": frozenset({"c3", "c4"}),
        "names": {"c3": "王三"},
        "responsible_code": "c3",
        "note": "属实",
        "document_no": "安组〔2026〕5号",
        "checker_code": "c4",
        "later": LIMIT + timedelta(days=1),
    }
    return Facts(**(given | changes))


def _step_with(need):
    return next(step for step in TRANSITIONS if need in step.needs)


def _said(need, facts):
    return [sentence for which, sentence in unmet(_step_with(need), facts) if which is need]


def _one_task(**changes):
    row = dict(zip(TASK_COLUMNS, (1, "走访", "c3", LISTED, DAY, DAY), strict=True)) | changes
    return pd.DataFrame([row], columns=TASK_COLUMNS).astype(object)


NONE = pd.DataFrame([], columns=TASK_COLUMNS)


@pytest.mark.parametrize("need", Need)
def test_every_need_is_asked_for_and_can_be_met(need):
    assert _said(need, _facts()) == []


@pytest.mark.parametrize(
    ("need", "changes", "says"),
    [
        (Need.NOTE, {"note": " "}, "说明"),
        (Need.DOCUMENT, {"document_no": ""}, "文号"),
        (Need.RESPONSIBLE, {"responsible_code": None}, "责任人"),
        (Need.RESPONSIBLE, {"in_office": frozenset()}, "王三"),
        (Need.PLAN, {"tasks": NONE}, "任务"),
        (Need.PLAN, {"tasks": _one_task(owner_code=None)}, "任务 1：没有责任人"),
        (Need.PLAN, {"tasks": _one_task(owner_code="c9")}, "c9"),
        (Need.PLAN, {"tasks": _one_task(starts_on=LISTED - timedelta(days=1))}, "起止"),
        (Need.PLAN, {"tasks": _one_task(due_on=LIMIT + timedelta(days=1))}, "起止"),
        (Need.TASKS_DONE, {"tasks": NONE}, "任务"),
        (Need.TASKS_DONE, {"tasks": _one_task(done_on=None)}, "任务 1 尚未完成"),
        (Need.TASKS_DONE, {"tasks": _one_task(done_on=DAY + timedelta(days=1))}, "任务 1 尚未完成"),
        (Need.EVIDENCE, {"tasks": NONE}, "任务"),
        (Need.EVIDENCE, {"evidence": {2: 3}}, "任务 1 没有佐证"),
        (Need.EVIDENCE, {"evidence": {1: 0}}, "任务 1 没有佐证"),
        (Need.OTHER_ACCOUNT, {"user": "resident"}, "resident"),
        (Need.SECOND_ACCOUNT, {"user": "coordinator"}, "coordinator"),
        (Need.CHECKER, {"checker_code": None}, "核查人"),
        (Need.CHECKER, {"checker_code": "c3"}, "王三"),
        (Need.CHECKER, {"checker_code": "c1", "in_office": frozenset({"c1"})}, "c1"),
        (Need.CHECKER, {"checker_code": "c9"}, "名册"),
        (Need.LATER, {"later": None}, "期限"),
        (Need.LATER, {"later": LIMIT}, LIMIT.isoformat()),
        (Need.LATER, {"later": LIMIT + timedelta(days=1), "on": LIMIT + timedelta(days=2)}, "期限"),
    ],
)
def test_what_is_missing_is_said(need, changes, says):
    (sentence,) = _said(need, _facts(**changes))
    assert says in sentence
