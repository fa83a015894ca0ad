"""A notice to others that somebody is working on a thing; it hinders nobody and ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_read, require_write
from geo.store.engine import Store
from geo.store.lookup import entity_of
from geo.store.models import EditLock
from geo.store.subjects import villages_of


@dataclass(frozen=True)
class Lock:
    """Who works on a thing until when (UTC)."""

    user: str
    until: datetime


def take_lock(store: Store, actor: Actor, code: str, *, now: datetime, minutes: int) -> Lock:
    """Say that one is working on a thing for some minutes; taking it again begins anew.

    Returns
    -------
    Lock
        One's own, or that of somebody else who was first; nothing is taken over before it has run out.

    Raises
    ------
    PermissionError_
        The actor may not write there.
    CodeError
        Nothing has this code.
    """
    with store.write() as session:
        for place in _places(session, code):
            require_write(actor, place)
        entity_of(session, code)
        held = _held(session, code, now=now)
        if held is not None and held.user != actor.user:
            return held
        until = now + timedelta(minutes=minutes)
        session.merge(EditLock(code=code, user=actor.user, taken_at=now, expires_at=until))
        return Lock(actor.user, until)


def release_lock(store: Store, actor: Actor, code: str) -> None:
    """Say that one has finished; somebody else's lock is left alone."""
    require_own(actor)
    with store.write() as session:
        lock = session.get(EditLock, code)
        if lock is not None and lock.user == actor.user:
            session.delete(lock)


def lock_of(store: Store, actor: Actor, code: str, *, now: datetime) -> Lock | None:
    """Who is working on a thing; None when nobody is.

    Raises
    ------
    PermissionError_
        The thing lies outside the actor's scope.
    """
    with store.read() as session:
        if not any(actor.can_read(place) for place in _places(session, code)):
            require_read(actor, code)
        return _held(session, code, now=now)


def _places(session: Session, code: str) -> list[str]:
    return villages_of(session, [code]).get(code, [code])


def _held(session: Session, code: str, *, now: datetime) -> Lock | None:
    lock = session.get(EditLock, code)
    return None if lock is None or lock.expires_at <= now else Lock(lock.user, lock.expires_at)
