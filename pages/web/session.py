"""Sessions: a signed cookie that says who, and the store that says whether it still holds.

The cookie carries user, account epoch, a random serial, two times and, while the department looks at the
system as another account, that account; signed with the store's secret.
It can be copied but not made; so each use asks the store again (at most every `RECHECK_S` seconds for one
session) whether the account is enabled, its epoch unchanged (a new password raises it) and the session not
ended by logging out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from threading import Lock

from itsdangerous import BadData, URLSafeSerializer

from geo.access import Actor
from geo.errors import PermissionError_
from geo.i18n import _
from geo.operations.accounts import session_epoch
from geo.operations.sessions import end_session, standing_actor
from geo.store.engine import Store

COOKIE = "minqing_session"
RECHECK_S = 2.0
_REMEMBERED = 10_000
_FIELDS = 6
_FIELDS_BEFORE_VIEWING = 5


class SessionOver(PermissionError_):
    """The session has expired, was ended, or its account was changed."""

    def __init__(self) -> None:
        super().__init__(_("登录已失效。"), hint=_("请重新登录。"))


@dataclass(frozen=True)
class Ticket:
    """What a session cookie says.

    Attributes
    ----------
    user : str
    epoch : int
        The account's ``session_epoch`` at login.
    serial : str
        Random number of the session; survives renewal.
    started, expires : int
        Seconds since 1970.
    viewing : str
        Account as which the user looks at the system; empty: as themselves.
    """

    user: str
    epoch: int
    serial: str
    started: int
    expires: int
    viewing: str = ""


def session_cookie(value: str, *, secure: bool, max_age_s: int) -> str:
    """The ``Set-Cookie`` header that carries a session; an age of 0 removes it."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = value
    attributes = {"path": "/", "samesite": "Lax", "httponly": True, "secure": secure, "max-age": max_age_s}
    for name, setting in attributes.items():
        cookie[COOKIE][name] = setting
    return cookie[COOKIE].OutputString()


class Sessions:
    """Issues, reads, renews and ends sessions of one store.

    Parameters
    ----------
    store : Store
    secret : str
        Signing secret.
    session_s, longest_s : int
        Life without use, and life at most.
    clock : callable
        Seconds since 1970; tests pass their own.
    """

    def __init__(
        self,
        store: Store,
        *,
        secret: str,
        session_s: int,
        longest_s: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._signer = URLSafeSerializer(secret, salt="minqing-session")
        self._session_s, self._longest_s, self._clock = session_s, longest_s, clock
        self._checked: dict[str, tuple[float, Actor]] = {}
        self._lock = Lock()

    def issue(self, user: str) -> Ticket:
        """A new session for a user whose password was right."""
        now = int(self._clock())
        epoch = session_epoch(self._store, user)
        return Ticket(user, epoch, secrets.token_urlsafe(16), now, now + self._session_s)

    def seal(self, ticket: Ticket) -> str:
        """The cookie's value for a ticket."""
        return str(self._signer.dumps([*astuple(ticket)]))

    def open(self, value: str | None) -> Ticket | None:
        """The ticket in a cookie's value; None if there is none, it was tampered with, or it has expired."""
        if not value:
            return None
        try:
            fields = self._signer.loads(value)
        except BadData:
            return None
        # Signed by us, but perhaps by another version of the program.
        if not isinstance(fields, list) or len(fields) not in (_FIELDS_BEFORE_VIEWING, _FIELDS):
            return None
        ticket = Ticket(*fields)
        return ticket if ticket.expires > self._clock() else None

    def known_actor(self, ticket: Ticket) -> Actor | None:
        """The actor of a session that was checked a moment ago; None when the store must be asked."""
        entry = self._checked.get(ticket.serial)
        now = self._clock()
        if entry is None or not 0 <= now - entry[0] < RECHECK_S or ticket.expires <= now:
            return None
        return entry[1]

    def actor(self, ticket: Ticket) -> Actor:
        """The actor of a session, asked from the store; `SessionOver` when it no longer holds."""
        known = self.known_actor(ticket)
        if known is not None:
            return known
        now = self._clock()
        actor = standing_actor(
            self._store,
            user=ticket.user,
            epoch=ticket.epoch,
            serial=ticket.serial,
            viewing=ticket.viewing,
        )
        if actor is None or ticket.expires <= now:
            raise SessionOver
        with self._lock:
            self._make_room()
            self._checked[ticket.serial] = (now, actor)
        return actor

    def renewed(self, ticket: Ticket) -> Ticket | None:
        """A longer ticket for a session that is in use, or None while a new one would add little."""
        expires = min(int(self._clock()) + self._session_s, ticket.started + self._longest_s)
        if expires - ticket.expires < self._session_s // 8:
            return None
        return replace(ticket, expires=expires)

    def looking_as(self, ticket: Ticket, viewing: str) -> Ticket:
        """The session that goes on with another pair of eyes (``""``: its own); this one ends.

        It has a serial of its own, so that no page that is still open goes on under the former eyes.
        """
        self.end(ticket)
        return replace(ticket, serial=secrets.token_urlsafe(16), viewing=viewing)

    def end(self, ticket: Ticket) -> None:
        """End a session for good, for copies of its cookie too."""
        end_session(
            self._store,
            ticket.serial,
            now=datetime.fromtimestamp(self._clock(), UTC),
            forget_at=datetime.fromtimestamp(ticket.started + self._longest_s, UTC),
        )
        self.forget(ticket)

    def forget(self, ticket: Ticket) -> None:
        """Ask the store again at the session's next use."""
        with self._lock:
            self._checked.pop(ticket.serial, None)

    def _make_room(self) -> None:
        if len(self._checked) < _REMEMBERED:
            return
        now = self._clock()
        self._checked = {
            serial: entry for serial, entry in self._checked.items() if now - entry[0] < RECHECK_S
        }
