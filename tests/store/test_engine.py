"""Making and opening stores, sessions, and what the user reads when something fails."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from geo.errors import ConflictError, InputError, StoreError, StoreMissing
from geo.store.engine import REVISION, Store, create_store, default_store_url, open_store
from geo.store.facts import get_setting, put_setting
from geo.store.models import Setting, Unit
from geo.store.schema import head_revision


def test_the_program_expects_the_newest_revision() -> None:
    assert head_revision() == REVISION


def test_a_new_store_is_empty_and_opens_again(store: Store) -> None:
    again = open_store(store.engine.url.render_as_string(hide_password=False))
    with again.read() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0
    again.close()


def test_a_store_is_never_made_over_another(store: Store) -> None:
    with pytest.raises(StoreError, match="已有数据库"):
        create_store(store.engine.url.render_as_string(hide_password=False))


def test_a_missing_file_is_said_and_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.gpkg"
    with pytest.raises(StoreMissing, match="minqing init"):
        open_store(str(path))
    assert not path.exists()


@pytest.mark.postgis
def test_an_empty_database_is_no_store(postgres: Any) -> None:
    postgres.sql("CREATE DATABASE nothing_here")
    with pytest.raises(StoreMissing):
        open_store(postgres.url("nothing_here"))


def test_an_unreachable_server_is_said_without_its_words() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql+psycopg://nobody:secret@127.0.0.1:1/none?connect_timeout=1")
    assert "secret" not in str(caught.value)
    assert "connection" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "no store", "postgresql+psycopg://host"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.gpkg"
    path.write_text("not a database")
    with pytest.raises(StoreError, match="不是有效的数据库"):
        open_store(str(path))
    assert path.read_text() == "not a database"


def test_a_broken_database_is_said_without_its_words(tmp_path: Path) -> None:
    path = tmp_path / "broken.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    with pytest.raises(StoreError) as caught:
        open_store(str(path))
    assert "malformed" not in str(caught.value)
    assert "not a database" not in str(caught.value)


def test_another_geopackage_is_no_store_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE something (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreMissing):
        open_store(str(path))
    assert path.read_bytes() == before


def test_a_store_of_another_version_is_refused(store: Store) -> None:
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        open_store(store.engine.url.render_as_string(hide_password=False))


def test_a_place_that_cannot_hold_a_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="无法在该位置"):
        create_store(str(tmp_path / "file" / "county.gpkg"))


def test_making_a_store_leaves_nothing_else_behind(tmp_path: Path) -> None:
    create_store(str(tmp_path / "county.gpkg")).close()
    assert [path.name for path in tmp_path.iterdir()] == ["county.gpkg"]


def test_the_default_address_is_absolute_and_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MINQING_STORE", raising=False)
    monkeypatch.setenv("MINQING_HOME", str(tmp_path))
    assert default_store_url() == str(tmp_path / "var" / "county.gpkg")
    monkeypatch.delenv("MINQING_HOME")
    assert Path(default_store_url()).is_absolute()
    monkeypatch.setenv("MINQING_STORE", "elsewhere.gpkg")
    assert default_store_url() == "elsewhere.gpkg"


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as session:
        session.execute(text("INSERT INTO setting (key, value) VALUES ('a', 'b')"))
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Setting)) == 0


def test_an_error_undoes_the_whole_write(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.add(Setting(key="a", value="b"))
        session.flush()
        raise ZeroDivisionError
    with store.read() as session:
        assert session.get(Setting, "a") is None


def test_a_change_behind_the_back_is_a_conflict(store: Store) -> None:
    with store.write() as session:
        session.add(Unit(code="U1", name="甲"))
    with pytest.raises(ConflictError), store.write() as session:
        unit = session.scalars(select(Unit)).one()
        session.execute(
            update(Unit).where(Unit.code == "U1").values(version=7),
            execution_options={"synchronize_session": False},
        )
        unit.name = "乙"
        session.flush()


def test_what_a_constraint_refuses_is_said_plainly(store: Store) -> None:
    with pytest.raises(StoreError, match="约束") as caught, store.write() as session:
        session.add_all([Unit(code="U1", name="甲"), Unit(code="U1", name="乙")])
    assert "UNIQUE" not in str(caught.value).upper()


def test_a_read_sees_one_state(store: Store) -> None:
    with store.read() as session:
        first = session.scalar(select(func.count()).select_from(Setting))
        with store.write() as writer:
            writer.add(Setting(key="a", value="b"))
        assert session.scalar(select(func.count()).select_from(Setting)) == first == 0


def test_eight_threads_write_and_nothing_is_lost(store: Store) -> None:
    faults: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for turn in range(5):
                with store.write() as session:
                    session.add(Setting(key=f"{worker}-{turn}", value="x"))
                    session.merge(Setting(key="last", value=str(worker)))
        except StoreError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    with store.write() as session:
        session.add(Setting(key="last", value="nobody"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Setting)) == 41


def test_another_process_writes_at_the_same_time(store: Store) -> None:
    script = (
        "import sys\nfrom geo.store.engine import open_store\nfrom geo.store.models import Setting\n"
        "store = open_store(sys.argv[1])\n"
        "for turn in range(10):\n"
        "    with store.write() as session:\n"
        "        session.add(Setting(key=f'{sys.argv[2]}-{turn}', value='x'))\n"
    )
    url = store.engine.url.render_as_string(hide_password=False)
    processes = [subprocess.Popen([sys.executable, "-c", script, url, name]) for name in ("a", "b")]
    for turn in range(10):
        with store.write() as session:
            session.add(Setting(key=f"here-{turn}", value="x"))
    assert [process.wait(60) for process in processes] == [0, 0]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Setting)) == 30


def test_an_open_store_follows_its_file(tmp_path: Path) -> None:
    here, aside = tmp_path / "county.gpkg", tmp_path / "aside.gpkg"
    for path, name in ((aside, "two"), (here, "one")):
        with closing(create_store(str(path))) as store, store.write() as session:
            put_setting(session, "name", name)
    with closing(open_store(str(here))) as store:
        here.rename(tmp_path / "gone.gpkg")
        for using in (store.read, store.write):
            with pytest.raises(StoreMissing), using() as session:
                get_setting(session, "name")
        assert not here.exists()
        aside.rename(here)
        with store.read() as session:
            assert get_setting(session, "name") == "two"
