"""Rectifications as they were on a day: read from their events, which are only ever appended.

The state of a case is what its last event says; its limit, responsible cadre and leader are those that were
set last. What is written is in `geo.store.rectification_records`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known
from geo.store.models import Cadre, Responsibility
from geo.store.reading import read_statement
from geo.store.village_models import Attachment, Rectification, RectificationEvent, RectificationTask
from geo.vocabulary import AttachmentUse, CaseAction, CaseState, ResponsibilityKind

ENDED = (str(CaseState.CLOSED), str(CaseState.WITHDRAWN))
CASE_COLUMNS = (
    "code",
    "subject_kind",
    "subject_code",
    "village_code",
    "cause",
    "round",
    "previous_code",
    "listed_on",
    "recorded_at",
    "recorded_by",
    "version",
    "state",
    "due_on",
    "responsible_code",
    "leader_code",
    "closed_on",
)
_LISTED = select(*(getattr(Rectification, name) for name in CASE_COLUMNS[:11]))
_SET = ("state", "last_on", "due_on", "responsible_code", "leader_code")
_LATEST = (*_SET, "closed_on")
_SAID = select(
    RectificationEvent.case_code,
    RectificationEvent.state,
    RectificationEvent.happened_on,
    RectificationEvent.due_on,
    RectificationEvent.responsible_code,
    RectificationEvent.leader_code,
)
_EVENT_COLUMNS = (
    "id",
    "case_code",
    "action",
    "state",
    "happened_on",
    "recorded_at",
    "recorded_by",
    "role",
    "due_on",
    "responsible_code",
    "leader_code",
    "checker_code",
    "note",
    "document_no",
)
_TEAM = tuple(
    str(kind)
    for kind in (
        ResponsibilityKind.COUNTY_LEADER,
        ResponsibilityKind.TEAM_HEAD,
        ResponsibilityKind.RESIDENT_CADRE,
        ResponsibilityKind.TOWNSHIP_CADRE,
        ResponsibilityKind.ORG_CADRE,
    )
)
"""Kinds of responsibility whose holders work for the village or branch itself."""


def cases(
    session: Session,
    *,
    as_of: date | None,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
    codes: Collection[str] | None = None,
) -> pd.DataFrame:
    """Cases that were on the list by a day, ended ones too, in the order of their codes.

    Parameters
    ----------
    as_of : date or None
        As they were on that day; None: as they are.
    known_at : datetime or None
        As far as was recorded by then.
    within : collection of str
        Territories of their villages; branches without a village come only with the whole county.
    codes : collection of str or None
        Only these cases.

    Returns
    -------
    DataFrame
        `CASE_COLUMNS`. ``version`` counts every change up to now and is what a writer must have seen;
        ``closed_on`` is the day it came off the list, closed or withdrawn.
    """
    statement = _LISTED.where(
        in_territory(Rectification.village_code, within),
        Rectification.listed_on <= as_of if as_of is not None else true(),
        Rectification.recorded_at <= known_at if known_at is not None else true(),
    )
    if codes is not None:
        statement = statement.where(Rectification.code.in_(list(codes)))
    listed = read_statement(session, statement.order_by(Rectification.code))
    everything = codes is None and "" in within
    said = _latest(session, None if everything else list(listed["code"]), as_of, known_at)
    rows = [said.get(code) for code in listed["code"]]
    kept = np.array([row is not None for row in rows], dtype=bool)
    latest = pd.DataFrame([row for row in rows if row], columns=list(_LATEST), dtype=object)
    return pd.concat([listed[kept].reset_index(drop=True), latest], axis=1)[list(CASE_COLUMNS)]


def case_rows(
    session: Session, *, code: str | None = None, subject_code: str | None = None
) -> list[dict[str, Any]]:
    """One case, or those of one village or branch, as they are now: `CASE_COLUMNS` and ``last_on``, by round.

    ``last_on`` is the day of the last step.
    """
    statement = _LISTED.order_by(Rectification.round)
    if code is not None:
        statement = statement.where(Rectification.code == code)
    if subject_code is not None:
        statement = statement.where(Rectification.subject_code == subject_code)
    listed = [dict(row) for row in session.execute(statement).mappings()]
    latest = _latest(session, [row["code"] for row in listed], None, None)
    return [row | latest[row["code"]] for row in listed]


def _latest(
    session: Session, codes: Collection[str] | None, as_of: date | None, known_at: datetime | None
) -> dict[str, dict[str, Any]]:
    """The last thing said of each case: its state and last day, and whatever steps have set."""
    found: dict[str, dict[str, Any]] = {}
    for code, *said in session.execute(_narrowed(_SAID, codes, as_of, known_at)):
        row = found.setdefault(code, dict.fromkeys(_LATEST))
        row |= {name: value for name, value in zip(_SET, said, strict=True) if value is not None}
        row["closed_on"] = row["last_on"] if row["state"] in ENDED else None
    return found


def _narrowed(
    statement: Any, codes: Collection[str] | None, as_of: date | None, known_at: datetime | None
) -> Any:
    """Steps in their order: of some cases (None: of all), taken by a day, known at a moment."""
    event = RectificationEvent
    if codes is not None:
        statement = statement.where(event.case_code.in_(list(codes)))
    if as_of is not None:
        statement = statement.where(event.happened_on <= as_of)
    if known_at is not None:
        statement = statement.where(event.recorded_at <= known_at)
    return statement.order_by(event.id)


def case_events(
    session: Session, code: str, *, as_of: date | None = None, known_at: datetime | None = None
) -> pd.DataFrame:
    """The steps of a case, oldest first.

    Returns
    -------
    DataFrame
        ``id, case_code, action, state, happened_on, recorded_at, recorded_by, role, due_on, responsible_code,
        leader_code, checker_code, note, document_no``.
    """
    statement = select(*(getattr(RectificationEvent, name) for name in _EVENT_COLUMNS))
    return read_statement(session, _narrowed(statement, [code], as_of, known_at))


def case_tasks(
    session: Session, codes: Collection[str] | None, *, known_at: datetime | None = None
) -> pd.DataFrame:
    """The tasks of cases as they stand (None: of all cases), by case and number.

    Returns
    -------
    DataFrame
        ``case_code, number, title, owner_code, starts_on, due_on, done_on, note, recorded_at, recorded_by``.
        A task that was done later than the day one looks at is still open on it.
    """
    return _tasks(session, codes, known(RectificationTask, known_at))


def task_records(session: Session, code: str) -> pd.DataFrame:
    """Every record of a case's tasks, superseded ones too, oldest first (columns as `case_tasks`)."""
    return _tasks(session, [code], true())


