"""The `minqing` command: documents, exit codes, what is said where, and that nobody sees a traceback."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from geo.cli import main
from geo.cli.files import LAYER_HELP
from geo.frames import LAYERS
from geo.vocabulary import VillageLabel

ROOT = Path(__file__).parents[2]
MINQING = Path(sys.executable).with_name("minqing")
AS_OF = ("--as-of", "2026-05-01")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch, tmp_path):
    """Each test has a home of its own and none of the machine's settings."""
    for name in ("MINQING_STORE", "MINQING_USER", "MINQING_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINQING_HOME", str(tmp_path / "home"))


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, f"{result.exit_code}: {result.stdout}{result.stderr}"
    assert "Traceback" not in result.output
    return result


def document(*words: object, code: int = 0) -> dict:
    return json.loads(run(*words, "--json", code=code).stdout)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    """A small sample county, read by the tests of this module and never written."""
    file = tmp_path_factory.mktemp("sample") / "county.gpkg"
    run("init", "--sample", "--villages", 24, "--households", 400, "--store", file)
    return file


@pytest.fixture
def empty() -> Path:
    run("init", "--password", "a-good-password", "--county", "990101")
    return Path(os.environ["MINQING_HOME"]) / "var/county.gpkg"


@pytest.fixture
def townships(tmp_path) -> Path:
    """One township of county 990101, as a GeoJSON file."""
    ring = [[117.0, 35.0], [117.1, 35.0], [117.1, 35.1], [117.0, 35.1], [117.0, 35.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": "990101101", "name": "石桥镇"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = tmp_path / "townships.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False))
    return file


# init


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


# status and the choice of the store


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


# import and export


def test_import_reports_and_a_second_one_changes_nothing(empty, townships):
    said = document("import", townships, "--as", "townships")
    assert {
        key: said[key] for key in ("layer", "read", "added", "changed", "unchanged", "missing", "written")
    } == {
        "layer": "townships",
        "read": 1,
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "missing": 0,
        "written": True,
    }
    assert said["batch"]
    assert said["faults"] == []
    again = document("import", townships, "--as", "townships")
    assert (again["added"], again["unchanged"]) == (0, 1)


def test_a_dry_run_writes_nothing(empty, townships):
    said = document("import", townships, "--as", "townships", "--dry-run")
    assert (said["added"], said["written"]) == (1, False)
    assert document("status")["counts"]["townships"] == 0


def test_faults_are_listed_by_row_and_end_with_two(empty, townships):
    townships.write_text(townships.read_text().replace("990101101", "990202101"))
    said = document("import", townships, "--as", "townships", code=2)
    assert said["written"] is False
    assert {key: said["faults"][0][key] for key in ("row", "column")} == {"row": 1, "column": "code"}
    assert set(said["faults"][0]) == {"row", "column", "code", "message"}
    shown = run("import", townships, "--as", "townships", code=2)
    assert "990202101" in shown.stdout
    none_left = document("import", townships, "--as", "townships", "--skip-faulty", code=2)
    assert none_left["written"] is False
    assert document("status")["counts"]["townships"] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "nowhere.shp", "--as", "villages"), "找不到文件"),
        (("import", __file__, "--as", "frobs"), "没有名为"),
        (("import", __file__, "--as", "villages"), "不支持"),
        (("import", __file__), "--as"),
    ],
)
def test_bad_imports_are_one_sentence(empty, words, sentence):
    result = run(*words, code=2)
    assert sentence in result.stderr
    assert result.stdout == ""


def test_the_help_names_every_layer():
    assert set(re.findall(r"[a-z]+", LAYER_HELP)) == set(LAYERS)


def test_export_writes_what_import_reads(sample, tmp_path):
    said = document("export", "townships", "--to", tmp_path / "t.geojson", "--store", sample)
    written = json.loads((tmp_path / "t.geojson").read_text())
    assert said["rows"] == len(written["features"]) == 2


