"""Import and export by command."""

from __future__ import annotations

import json
import re

import pytest

from geo.cli.files import LAYER_HELP
from geo.frames import LAYERS
from tests.cli.run import document, run


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
