from datetime import timedelta

import pytest
from sqlalchemy import select

from geo.access import Actor
from geo.errors import (
    InputError,
    PermissionError_,
    RuleError,
    TransitionError,
)
from geo.operations import rectification as steps
from geo.operations.attachments import remove_attachment
from geo.store.rectifications import task_records
from geo.store.village_models import Attachment
from geo.vocabulary import CaseState, Role
from tests.answers_store import COORDINATOR, DEPARTMENT, RESIDENT_OF_A
from tests.rectifying import (
    ASKED,
    DONE,
    LISTED,
    NOW,
    bring,
    finish,
    in_state,
    listed,
    planned,
    put,
    step,
    tasks_of,
    working,
)

AUDITOR = Actor("auditor", Role.AUDITOR)
TODAY = NOW.date()


def test_a_template_fills_an_empty_plan_once(place, unchanged):
    code = listed(place)
    steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW)
    tasks = tasks_of(place, code)
    assert list(tasks.index) == [1, 2, 3, 4, 5]
    assert tasks["due_on"].iloc[-1] == LISTED + timedelta(days=100)
    assert set(tasks["owner_code"]) == {"c3", "c1"}
    unchanged()
    with pytest.raises(RuleError):
        steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW)


def test_a_plan_may_begin_later_but_not_outside(place):
    code = listed(place)
    for first in (LISTED - timedelta(days=1), LISTED + timedelta(days=101)):
        with pytest.raises(InputError):
            steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW, starts_on=first)
    steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW, starts_on=ASKED)
    assert min(tasks_of(place, code)["starts_on"]) == ASKED


def test_a_number_is_never_used_again(place):
    code = listed(place)
    assert put(place, code) == 1
    bring(place, code, 1)
    steps.remove_task(place, RESIDENT_OF_A, code, 1, reason="另作安排", now=NOW)
    assert put(place, code) == 2
    steps.remove_task(place, RESIDENT_OF_A, code, 2, reason="另作安排", now=NOW)
    steps.plan_from_template(place, RESIDENT_OF_A, code, now=NOW)
    assert list(tasks_of(place, code).index) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": " "}, "任务内容"),
        ({"title": "长" * 121}, "120"),
        ({"title": "走访 11010519491231002X"}, "身份证"),
        ({"note": "证号 11010519491231002X"}, "身份证"),
        ({"owner_code": "c9"}, "c9"),
        ({"owner_code": "c-gone"}, "孙离"),
        ({"owner_code": "c-new"}, "周新"),
        ({"starts_on": LISTED - timedelta(days=1)}, "起止"),
        ({"due_on": LISTED + timedelta(days=101)}, "起止"),
        ({"starts_on": DONE + timedelta(days=1)}, "起止"),
        ({"number": 9}, "任务 9"),
    ],
)
def test_a_task_must_make_sense(place, unchanged, changes, says):
    code = planned(place)
    unchanged()
    with pytest.raises(InputError, match=says):
        put(place, code, **changes)


def test_a_task_without_an_owner_is_not_submitted(place):
    code = listed(place)
    put(place, code, owner_code=None)
    with pytest.raises(RuleError, match="责任人"):
        step(place, COORDINATOR, code, "plan")


def test_a_submitted_plan_is_the_countys_to_change(place):
    code = working(place)
    for attempt in (
        lambda actor: put(place, code, actor=actor),
        lambda actor: put(place, code, 1, actor=actor),
        lambda actor: steps.remove_task(place, actor, code, 1, reason="x", now=NOW),
    ):
        for actor in (RESIDENT_OF_A, COORDINATOR):
            with pytest.raises(PermissionError_):
                attempt(actor)
    assert put(place, code, actor=DEPARTMENT) == 2
    steps.remove_task(place, DEPARTMENT, code, 2, reason="重复", now=NOW)
    with pytest.raises(RuleError, match="至少"):
        steps.remove_task(place, DEPARTMENT, code, 1, reason="重复", now=NOW)


