"""Processes that work on a rectification: two that want the same, and one that goes on until it is killed."""

from __future__ import annotations

from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from geo.access import Actor
from geo.errors import ConflictError, TransitionError
from geo.store.engine import Store, open_store
from geo.store.rectifications import case_rows, evidence_counts
from geo.vocabulary import CaseState
from tests import rectifying
from tests.answers_store import COORDINATOR, DEPARTMENT, LEADER
from tests.rectifying import ASKED, CHECKER, bring, finish, listed, put, step, tasks_of
from tests.store.writers import READY

TAKEN = "taken"
IN_TURN = ("task", "plan", "return")
LONGEST_WAIT_S = 120


def race(url: str, actor: Actor, code: str, rounds: int, together: Barrier, done: Connection) -> None:
    """Add a task, submit the plan and return it, again and again, each time at once with somebody else.

    Both have seen the same; what became of each try is sent.
    """
    store = open_store(url)
    for number in range(rounds):
        together.wait(LONGEST_WAIT_S)
        version = rectifying.now_of(store, code)["version"]
        together.wait(LONGEST_WAIT_S)
        deed = IN_TURN[number % len(IN_TURN)]
        try:
            if deed == "task":
                put(store, code, actor=actor, version=version)
            else:
                # Who takes a step without looking is stopped by the state, who has looked by the version too.
                step(store, actor, code, deed, version=version if number % 2 else None)
        except (ConflictError, TransitionError) as refusal:
            done.send(type(refusal).__name__)
        else:
            done.send(TAKEN)
    done.close()
    store.close()


def rectify_until_killed(url: str, done: Connection) -> None:
    """List, plan, work, prove, check and strike off without end; each deed is sent after its transaction."""
    store = open_store(url)
    done.send(READY)
    while True:
        done.send(_next_deed(store))


def _next_deed(store: Store) -> str:
    with store.read() as session:
        rows = case_rows(session)
    if not rows or rows[-1]["state"] == "closed":
        return f"list {listed(store, listed_on=ASKED)}"
    code, state = rows[-1]["code"], CaseState(rows[-1]["state"])
    tasks = tasks_of(store, code)
    if state is CaseState.LISTED and len(tasks) < 2:
        return f"task {put(store, code, starts_on=ASKED, due_on=ASKED)}"
    if state is CaseState.WORKING:
        for number, task in tasks.iterrows():
            if task["done_on"] is None:
                finish(store, code, int(number), done_on=ASKED)
                return f"finish {number}"
        with store.read() as session:
            shown = set(evidence_counts(session, [code])["task_number"])
        for number in set(tasks.index) - shown:
            return f"evidence {bring(store, code, int(number))}"
    return _onward(store, code, state)


def _onward(store: Store, code: str, state: CaseState) -> str:
    action, actor = {
        CaseState.LISTED: ("plan", COORDINATOR),
        CaseState.PLANNED: ("approve", DEPARTMENT),
        CaseState.WORKING: ("request", rectifying.RESIDENT_OF_A),
        CaseState.REQUESTED: ("review", COORDINATOR),
        CaseState.REVIEWED: ("check", LEADER),
        CaseState.CHECKED: ("close", DEPARTMENT),
    }[state]
    step(store, actor, code, action, checker_code=CHECKER if action == "check" else None)
    return action
