"""What is written of a rectification: the case, its events and its tasks; nothing is changed or deleted.

Writers hold `geo.store.records.lock_writers` and `claim` a case before they add to it, so that of two who
have seen the same only one goes on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geo.errors import ConflictError, OthersChange
from geo.i18n import _
from geo.store.conditions import begins, known, valid_on
from geo.store.models import Audit, Branch, Responsibility, Village
from geo.store.village_models import Rectification, RectificationEvent, RectificationTask
from geo.vocabulary import EntityKind, Rank, ResponsibilityKind

_PREFIX = "ZG"


def subject_village(session: Session, kind: EntityKind, code: str, *, on: date) -> tuple[str | None] | None:
    """The village of a village or branch that is there on a day, in a tuple; None when it is not there."""
    statement = (
        select(Village.code).where(Village.code == code)
        if kind is EntityKind.VILLAGE
        else select(Branch.village_code).where(Branch.code == code, valid_on(Branch, on))
    )
    found = session.execute(statement).one_or_none()
    return None if found is None else (found[0],)


def county_leader_of(session: Session, village_code: str, *, on: date) -> str | None:
    """The county leader of a village on a day, else that of its township; the first of several."""
    record = Responsibility
    township = session.scalar(select(Village.township_code).where(Village.code == village_code))
    statement = (
        select(record.target_code, record.holder_code)
        .where(
            record.kind == str(ResponsibilityKind.COUNTY_LEADER),
            record.target_code.in_([village_code, township]),
            record.rank == str(Rank.PRIMARY),
            known(record, None),
            valid_on(record, on),
        )
        .order_by(record.id.desc())
    )
    held = {row.target_code: row.holder_code for row in session.execute(statement)}
    return held.get(village_code) or held.get(str(township))


def next_case_code(session: Session, listed_on: date) -> str:
    """A new code: ``ZG2026-0001`` and on by the year of the listing."""
    prefix = f"{_PREFIX}{listed_on.year}-"
    taken = session.scalar(select(func.count()).where(begins(Rectification.code, prefix)))
    return f"{prefix}{(taken or 0) + 1:04d}"


def add_case(session: Session, **columns: Any) -> None:
    """Add a case (columns of `Rectification`)."""
    session.add(Rectification(**columns))
    session.flush()


def add_event(session: Session, **columns: Any) -> None:
    """Append a step to a case (columns of `RectificationEvent`)."""
    session.add(RectificationEvent(**columns))
    session.flush()


def claim(session: Session, code: str, *, seen: int | None, found: int) -> None:
    """Count one more change of a case, unless somebody else was faster.

    Parameters
    ----------
    seen : int or None
        The version whoever acts has looked at; None: whatever it is.
    found : int
        The version that this transaction has read.

    Raises
    ------
    ConflictError
        It was changed since it was seen; ``others`` says by whom and when.
    """
    if seen is not None and seen != found:
        raise _conflict(session, code)
    done: Any = session.execute(
        update(Rectification)
        .where(Rectification.code == code, Rectification.version == found)
        .values(version=found + 1),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount != 1:
        raise _conflict(session, code)


def _conflict(session: Session, code: str) -> ConflictError:
    latest = select(Audit.user, Audit.at).where(Audit.subject == code).order_by(Audit.id.desc())
    user, at = session.execute(latest.limit(1)).one_or_none() or ("", None)
    return ConflictError(
        _("整改“{code}”在您查看之后已被{user}改过。").format(code=code, user=user or _("他人")),
        hint=_("请刷新后核对最新内容，再重新操作。"),
        others=[OthersChange(code, user=user, at=at)],
    )


def standing_task(session: Session, code: str, number: int) -> RectificationTask | None:
    """A task of a case as it stands."""
    task = RectificationTask
    standing = select(task).where(task.case_code == code, task.number == number, known(task, None))
    return session.scalars(standing).one_or_none()


def next_task_number(session: Session, code: str) -> int:
    """A number no task of the case has ever had: evidence of one that was taken out counts for no other."""
    highest = select(func.max(RectificationTask.number)).where(RectificationTask.case_code == code)
    return (session.scalar(highest) or 0) + 1


def supersede_task(session: Session, task: RectificationTask, *, now: datetime) -> None:
    """Say that a record of a task holds no longer."""
    task.superseded_at = now
    session.flush()


def add_task(session: Session, *, now: datetime, user: str, **columns: Any) -> None:
    """Add a record of a task (columns of `RectificationTask`)."""
    session.add(RectificationTask(**columns, recorded_at=now, recorded_by=user))
    session.flush()
