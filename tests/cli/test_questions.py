"""What the commands answer, and designations."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.run import AS_OF, designate, document, run


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


def test_a_designation_is_ended_with_a_reason(village):
    designate(village, "--label", "weak")
    ended = ("--label", "weak", "--end", "2026-04-01", "--reason", "已整改", "--document", "组发〔2026〕9号")
    assert document("designate", village, *ended)["valid_to"] == "2026-04-01"
    assert document("villages", *AS_OF, "--label", "weak")["villages"] == []
    (listed,) = document("villages", "--as-of", "2026-03-31", "--label", "weak")["villages"]
    assert listed["labels"][0]["reason"] == "班子不团结"
    assert "没有可以结束" in run("designate", village, *ended, code=1).stderr


def test_a_designation_begins_or_ends(village):
    about = ("designate", village, "--label", "weak", "--reason", "班子不团结")
    run(*about, code=2)
    run(*about, "--from", "2026-03-01", "--end", "2026-04-01", code=2)
    assert "已认定" in run(*about, "--from", "2026-03-01").stderr
    assert "2026-04-01" in run(*about, "--end", "2026-04-01").stderr


def test_suspects_with_their_reasons(sample):
    everything = document("villages", *AS_OF, "--store", sample)["villages"]
    found = document("villages", *AS_OF, "--suspects", "--store", sample)["villages"]
    assert 0 < len(found) < len(everything)
    suspected = [suspect for village in found for suspect in village["suspects"]]
    assert all(suspect["reason"] and suspect["source"] for suspect in suspected)
    weak = document("villages", *AS_OF, "--suspects", "--label", "weak", "--store", sample)["villages"]
    shown = run("villages", *AS_OF, "--suspects", "--label", "weak", "--store", sample).stdout
    assert 0 < len(weak) < len(found)
    assert all(village["name"] in shown for village in weak)
    assert "疑似" in shown
    assert "换届重难点" not in shown


def test_the_villages_of_one_township(sample):
    everything = document("villages", *AS_OF, "--store", sample)["villages"]
    code = everything[0]["township_code"]
    here = document("villages", *AS_OF, "--township", code, "--store", sample)["villages"]
    assert here == [village for village in everything if village["township_code"] == code]
    run("villages", *AS_OF, "--township", "990101999", "--store", sample, code=2)


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
