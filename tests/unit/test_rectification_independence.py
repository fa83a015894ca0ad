from datetime import date, timedelta

import pytest

from geo.access import Actor
from geo.errors import (
    RuleError,
)
from geo.operations import rectification as steps
from geo.operations.attachments import remove_attachment
from geo.operations.rectification import possible_steps
from geo.store.models import Responsibility
from geo.vocabulary import Role
from tests.analysis_frames import A
from tests.answers_store import COORDINATOR, DEPARTMENT, LEADER, RESIDENT_OF_A
from tests.rectifying import (
    ASKED,
    CHECKER,
    DONE,
    LISTED,
    NOW,
    SECOND,
    bring,
    finish,
    listed,
    put,
    requested,
    step,
    working,
)

AUDITOR = Actor("auditor", Role.AUDITOR)
TODAY = NOW.date()


def test_who_worked_in_a_case_neither_reviews_nor_checks_nor_closes_it(place, unchanged):
    code = requested(place, actor=COORDINATOR)
    unchanged()
    with pytest.raises(RuleError, match="coordinator"):
        step(place, COORDINATOR, code, "review")
    with place.read() as session:
        (missing,) = [
            said
            for action, said in possible_steps(session, COORDINATOR, code, on=ASKED)
            if action == "review"
        ]
    assert "coordinator" in missing[0]


@pytest.mark.parametrize("deed", ["finish", "bring", "take away", "request once"])
def test_one_deed_makes_an_account_a_worker_for_good(place, deed):
    code = working(place)
    finish(place, code)
    piece = bring(place, code, 1)
    if deed == "finish":
        finish(place, code, actor=SECOND)
        finish(place, code, done_on=None)
        finish(place, code)
    elif deed == "bring":
        bring(place, code, 1, actor=SECOND, mark="another")
    elif deed == "take away":
        remove_attachment(place, SECOND, piece, reason="模糊", now=NOW)
        bring(place, code, 1, mark="another")
    else:
        step(place, SECOND, code, "request")
        step(place, COORDINATOR, code, "return")
    step(place, RESIDENT_OF_A, code, "request")
    with pytest.raises(RuleError, match="second"):
        step(place, SECOND, code, "review")
    step(place, COORDINATOR, code, "review")
    with pytest.raises(RuleError, match="second"):
        step(place, SECOND, code, "check", checker_code=CHECKER)
    step(place, LEADER, code, "check", checker_code=CHECKER)
    with pytest.raises(RuleError, match="second"):
        step(place, SECOND, code, "close")
    step(place, DEPARTMENT, code, "close")


def test_who_reviewed_once_does_not_check(place):
    code = requested(place)
    step(place, DEPARTMENT, code, "review")
    with pytest.raises(RuleError, match="department"):
        step(place, DEPARTMENT, code, "check", checker_code=CHECKER)
    step(place, LEADER, code, "return")
    step(place, RESIDENT_OF_A, code, "request")
    step(place, COORDINATOR, code, "review")
    with pytest.raises(RuleError, match="department"):
        step(place, DEPARTMENT, code, "check", checker_code=CHECKER)
    step(place, SECOND, code, "check", checker_code=CHECKER)


def _reviewed(place, code):
    finish(place, code)
    bring(place, code, 1)
    step(place, RESIDENT_OF_A, code, "request")
    step(place, COORDINATOR, code, "review")


@pytest.mark.parametrize(
    ("checker", "says"),
    [
        (None, "核查人"),
        ("", "核查人"),
        ("c3", "王三"),  # answers for it
        ("c1", "张一"),  # leads the township and heads the team
        ("c9", "名册"),
        ("c-gone", "名册"),
        ("c-new", "名册"),
    ],
)
def test_a_checker_is_in_office_and_apart_from_the_case(place, unchanged, checker, says):
    code = working(place)
    _reviewed(place, code)
    unchanged()
    with pytest.raises(RuleError, match=says):
        step(place, LEADER, code, "check", checker_code=checker)


def test_who_answered_for_it_earlier_does_not_check(place):
    code = working(place, responsible_code="c4")
    step(place, DEPARTMENT, code, "reassign", responsible_code="c3", on=DONE)
    step(place, DEPARTMENT, code, "reassign", leader_code="c5", on=DONE)
    step(place, DEPARTMENT, code, "reassign", leader_code="c1", on=DONE)
    _reviewed(place, code)
    for checker, says in (("c4", "赵四"), ("c5", "钱五")):
        with pytest.raises(RuleError, match=says):
            step(place, LEADER, code, "check", checker_code=checker)
    step(place, LEADER, code, "check", checker_code="c2")


def test_who_owned_a_task_that_was_given_away_or_taken_out_does_not_check(place):
    code = listed(place)
    put(place, code, owner_code="c4")
    put(place, code, 1, owner_code="c3")
    put(place, code, owner_code="c5")
    steps.remove_task(place, RESIDENT_OF_A, code, 2, reason="重复", now=NOW)
    step(place, COORDINATOR, code, "plan")
    step(place, DEPARTMENT, code, "approve")
    _reviewed(place, code)
    for checker in ("c4", "c5"):
        with pytest.raises(RuleError, match="不能核查"):
            step(place, LEADER, code, "check", checker_code=checker)
    with place.read() as session:
        assert steps.people_involved(session, code, on=ASKED) == {"c1", "c3", "c4", "c5"}


def test_who_served_the_village_on_a_day_of_the_case_does_not_check(place):
    with place.write() as session:
        held = {"recorded_at": NOW, "recorded_by": "test", "rank": "primary", "target_code": A}
        for holder, first, last in (
            ("c4", date(2025, 1, 1), LISTED),  # left on the day before the listing
            ("c5", date(2025, 1, 1), LISTED + timedelta(days=1)),
        ):
            session.add(
                Responsibility(
                    kind="township_cadre", holder_code=holder, valid_from=first, valid_to=last, **held
                )
            )
    code = working(place)
    _reviewed(place, code)
    with pytest.raises(RuleError, match="钱五"):
        step(place, LEADER, code, "check", checker_code="c5")
    step(place, LEADER, code, "check", checker_code="c4")
