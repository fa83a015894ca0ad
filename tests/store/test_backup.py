"""Backups are whole, checked before they replace anything, and nothing is lost on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from geo.access import SYSTEM
from geo.errors import FileFault, StoreError
from geo.store.audit import record
from geo.store.backup import backup_store, restore_store, verify_store
from geo.store.engine import Store, open_store
from geo.store.models import Household
from geo.store.versions import bump, layer_versions
from tests.store import small_county


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    store = open_store(f"gpkg+shapely:///{path}")
    yield store
    store.close()


def _households(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Household)) or 0


def _drop_a_household(store: Store) -> None:
    with store.write() as session:
        session.delete(session.scalars(select(Household).limit(1)).one())
        record(session, SYSTEM, "test", now=small_county.NOW)


def test_a_backup_brings_the_old_state_back(gpkg_store: Store, tmp_path: Path) -> None:
    small_county.load(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    _drop_a_household(gpkg_store)
    restore_store(tmp_path / "copy.gpkg", str(gpkg_store.path))
    assert _households(gpkg_store) == 40
    assert verify_store(gpkg_store).is_sound
    with _opened(tmp_path / "county.gpkg.bak") as kept:
        assert _households(kept) == 39


def test_restored_data_are_never_taken_for_what_was_there_before(gpkg_store: Store, tmp_path: Path) -> None:
    """Answers are kept by version: as many writes after the backup as after restoring it give others."""
    small_county.load(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")

    def versions() -> dict[tuple[str, str], int]:
        with gpkg_store.read() as session:
            return layer_versions(session, ["households", "cells", "responsibilities"])

    def written() -> dict[tuple[str, str], int]:
        _drop_a_household(gpkg_store)
        with gpkg_store.write() as session:
            bump(session, "responsibilities", ["990101109"])
        return versions()

    before = written()
    restore_store(tmp_path / "copy.gpkg", str(gpkg_store.path))
    restored, after = versions(), written()
    assert before.keys() == restored.keys() == after.keys()
    assert all(before[key] < restored[key] <= after[key] for key in before)


def test_a_damaged_store_can_be_replaced(gpkg_store: Store, tmp_path: Path) -> None:
    small_county.load(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    path = tmp_path / "damaged.gpkg"
    sqlite3.connect(path).execute("CREATE TABLE remains (of_it)").connection.close()
    restore_store(tmp_path / "copy.gpkg", str(path))
    with _opened(path) as restored:
        assert _households(restored) == 40


def test_a_backup_is_one_file_and_stays_as_it_is(gpkg_store: Store, tmp_path: Path) -> None:
    small_county.load(gpkg_store)
    folder = tmp_path / "backups"
    backup_store(gpkg_store, folder / "copy.gpkg")
    assert [path.name for path in folder.iterdir()] == ["copy.gpkg"]
    before = (folder / "copy.gpkg").read_bytes()
    restore_store(folder / "copy.gpkg", str(gpkg_store.path))
    assert (folder / "copy.gpkg").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["copy.gpkg"]


def test_a_backup_can_go_where_no_store_was(gpkg_store: Store, tmp_path: Path) -> None:
    small_county.load(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    restore_store(tmp_path / "copy.gpkg", str(tmp_path / "new" / "county.gpkg"))
    with _opened(tmp_path / "new" / "county.gpkg") as restored:
        assert _households(restored) == 40


def test_a_backup_overwrites_nothing(gpkg_store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.gpkg").write_text("mine")
    with pytest.raises(FileFault, match="已存在"):
        backup_store(gpkg_store, tmp_path / "copy.gpkg")
    assert (tmp_path / "copy.gpkg").read_text() == "mine"


@pytest.mark.parametrize("damage", ["missing", "text", "cut off", "changed inside"])
def test_a_damaged_backup_changes_nothing(gpkg_store: Store, tmp_path: Path, damage: str) -> None:
    small_county.load(gpkg_store)
    copy = tmp_path / "copy.gpkg"
    if damage != "missing":
        backup_store(gpkg_store, copy)
    whole = copy.read_bytes() if copy.exists() else b""
    broken = {
        "text": b"not a database",
        "cut off": whole[: len(whole) // 2],
        "changed inside": whole[:40960] + b"\xff" * 8192 + whole[49152:],
    }
    if damage in broken:
        copy.write_bytes(broken[damage])
    with pytest.raises(FileFault, match="没有改动现有数据"):
        restore_store(copy, str(gpkg_store.path))
    assert _households(gpkg_store) == 40
    assert not list(tmp_path.glob("*.new*"))


@pytest.mark.postgis
def test_postgis_points_to_its_own_tools(postgis_store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        backup_store(postgis_store, tmp_path / "copy.gpkg")
    with pytest.raises(StoreError, match="pg_restore"):
        restore_store(tmp_path / "copy.gpkg", "postgresql+psycopg:///any")


def test_a_sound_store_is_found_sound(store: Store) -> None:
    small_county.load(store)
    check = verify_store(store)
    assert (check.file_faults, check.dangling, check.is_sound) == ((), 0, True)


def test_a_dangling_reference_is_found(gpkg_store: Store) -> None:
    small_county.load(gpkg_store)
    connection = gpkg_store.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    driver.execute("UPDATE household SET village_code = '990101101999' WHERE code = 'H000000'")
    driver.execute("PRAGMA foreign_keys = ON")
    connection.close()
    check = verify_store(gpkg_store)
    assert (check.dangling, check.is_sound) == (1, False)
