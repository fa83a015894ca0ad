"""`minqing cell …`: what is written, what is only shown, what is refused."""

from __future__ import annotations

import json
from datetime import date

import pytest
import shapely

from geo.store.engine import open_store
from geo.store.queries import layer_frame
from geo.store.rows import account_named
from tests.cli.run import document, run

DAY = date(2026, 5, 1)
WHY = ("--reason", "调整网格", "--date", DAY)


def cells_of(path, *, day=DAY):
    store = open_store(str(path))
    with store.read() as session:
        found = layer_frame(session, "cells", as_of=day)
    store.close()
    return found


@pytest.fixture
def village(county):
    """Code and cells of a village with several cells."""
    cells = cells_of(county)
    code = cells["village_code"].value_counts().index[0]
    return code, cells[cells["village_code"] == code].reset_index(drop=True)


def across(shape):
    west, south, east, north = shape.bounds
    return f"LINESTRING ({(west + east) / 2} {south - 0.01}, {(west + east) / 2} {north + 0.01})"


def neighbours(cells):
    for at, one in enumerate(cells.geometry):
        for other in range(at + 1, len(cells)):
            if shapely.intersection(one, cells.geometry.iloc[other]).length > 0:
                return cells["code"].iloc[at], cells["code"].iloc[other]
    raise AssertionError("no two cells of this village are neighbours")


def test_a_split_by_a_line_is_written_and_the_old_cell_still_answers(county, village):
    _code, cells = village
    old = cells["code"].iloc[0]
    done = document("cell", "split", old, "--line", across(cells.geometry.iloc[0]), *WHY)
    assert (done["state"], done["retired"], done["faults"]) == ("applied", [old], [])
    assert len(done["created"]) >= 2
    assert set(done["created"]) <= set(cells_of(county)["code"])
    after, before = (document("who", old, "--as-of", day) for day in (DAY, "2026-04-30"))
    assert set(after["successors"]) == set(done["created"])
    assert before["successors"] == []
    assert any(row["target_code"] == old for row in before["responsibilities"])


def test_a_split_into_parts_by_households(county, village):
    old = village[1]["code"].iloc[0]
    done = document("cell", "split", old, "--into", 2, *WHY)
    assert (done["state"], len(done["created"])) == ("applied", 2)


def test_a_line_comes_from_a_file_too(village, tmp_path):
    _code, cells = village
    file = tmp_path / "line.geojson"
    file.write_text(shapely.to_geojson(shapely.from_wkt(across(cells.geometry.iloc[0]))))
    done = document("cell", "split", cells["code"].iloc[0], "--line", file, *WHY, "--dry-run")
    assert done["state"] == "previewed"
    assert len(done["created"]) >= 2


def test_a_dry_run_writes_nothing(county, village):
    before = cells_of(county)["code"].tolist()
    run("cell", "merge", *neighbours(village[1]), *WHY, "--dry-run")
    assert cells_of(county)["code"].tolist() == before


def test_a_merger(county, village):
    pair = neighbours(village[1])
    done = document("cell", "merge", *pair, *WHY)
    assert (done["state"], done["retired"], len(done["created"])) == ("applied", list(pair), 1)
    assert done["moved_households"] >= 0
    assert len(cells_of(county)) == len(cells_of(county, day=date(2026, 4, 30))) - 1


def test_an_old_list_of_households_does_not_bring_back_retired_cells(county, village, tmp_path):
    _code, cells = village
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    run("export", "households", "--to", old)
    run("cell", "split", cells["code"].iloc[0], "--into", 2, *WHY)
    run("export", "households", "--to", new)
    again = document("import", old, "--as", "households")
    assert (again["changed"], again["unchanged"]) == (0, again["read"])
    assert "household_in_retired_cell" in [finding["code"] for finding in again["findings"]]
    after = tmp_path / "after.csv"
    run("export", "households", "--to", after)
    assert after.read_text() == new.read_text()