def _tasks(session: Session, codes: Collection[str] | None, which: object) -> pd.DataFrame:
    task = RectificationTask
    statement = (
        select(
            task.case_code,
            task.number,
            task.title,
            task.owner_code,
            task.starts_on,
            task.due_on,
            task.done_on,
            task.note,
            task.recorded_at,
            task.recorded_by,
        )
        .where(which)  # type: ignore[arg-type]
        .order_by(task.case_code, task.number, task.id)
    )
    if codes is not None:
        statement = statement.where(task.case_code.in_(list(codes)))
    return read_statement(session, statement)


def evidence_counts(
    session: Session, codes: Collection[str] | None, *, known_at: datetime | None = None
) -> pd.DataFrame:
    """How many pieces of evidence stand for each task: ``case_code, task_number, evidence``."""
    statement = (
        select(Attachment.case_code, Attachment.task_number, func.count(Attachment.id).label("evidence"))
        .where(
            Attachment.use == str(AttachmentUse.EVIDENCE),
            Attachment.case_code.is_not(None),
            Attachment.task_number.is_not(None),
            known(Attachment, known_at),
        )
        .group_by(Attachment.case_code, Attachment.task_number)
        .order_by(Attachment.case_code, Attachment.task_number)
    )
    if codes is not None:
        statement = statement.where(Attachment.case_code.in_(list(codes)))
    return read_statement(session, statement)


def accounts_at_work(session: Session, code: str) -> frozenset[str]:
    """Accounts that ever in a case asked for closing, finished a task, brought evidence or took it away."""
    brought = select(Attachment.recorded_by, Attachment.removed_by).where(Attachment.case_code == code)
    finished = select(RectificationTask.recorded_by).where(
        RectificationTask.case_code == code, RectificationTask.done_on.is_not(None)
    )
    found = {user for row in session.execute(brought) for user in row if user}
    return frozenset(found | {*session.scalars(finished)} | accounts_that(session, code, CaseAction.REQUEST))


def accounts_that(session: Session, code: str, action: CaseAction) -> frozenset[str]:
    """Accounts that ever took a step in a case."""
    taken = select(RectificationEvent.recorded_by).where(
        RectificationEvent.case_code == code, RectificationEvent.action == str(action)
    )
    return frozenset(session.scalars(taken))


def holders_during(session: Session, targets: Collection[str], *, first: date, last: date) -> frozenset[str]:
    """Cadres who on any day of a period worked for a village or branch itself: team, leader, org cadre."""
    record = Responsibility
    held = select(record.holder_code).where(
        record.kind.in_(_TEAM),
        record.target_code.in_(list(targets)),
        known(record, None),
        record.valid_from <= last,
        or_(record.valid_to.is_(None), record.valid_to > first),
    )
    return frozenset(session.scalars(held))


def register_periods(
    session: Session, codes: Collection[str]
) -> dict[str, tuple[str, date | None, date | None]]:
    """Name and half-open period in the register of each cadre among the codes."""
    statement = select(Cadre.code, Cadre.name, Cadre.valid_from, Cadre.valid_to)
    rows = session.execute(statement.where(Cadre.code.in_(list(codes))))
    return {code: (name, since, until) for code, name, since, until in rows}
