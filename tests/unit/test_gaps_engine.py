"""All rules together: their order, what is remembered, what differs and what became of a gap."""

import gc
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from geo.analysis.gaps.compare import compared
from geo.analysis.gaps.difference import (
    difference,
    things_in,
    turning_days,
    units_below,
    villages_of_things,
)
from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import Evidence, empty_like
from geo.analysis.gaps.remembered import Remembered
from geo.analysis.gaps.rule import GAP_COLUMNS, GAP_RULES
from geo.crs import STORED_CRS
from geo.rules import load_rules
from geo.rules.gap_kinds import gap_kinds
from tests import analysis_frames as tiny
from tests.analysis_frames import A1, A2, START, TOWNSHIP, A, B
from tests.evidence import evidence_of, lineage_frame

DAY = date(2026, 5, 1)
RULES = load_rules(DAY)


def _tiny(*held, as_of=DAY):
    """The tiny county of two villages with these records."""
    records = tiny.held(*held).drop(columns="reason")
    labels = pd.DataFrame(columns=["village_code", "label", "since", "value", "threshold", "reason"])
    return Evidence(
        as_of=as_of,
        townships=tiny.layer("townships", [{"code": TOWNSHIP, "name": "安和镇"}], [tiny.square(0, 0, 3, 1)]),
        villages=tiny.villages(),
        cells=tiny.cells(),
        households=tiny.households(),
        groups=tiny.groups(),
        branches=tiny.branches(),
        areas=tiny.area_villages().assign(area_name="东片"),
        cadres=tiny.layer("cadres", [{"code": "c1", "name": "张一", "unit_code": "u2"}]),
        units=tiny.layer(
            "units", [{"code": "u1", "name": "农业局"}, {"code": "u2", "name": "股", "parent_code": "u1"}]
        ),
        records=records.assign(id=range(1, len(records) + 1)),
        lineage=lineage_frame(),
        labels=labels,
    )


@pytest.fixture(scope="module")
def whole(small_county):
    evidence = evidence_of(small_county, DAY)
    return evidence, find_gaps(evidence, RULES)


def test_every_kind_has_a_rule_and_every_rule_is_described():
    assert set(GAP_RULES) == set(gap_kinds())
    fields = set(Evidence.__dataclass_fields__) - {"as_of"}
    for rule in GAP_RULES.values():
        assert rule.scope in ("village", "holder", "county")
        assert rule.reads
        assert set(rule.reads) <= fields


def test_gaps_come_by_kind_village_target_and_aspect(whole):
    _evidence, gaps = whole
    assert list(gaps.columns) == [*GAP_COLUMNS, "geometry"]
    assert gaps.crs == STORED_CRS
    assert isinstance(gaps.index, pd.RangeIndex)
    rank = {kind: place for place, kind in enumerate(gap_kinds())}
    keys = [
        (rank[row.kind], row.village_code is None, row.village_code or "", row.target_code, row.aspect)
        for row in gaps.itertuples()
    ]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) > 50


def test_only_the_kinds_asked_for(whole):
    evidence, gaps = whole
    some = find_gaps(evidence, RULES, kinds=["cell_overlap", "cell_unowned"])
    wanted = gaps[gaps["kind"].isin(["cell_overlap", "cell_unowned"])].reset_index(drop=True)
    assert_geodataframe_equal(some, wanted)


def test_nothing_has_no_gaps(whole):
    evidence, _gaps = whole
    frames = {
        name: empty_like(getattr(evidence, name)) for name in Evidence.__dataclass_fields__ if name != "as_of"
    }
    none = find_gaps(Evidence(as_of=DAY, **frames), RULES)
    assert none.empty
    assert list(none.columns) == [*GAP_COLUMNS, "geometry"]
    assert none.crs == STORED_CRS


def test_an_update_from_nothing_and_back_to_nothing(whole):
    evidence, gaps = whole
    frames = {
        name: empty_like(getattr(evidence, name)) for name in Evidence.__dataclass_fields__ if name != "as_of"
    }
    nothing = Evidence(as_of=DAY, **frames)
    none = find_gaps(nothing, RULES)
    assert_geodataframe_equal(updated_gaps(none, nothing, evidence, RULES), gaps)
    assert updated_gaps(gaps, evidence, nothing, RULES).empty


def test_where_nothing_differs_nothing_is_looked_for(whole):
    evidence, gaps = whole
    same = replace(evidence, records=evidence.records.copy())
    assert difference(evidence, same).rows == {}
    assert updated_gaps(gaps, evidence, same, RULES) is gaps


