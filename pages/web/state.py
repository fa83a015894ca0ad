"""What one server process holds once: the store, its tiles, its sessions and its settings."""

from __future__ import annotations

from functools import cache
from threading import RLock

from geo.operations.sessions import session_secret
from geo.store.engine import Store, open_store
from layers.tiles import TileService
from pages.web.session import Sessions
from pages.web.settings import WebSettings
from pages.web.throttle import Throttle

# functools.cache alone would let two threads open the store twice at the first requests.
_first_use = RLock()


@cache
def _settings() -> WebSettings:
    return WebSettings.from_environment()


@cache
def _store() -> Store:
    return open_store()


@cache
def _tiles() -> TileService:
    return TileService(the_store())


@cache
def _sessions() -> Sessions:
    settings = the_settings()
    store = the_store()
    return Sessions(
        store,
        secret=settings.secret or session_secret(store),
        session_s=settings.session_s,
        longest_s=settings.longest_s,
    )


@cache
def _throttle() -> Throttle:
    return Throttle()


def the_settings() -> WebSettings:
    """Settings of this process."""
    with _first_use:
        return _settings()


def the_store() -> Store:
    """The store of this process; `StoreMissing` or `StoreError` when it cannot be opened."""
    with _first_use:
        return _store()


def the_tiles() -> TileService:
    """The tile service over the process's store."""
    with _first_use:
        return _tiles()


def the_sessions() -> Sessions:
    """The sessions of the process's store."""
    with _first_use:
        return _sessions()


def the_throttle() -> Throttle:
    """The process's memory of wrong passwords."""
    with _first_use:
        return _throttle()
