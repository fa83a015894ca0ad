"""Looking at thresholds, setting them and taking them back on the command line."""

from __future__ import annotations

import pytest

from tests.cli.run import AS_OF, document, run

LIMIT = "officer_cells_max"
BECAUSE = ("--reason", "县委会议定")
JUNE = ("--from", "2026-06-01")


def value_of(name: str, *day: str) -> dict:
    said = document("rules", *day)
    return next(row for row in said["rules"] if row["name"] == name)


def test_the_thresholds_in_force(county):
    said = document("rules", *AS_OF)
    assert said["as_of"] == "2026-05-01"
    row = next(row for row in said["rules"] if row["name"] == LIMIT)
    assert (row["value"], row["default"], row["unit"], row["source"]) == (3, 3, "cells", "local")
    assert (row["valid_from"], row["changed_by"], row["next_from"]) == ("2000-01-01", None, None)
    shown = run("rules", *AS_OF).stdout
    assert "3 个网格" in shown
    assert "责任过载" in shown


def test_a_threshold_is_set_from_a_day_on(county):
    said = run("rules", "set", LIMIT, 5, *JUNE, *BECAUSE).stderr
    assert "2026-06-01" in said
    assert "5 个网格" in said
    assert value_of(LIMIT, *AS_OF)["value"] == 3
    assert value_of(LIMIT, *AS_OF)["next_from"] == "2026-06-01"
    row = value_of(LIMIT, "--as-of", "2026-06-01")
    assert (row["value"], row["changed_by"], row["reason"]) == (5, "department", "县委会议定")


def test_it_is_taken_back(county):
    run("rules", "set", LIMIT, 5, *JUNE, *BECAUSE)
    said = document("rules", "withdraw", LIMIT, *JUNE, "--reason", "文件已撤")
    assert said == {"name": LIMIT, "value": 3, "valid_from": "2026-06-01"}
    assert value_of(LIMIT, "--as-of", "2026-06-01")["value"] == 3
    assert "恢复" not in run("rules", "withdraw", LIMIT, *JUNE, *BECAUSE, code=1).stderr
    history = document("rules", "history", LIMIT)["values"]
    assert [(row["value"], row["ended_reason"]) for row in history] == [(5, "文件已撤"), (3, None)]
    assert "文件已撤" in run("rules", "history", LIMIT).stdout


def test_what_was_taken_back_is_said_to_people(county):
    run("rules", "set", LIMIT, 5, *JUNE, *BECAUSE)
    assert "恢复为3 个网格" in run("rules", "withdraw", LIMIT, *JUNE, *BECAUSE).stderr
    assert document("rules", "set", LIMIT, 6, *JUNE, *BECAUSE)["value"] == 6


@pytest.mark.parametrize(
    "words",
    [
        ("set", LIMIT, "2.5", *JUNE, *BECAUSE),
        ("set", LIMIT, "nan", *JUNE, *BECAUSE),
        ("set", "no_such_rule", "2", *JUNE, *BECAUSE),
        ("set", LIMIT, "5", *JUNE, "--reason", " "),
        ("set", LIMIT, "5", "--from", "1990-01-01", *BECAUSE),
        ("history", "no_such_rule"),
    ],
)
def test_what_makes_no_sense_is_bad_input(county, words):
    assert run("rules", *words, code=2).stderr
    assert value_of(LIMIT, "--as-of", "2026-06-01")["value"] == 3


def test_only_the_department_sets(county, monkeypatch):
    monkeypatch.setenv("MINQING_USER", "auditor")
    assert value_of(LIMIT)["value"] == 3
    run("rules", "set", LIMIT, 5, *JUNE, *BECAUSE, code=1)
    assert value_of(LIMIT, "--as-of", "2026-06-01")["value"] == 3
