"""Drafts of plans that close gaps: kept under a code until thrown away; nothing of them is in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo.errors import InputError
from geo.i18n import _
from geo.store.conditions import EVERYWHERE, in_territory
from geo.store.models import GapDraft
from geo.store.reading import read_statement
from geo.store.records import new_batch


def save_draft(
    session: Session,
    *,
    name: str,
    user: str,
    as_of: date,
    document: Mapping[str, Any],
    now: datetime,
    township: str = "",
) -> str:
    """Keep a draft; gives its code.

    Parameters
    ----------
    document : mapping
        The plan's rows and figures, as JSON can hold them.
    township : str
        Code of the township it is for; ``""`` for the county.
    """
    code = new_batch("draft", now=now)
    made = {"name": name, "user": user, "at": now, "township": township}
    session.add(GapDraft(code=code, **made, as_of=as_of, document=dict(document)))
    session.flush()
    return code


def drafts(
    session: Session, *, code: str | None = None, within: Collection[str] = EVERYWHERE
) -> pd.DataFrame:
    """The drafts of some territories, the latest first; those for the county belong to the whole of it only.

    Returns
    -------
    DataFrame
        ``code, name, user, at, township, as_of, version``.
    """
    columns = (GapDraft.code, GapDraft.name, GapDraft.user, GapDraft.at, GapDraft.township, GapDraft.as_of)
    statement = select(*columns, GapDraft.version).where(in_territory(GapDraft.township, within))
    if code is not None:
        statement = statement.where(GapDraft.code == code)
    return read_statement(session, statement.order_by(GapDraft.at.desc(), GapDraft.id.desc()))


def draft(session: Session, code: str) -> dict[str, Any]:
    """The document of a draft; `InputError` when there is none with this code."""
    return dict(_draft(session, code).document)


def delete_draft(session: Session, code: str) -> None:
    """Throw a draft away; `InputError` when there is none with this code."""
    _draft(session, code)
    session.execute(delete(GapDraft).where(GapDraft.code == code))


def _draft(session: Session, code: str) -> GapDraft:
    found = session.scalar(select(GapDraft).where(GapDraft.code == code))
    if found is None:
        raise InputError(
            _("没有代码为“{code}”的草案。").format(code=code), hint=_("它可能已被删除，请刷新列表。")
        )
    return found
