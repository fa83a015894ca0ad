"""minqing plan: shown, kept as a draft, put into effect."""

import csv
import io
import json

import pytest

from tests.cli.run import AS_OF, document, run

DAY = "2026-05-01"
KIND = ("--kind", "cell_unowned")
WHY = ("--reason", "补齐空白")


def _bare_cells():
    return [row for row in document("gaps", *AS_OF)["gaps"] if row["kind"] == "cell_unowned"]


@pytest.fixture
def bare(county):
    """A county in which one more cell has no officer."""
    cell = next(
        row["target_code"]
        for row in _responsibilities(county)
        if row["kind"] == "grid_officer" and row["rank"] == "primary"
    )
    run("end", cell, "--kind", "grid_officer", "--to-date", DAY, "--reason", "离岗")
    return cell


def _responsibilities(county):
    file = county.parent / "held.csv"
    run("export", "responsibilities", "--to", file, *AS_OF)
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def test_the_plan_says_who_takes_what_and_how_good_it_is(bare):
    said = document("plan", *KIND, *AS_OF)
    assert {"as_of", "options", "figures", "rows", "open", "draft", "change", "state"} <= said.keys()
    assert said["state"] == "proposed"
    assert said["figures"]["status"] == "optimal"
    assert bare in {row["target_code"] for row in said["rows"]}
    shown = run("plan", *KIND, *AS_OF)
    assert "空白网格" in shown.stdout
    assert "已证明最优" in shown.stderr


def test_the_plan_as_csv_and_on_the_map(bare):
    rows = list(csv.DictReader(io.StringIO(run("plan", *KIND, *AS_OF, "--format", "csv").stdout)))
    assert bare in {row["target_code"] for row in rows}
    features = json.loads(run("plan", *KIND, *AS_OF, "--format", "geojson").stdout)["features"]
    assert len(features) == len(rows)
    assert {feature["geometry"]["type"] for feature in features if feature["geometry"]} == {"LineString"}


def test_the_plan_is_put_into_effect_and_undone(bare):
    before = len(_bare_cells())
    done = document("plan", *KIND, *AS_OF, "--apply", "--yes", "--from", DAY, *WHY)
    assert done["state"] == "applied"
    assert len(_bare_cells()) == before - done["figures"]["gaps_closed"]
    run("undo")
    assert len(_bare_cells()) == before


def test_a_plan_is_not_adopted_without_a_reason(bare):
    assert "--reason" in run("plan", *KIND, *AS_OF, "--apply", code=2).stderr


def test_drafts_are_listed_opened_and_adopted_without_what_has_changed(bare):
    code = document("plan", *KIND, *AS_OF, "--save", "五一前")["draft"]
    assert [row["name"] for row in document("plan", "--drafts")["drafts"]] == ["五一前"]
    opened = document("plan", "--draft", code)
    taker = next(row["to_code"] for row in opened["rows"] if row["target_code"] == bare)
    run("assign", bare, "--kind", "grid_officer", "--to", taker, "--from", DAY, "--reason", "已补")
    done = run(
        "plan",
        "--draft",
        code,
        "--apply",
        "--yes",
        "--from",
        DAY,
        *WHY,
        code=2 if len(opened["rows"]) == 1 else 0,
    )
    assert "此后已有变动" in done.stderr
    assert run("plan", "--drafts").stdout.count("五一前") == 1


def test_whoever_does_not_write_may_look_but_not_adopt(bare, monkeypatch):
    monkeypatch.setenv("MINQING_USER", "leader")
    assert document("plan", *KIND, *AS_OF)["rows"]
    assert "无权修改" in run("plan", *KIND, *AS_OF, "--apply", "--yes", "--from", DAY, *WHY, code=1).stderr
    monkeypatch.setenv("MINQING_USER", "auditor")
    run("plan", *KIND, *AS_OF, code=1)


def test_limits_that_make_no_sense_are_refused(county):
    run("plan", "--max-km", 0, code=2)
    run("plan", "--kind", "nothing", code=2)
    run("plan", "--draft", "nothing", code=2)
