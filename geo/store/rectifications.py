"""Rectifications as they were on a day: read from their events, which are only ever appended.

The state of a case is what its last event says; its limit, responsible cadre and leader are those that were
set last. What is written is in `geo.store.rectification_records`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

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
_LATEST = ("state", "due_on", "responsible_code", "leader_code", "happened_on")
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
    subject_code: str | None = None,
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
    codes, subject_code
        Only these cases; only those of one village or branch.

    Returns
    -------
    DataFrame
        `CASE_COLUMNS`. ``version`` counts every change up to now and is what a writer must have seen;
        ``closed_on`` is the day it came off the list, closed or withdrawn.
    """
    statement = select(*(getattr(Rectification, name) for name in CASE_COLUMNS[:11])).where(
        in_territory(Rectification.village_code, within),
        Rectification.listed_on <= as_of if as_of is not None else true(),
        Rectification.recorded_at <= known_at if known_at is not None else true(),
    )
    if codes is not None:
        statement = statement.where(Rectification.code.in_(list(codes)))
    if subject_code is not None:
        statement = statement.where(Rectification.subject_code == subject_code)
    listed = read_statement(session, statement.order_by(Rectification.code))
    narrowed = None if codes is None and subject_code is None and "" in within else list(listed["code"])
    latest = _latest(_events(session, narrowed, as_of, known_at))
    found = listed.merge(latest, how="inner", left_on="code", right_index=True)
    found["closed_on"] = found["happened_on"].where(found["state"].isin(ENDED), None)
    return found[list(CASE_COLUMNS)].reset_index(drop=True)


def _latest(events: pd.DataFrame) -> pd.DataFrame:
    """The last thing said of each case, in every column, on the codes of the cases."""
    said = events[["case_code", *_LATEST]].astype(object)
    return said.where(said.notna(), None).groupby("case_code").last()


def _events(
    session: Session, codes: Collection[str] | None, as_of: date | None, known_at: datetime | None
) -> pd.DataFrame:
    event = RectificationEvent
    statement = select(
        event.id,
        event.case_code,
        event.action,
        event.state,
        event.happened_on,
        event.recorded_at,
        event.recorded_by,
        event.role,
        event.due_on,
        event.responsible_code,
        event.leader_code,
        event.checker_code,
        event.note,
        event.document_no,
    ).order_by(event.id)
    if codes is not None:
        statement = statement.where(event.case_code.in_(codes))
    if as_of is not None:
        statement = statement.where(event.happened_on <= as_of)
    if known_at is not None:
        statement = statement.where(event.recorded_at <= known_at)
    return read_statement(session, statement)


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
    return _events(session, [code], as_of, known_at)


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
