"""The list of changes, as far as an account may read and may take them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.store.changes import STATES, approval_required, change_rows
from geo.store.engine import Store

CHANGE_COLUMNS = [
    "code",
    "action",
    "state",
    "user",
    "at",
    "townships",
    "summary",
    "reason",
    "reverses",
    "decided_by",
    "decided_at",
    "decision",
    "may_write",
]
_PAGE_ROWS = 500


def change_list(
    store: Store,
    actor: Actor,
    *,
    township: str = "",
    mine: bool = False,
    state: str | None = None,
    limit: int = 100,
) -> pd.DataFrame:
    """Changes the actor may read, the latest first.

    One's own changes, and those whose townships the actor may all read: a change that reaches further would
    tell of places out of sight.

    Parameters
    ----------
    township : str
        Code of a township the change touches; ``""`` for all.
    mine : bool
        Only one's own.
    state : str or None
        ``applied``, ``pending``, ``rejected`` or ``undone``; None for all.

    Returns
    -------
    DataFrame
        `CHANGE_COLUMNS`; ``at`` and ``decided_at`` in UTC, ``townships`` a list, ``may_write`` whether
        the actor may write in all of them. Missing values are None.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    if township:
        require_read(actor, township)
    with store.read() as session:
        found = _seen(session, actor, township, mine=mine, states=STATES if state is None else (state,))
        rows = list(islice(found, limit))
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS, dtype=object)


def requires_approval(store: Store, actor: Actor, township: str) -> bool:
    """Whether coordinators' changes in a township wait for the department.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    require_read(actor, township)
    with store.read() as session:
        return approval_required(session, township)


def _seen(
    session: Session, actor: Actor, township: str, *, mine: bool, states: Sequence[str]
) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        page = change_rows(
            session, user=actor.user if mine else None, states=states, before=before, limit=_PAGE_ROWS
        )
        plain = page.astype(object).where(page.notna(), None)
        for row in plain.to_dict("records"):
            if _is_seen(actor, row) and (not township or township in row["townships"]):
                yield row | {"may_write": all(actor.can_write(code) for code in row["townships"])}
        if len(page) < _PAGE_ROWS:
            return
        before = int(page["id"].iloc[-1])


def _is_seen(actor: Actor, row: dict[str, Any]) -> bool:
    return row["user"] == actor.user or all(actor.can_read(code) for code in row["townships"])
