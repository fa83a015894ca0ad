"""What is here, the network and the frames for tiles."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest

from geo.analysis.coverage import household_counts as counted_in_frames
from geo.answers.network import TABLE_COLUMNS, network
from geo.answers.place import what_is_here
from geo.answers.theme import cell_attributes, household_attributes, village_attributes
from geo.errors import PermissionError_
from geo.operations.designate import designate_village
from geo.store import queries
from geo.store.aggregates import household_counts
from geo.vocabulary import VillageLabel
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DAY, DEPARTMENT, ELSEWHERE, HELD, LEADER, RESIDENT_OF_A, fill

IN_A2, IN_B, OUTSIDE = (117.0151, 35.505), (117.025, 35.505), (118.0, 35.505)
PERSONAL = {"head_name", "phone", "hardship", "people"}


def test_what_is_here(tiny_store):
    place = what_is_here(tiny_store, LEADER, *IN_A2, as_of=DAY)
    assert (place.township_name, place.village_name) == ("安和镇", "甲村")
    cell = place.cells[0]
    assert (cell.code, cell.state) == (A2, "contested")
    assert {holder.name for holder in cell.officers} == {"赵四", "钱五"}
    assert (place.cells_total, place.cells_unowned) == (2, 0)
    assert (place.households, place.households_paired, place.households_near) == (2, 1, 1)
    assert [level.state for level in place.chain] == ["held"] * 4 + ["missing"]
    assert place.first_missing == "staff"
    assert {(holder.kind, holder.name) for holder in place.team} == {
        ("resident_cadre", "王三"),
        ("team_head", "张一"),
    }
    assert [label["label"] for label in place.labels] == ["weak", "old_revolutionary"]
    assert place.facts["income_own_yuan"] == 50_000
    assert place.facts["people"] is None


def test_the_answer_is_plain_json_without_personal_fields(tiny_store):
    text = json.dumps(asdict(what_is_here(tiny_store, LEADER, *IN_A2, as_of=DAY)), ensure_ascii=False)
    assert "张三丰" not in text
    assert "13812345678" not in text


def test_an_unowned_cell_and_a_label_with_its_value(tiny_store):
    place = what_is_here(tiny_store, LEADER, *IN_B, as_of=DAY)
    assert [(cell.code, cell.state) for cell in place.cells] == [(B1, "unowned")]
    assert place.cells_unowned == 1
    assert (place.labels[0]["value"], place.labels[0]["threshold"]) == (21_000, 30_000)
    assert place.team == ()


def test_outside_the_scope_only_names_are_told(tiny_store):
    place = what_is_here(tiny_store, RESIDENT_OF_A, *IN_B, as_of=DAY)
    assert place.restricted
    assert (place.township_name, place.village_name) == ("安和镇", "乙村")
    assert (place.cells, place.chain, place.labels, place.facts) == ((), (), (), {})
    assert not what_is_here(tiny_store, RESIDENT_OF_A, *IN_A2, as_of=DAY).restricted


def test_outside_the_county_there_is_nothing(tiny_store):
    place = what_is_here(tiny_store, LEADER, *OUTSIDE, as_of=DAY)
    assert (place.village_code, place.township_code, place.cells) == (None, None, ())


def test_an_empty_store_has_nothing_anywhere(store):
    assert what_is_here(store, LEADER, *IN_A2, as_of=DAY).village_code is None


def test_place_on_a_day_before_anybody_came(tiny_store):
    place = what_is_here(tiny_store, LEADER, *IN_A2, as_of=date(2025, 12, 31))
    assert place.cells[0].state == "unowned"
    assert place.first_missing == "county_leader"
    assert [label["label"] for label in place.labels] == ["old_revolutionary"]


def test_a_new_data_version_shows_at_once(store):
    county = fill(store)
    what_is_here(county, LEADER, *IN_B, as_of=DAY)
    designate_village(
        county,
        DEPARTMENT,
        village_code=B,
        label=VillageLabel.WEAK,
        valid_from=date(2026, 4, 1),
        reason="支部长期不开会",
        now=datetime(2026, 5, 1, tzinfo=UTC),
    )
    place = what_is_here(county, LEADER, *IN_B, as_of=DAY)
    assert {label["label"] for label in place.labels} == {"poor", "weak"}


def test_lines_and_table_of_the_network(tiny_store):
    lines, table = network(tiny_store, LEADER, as_of=DAY)
    drawn = {row for row in HELD if row[0] != "staff"}
    assert set(zip(lines["kind"], lines["holder_code"], lines["target_code"], strict=True)) == drawn
    assert list(table.columns) == TABLE_COLUMNS
    assert len(table) == len(drawn)
    department = table.query("kind == 'department'").iloc[0]
    assert (department["holder_name"], department["target_name"]) == ("农业局", "东片")
    assert department["length_m"] > 1000


def test_the_network_of_chosen_kinds_and_of_a_township(tiny_store):
    lines, _table = network(
        tiny_store, LEADER, as_of=DAY, township=TOWNSHIP, kinds=["resident_cadre", "staff"]
    )
    assert lines["kind"].tolist() == ["resident_cadre"]


def test_the_network_keeps_to_the_scope(tiny_store):
    _lines, table = network(tiny_store, RESIDENT_OF_A, as_of=DAY)
    assert not table["target_code"].str.startswith(B).any()
    assert network(tiny_store, ELSEWHERE, as_of=DAY)[1].empty
    with pytest.raises(PermissionError_):
        network(tiny_store, ELSEWHERE, as_of=DAY, township=TOWNSHIP)


def test_frames_for_tiles_carry_nothing_personal(tiny_store):
    for frame in (
        village_attributes(tiny_store, as_of=DAY),
        cell_attributes(tiny_store, as_of=DAY),
        household_attributes(tiny_store, as_of=DAY),
    ):
        assert frame.crs.to_epsg() == 4490
        assert {"code", "township_code", "geometry"} <= set(frame.columns)
        assert set(frame["township_code"]) == {TOWNSHIP}
    assert PERSONAL.isdisjoint(household_attributes(tiny_store, as_of=DAY).columns)


def test_cells_for_tiles(tiny_store):
    cells = cell_attributes(tiny_store, as_of=DAY, township=TOWNSHIP).set_index("code")
    assert cells["state"].to_dict() == {A1: "owned", A2: "contested", B1: "unowned"}
    assert cells.loc[A1, ["households", "households_paired"]].tolist() == [1, 1]
    assert cell_attributes(tiny_store, as_of=DAY, township="990101102").empty


def test_households_for_tiles_have_a_position(tiny_store):
    homes = household_attributes(tiny_store, as_of=DAY, township=TOWNSHIP)
    assert homes.set_index("code")["paired"].to_dict() == {"h1": True, "h2": False, "h3": True}


def test_the_store_counts_households_as_the_analysis_does(tiny_store):
    with tiny_store.read() as session:
        counted = household_counts(session, as_of=DAY)
        expected = counted_in_frames(
            queries.layer_frame(session, "households"), queries.responsibilities(session, as_of=DAY)
        )
    columns = ["village_code", "cell_code"]
    assert (
        counted.fillna("")
        .set_index(columns)
        .sort_index()
        .equals(expected.fillna("").set_index(columns).sort_index())
    )


def test_a_coordinator_reads_the_own_township(tiny_store):
    assert not what_is_here(tiny_store, COORDINATOR, *IN_B, as_of=DAY).restricted
    assert what_is_here(tiny_store, ELSEWHERE, *IN_B, as_of=DAY).restricted
    assert A in set(village_attributes(tiny_store, as_of=DAY)["code"])
