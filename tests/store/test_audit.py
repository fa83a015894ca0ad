"""The audit can be appended to and checked, and tells of every change made behind its back."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text

from geo.access import SYSTEM
from geo.errors import StoreError
from geo.store.audit import AuditCheck, record, verify
from geo.store.engine import Store, open_store
from geo.store.models import Audit
from tests.store.small_county import NOW, TODAY


def _fill(store: Store, rows: int = 5) -> None:
    for number in range(rows):
        with store.write() as session:
            record(
                session,
                SYSTEM,
                "test",
                now=NOW + timedelta(minutes=number),
                subject=f"C{number}",
                before={"name": "甲", "since": TODAY} if number % 2 else None,
                after={"share": 0.1, "at": NOW},
                reason="换届",
            )


def _check(store: Store) -> AuditCheck:
    with store.read() as session:
        return verify(session)


def test_a_chain_of_records_is_whole(store: Store) -> None:
    assert _check(store) == AuditCheck(rows=0, first_bad=None)
    _fill(store)
    assert _check(store) == AuditCheck(rows=5, first_bad=None)
    assert _check(store).is_whole


def test_what_was_recorded_can_be_read(store: Store) -> None:
    _fill(store, 2)
    with store.read() as session:
        first, second = session.scalars(select(Audit).order_by(Audit.id))
        assert (first.user, first.action, first.subject, first.reason) == ("system", "test", "C0", "换届")
        assert (first.before, second.before) == (None, {"name": "甲", "since": "2026-05-01"})
        assert second.at == NOW + timedelta(minutes=1)
        assert second.previous_hash == first.hash


def test_any_zone_is_recorded_as_the_same_moment(store: Store) -> None:
    beijing = datetime(2026, 5, 1, 16, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))
    with store.write() as session:
        record(session, SYSTEM, "test", now=beijing)
    with store.read() as session:
        assert session.scalars(select(Audit.at)).one() == NOW.replace(microsecond=123_000)
    assert _check(store).is_whole


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
def test_changes_are_refused(store: Store, change: str) -> None:
    _fill(store, 2)
    with pytest.raises(StoreError, match="只能追加"), store.write() as session:
        session.execute(text(change))
    assert _check(store) == AuditCheck(rows=2, first_bad=None)


@pytest.mark.postgis
def test_emptying_the_table_is_refused(postgis_store: Store) -> None:
    _fill(postgis_store, 1)
    with pytest.raises(StoreError, match="只能追加"), postgis_store.write() as session:
        session.execute(text("TRUNCATE audit"))


def _tampered(store: Store, change: str) -> Store:
    """The store after a change made round the triggers, opened again."""
    path = store.path
    store.close()
    assert isinstance(path, Path)
    connection = sqlite3.connect(path)
    for trigger in ("audit_no_update", "audit_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(change)
    connection.commit()
    connection.close()
    return open_store(str(path))


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        ("UPDATE audit SET reason = '无' WHERE id = 3", 3),
        ("UPDATE audit SET after = '{\"share\":0.2}' WHERE id = 2", 2),
        ("UPDATE audit SET at = '2026-05-01T09:00:00.000Z' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 4", 5),
        ("DELETE FROM audit WHERE id > 3", 4),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET hash = 'f' || substr(hash, 2), previous_hash = previous_hash WHERE id = 2", 2),
    ],
)
def test_tampering_round_the_triggers_shows(gpkg_store: Store, change: str, first_bad: int) -> None:
    _fill(gpkg_store)
    store = _tampered(gpkg_store, change)
    assert _check(store).first_bad == first_bad
    store.close()


def test_rows_cut_off_the_end_stay_missed_when_more_is_recorded(gpkg_store: Store) -> None:
    _fill(gpkg_store)
    store = _tampered(gpkg_store, "DELETE FROM audit WHERE id > 3")
    _fill(store, 1)
    assert _check(store).first_bad == 4
    store.close()


def test_an_undone_write_leaves_no_record(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        record(session, SYSTEM, "test", now=NOW)
        raise ZeroDivisionError
    assert _check(store) == AuditCheck(rows=0, first_bad=None)


def test_only_plain_values_are_recorded(store: Store) -> None:
    with pytest.raises(TypeError, match="not for the audit"), store.write() as session:
        record(session, SYSTEM, "test", now=NOW, after={"value": object()})
