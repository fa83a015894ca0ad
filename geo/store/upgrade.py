"""Bringing a store of an earlier revision to this program's, with a backup beside it first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import StoreError
from geo.i18n import _
from geo.store.backup import copy_beside
from geo.store.engine import (
    REVISION,
    Store,
    require_revision,
    revision_of,
    unchecked_store,
)
from geo.store.faults import plain_errors
from geo.store.schema import upgrade_schema

_WAIT_FOR_OTHERS_S = 2


@dataclass(frozen=True)
class Upgraded:
    """What `upgrade_store` did; nothing when the two revisions are the same.

    Attributes
    ----------
    before, after : str
        Revisions.
    backup : Path or None
        The store as it was; None for PostGIS, which has its own tools, and when nothing was done.
    """

    before: str
    after: str
    backup: Path | None = None


def upgrade_store(url: str | None = None, *, now: datetime) -> Upgraded:
    """Bring a store (None: the default one) to this program's revision, all or nothing.

    Parameters
    ----------
    now : datetime
        For the name of the backup.

    Raises
    ------
    StoreMissing
        There is no store.
    StoreError
        It was made by a later program, somebody is writing to it, or there is no room for the backup.
    """
    with closing(unchecked_store(url)) as store:
        before = revision_of(store)
        if before is None or before >= REVISION:
            require_revision(before)
            return Upgraded(REVISION, REVISION)
        with plain_errors(), _alone(store) as connection:
            backup = None
            if store.path is not None:
                backup = store.path.with_name(f"{store.path.name}.{before}-{now:%Y%m%dT%H%M%S}.bak")
                copy_beside(store.path, backup)
            upgrade_schema(connection)
            _require_references(connection)
    return Upgraded(before, REVISION, backup)


@contextmanager
def _alone(store: Store) -> Iterator[Connection]:
    """The one transaction that writes; who writes already is not waited for long."""
    with store.engine.connect() as connection:
        if store.is_gpkg:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_OTHERS_S * 1000}")
        with connection.begin():
            if not store.is_gpkg:
                connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS_S}s'"))
            yield connection


def _require_references(connection: Connection) -> None:
    if connection.dialect.name == "gpkg" and connection.execute(text("PRAGMA foreign_key_check")).all():
        raise StoreError(
            _("升级后有失效的引用，已放弃升级，数据库没有改动。"),
            hint=_("请先用原来的程序运行 minqing verify。"),
        )
