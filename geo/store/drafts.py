"""Drafts of plans that close gaps: kept under a code until thrown away; nothing of them is in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo.errors import ConflictError, InputError
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
    code: str | None = None,
    version: int | None = None,
) -> str:
    """Keep a draft, or keep it anew under the code it has.

    Parameters
    ----------
    document : mapping
        The plan's rows and figures, as JSON can hold them.
    township : str
        Code of the township it is for; ``""`` for the county.
    code : str or None
        Which draft this is; None for a new one.
    version : int or None
        The version that was read, for a draft with a code.

    Returns
    -------
    str
        The draft's code.

    Raises
    ------
    InputError
        There is no draft with this code.
    ConflictError
        Somebody else has changed it since it was read.
    """
    if code is None:
        kept = GapDraft(code=new_batch("draft", now=now))
        session.add(kept)
    else:
        kept = _draft(session, code)
        _require_version(kept, version)
    kept.name, kept.user, kept.at, kept.township = name, user, now, township
    kept.as_of, kept.document = as_of, dict(document)
    session.flush()
    return kept.code


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
            _("没有代码为“{code}”的方案草稿。").format(code=code), hint=_("它可能已被删除，请刷新列表。")
        )
    return found


def _require_version(kept: GapDraft, version: int | None) -> None:
    if version is not None and kept.version != version:
        raise ConflictError(
            _("方案草稿“{name}”已被他人改动。").format(name=kept.name), hint=_("请重新打开后再保存。")
        )
