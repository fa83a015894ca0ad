"""A store made by an earlier program is brought up to date, and nothing in it is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from geo.access import SYSTEM
from geo.errors import StoreError, StoreMissing
from geo.operations.rules_now import rules_on
from geo.operations.thresholds import set_threshold
from geo.store.backup import verify_store
from geo.store.bulk import insert_frame
from geo.store.engine import REVISION, Store, open_store, parse_store_url
from geo.store.facts import counts
from geo.store.models import Responsibility
from geo.store.queries import area_villages, layer_frame, responsibilities
from geo.store.schema import head_revision, upgrade_schema
from geo.store.styles import STYLED_TABLES, add_styles
from geo.store.upgrade import upgrade_store
from tests.postgres import PostgresCluster
from tests.store import gdal, small_county
from tests.store.small_county import TODAY, VILLAGES

pytestmark = pytest.mark.slow

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


def bare_store(url: str, revision: str) -> Store:
    """A store as the program of a revision made it."""
    store = Store(parse_store_url(url))
    with store.engine.begin() as connection:
        upgrade_schema(connection, revision)
        if store.is_gpkg:
            add_styles(connection)
    return store


def first_revision(url: str) -> str:
    """A store as the first program left it: its tables, styles and a small county."""
    store = bare_store(url, "0001")
    small_county.load(store)
    with store.write() as session:
        held = {"kind": "grid_officer", "holder_code": "C1", "target_code": VILLAGES[0] + "001"}
        record = pd.DataFrame([held | {"valid_from": TODAY, "recorded_at": NOW, "recorded_by": "import"}])
        insert_frame(session, Responsibility, record.assign(batch="20260501-cells"))
        session.execute(text("INSERT INTO area (code, name, version) VALUES ('A1', '东片', 1)"))
        for id_, village in enumerate(VILLAGES[:2], start=1):
            pair = {"id": id_, "village": village}
            session.execute(text("INSERT INTO area_village VALUES (:id, 'A1', :village)"), pair)
    store.close()
    return url


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "county.gpkg"
    first_revision(str(path))
    return path


@pytest.fixture(params=["gpkg", pytest.param("postgis", marks=pytest.mark.postgis)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "gpkg":
        yield first_revision(str(tmp_path / "county.gpkg"))
        return
    postgres: PostgresCluster = request.getfixturevalue("postgres")
    postgres.sql("CREATE DATABASE old_store")
    yield first_revision(postgres.url("old_store"))
    postgres.sql("DROP DATABASE old_store WITH (FORCE)")


def rows_of(path: Path, tables: list[str]) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as connection:
        found = {
            table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables
        }
    connection.close()
    return found


def test_the_program_names_the_newest_revision() -> None:
    assert head_revision() == REVISION


def test_an_old_store_says_what_to_run(old_url: str) -> None:
    with pytest.raises(StoreError, match="minqing upgrade"):
        open_store(old_url)


def test_everything_survives(old_url: str) -> None:
    done = upgrade_store(old_url, now=NOW)
    assert (done.before, done.after) == ("0001", REVISION)
    store = open_store(old_url)
    with store.read() as session:
        found = counts(session)
        assert {name: found[name] for name in ("villages", "cells", "households", "cadres")} == {
            "villages": 4,
            "cells": 16,
            "households": 40,
            "cadres": 2,
        }
        assert found["responsibilities"] == 1
        assert responsibilities(session)["target_code"].tolist() == [VILLAGES[0] + "001"]
        assert area_villages(session)["village_code"].tolist() == VILLAGES[:2]
        assert len(layer_frame(session, "cells", as_of=TODAY, known_at=NOW)) == 16
        assert layer_frame(session, "areas", as_of=TODAY)["village_codes"].tolist() == [
            ";".join(VILLAGES[:2])
        ]
    assert verify_store(store).is_sound
    store.close()
    again = upgrade_store(old_url, now=NOW)
    assert (again.before, again.after, again.backup) == (REVISION, REVISION, None)


def test_a_store_of_the_second_revision_gets_thresholds_and_drafts(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    store = bare_store(str(path), "0002")
    small_county.load(store)
    store.close()
    tables = ["village", "grid_cell", "household", "cadre", "unit", "responsibility", "data_version"]
    before = rows_of(path, tables)
    done = upgrade_store(str(path), now=NOW)
    assert (done.before, done.after) == ("0002", REVISION)
    assert done.backup == path.with_name("county.gpkg.0002-20260601T093000.bak")
    assert rows_of(path, tables) == rows_of(done.backup, tables) == before
    assert rows_of(path, ["rule_value", "gap_draft"]) == {"rule_value": [], "gap_draft": []}
    assert gdal.faults_of(path) == []
    store = open_store(str(path))
    set_threshold(store, SYSTEM, "officer_cells_max", 5, valid_from=TODAY, reason="试行", now=NOW)
    with store.read() as session:
        assert rules_on(session, TODAY)["officer_cells_max"].value == 5
    assert verify_store(store).is_sound
    store.close()
    assert gdal.faults_of(path) == []


def test_rows_stay_as_they_were_and_the_file_is_still_valid(old_file: Path) -> None:
    tables = ["village", "grid_cell", "household", "cadre", "unit", "responsibility", "data_version"]
    before = rows_of(old_file, tables)
    done = upgrade_store(str(old_file), now=NOW)
    after = rows_of(old_file, tables)
    for table in tables:
        assert [row[: len(before[table][0])] for row in after[table]] == before[table]
    assert gdal.faults_of(old_file) == []
    assert gdal.description_of(old_file)["styles"] == dict.fromkeys(STYLED_TABLES, True)
    assert done.backup == old_file.with_name("county.gpkg.0001-20260601T093000.bak")
    assert rows_of(done.backup, tables) == before


def test_nobody_is_interrupted(old_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.store.upgrade._WAIT_FOR_OTHERS_S", 0)
    with sqlite3.connect(old_file, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="正忙"):
            upgrade_store(str(old_file), now=NOW)
        writer.execute("ROLLBACK")
    writer.close()
    assert [path.name for path in old_file.parent.glob("*.bak")] == []
    assert upgrade_store(str(old_file), now=NOW).after == REVISION


def test_a_failure_leaves_the_store_as_it_was(old_file: Path) -> None:
    with sqlite3.connect(old_file) as connection:
        connection.execute("CREATE TABLE change (id INTEGER PRIMARY KEY)")
    connection.close()
    before = rows_of(old_file, ["sqlite_master"])
    with pytest.raises(StoreError):
        upgrade_store(str(old_file), now=NOW)
    assert rows_of(old_file, ["sqlite_master"]) == before


def test_what_cannot_be_upgraded_is_refused(old_file: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        upgrade_store(str(tmp_path / "none.gpkg"), now=NOW)
    with sqlite3.connect(old_file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="更新的程序"):
        upgrade_store(str(old_file), now=NOW)