def test_consequences_need_a_yes(county, village):
    codes = village[1]["code"].tolist()
    refused = document("cell", "retire", *codes, *WHY, code=1)
    assert (refused["state"], refused["change"]) == ("unconfirmed", None)
    assert refused["consequences"]
    assert set(codes) <= set(cells_of(county)["code"])
    assert document("cell", "retire", *codes, *WHY, "--yes")["state"] == "applied"
    assert not set(codes) & set(cells_of(county)["code"])


def test_bare_land_gets_a_new_cell(county, village):
    code, cells = village
    run("cell", "retire", cells["code"].iloc[0], *WHY, "--yes")
    shape = shapely.to_geojson(cells.geometry.iloc[0])
    done = document("cell", "create", code, "--shape", shape, "--name", "新网格", *WHY, "--yes")
    assert (done["state"], len(done["created"])) == ("applied", 1)
    assert done["created"][0] not in cells["code"].tolist()


def test_a_redrawn_cell_takes_from_its_neighbours(village):
    _code, cells = village
    shape = shapely.buffer(cells.geometry.iloc[0], 0.0002)
    done = document("cell", "redraw", cells["code"].iloc[0], "--shape", shape.wkt, *WHY, "--yes", "--dry-run")
    assert done["state"] == "previewed"
    assert cells["code"].iloc[0] in done["changed"]
    assert len(done["changed"]) > 1


def test_faults_are_told_with_their_place(village):
    _code, cells = village
    shape = cells.geometry.iloc[0]
    middle = shape.representative_point()
    line = f"LINESTRING ({middle.x} {middle.y}, {middle.x + 1e-6} {middle.y})"
    refused = document("cell", "split", cells["code"].iloc[0], "--line", line, *WHY, code=1)
    [fault] = refused["faults"]
    assert (refused["state"], fault["code"]) == ("refused", "not_split")
    assert shapely.geometry.shape(fault["geometry"]).distance(shape) < 1e-6


def test_a_proposal_is_shown_written_to_a_file_and_put_into_effect(county, village, tmp_path):
    code, cells = village
    file = tmp_path / "proposal.geojson"
    shown = document("cell", "propose", code, "--count", 2, "--date", DAY, "--to", file)
    [one] = shown["villages"]
    assert (len(one["cells"]), one["change"]) == (2, None)
    assert one["today"]["cells"] == len(cells)
    assert len(json.loads(file.read_text())["features"]) == 2
    assert cells["code"].iloc[0] in set(cells_of(county)["code"])
    done = document("cell", "propose", code, "--count", 2, "--apply", *WHY, "--yes")
    assert done["villages"][0]["change"]["state"] == "applied"
    found = cells_of(county)
    assert (found["village_code"] == code).sum() == 2


@pytest.mark.parametrize(
    "words",
    [
        ("split", "990101100001001", "--reason", "x"),
        ("split", "12", "--into", 2, "--reason", "x"),
        ("split", "990101100001001", "--line", "nothing", "--reason", "x"),
        ("retire", "990101100001001"),
        ("propose", "99", "--json"),
        ("propose", "990101100001", "--apply"),
        ("propose", "990101100001", "--target", "inf"),
        ("propose", "990101100001", "--target", "nan"),
        ("propose", "990101100001", "--count", "1000"),
    ],
)
def test_bad_input_ends_with_2(county, words):
    run("cell", *words, code=2)


def test_a_coordinator_changes_nothing_elsewhere(county, village, monkeypatch):
    towns = sorted(set(cells_of(county)["village_code"].str[:9]))
    elsewhere = next(town for town in towns if not village[0].startswith(town))
    store = open_store(str(county))
    with store.write() as session:
        account_named(session, "coordinator").scopes = [elsewhere]
    store.close()
    monkeypatch.setenv("MINQING_USER", "coordinator")
    run("cell", "retire", village[1]["code"].iloc[0], *WHY, "--yes", code=1)
    assert village[1]["code"].iloc[0] in set(cells_of(county)["code"])
