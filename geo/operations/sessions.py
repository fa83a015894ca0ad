"""What the store knows about web sessions: the secret that signs them and which of them have been ended."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from geo.access import Actor
from geo.operations.account_rules import actor_of
from geo.store.engine import Store
from geo.store.queries import get_setting, put_setting
from geo.store.rows import account_named
from geo.store.sessions import add_ended, forget_ended, has_ended
from geo.vocabulary import Role

SECRET_KEY = "session_secret"


def session_secret(store: Store) -> str:
    """The store's random signing secret; made the first time it is asked for."""
    with store.read() as session:
        known = get_setting(session, SECRET_KEY)
    if known:
        return str(known)
    with store.write() as session:
        known = get_setting(session, SECRET_KEY)
        if not known:
            known = secrets.token_urlsafe(48)
            put_setting(session, SECRET_KEY, known)
    return str(known)


def end_session(store: Store, serial: str, *, now: datetime, forget_at: datetime) -> None:
    """End one session for good, wherever its cookie was copied to.

    Parameters
    ----------
    serial : str
        The random number of the session, as the signed cookie carries it.
    now, forget_at : datetime
        UTC; after ``forget_at`` the cookie has expired by itself.
    """
    with store.write() as session:
        forget_ended(session, now=now)
        add_ended(session, serial, forget_at=forget_at)


def standing_actor(store: Store, *, user: str, epoch: int, serial: str, viewing: str = "") -> Actor | None:
    """The actor of a session that still stands, in one look at the store.

    Parameters
    ----------
    viewing : str
        Account as which the session's own, one of the department, looks at the system.

    Returns
    -------
    Actor or None
        None when the account is gone, disabled or of another epoch, or the session was ended; and when it may
        not look as the other account, or that one is gone or disabled.
    """
    with store.read() as session:
        account = account_named(session, user)
        if account is None or account.disabled or account.session_epoch != epoch:
            return None
        if has_ended(session, serial):
            return None
        own = actor_of(account)
        return _as_other(session, own, viewing) if viewing else own


def _as_other(session: Session, own: Actor, viewing: str) -> Actor | None:
    account = account_named(session, viewing)
    if own.role is not Role.DEPARTMENT or account is None or account.disabled:
        return None
    return replace(actor_of(account), viewer=own.user, must_change=own.must_change)
