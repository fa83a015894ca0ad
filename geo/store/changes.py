"""The changes themselves: what was asked, by whom, what became of it, and who touched a thing last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geo.errors import OthersChange
from geo.store.facts import get_setting, put_setting
from geo.store.models import CellRecord, Change, HouseholdCell, Responsibility
from geo.store.reading import read_statement

APPLIED, PENDING, REJECTED, UNDONE = "applied", "pending", "rejected", "undone"
STATES = (APPLIED, PENDING, REJECTED, UNDONE)
UNDO = "undo"
"""Action of a change that undoes another."""
REGISTER = "register."
"""Begins the actions of changes of registers, which are corrected again and never undone."""

_APPROVAL, _YES, _NO = "approval:", "yes", "no"
_CHUNK_CODES = 2_000
_SUBJECTS: tuple[tuple[Any, Any], ...] = (
    (Responsibility, Responsibility.target_code),
    (CellRecord, CellRecord.code),
    (HouseholdCell, HouseholdCell.household_code),
)


def change_named(session: Session, code: str) -> Change | None:
    """The change with this code."""
    return session.scalars(select(Change).where(Change.code == code)).one_or_none()


def last_change_of(session: Session, user: str) -> Change | None:
    """The latest change an account made that stands; undoing and register changes are not to be undone."""
    own = select(Change).where(
        Change.user == user,
        Change.state == APPLIED,
        Change.action != UNDO,
        Change.action.not_like(f"{REGISTER}%"),
    )
    return session.scalars(own.order_by(Change.id.desc()).limit(1)).first()


def change_rows(
    session: Session,
    *,
    user: str | None = None,
    states: Collection[str] = STATES,
    codes: Collection[str] | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Changes with every column but what was asked, the latest first.

    Parameters
    ----------
    user : str or None
        Only those of one account.
    states : collection of str
        Of `STATES`.
    codes : collection of str or None
        Only these.
    before : int or None
        Only those with a lower ``id``, to read on.
    limit : int or None
        At most so many.
    """
    columns = [column for column in Change.__table__.columns if column.name not in ("request", "version")]
    statement = select(*columns).where(Change.state.in_(list(states))).order_by(Change.id.desc())
    if user is not None:
        statement = statement.where(Change.user == user)
    if codes is not None:
        statement = statement.where(Change.code.in_(list(codes)))
    if before is not None:
        statement = statement.where(Change.id < before)
    return read_statement(session, statement if limit is None else statement.limit(limit))


def approval_required(session: Session, township_code: str) -> bool:
    """Whether coordinators' changes in a township wait for the department."""
    return get_setting(session, _APPROVAL + township_code) == _YES


def require_approval(session: Session, township_code: str, required: bool) -> None:
    """Let coordinators' changes in a township wait for the department, or not."""
    put_setting(session, _APPROVAL + township_code, _YES if required else _NO)


def last_touches(
    session: Session, codes: Collection[str], *, is_open: Callable[[str], bool]
) -> list[OthersChange]:
    """Who changed each of these cells, households or targets last, how and when, as far as it is recorded.

    Parameters
    ----------
    is_open : callable
        Whether a township's changes may be told of; what a change did is not said where it reached further.
    """
    latest: dict[str, tuple[Any, str | None, str | None]] = {}
    for part in _parts(codes):
        for code, at, batch, user in _touches(session, part):
            if code not in latest or at > latest[code][0]:
                latest[code] = (at, batch, user)
    batches = [batch for _at, batch, _user in latest.values() if batch]
    known = {
        change.code: change for change in session.scalars(select(Change).where(Change.code.in_(batches)))
    }
    return [_other(code, latest.get(code), known, is_open) for code in sorted(set(codes))]


def _touches(session: Session, codes: Sequence[str]) -> list[tuple[str, Any, str | None, str | None]]:
    found = []
    for model, subject in _SUBJECTS:
        columns = (
            subject,
            model.recorded_at,
            model.batch,
            model.recorded_by,
            model.superseded_at,
            model.closed_by,
        )
        for code, made_at, batch, user, closed_at, closed_by in session.execute(
            select(*columns).where(
                subject.in_(codes), or_(model.batch.is_not(None), model.closed_by.is_not(None))
            )
        ):
            found.append((code, made_at, batch, user))
            if closed_at is not None:
                found.append((code, closed_at, closed_by, None))
    return found


def _other(
    code: str,
    touch: tuple[Any, str | None, str | None] | None,
    known: dict[str, Change],
    is_open: Callable[[str], bool],
) -> OthersChange:
    if touch is None:
        return OthersChange(code)
    at, batch, user = touch
    change = known.get(batch or "")
    if change is None:
        return OthersChange(code, user=user or "", at=at)
    what = change.summary if all(is_open(township) for township in change.townships) else ""
    return OthersChange(code, what=what, user=change.user, at=at)


def _parts(codes: Collection[str]) -> list[list[str]]:
    """Lists short enough for one statement."""
    wanted = sorted(set(codes))
    return [wanted[at : at + _CHUNK_CODES] for at in range(0, len(wanted), _CHUNK_CODES)]