def test_export_of_personal_columns_needs_a_reason(sample, tmp_path):
    result = run("export", "cadres", "--personal", "--to", tmp_path / "c.csv", "--store", sample, code=2)
    assert "理由" in result.stderr
    assert not (tmp_path / "c.csv").exists()


# questions


def test_coverage_has_each_ratio_and_its_live_twin(sample):
    said = document("coverage", *AS_OF, "--store", sample)
    assert said["as_of"] == "2026-05-01"
    ratios = {row["name"]: row for row in said["ratios"]}
    names = {
        "cells_owned",
        "households_in_owned_cells",
        "households_paired",
        "priority_villages_staffed",
        "land_in_cells",
        "land_in_owned_cells",
    }
    assert names | {f"{name}_live" for name in names} <= set(ratios)
    owned = ratios["cells_owned"]
    assert owned["ratio"] == pytest.approx(owned["numerator"] / owned["denominator"])
    assert 0.5 < owned["ratio"] < 1
    assert ratios["cells_owned_live"]["ratio"] is None


def test_coverage_for_people_shows_percent(sample):
    assert re.search(r"cells_owned .*%", run("coverage", *AS_OF, "--store", sample).stdout)


def test_villages_by_label(sample):
    everything = document("villages", *AS_OF, "--store", sample)["villages"]
    assert len(everything) == 24
    poor = document("villages", *AS_OF, "--label", "poor", "--store", sample)["villages"]
    assert 0 < len(poor) < 24
    for village in poor:
        label = next(label for label in village["labels"] if label["label"] == "poor")
        assert label["value"] < label["threshold"]
        assert set(label) >= {"label", "since", "value", "threshold", "reason"}
    assert "经济薄弱村" in run("villages", *AS_OF, "--label", "poor", "--store", sample).stdout


def test_who_answers_for_a_village(sample):
    code = document("villages", *AS_OF, "--store", sample)["villages"][0]["code"]
    said = document("who", code, *AS_OF, "--store", sample)
    assert (said["code"], said["target_kind"], said["as_of"]) == (code, "village", "2026-05-01")
    keys = {"kind", "holder_code", "holder_name", "target_code", "valid_from", "valid_to", "recorded_at"}
    assert said["responsibilities"]
    assert all(keys <= set(row) for row in said["responsibilities"])
    assert "first_missing" in said
    assert run("who", code, *AS_OF, "--store", sample).stdout.startswith("责任")


def test_what_was_not_yet_recorded_was_not_known(sample):
    code = document("villages", *AS_OF, "--store", sample)["villages"][0]["code"]
    before = document("who", code, *AS_OF, "--known-at", "2020-01-01", "--store", sample)
    assert before["responsibilities"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("who", "nothing"), 2),
        (("who", "990101101001", "--as-of", "tomorrow"), 2),
        (("who", "990101101001", "--known-at", "tomorrow"), 2),
        (("villages", "--label", "rich"), 2),
        (("frob",), 2),
    ],
)
def test_bad_questions(sample, words, code):
    result = run("--store", sample, *words, code=code)
    assert result.stdout == ""
    assert result.stderr.strip()


def test_the_acting_account_is_named_by_the_environment(sample, monkeypatch):
    monkeypatch.setenv("MINQING_USER", "nobody")
    assert "nobody" in run("coverage", "--store", sample, code=1).stderr
    monkeypatch.setenv("MINQING_USER", "resident")
    seen = document("villages", *AS_OF, "--store", sample)["villages"]
    assert len(seen) == 1


# designate and the audit


@pytest.fixture
def village(empty, townships, tmp_path) -> str:
    run("import", townships, "--as", "townships")
    one = json.loads(townships.read_text())
    one["features"][0]["properties"] = {"code": "990101101001", "name": "石桥村"}
    file = tmp_path / "villages.geojson"
    file.write_text(json.dumps(one, ensure_ascii=False))
    run("import", file, "--as", "villages")
    return "990101101001"


def designate(code: str, *words: str, exit_code: int = 0) -> Result:
    given = ("--from", "2026-03-01", "--reason", "班子不团结")
    return run("designate", code, *given, *words, code=exit_code)