@pytest.mark.parametrize(
    "state", [CaseState.REQUESTED, CaseState.REVIEWED, CaseState.CHECKED, CaseState.CLOSED]
)
def test_after_the_request_nothing_is_changed(place, unchanged, state):
    code = in_state(place, state)
    unchanged()
    attempts = (
        lambda: put(place, code, actor=DEPARTMENT),
        lambda: put(place, code, 1, actor=DEPARTMENT),
        lambda: steps.remove_task(place, DEPARTMENT, code, 1, reason="x", now=NOW),
        lambda: finish(place, code, done_on=None),
        lambda: steps.plan_from_template(place, DEPARTMENT, code, now=NOW),
        lambda: bring(place, code, 1, mark="late"),
        lambda: remove_attachment(place, RESIDENT_OF_A, _piece(place, code), reason="x", now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(TransitionError):
            attempt()


def _piece(place, code):
    with place.read() as session:
        return session.scalar(select(Attachment.code).where(Attachment.case_code == code))


def test_only_approved_work_is_done(place):
    code = planned(place)
    with pytest.raises(TransitionError):
        finish(place, code)


def test_a_task_is_done_between_the_listing_and_today(place, unchanged):
    code = working(place)
    unchanged()
    for day in (LISTED - timedelta(days=1), TODAY + timedelta(days=2)):
        with pytest.raises(InputError):
            finish(place, code, done_on=day)
    with pytest.raises(InputError):
        finish(place, code, 2)


def test_a_task_that_is_done_is_reopened_before_it_is_changed(place):
    code = working(place)
    finish(place, code, note="已走访 40 户")
    with pytest.raises(RuleError, match="办结"):
        put(place, code, 1, actor=DEPARTMENT)
    finish(place, code, done_on=None)
    assert tasks_of(place, code).loc[1, "note"] == "已走访 40 户"
    assert put(place, code, 1, actor=DEPARTMENT, due_on=ASKED) == 1
    with place.read() as session:
        assert list(task_records(session, code)["done_on"]) == [None, DONE, None, None]


def test_a_task_with_evidence_keeps_its_title(place):
    code = working(place)
    piece = bring(place, code, 1)
    with pytest.raises(RuleError, match="佐证"):
        put(place, code, 1, actor=DEPARTMENT, title="换书记")
    put(place, code, 1, actor=DEPARTMENT, owner_code="c5")
    remove_attachment(place, RESIDENT_OF_A, piece, reason="模糊", now=NOW)
    put(place, code, 1, actor=DEPARTMENT, title="换书记")


def test_evidence_of_another_task_or_taken_away_does_not_count(place):
    code = working(place)
    put(place, code, actor=DEPARTMENT)
    finish(place, code)
    finish(place, code, 2)
    piece = bring(place, code, 1)
    bring(place, code, 1, mark="another")
    with pytest.raises(RuleError, match="任务 2 没有佐证"):
        step(place, RESIDENT_OF_A, code, "request")
    remove_attachment(place, RESIDENT_OF_A, piece, reason="模糊", now=NOW)
    remove_attachment(place, RESIDENT_OF_A, _standing(place, code), reason="模糊", now=NOW)
    bring(place, code, 2)
    with pytest.raises(RuleError, match="任务 1 没有佐证"):
        step(place, RESIDENT_OF_A, code, "request")
    bring(place, code, 1, mark="third")
    step(place, RESIDENT_OF_A, code, "request")


def _standing(place, code):
    with place.read() as session:
        found = select(Attachment.code).where(
            Attachment.case_code == code, Attachment.superseded_at.is_(None)
        )
        return session.scalar(found)


def test_a_task_added_while_the_work_goes_on_must_be_done_too(place):
    code = working(place)
    finish(place, code)
    bring(place, code, 1)
    put(place, code, actor=DEPARTMENT)
    with pytest.raises(RuleError, match="任务 2"):
        step(place, RESIDENT_OF_A, code, "request")
