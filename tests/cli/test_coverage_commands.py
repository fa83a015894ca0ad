"""coverage by its parts, and the five levels, on the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.run import AS_OF, document, run


def _csv(*words: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*words).stdout)))


@pytest.mark.parametrize("by", ["township", "village"])
def test_the_parts_add_up_to_the_county(sample, by):
    said = document("coverage", *AS_OF, "--by", by, "--store", sample)
    assert said["by"] == by
    for at, whole in enumerate(said["ratios"]):
        if whole["numerator"] is not None:
            parts = sum(group["ratios"][at]["numerator"] for group in said["groups"])
            assert parts == pytest.approx(whole["numerator"], abs=0.05)


@pytest.mark.parametrize("by", ["holder", "unit"])
def test_who_answers_for_villages_is_listed(sample, by):
    table = run("coverage", *AS_OF, "--by", by, "--store", sample).stdout.splitlines()
    groups = document("coverage", *AS_OF, "--by", by, "--store", sample)["groups"]
    assert len(table) == len(groups) + 1 > 1
    assert "land_in_owned_cells" in table[0]


def test_one_township(sample):
    towns = document("coverage", *AS_OF, "--by", "township", "--store", sample)["groups"]
    one = document("coverage", *AS_OF, "--township", towns[0]["code"], "--store", sample)
    assert one["ratios"] == towns[0]["ratios"]
    assert one["ratios"] != document("coverage", *AS_OF, "--store", sample)["ratios"]


def test_formats(sample):
    where = (*AS_OF, "--store", sample)
    rows = _csv("coverage", *where, "--by", "village", "--format", "csv")
    assert len(rows) == 24
    assert {"code", "name", "cells_owned", "cells_owned_n", "cells_owned_of"} <= set(rows[0])
    shapes = json.loads(run("coverage", *where, "--by", "village", "--format", "geojson").stdout)
    assert len(shapes["features"]) == 24
    assert shapes["features"][0]["geometry"]["type"] == "MultiPolygon"
    assert _csv("coverage", *where, "--format", "csv")[0]["name"] == "cells_owned"
    assert "--by" in run("coverage", *where, "--format", "geojson", code=2).stderr


def test_a_share_is_never_rounded_up_to_all(sample):
    said = document("coverage", *AS_OF, "--store", sample)["ratios"]
    shown = run("coverage", *AS_OF, "--store", sample).stdout.splitlines()[1:]
    for ratio, line in zip(said, shown, strict=True):
        assert line.endswith("100.0%") == (ratio["ratio"] == 1)


def test_the_five_levels(sample):
    where = (*AS_OF, "--store", sample)
    said = document("chain", *where)["villages"]
    assert len(said) == 24
    broken = [village for village in said if village["first_missing"]]
    rows = {row["code"]: row for row in _csv("chain", *where, "--csv")}
    assert [rows[village["code"]]["first_missing"] for village in broken]
    for village in broken:
        assert rows[village["code"]][village["first_missing"]] == "missing"
    table = run("chain", *where).stdout.splitlines()
    assert len(table) == 25
    assert "县级领导包村" in table[0]


def test_the_five_levels_of_a_township(sample):
    code = document("chain", *AS_OF, "--store", sample)["villages"][0]["township_code"]
    some = document("chain", *AS_OF, "--township", code, "--store", sample)["villages"]
    assert {village["township_code"] for village in some} == {code}
    assert len(some) < 24
