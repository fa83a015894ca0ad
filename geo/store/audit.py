"""The audit: who did what, when and why, in a chain that shows any later change.

Each row's hash covers its content and the hash of the row before, so a changed, removed or inserted row
breaks the chain from there on. The hash of the last row is kept as a setting too, so that rows cut off the
end are missed. Triggers refuse changes in the first place; the chain tells of those who went round them.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.access import Actor, require_own
from geo.store.facts import get_setting, put_setting
from geo.store.models import Audit
from geo.store.types import as_utc

_GENESIS = "0" * 64
_HEAD_KEY = "audit_head"
_CHAIN_LOCK = 0x6D696E71  # any fixed number: writers to PostGIS wait here for each other
_CHUNK_ROWS = 5_000
_CONTENT = ("at", "user", "os_user", "action", "subject", "before", "after", "reason")


@dataclass(frozen=True)
class AuditCheck:
    """Result of `verify`: how many rows there are, and the id of the first that breaks the chain.

    Where rows were cut off the end that is the id after the last.
    """

    rows: int
    first_bad: int | None

    @property
    def is_whole(self) -> bool:
        """Whether the chain holds."""
        return self.first_bad is None


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    now: datetime,
    subject: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Append one row in the session's transaction.

    ``before`` and ``after`` hold references and which fields changed, never old personal values (domain §9).
    Every change passes here: who only looks as somebody else is refused, whatever let them through before.
    """
    require_own(actor)
    hold_chain(session)
    # From the head, not from the last row: whatever is cut off stays missed when more is recorded.
    previous = get_setting(session, _HEAD_KEY) or _GENESIS
    content = {
        "at": as_utc(now),
        "user": actor.user,
        "os_user": _os_user(),
        "action": action,
        "subject": subject,
        "before": _plain(before),
        "after": _plain(after),
        "reason": reason,
    }
    digest = _digest(content, previous)
    session.add(Audit(**content, previous_hash=previous, hash=digest))
    put_setting(session, _HEAD_KEY, digest)
    session.flush()


def hold_chain(session: Session) -> None:
    """Wait for the others who record, and let them wait until this transaction ends (PostGIS)."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


def verify(session: Session) -> AuditCheck:
    """Recompute the whole chain, some rows at a time."""
    columns = (Audit.id, Audit.previous_hash, Audit.hash, *(getattr(Audit, name) for name in _CONTENT))
    rows, previous = 0, _GENESIS
    statement = select(*columns).order_by(Audit.id).execution_options(yield_per=_CHUNK_ROWS)
    first_bad, id_ = None, 0
    for id_, previous_hash, hash_, *content in session.execute(statement):
        rows += 1
        expected = _digest(dict(zip(_CONTENT, content, strict=True)), previous)
        if first_bad is None and (previous_hash != previous or hash_ != expected):
            first_bad = id_
        previous = hash_
    if first_bad is None and previous != (get_setting(session, _HEAD_KEY) or _GENESIS):
        first_bad = id_ + 1
    return AuditCheck(rows=rows, first_bad=first_bad)


def _os_user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return None


def _plain(content: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The content as JSON will give it back, so that its hash can be computed again."""
    return None if content is None else json.loads(_canonical(content))


def _digest(content: Mapping[str, Any], previous: str) -> str:
    return hashlib.sha256(f"{previous}\n{_canonical(content)}".encode()).hexdigest()


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_iso
    )


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return as_utc(value).isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not for the audit: {type(value).__name__}")
