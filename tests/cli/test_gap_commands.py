"""What `gaps` and `diff` print, write and end with."""

from __future__ import annotations

import csv
import io
import json
import time

import pytest

from geo.cli import late_progress as late
from geo.rules.gap_kinds import gap_kinds
from tests.cli.run import AS_OF, document, run

DAYS = ("2026-01-01", "2026-05-01")


@pytest.fixture(scope="module")
def said(sample):
    return document("gaps", *AS_OF, "--store", sample)


def test_the_document_lists_the_worst_first(said):
    assert (said["as_of"], said["known_at"]) == ("2026-05-01", None)
    assert {row["kind"] for row in said["gaps"]} <= set(gap_kinds())
    scores = [row["score"] for row in said["gaps"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 20


def test_people_get_a_table(sample):
    result = run("gaps", *AS_OF, "--kind", "cell_unowned", "--store", sample)
    heading, *rows = result.stdout.splitlines()
    assert heading.startswith("缺口")
    assert rows
    assert all(row.startswith("空白网格") for row in rows)


def test_kinds_and_townships_narrow_the_list(sample, said):
    kinds = ("--kind", "cell_unowned", "--kind", "chain_broken")
    listed = document("gaps", *AS_OF, *kinds, "--store", sample)["gaps"]
    assert {row["kind"] for row in listed} == {"cell_unowned", "chain_broken"}
    township = listed[0]["township_code"]
    there = document("gaps", *AS_OF, "--township", township, "--store", sample)["gaps"]
    assert {row["township_code"] for row in there} == {township}
    assert 0 < len(there) < len(said["gaps"])


def test_csv_on_the_screen_and_in_a_file(sample, said, tmp_path):
    shown = run("gaps", *AS_OF, "--format", "csv", "--store", sample).stdout
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert [row["target_code"] for row in rows] == [row["target_code"] for row in said["gaps"]]
    file = tmp_path / "gaps.csv"
    result = run("gaps", *AS_OF, "--to", file, "--store", sample)
    assert result.stdout == ""
    assert file.read_bytes().startswith(b"\xef\xbb\xbfkind,")
    assert file.read_text(encoding="utf-8-sig").splitlines() == shown.splitlines()


def test_geojson_is_a_feature_collection(sample, said, tmp_path):
    file = tmp_path / "gaps.geojson"
    run("gaps", *AS_OF, "--to", file, "--store", sample)
    collection = json.loads(file.read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert collection["datum"] == "EPSG:4490"
    assert collection["as_of"] == "2026-05-01"
    assert "crs" not in collection
    assert [feature["properties"]["target_code"] for feature in collection["features"]] == [
        row["target_code"] for row in said["gaps"]
    ]
    assert {feature["type"] for feature in collection["features"]} == {"Feature"}
    assert any(feature["geometry"] is None for feature in collection["features"])


def test_a_file_of_an_unknown_kind_is_refused(sample, tmp_path):
    assert "pdf" in run("gaps", "--to", tmp_path / "gaps.pdf", "--store", sample, code=2).stderr
    run("gaps", "--to", tmp_path / "nowhere/gaps.csv", "--store", sample, code=2)


def test_a_scheduled_check_fails_on_what_it_names(sample):
    result = run("gaps", *AS_OF, "--fail-on", "cell_unowned", "--json", "--store", sample, code=1)
    assert json.loads(result.stdout)["gaps"]
    assert "空白网格" in result.stderr
    run("gaps", *AS_OF, "--fail-on", "any", "--kind", "cell_overlap", "--store", sample, code=1)


def _townships(document):
    """The townships of gaps; those of branches that belong to no village are in none."""
    return {row["township_code"] for row in document["gaps"]} - {None}


def test_a_scheduled_check_passes_where_there_is_none(sample, said):
    townships = _townships(said)
    with_overlap = {row["township_code"] for row in said["gaps"] if row["kind"] == "cell_overlap"}
    quiet = sorted(townships - with_overlap)[0]
    run("gaps", *AS_OF, "--township", quiet, "--fail-on", "cell_overlap", "--store", sample)


@pytest.mark.parametrize(
    "command",
    [
        ("gaps", "--fail-on", "any"),
        ("diff", *DAYS),
        ("coverage",),
        ("coverage", "--by", "village"),
        ("chain",),
        ("inspection-list", "--to", "list.xlsx"),
    ],
)
def test_a_mistyped_township_is_not_one_without_gaps(sample, command):
    for code in ("999999999", "99010110O", "9901011000011"):
        said = run(*command, "--township", code, "--store", sample, code=2)
        assert f"没有代码为 {code} 的乡镇或村" in said.stderr


def test_a_check_counts_households_whoever_asks(sample, monkeypatch):
    def found():
        asked = ("--kind", "household_unpaired", "--fail-on", "household_unpaired", "--store", sample)
        return run("gaps", *AS_OF, *asked, code=1).stderr.splitlines()[-1]

    everything = found()
    monkeypatch.setenv("MINQING_USER", "leader")
    assert found() == everything


def test_accounts_see_their_own(sample, monkeypatch, said):
    monkeypatch.setenv("MINQING_USER", "leader")
    seen = document("gaps", *AS_OF, "--store", sample)["gaps"]
    assert "household" not in {row["target_kind"] for row in seen}
    monkeypatch.setenv("MINQING_USER", "resident")
    own = document("gaps", *AS_OF, "--store", sample)["gaps"]
    assert len({row["village_code"] for row in own}) <= 1
    monkeypatch.setenv("MINQING_USER", "coordinator")
    seen = document("gaps", *AS_OF, "--store", sample)
    assert None not in {row["township_code"] for row in seen["gaps"]}
    others = _townships(said) - _townships(seen)
    assert others
    for township in others:
        run("gaps", "--township", township, "--store", sample, code=1)


def test_nothing_was_known_before_it_was_recorded(sample, said):
    before = document("gaps", *AS_OF, "--known-at", "2020-01-01", "--store", sample)
    assert before["known_at"].startswith("2020-01-01T23:59:59")
    unowned = [row for row in before["gaps"] if row["kind"] == "cell_unowned"]
    assert len(unowned) > len([row for row in said["gaps"] if row["kind"] == "cell_unowned"])


def test_diff_of_two_days(sample):
    changed = document("diff", *DAYS, "--store", sample)
    assert (changed["from"], changed["to"]) == DAYS
    assert changed["opened"]
    assert changed["closed"]
    assert changed["stayed"] > 0
    assert {"name", "before", "after", "change"} == set(changed["ratios"][0])
    then = document("gaps", "--as-of", DAYS[0], "--store", sample)["gaps"]
    now = document("gaps", "--as-of", DAYS[1], "--store", sample)["gaps"]
    assert len(then) - len(changed["closed"]) == len(now) - len(changed["opened"]) == changed["stayed"]


def test_diff_for_people_and_for_spreadsheets(sample, tmp_path):
    shown = run("diff", *DAYS, "--store", sample).stdout
    assert "新增" in shown
    assert "仍在" in shown
    assert "cells_owned" in shown
    rows = list(csv.DictReader(io.StringIO(run("diff", *DAYS, "--format", "csv", "--store", sample).stdout)))
    assert {row["state"] for row in rows} == {"opened", "closed"}
    file = tmp_path / "diff.json"
    run("diff", *DAYS, "--to", file, "--store", sample)
    assert json.loads(file.read_text(encoding="utf-8"))["opened"]


def test_diff_needs_two_days(sample):
    run("diff", "2026-01-01", "--store", sample, code=2)
    run("diff", "2026-01-01", "soon", "--store", sample, code=2)


def test_progress_is_silent_unless_it_takes_long(capsys):
    with late.late_progress(patience_s=60) as progress:
        progress(0.5, "检查规则…")
    assert capsys.readouterr().err == ""


def test_progress_speaks_once_patience_is_over(capsys):
    with late.late_progress(patience_s=0) as progress:
        progress(0.5, "检查规则…")
        deadline = time.monotonic() + 10
        while not progress._speaks and time.monotonic() < deadline:
            pass
        progress(0.9, "排列先后…")
    assert "90% 排列先后…" in capsys.readouterr().err
