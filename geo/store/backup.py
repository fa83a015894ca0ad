"""Copies of a store: made while others work, checked before they replace anything.

Only for GeoPackages: a PostGIS database has its own tools (pg_dump, pg_restore), which also keep its roles
and extensions, and its administrator uses them; asked for here it is refused with a word about that.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from geo.errors import FileFault, StoreError
from geo.i18n import _
from geo.store.attachments import damaged_attachments
from geo.store.audit import AuditCheck, verify
from geo.store.engine import WAIT_FOR_LOCK_S, Store, open_store, parse_store_url
from geo.store.faults import in_words

_MEANWHILE = 1000
"""More than anybody writes to one layer of a township while a backup is being put in place."""


@dataclass(frozen=True)
class StoreCheck:
    """Result of `verify_store`.

    Attributes
    ----------
    file_faults : tuple of str
        What SQLite found wrong with the file; empty for a sound one and for PostGIS, which checks itself.
    dangling : int
        Rows that refer to something that is not there.
    damaged : int
        Pictures and documents whose bytes are missing or not those that were put on record.
    audit : AuditCheck
    """

    file_faults: tuple[str, ...]
    dangling: int
    damaged: int
    audit: AuditCheck

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return not (self.file_faults or self.dangling or self.damaged) and self.audit.is_whole


def verify_store(store: Store) -> StoreCheck:
    """Check the file, the references, the bytes of attachments and the audit's chain."""
    with store.read() as session:
        faults: tuple[str, ...] = ()
        dangling = 0
        if store.is_gpkg:
            found = session.scalars(text("PRAGMA integrity_check"))
            faults = tuple(line for line in found if line != "ok")
            dangling = len(session.execute(text("PRAGMA foreign_key_check")).all())
        damaged = damaged_attachments(session)
        return StoreCheck(file_faults=faults, dangling=dangling, damaged=damaged, audit=verify(session))


def backup_store(store: Store, target: Path) -> None:
    """Copy a store into one new file, while others read and write.

    Raises
    ------
    StoreError
        The store is no file, or the file cannot be written.
    FileFault
        There is something at the target already.
    """
    if store.path is None:
        raise StoreError(_("PostGIS 数据库不能在这里备份。"), hint=_("请由数据库管理员使用 pg_dump 备份。"))
    if target.exists():
        raise FileFault(
            _("文件“{name}”已存在，没有覆盖它。").format(name=target.name), hint=_("请换一个文件名。")
        )
    copy_beside(store.path, target)


def restore_store(source: Path, url: str | None = None) -> None:
    """Put a backup in the place of a store (None: the default one); works while others have it open.

    What was there before stays beside it with ``.bak`` at the end of its name.

    Raises
    ------
    FileFault
        The backup is missing, damaged, or no store of this version; nothing was changed.
    StoreError
        The address is no file, or the file cannot be written.
    """
    parsed = parse_store_url(url)
    if parsed.get_backend_name() != "gpkg":
        raise StoreError(
            _("PostGIS 数据库不能在这里恢复。"), hint=_("请由数据库管理员使用 pg_restore 恢复。")
        )
    target = Path(parsed.database or "")
    with _checked_copy(source, target) as copy:
        if not target.exists():
            copy.replace(target)
            return
        copy_beside(target, target.with_name(f"{target.name}.bak"))
        _outnumber(copy, _versions_of(target))
        _copy(copy, target)


def _versions_of(target: Path) -> list[tuple[str, str, int]]:
    """Layer, township and version of what is going to be replaced; none of what cannot be read any more."""
    try:
        with closing(sqlite3.connect(target, timeout=WAIT_FOR_LOCK_S)) as connection:
            return connection.execute("SELECT layer, township_code, version FROM data_version").fetchall()
    except sqlite3.DatabaseError:  # a damaged store is what backups are there for
        return []


def _outnumber(copy: Path, replaced: list[tuple[str, str, int]]) -> None:
    """Give every layer of the copy a version that it has never had.

    Who keeps answers by version would otherwise take the restored data, once they have been written to as
    often, for what was there before.
    """
    known = (
        "INSERT INTO data_version VALUES (?, ?, ?) ON CONFLICT (layer, township_code) "
        "DO UPDATE SET version = max(version, excluded.version)"
    )
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.executemany(known, replaced)
        connection.execute("UPDATE data_version SET version = version + ?", [_MEANWHILE])


@contextmanager
def _checked_copy(source: Path, target: Path) -> Iterator[Path]:
    """A copy of a backup beside the target, if it is a whole store of this program's version.

    The copy is what gets opened: opening leaves traces, and a backup is to stay as it is.
    """
    damaged = FileFault(
        _("备份文件“{name}”不存在、已损坏，或不是本程序此版本的数据库。").format(name=source.name),
        hint=_("没有改动现有数据，请换用其他备份。"),
    )
    if not source.is_file():
        raise damaged
    with _draft_of(target) as draft:
        try:
            _copy(source, draft)
            store = open_store(f"gpkg+shapely:///{draft.absolute()}")
            with closing(store):
                is_sound = verify_store(store).is_sound
        except StoreError as fault:
            raise damaged from fault
        if not is_sound:
            raise damaged
        yield draft


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A name beside the target to write under; nothing of it is left behind."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield draft
    except OSError as fault:
        raise StoreError(
            _("无法写入文件“{name}”。").format(name=target.name), hint=_("请检查目录和磁盘空间。")
        ) from fault
    finally:
        for leftover in target.parent.glob(f"{draft.name}*"):
            leftover.unlink()


def copy_beside(source: Path, target: Path) -> None:
    """Copy to a draft beside the target and rename it when it is whole."""
    with _draft_of(target) as draft:
        _copy(source, draft)
        draft.replace(target)


def _copy(source: Path, target: Path) -> None:
    """Copy page by page in one transaction of the target: it is the old or the new one, never a mixture."""
    try:
        with (
            closing(sqlite3.connect(source)) as reader,
            closing(sqlite3.connect(target, timeout=WAIT_FOR_LOCK_S)) as writer,
        ):
            is_new = not writer.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            reader.backup(writer)
            if is_new:  # one file, without a log beside it
                writer.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as fault:
        raise in_words(fault) from fault