def test_a_designation_shows_in_the_list_and_in_the_audit(village):
    designate(village, "--label", "weak", "--cause", "leadership_split", "--document", "组发〔2026〕3号")
    (listed,) = document("villages", *AS_OF, "--label", "weak")["villages"]
    assert listed["labels"][0]["since"] == "2026-03-01"
    assert document("villages", "--as-of", "2026-02-28", "--label", "weak")["villages"] == []
    assert document("audit", "verify")["rows"] >= 4


def test_a_designation_that_a_rule_forbids(village):
    assert "不由人工认定" in designate(village, "--label", "poor", exit_code=1).stderr
    designate(village, "--label", "weak")
    assert "已认定" in designate(village, "--label", "weak", exit_code=1).stderr
    designate("990101101999", "--label", "weak", exit_code=2)


def test_audit_verify_notices_a_changed_row(village, empty):
    import sqlite3

    assert document("audit", "verify")["first_bad"] is None
    with sqlite3.connect(empty) as raw:
        triggers = raw.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit'"
        ).fetchall()
        for (name,) in triggers:
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.execute("UPDATE audit SET user = 'somebody' WHERE id = 2")
    raw.close()
    result = run("audit", "verify", "--json", code=3)
    assert json.loads(result.stdout)["first_bad"] == 2
    assert "改动" in result.stderr


# backup, restore, verify


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
        raw.execute("INSERT INTO area_village (area_code, village_code) VALUES ('nowhere', ?)", (village,))
    raw.close()
    result = run("verify", "--json", code=3)
    assert json.loads(result.stdout)["dangling"] == 1
    assert "失效引用 1 处" in result.stderr


# help, languages, faults


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        below = (*path, name)
        found += every_command(command, below) if isinstance(command, click.Group) else [below]
    return found


@pytest.mark.parametrize("words", every_command(main), ids=" ".join)
def test_every_command_has_help_in_both_languages(words):
    chinese = run(*words, "--help").stdout
    english = run("--lang", "en", *words, "--help").stdout
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert "--store" in chinese


def test_the_language_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MINQING_LANG", "en")
    assert "There is no store yet." in run("status", code=3).stderr


def test_an_unforeseen_fault_is_a_sentence_and_a_log_entry(sample, monkeypatch, tmp_path):
    from geo.answers import status

    def broken(_store):
        raise RuntimeError("secret detail of the driver")

    monkeypatch.setattr(status, "status", broken)
    result = run("status", "--store", sample, code=3)
    assert "secret detail" not in result.output
    incident = re.search(r"事件编号 ([0-9a-f]{8})", result.stderr)[1]
    log = (tmp_path / "home/var/minqing.log").read_text()
    assert incident in log
    assert "secret detail of the driver" in log


@pytest.mark.parametrize(
    ("words", "without"),
    [
        (["--help"], {"pandas", "geopandas", "shapely", "sqlalchemy", "streamlit", "folium"}),
        (["status", "--json"], {"pandas", "geopandas", "alembic", "streamlit", "folium"}),
    ],
    ids=["help", "status"],
)
def test_quick_commands_load_no_heavy_libraries(words, without, sample):
    code = (
        "import sys, geo.cli\n"
        f"geo.cli.main(['--store', {str(sample)!r}, *{words!r}], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "click" in loaded
    assert loaded.isdisjoint(without)


def test_the_labels_on_offer_are_those_of_the_vocabulary():
    (option,) = [option for option in main.commands["villages"].params if option.name == "label"]
    assert list(option.type.choices) == [str(label) for label in VillageLabel]


# serve


def test_serve_says_when_the_port_is_taken(sample):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "端口" in run("serve", "--store", sample, "--port", port, code=2).stderr


def test_serve_answers_and_stops_when_told(sample):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [MINQING, "serve", "--store", sample, "--port", str(port)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        # The socket listens before the application is loaded, so the first request simply waits for it.
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
        began = time.monotonic()
        server.terminate()
        server.wait(timeout=15)
        assert time.monotonic() - began < 10
    finally:
        server.kill()
        server.communicate()
