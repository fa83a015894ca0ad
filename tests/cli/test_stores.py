"""Making, choosing, saving and checking a store."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest

from geo.frames import LAYERS
from geo.store.engine import REVISION
from tests.cli.run import AS_OF, designate, document, run
from tests.store.test_upgrade import first_revision


def test_init_makes_the_default_store_and_shows_the_password_once():
    said = document("init")
    assert said["store"].endswith("/home/var/county.gpkg")
    assert said["user"] == "department"
    assert len(said["password"]) >= 12
    again = run("init", code=1)
    assert again.stdout == ""
    assert "已有数据库" in again.stderr


def test_init_for_people_shows_the_password_in_a_table():
    shown = run("init").stdout.splitlines()
    assert re.fullmatch(r"department\s+\S{12,}", shown[1])


def test_init_takes_the_password_from_a_file(tmp_path):
    from geo.operations.accounts import authenticate
    from geo.store.engine import open_store

    (tmp_path / "secret").write_text("from-a-file-2026\nsecond line\n")
    assert document("init", "--password-file", tmp_path / "secret")["password"] is None
    store = open_store()
    try:
        assert authenticate(store, "department", "from-a-file-2026").user == "department"
    finally:
        store.close()


@pytest.mark.parametrize(
    "words",
    [
        ("--password", "short"),
        ("--password-file", "nowhere"),
        ("--county", "12"),
        ("--villages", "24"),
        ("--sample", "--villages", "3"),
        ("--sample", "--password", "a-good-password"),
        ("--sample", "--villages", "0"),
    ],
    ids=" ".join,
)
def test_a_refused_init_leaves_nothing(words, tmp_path):
    result = run("init", *words, code=2)
    assert result.stderr.strip()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_init_that_breaks_off_leaves_nothing(monkeypatch, tmp_path):
    from geo.operations import accounts

    def broken(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(accounts, "create_account", broken)
    run("init", code=1)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_init_replaces_nothing_that_another_made_meanwhile(monkeypatch, tmp_path):
    from geo.operations import accounts

    file = tmp_path / "county.gpkg"
    monkeypatch.setattr(accounts, "create_account", lambda *_args, **_kwargs: file.write_text("another"))
    assert "已有数据库" in run("init", "--store", file, code=1).stderr
    assert file.read_text() == "another"
    assert [path.name for path in tmp_path.iterdir()] == ["county.gpkg"]


def test_init_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("init", "--store", tmp_path / "file" / "county.gpkg", code=3)
    assert "无法在该位置建立数据库" in result.stderr


def test_status_counts_every_layer(sample):
    said = document("status", "--store", sample)
    assert set(said["counts"]) == set(LAYERS)
    assert said["counts"]["villages"] == 24
    assert said["counts"]["households"] == 400
    assert said["schema"]
    assert said["data_version"] > 0
    assert said["store"].endswith(str(sample))


@pytest.mark.parametrize("place", ["before", "after", "environment", "url"])
def test_the_store_is_chosen_by_option_or_environment(place, sample, monkeypatch):
    if place == "environment":
        monkeypatch.setenv("MINQING_STORE", str(sample))
    words = {
        "before": ("--store", sample, "status"),
        "after": ("status", "--store", sample),
        "environment": ("status",),
        "url": ("status", "--store", f"gpkg+shapely:///{sample}"),
    }[place]
    assert document(*words)["counts"]["villages"] == 24


@pytest.mark.parametrize("command", ["status", "coverage", "villages", "serve", "who 990101101001"])
def test_a_missing_store_is_said_and_never_made(command, tmp_path):
    result = run(*command.split(), code=3)
    assert result.stdout == ""
    assert "minqing init" in result.stderr
    assert not (tmp_path / "home" / "var" / "county.gpkg").exists()


def test_a_store_that_is_none_is_unavailable(tmp_path):
    (tmp_path / "county.gpkg").write_text("not a database")
    assert "不是有效的数据库" in run("status", "--store", tmp_path / "county.gpkg", code=3).stderr


def test_a_backup_brings_back_what_was_there(village, empty, tmp_path):
    copy = tmp_path / "copy.gpkg"
    assert document("backup", copy)["bytes"] == copy.stat().st_size
    assert "已存在" in run("backup", copy, code=2).stderr
    designate(village, "--label", "weak")
    document("restore", copy)
    assert document("villages", *AS_OF, "--label", "weak")["villages"] == []
    assert empty.with_name("county.gpkg.bak").exists()
    assert document("verify")["sound"] is True


def test_restore_makes_a_store_where_there_is_none(sample, tmp_path):
    document("backup", tmp_path / "copy.gpkg", "--store", sample)
    document("restore", tmp_path / "copy.gpkg")
    assert document("status")["counts"]["villages"] == 24


def test_restore_refuses_what_is_no_store(village, tmp_path):
    (tmp_path / "copy.gpkg").write_text("not a database")
    assert "没有改动" in run("restore", tmp_path / "copy.gpkg", code=2).stderr
    assert document("status")["counts"]["villages"] == 1


def test_only_the_department_makes_backups(sample, tmp_path, monkeypatch):
    monkeypatch.setenv("MINQING_USER", "leader")
    run("backup", tmp_path / "copy.gpkg", "--store", sample, code=1)
    assert not (tmp_path / "copy.gpkg").exists()


def test_verify_finds_dangling_references(village, empty):
    import sqlite3

    with sqlite3.connect(empty) as raw:
        raw.execute(
            "INSERT INTO area_member (recorded_at, recorded_by, area_code, village_code) "
            "VALUES ('2026-01-01T00:00:00.000Z', 'nobody', 'nowhere', ?)",
            (village,),
        )
    raw.close()
    result = run("verify", "--json", code=3)
    assert json.loads(result.stdout)["dangling"] == 1
    assert "失效引用 1 处" in result.stderr


def test_an_older_store_says_so_and_is_upgraded_with_a_backup_beside_it(tmp_path):
    file = tmp_path / "old.gpkg"
    first_revision(str(file))
    assert "minqing upgrade" in run("status", "--store", file, code=3).stderr
    done = document("upgrade", "--store", file)
    assert (done["before"], done["after"]) == ("0001", REVISION)
    assert revision_in(done["backup"]) == "0001"
    assert document("status", "--store", file)["counts"]["cells"] == 16
    assert REVISION in run("upgrade", "--store", file).stderr
    assert document("upgrade", "--store", file) == {"before": REVISION, "after": REVISION, "backup": None}


def test_an_upgrade_tells_people_where_the_backup_is(tmp_path):
    file = tmp_path / "old.gpkg"
    first_revision(str(file))
    shown = run("upgrade", "--store", file).stderr
    [backup] = [path for path in tmp_path.iterdir() if revision_in(path) == "0001"]
    assert str(backup) in shown


def test_there_must_be_a_store_to_upgrade(tmp_path):
    assert run("upgrade", "--store", tmp_path / "none.gpkg", code=3).stdout == ""


def revision_in(file: str) -> str:
    """The revision a file says it has."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
