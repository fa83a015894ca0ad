"""The part of the one table that is about getting villages and branches off the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from geo.access import SYSTEM, Actor
from geo.operations import rectification as steps
from geo.store.engine import Store
from geo.store.models import Branch
from geo.store.rectifications import case_rows
from geo.vocabulary import Role
from tests.rectifying import bring
from tests.security.matrix_county import MARKS, NOW, TODAY, VILLAGES, actor_of
from tests.security.matrix_table import DEPARTMENT, PERSONAL, WRITERS, Attempt, Deed

LISTED = TODAY - timedelta(days=60)
CHECKING = frozenset({Role.LEADER, Role.DEPARTMENT})


def unplanned(village: str) -> str:
    """What is on the list without a plan: the village itself."""
    return village


def planning(village: str) -> str:
    """A branch whose plan of two tasks waits to be submitted."""
    return f"b-{village}"


def in_work(village: str) -> str:
    """A branch whose only task is done and shown."""
    return f"b-{village}-2"


def to_check(village: str) -> str:
    """A branch that the township has reviewed."""
    return f"b-{village}-3"


def unlisted(village: str) -> str:
    """A branch that is not on the list."""
    return f"b-{village}-4"


def put_on_the_list(store: Store) -> None:
    """Rectifications in each of these states in each village."""
    with store.write() as session:
        for village in VILLAGES:
            for subject in (in_work(village), to_check(village), unlisted(village)):
                session.add(Branch(code=subject, name=f"{MARKS[village]}支部", village_code=village))
    for village in VILLAGES:
        _list(store, SYSTEM, village, village)
        code = _list(store, SYSTEM, planning(village), village)
        for _again in range(2):
            _put(store, SYSTEM, code, village)
        for subject in (in_work(village), to_check(village)):
            _work(store, _list(store, SYSTEM, subject, village), village)
        code = case_of(store, to_check(village))
        _step(store, SYSTEM, code, "request")
        _step(store, actor_of("whole"), code, "review")


def _work(store: Store, code: str, village: str) -> None:
    _put(store, SYSTEM, code, village)
    _step(store, SYSTEM, code, "plan")
    _step(store, SYSTEM, code, "approve")
    steps.finish_task(store, SYSTEM, code, 1, done_on=TODAY, now=NOW)
    bring(store, code, 1, actor=SYSTEM, now=NOW)


def case_of(store: Store, subject: str) -> str:
    """The code of the case of a village or branch."""
    with store.read() as session:
        return str(case_rows(session, subject_code=subject)[-1]["code"])


def _list(store: Store, actor: Actor, subject: str, village: str) -> str:
    return steps.list_case(
        store,
        actor,
        subject_kind="village" if subject == village else "branch",
        subject_code=subject,
        cause="petitions",
        listed_on=LISTED,
        responsible_code=f"o-{village}",
        note=f"{MARKS[village]}情况",
        now=NOW,
    )


def _put(store: Store, actor: Actor, code: str, village: str, number: int | None = None) -> int:
    return steps.put_task(
        store,
        actor,
        code,
        number,
        title=f"{MARKS[village]}措施",
        owner_code=f"o-{village}",
        starts_on=LISTED,
        due_on=TODAY,
        now=NOW,
    )


def _step(store: Store, actor: Actor, code: str, action: str, **given: Any) -> None:
    steps.take_step(store, actor, code, action, on=TODAY, now=NOW, note="属实", **given)


def _taking(action: str, subject: Any, **given: Any) -> Attempt:
    return lambda store, actor, village: _step(
        store, actor, case_of(store, subject(village)), action, **given
    )


RECTIFICATION_DEEDS: dict[str, Deed] = {
    "put on the list": Deed(
        "rectification.listing.list_case",
        lambda store, actor, village: _list(store, actor, unlisted(village), village),
        DEPARTMENT,
    ),
    "plan from a template": Deed(
        "rectification.tasks.plan_from_template",
        lambda store, actor, village: steps.plan_from_template(
            store, actor, case_of(store, unplanned(village)), now=NOW
        ),
        PERSONAL,
    ),
    "add a task": Deed(
        "rectification.tasks.put_task",
        lambda store, actor, village: _put(store, actor, case_of(store, planning(village)), village),
        PERSONAL,
    ),
    "change a task": Deed(
        "rectification.tasks.put_task",
        lambda store, actor, village: _put(store, actor, case_of(store, planning(village)), village, 1),
        PERSONAL,
    ),
    "add a task to an approved plan": Deed(
        "rectification.tasks.put_task",
        lambda store, actor, village: _put(store, actor, case_of(store, in_work(village)), village),
        DEPARTMENT,
    ),
    "take a task out": Deed(
        "rectification.tasks.remove_task",
        lambda store, actor, village: steps.remove_task(
            store, actor, case_of(store, planning(village)), 1, reason="重复", now=NOW
        ),
        PERSONAL,
    ),
    "open a task again": Deed(
        "rectification.tasks.finish_task",
        lambda store, actor, village: steps.finish_task(
            store, actor, case_of(store, in_work(village)), 1, done_on=None, now=NOW
        ),
        PERSONAL,
    ),
    "submit a plan": Deed("rectification.steps.take_step", _taking("plan", planning), WRITERS),
    "ask for the closing": Deed("rectification.steps.take_step", _taking("request", in_work), PERSONAL),
    "check on the spot": Deed(
        "rectification.steps.take_step", _taking("check", to_check, checker_code="o-free"), CHECKING
    ),
    "return after the review": Deed("rectification.steps.take_step", _taking("return", to_check), CHECKING),
    "extend": Deed(
        "rectification.steps.take_step",
        _taking("extend", unplanned, due_on=LISTED + timedelta(days=120), document_no="5号"),
        DEPARTMENT,
    ),
    "answer for it from now on": Deed(
        "rectification.steps.take_step", _taking("reassign", unplanned, responsible_code="o-free"), DEPARTMENT
    ),
    "withdraw from the list": Deed(
        "rectification.steps.take_step", _taking("withdraw", unplanned, document_no="5号"), DEPARTMENT
    ),
}
"""What may be done about rectifications."""