def test_one_change_runs_the_rules_on_few_villages(whole, monkeypatch):
    evidence, gaps = whole
    seen = []
    for kind, rule in list(GAP_RULES.items()):

        def find(part, rules, rule=rule):
            seen.append((rule.kind, len(part.villages), len(part.records)))
            return rule.find(part, rules)

        monkeypatch.setitem(GAP_RULES, kind, replace(rule, find=find))
    records = evidence.records
    cell = records.loc[records["kind"] == "grid_officer", "target_code"].iloc[5]
    fewer = replace(evidence, records=records[records["target_code"] != cell].reset_index(drop=True))
    after = updated_gaps(gaps, evidence, fewer, RULES)
    assert cell in set(after.loc[after["kind"] == "cell_unowned", "target_code"])
    kinds = {kind for kind, _villages, _records in seen}
    assert "cell_unowned" in kinds
    assert not kinds & {"cell_overlap", "household_unlocated"}  # they look at no records
    assert all(records < len(fewer.records) * 0.8 for _kind, _villages, records in seen)


def test_what_differs_is_found_by_key():
    before = _tiny(("grid_officer", "c1", A1), ("staff", "c1", "h1"))
    after = replace(before, records=before.records.assign(holder_code=["c2", "c1"]))
    found = difference(before, after)
    assert list(found.rows) == ["records"]
    assert sorted(found.rows["records"]["holder_code"]) == ["c1", "c2"]
    assert found.villages(["records"]) == {A}
    assert found.holders(["records"]) == {"c1", "c2"}
    assert found.villages(["cells"]) == set()


def test_records_that_turn_between_two_days_differ():
    before = _tiny(("grid_officer", "c1", A1), as_of=START - timedelta(days=1))
    on_the_day = replace(before, as_of=START)
    assert len(difference(before, on_the_day).rows["records"]) == 1
    assert difference(on_the_day, replace(before, as_of=START + timedelta(days=1))).rows == {}
    records = before.records.assign(valid_to=date(2026, 3, 1))
    assert turning_days(records, START - timedelta(days=1), DAY) == {START, date(2026, 3, 1)}
    assert turning_days(records, START, DAY) == {date(2026, 3, 1)}
    assert turning_days(records.iloc[:0], START, DAY) == set()


def test_a_cadres_unit_touches_everybody_of_it():
    before = _tiny(("grid_officer", "c1", A1))
    after = replace(before, units=before.units.assign(name=["农业农村局", "股"]))
    found = difference(before, after)
    assert found.holders(["units"]) == {"u1", "u2", "c1"}
    assert found.villages(["units"]) == {A}
    assert units_below(before.units, {"u2"}) == {"u2"}


def test_a_household_touches_the_village_of_its_cell_too():
    before = _tiny(("grid_officer", "c1", A2))
    moved = before.households.assign(cell_code=[A1, A2, A2, None])  # h3 of village B
    found = difference(before, replace(before, households=moved.astype({"cell_code": "str"})))
    assert found.villages(["households"]) == {A, B}
    assert found.holders(["households"]) == {"c1"}


def test_where_things_lie():
    evidence = _tiny()
    assert villages_of_things(evidence, {"h3", f"{A}01"}) == {A, B}
    assert villages_of_things(evidence, {TOWNSHIP}) == {A, B}
    assert villages_of_things(evidence, {"ar1"}) == {A, B}
    assert villages_of_things(evidence, {"br-o", "c1"}) == set()
    assert things_in(evidence, {B}) == {B, TOWNSHIP, f"{B}001", "h3", "h4", "br-b", "ar1"}


def test_rows_with_the_same_key_are_told_apart():
    before = _tiny()
    doubled = pd.concat([before.areas, before.areas.iloc[:1]], ignore_index=True)
    assert len(difference(before, replace(before, areas=doubled)).rows["areas"]) == 1
    assert difference(replace(before, areas=doubled), replace(before, areas=doubled.copy())).rows == {}


def test_missing_values_do_not_differ_and_shapes_do():
    before = _tiny()
    assert difference(before, replace(before, households=before.households.copy())).rows == {}
    shifted = before.households.copy()
    shifted.loc[0, "geometry"] = None
    assert list(difference(before, replace(before, households=shifted)).rows["households"]["code"]) == [
        "h1",
        "h1",
    ]


def test_a_frame_is_worked_out_once_and_forgotten_with_it():
    asked = []

    @Remembered
    def length(frame):
        asked.append(len(frame))
        return len(frame)

    frame, other = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]})
    assert [length(frame), length(frame), length(other)] == [1, 1, 2]
    assert asked == [1, 2]
    del frame
    gc.collect()
    assert len(length) == 1


def test_what_became_of_each_gap(whole):
    _evidence, gaps = whole
    before, after = gaps.iloc[:30], gaps.iloc[10:]
    both = compared(before, after)
    assert both["state"].value_counts().to_dict() == {"opened": len(gaps) - 30, "stayed": 20, "closed": 10}
    closed = both[both["state"] == "closed"].drop(columns="state").reset_index(drop=True)
    assert_geodataframe_equal(closed, gaps.iloc[:10])
    assert set(compared(gaps, gaps)["state"]) == {"stayed"}
    assert set(compared(gaps.iloc[:0], gaps)["state"]) == {"opened"}
    assert set(compared(gaps, gaps.iloc[:0])["state"]) == {"closed"}
    assert compared(gaps.iloc[:0], gaps.iloc[:0]).empty
