"""Rectifications in the tiny county of `tests.answers_store`, taken step by step as people would."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from geo.access import Actor
from geo.exchange.uploads import Upload
from geo.operations import rectification as steps
from geo.operations.attachments import attach_in
from geo.store.models import Audit, Cadre
from geo.store.rectifications import case_rows, case_tasks
from geo.store.village_models import Attachment, Rectification, RectificationEvent, RectificationTask
from geo.vocabulary import AttachmentUse, CaseState, Role
from tests.analysis_frames import A
from tests.answers_store import COORDINATOR, DEPARTMENT, LEADER, RESIDENT_OF_A, fill

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
LISTED, DONE, ASKED = date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 2)
SECOND = Actor("second", Role.DEPARTMENT)
CHECKER = "c4"
"""A cadre who has nothing to do with village A."""
_WRITTEN = (Rectification, RectificationEvent, RectificationTask, Attachment, Audit)


def county(store):
    """The tiny county and two cadres who are no longer, or not yet, in the register."""
    fill(store)
    with store.write() as session:
        session.add(Cadre(code="c-gone", name="孙离", valid_from=None, valid_to=date(2026, 2, 1)))
        session.add(Cadre(code="c-new", name="周新", valid_from=date(2026, 6, 1), valid_to=None))
    return store


def listed(store, *, actor=DEPARTMENT, **changes):
    """Put village A on the list."""
    given = {
        "subject_kind": "village",
        "subject_code": A,
        "cause": "petitions",
        "listed_on": LISTED,
        "responsible_code": "c3",
        "note": "信访多",
        "now": NOW,
    }
    return steps.list_case(store, actor, **(given | changes))


def step(store, actor, code, action, *, on=ASKED, now=NOW, **given):
    """Take a step, with a note unless another one is given."""
    steps.take_step(store, actor, code, action, on=on, now=now, **({"note": "属实"} | given))


def bring(store, code, number, *, actor=RESIDENT_OF_A, mark="", now=NOW):
    """Bring a piece of evidence of a task; another ``mark`` is another file."""
    content = f"{code} {number} {mark}".encode()
    digest = hashlib.sha256(content).hexdigest()
    upload = Upload("image/jpeg", content, b"", 1, 1, None, digest)
    with store.write() as session:
        return attach_in(
            session,
            actor,
            upload,
            use=AttachmentUse.EVIDENCE,
            case_code=code,
            task_number=number,
            title="照片",
            now=now,
        )


def planned(store, **changes):
    """A case with one task of its own, not submitted."""
    code = listed(store, **changes)
    put(store, code)
    return code


def put(store, code, number=None, *, actor=RESIDENT_OF_A, **changes):
    """Add a task, or change one."""
    given = {"title": "走访", "owner_code": "c3", "starts_on": LISTED, "due_on": DONE, "now": NOW}
    return steps.put_task(store, actor, code, number, **(given | changes))


def working(store, **changes):
    """A case with an approved plan of one task."""
    code = planned(store, **changes)
    step(store, COORDINATOR, code, "plan", on=LISTED)
    step(store, DEPARTMENT, code, "approve", on=LISTED)
    return code


def finish(store, code, number=1, *, actor=RESIDENT_OF_A, done_on=DONE, **given):
    """Say that a task is done."""
    steps.finish_task(store, actor, code, number, done_on=done_on, now=NOW, **given)


def requested(store, *, actor=RESIDENT_OF_A, **changes):
    """A case whose closing was asked for, everything done by the resident cadre."""
    code = working(store, **changes)
    finish(store, code, actor=actor)
    bring(store, code, 1, actor=actor)
    step(store, actor, code, "request")
    return code


def checked(store, **changes):
    """A case that the township has reviewed and a leader has found in order."""
    code = requested(store, **changes)
    step(store, COORDINATOR, code, "review")
    step(store, LEADER, code, "check", checker_code=CHECKER)
    return code


def closed(store, **changes):
    """A case that was struck off."""
    code = checked(store, **changes)
    step(store, DEPARTMENT, code, "close")
    return code


def in_state(store, state):
    """A case in a state, with one task."""
    ways = {
        CaseState.LISTED: planned,
        CaseState.WORKING: working,
        CaseState.REQUESTED: requested,
        CaseState.CHECKED: checked,
        CaseState.CLOSED: closed,
    }
    if state in ways:
        return ways[state](store)
    if state is CaseState.PLANNED:
        code = planned(store)
        step(store, COORDINATOR, code, "plan", on=LISTED)
    elif state is CaseState.WITHDRAWN:
        code = planned(store)
        step(store, DEPARTMENT, code, "withdraw", document_no="安组〔2026〕9号")
    else:
        code = requested(store)
        step(store, COORDINATOR, code, "review")
    return code


def now_of(store, code):
    """The case as it is."""
    with store.read() as session:
        (row,) = case_rows(session, code=code)
    return row


def state_of(store, code):
    """The state of a case."""
    return CaseState(now_of(store, code)["state"])


def tasks_of(store, code):
    """The standing tasks of a case by number."""
    with store.read() as session:
        return case_tasks(session, [code]).set_index("number")


def rows_of(store):
    """How many rows there are of everything that steps write."""
    with store.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in _WRITTEN]
