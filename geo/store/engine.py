"""`open_store`: the one place that knows which database this is.

A store is one GeoPackage file (``gpkg+shapely:////abs/county.gpkg`` or a bare path) or one PostGIS database
(``postgresql+psycopg://…``). Many may read at once; in a GeoPackage one writes at a time, and others wait.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.orm import Session

import geo.store.gpkg  # noqa: F401 - makes the dialect known without an installed entry point
from geo.errors import InputError, StoreError, StoreMissing
from geo.i18n import _
from geo.settings import PlaceSettings
from geo.store.faults import plain_errors

WAIT_FOR_LOCK_S = 30
_ASK_AGAIN_S = 0.005
_PRIMARY_CODE = 0xFF  # the rest of an SQLite error code says more of the same
REVISION = "0004"
"""Head of ``migrations/versions``; a store of any other revision is refused."""

_GPKG, _POSTGIS = "gpkg+shapely", "postgresql+psycopg"

_GPKG_READER = {"read_only": True}
_POSTGIS_READER = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}

# One lock a file, whichever Store objects of this process write to it: SQLite's own waiting starves threads.
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def default_store_url() -> str:
    """Address of the store when none is given: ``MINQING_STORE``, else ``var/county.gpkg`` at home."""
    place = PlaceSettings.from_environment()
    return place.store or str(place.default_file)


def parse_store_url(url: str | None) -> URL:
    """Address of a store from a URL, a bare path to a ``.gpkg`` file, or None for the default."""
    given = url or default_store_url()
    if "://" not in given and given.endswith(".gpkg"):
        return URL.create(_GPKG, database=str(Path(given).absolute()))
    try:
        parsed = make_url(given)
    except ArgumentError as fault:
        raise _bad_address() from fault
    if parsed.drivername not in (_GPKG, _POSTGIS) or not parsed.database:
        raise _bad_address()
    if parsed.drivername == _GPKG:
        return parsed.set(database=str(Path(parsed.database).absolute()))
    return parsed


def _bad_address() -> InputError:
    return InputError(
        _("数据库地址无法识别。"),
        hint=_("请使用 .gpkg 文件路径，或 gpkg+shapely:////路径、postgresql+psycopg://… 形式的地址。"),
    )


class Store:
    """An open store; safe to share between threads.

    Attributes
    ----------
    url : str
        Address without password.
    is_gpkg : bool
    path : Path or None
        The GeoPackage file.
    """

    def __init__(self, url: URL) -> None:
        self.url = url.render_as_string(hide_password=True)
        self.is_gpkg = url.drivername == _GPKG
        self.path = Path(url.database or "") if self.is_gpkg else None
        options: dict[str, Any] = (
            {"connect_args": {"timeout": WAIT_FOR_LOCK_S}} if self.is_gpkg else {"pool_pre_ping": True}
        )
        self.engine: Engine = create_engine(url, **options)
        if self.is_gpkg:
            event.listen(self.engine, "begin", _begin)
        self._readers = self.engine.execution_options(**(_GPKG_READER if self.is_gpkg else _POSTGIS_READER))
        self._lock = _locks[str(self.path)] if self.is_gpkg else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the data and cannot change it."""
        with plain_errors(), _session(self._readers) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: all of it is kept at the end, or nothing after an error.

        Does not nest. Raises `ConflictError` when somebody else changed a row since it was read.
        """
        with plain_errors(), _held(self._lock), _session(self.engine) as session:
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


@contextmanager
def _session(engine: Engine) -> Iterator[Session]:
    # What was read stays readable after the block.
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def _begin(connection: Connection) -> None:
    # A read lock that is upgraded later fails at once with 'locked'; a writer must say so from the start.
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    if read_only:
        connection.exec_driver_sql("BEGIN")
    else:
        _begin_writing(connection.connection.driver_connection)


def _begin_writing(driver: Any) -> None:
    """Wait until no other process writes, for as long as the connection's ``busy_timeout`` says.

    SQLite's own waiting asks ever more seldom, so that whoever has waited longest is served last; here all
    ask equally often.
    """
    wait_ms = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    latest = time.monotonic() + wait_ms / 1000
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > latest:
                    raise
            time.sleep(_ASK_AGAIN_S)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {wait_ms}")


@contextmanager
def _held(lock: threading.Lock | None) -> Iterator[None]:
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=WAIT_FOR_LOCK_S):
        raise StoreError(_("数据库正忙，有其他写入尚未完成。"), hint=_("请稍后再试。"))
    try:
        yield
    finally:
        lock.release()


def open_store(url: str | None = None) -> Store:
    """Open the store at an address (None: the default one).

    Raises
    ------
    StoreMissing
        There is no store there.
    StoreError
        It cannot be reached, is not a store, or was made by another version of the program.
    """
    store = unchecked_store(url)
    try:
        require_revision(revision_of(store))
        if store.is_gpkg:
            _let_readers_and_writers_pass(store)
    except StoreError:
        store.close()
        raise
    return store


def unchecked_store(url: str | None = None) -> Store:
    """A store of whatever revision: only to be upgraded. Raises like `open_store`."""
    parsed = parse_store_url(url)
    path = Path(parsed.database or "")
    if parsed.drivername == _GPKG and not path.is_file():
        raise _missing()
    if parsed.drivername == _GPKG and not _is_sqlite(path):
        raise StoreError(_("文件“{name}”不是有效的数据库。").format(name=path.name))
    store = Store(parsed)
    if store.is_gpkg:
        _watch_file(store.engine, path)
    return store


def _watch_file(engine: Engine, path: Path) -> None:
    """Let no connection go on with a file that is no longer the one in this place.

    SQLite would go on in a file that was removed or replaced, and what is written there is lost; and it would
    make an empty file where there is none.
    """

    def identity() -> tuple[int, int]:
        try:
            found = path.stat()
        except OSError as fault:
            raise _missing() from fault
        return found.st_dev, found.st_ino

    def connecting(*_given: Any) -> None:
        identity()

    def connected(_driver: Any, record: Any) -> None:
        record.info["file"] = identity()

    def taken(_driver: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != identity():
            raise DisconnectionError

    event.listen(engine, "do_connect", connecting)
    event.listen(engine, "connect", connected)
    event.listen(engine, "checkout", taken)


def create_store(url: str | None = None) -> Store:
    """Make an empty store at an address (None: the default one) and open it.

    Raises
    ------
    StoreError
        There is one already, or the place cannot be written.
    """
    parsed = parse_store_url(url)
    if parsed.drivername == _GPKG:
        _create_file(parsed)
        return open_store(url)
    store = Store(parsed)
    try:
        if revision_of(store) is not None:
            raise _exists()
        _create_schema(store)
    except StoreError:
        store.close()
        raise
    return store


def _create_file(url: URL) -> None:
    """Make the file under another name and put it in place when it is whole: no half store is ever met."""
    path = Path(url.database or "")
    if path.exists():
        raise _exists()
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store = Store(url.set(database=str(draft)))
        _create_schema(store)
        store.close()
        path.hardlink_to(draft)  # unlike a rename it fails when somebody else was faster
    except OSError as fault:
        raise StoreError(
            _("无法在该位置建立数据库。"), hint=_("请检查目录是否存在、是否有写入权限。")
        ) from fault
    finally:
        for leftover in path.parent.glob(f"{draft.name}*"):
            leftover.unlink()


def _create_schema(store: Store) -> None:
    # Alembic takes half a second to load and only a new store needs it.
    from geo.store.schema import create_schema

    with plain_errors(), store.engine.begin() as connection:
        create_schema(connection)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def revision_of(store: Store) -> str | None:
    """The revision a database says it has; None when it is no store at all."""
    tables = "sqlite_master WHERE type = 'table' AND name" if store.is_gpkg else "pg_tables WHERE tablename"
    with store.read() as session:
        if not session.scalar(text(f"SELECT count(*) FROM {tables} = 'alembic_version'")):
            return None
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def require_revision(found: str | None) -> None:
    """Refuse a database that is no store, or one of another revision than this program's."""
    if found is None:
        raise _missing()
    if found == REVISION:
        return
    hint = (
        _("请运行 minqing upgrade 升级；升级前会自动备份。")
        if found < REVISION
        else _("它由更新的程序建立，请改用与之相配的程序版本。")
    )
    raise StoreError(
        _("数据库结构版本为 {found}，本程序需要 {needed}。").format(found=found, needed=REVISION), hint=hint
    )


def _let_readers_and_writers_pass(store: Store) -> None:
    # Only now that the file is known to be a store; QGIS takes the mode back when it closes the file.
    with plain_errors(), store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA journal_mode = WAL")


def _missing() -> StoreMissing:
    return StoreMissing(
        _("数据库尚未建立。"), hint=_("请先运行 minqing init（或 minqing init --sample 建立示例县）。")
    )


def _exists() -> StoreError:
    return StoreError(_("该位置已有数据库，没有改动它。"), hint=_("如需新建，请换一个位置。"))
