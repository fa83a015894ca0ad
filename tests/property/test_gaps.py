"""What is brought up to date is exactly what is found anew, whatever was changed."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.frames import is_among
from geo.rules import load_rules
from tests.county import AS_OF
from tests.evidence import evidence_of, lineage_frame

RULES = load_rules(AS_OF)
_SOME = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def start(small_county):
    """The small county on the reference day with all its gaps."""
    evidence = evidence_of(small_county, AS_OF)
    return evidence, find_gaps(evidence, RULES)


def _row(frame, number):
    return frame.index[number % len(frame)]


def _end_record(evidence, one, other):
    held = evidence.records[evidence.records["kind"] != "staff"] if one % 3 else evidence.records
    at, records = _row(held, other), evidence.records.copy()
    records.loc[at, "valid_to"] = evidence.as_of - timedelta(days=one % 40 - 5)
    return replace(evidence, records=records)


def _drop_record(evidence, one, _other):
    records = evidence.records
    return replace(evidence, records=records.drop(_row(records, one)).reset_index(drop=True))


def _add_record(evidence, one, other):
    """Give what one holds to another as well, from some day on."""
    records = evidence.records
    kind = sorted(set(records["kind"]))[one % records["kind"].nunique()]
    alike = records[records["kind"] == kind]
    new = alike.loc[[_row(alike, one)]].assign(
        id=int(records["id"].max()) + 1,
        holder_code=alike.loc[_row(alike, other), "holder_code"],
        valid_from=evidence.as_of - timedelta(days=other % 60 - 10),
    )
    return replace(evidence, records=pd.concat([records, new], ignore_index=True))


def _shift_cell(evidence, one, other):
    """Draw a cell somewhere else: by some hundred metres or less, so that it leaves land and laps over."""
    cells = evidence.cells.copy()
    at, east = _row(cells, one), [(other % 21 - 10) / 5000, 0.0]
    cells.loc[at, "geometry"] = shapely.transform(cells.geometry[at], lambda points: points + east)
    return replace(evidence, cells=cells)


def _retire_cell(evidence, one, _other):
    cells = evidence.cells
    return replace(evidence, cells=cells.drop(_row(cells, one)).reset_index(drop=True))


def _follow_cell(evidence, one, other):
    """Let a new cell follow one some days ago; nobody has been put in charge since."""
    cells = evidence.cells.copy()
    at, day = _row(cells, one), evidence.as_of - timedelta(days=other % 9)
    old, new = cells.loc[at, "code"], f"{cells.loc[at, 'village_code']}{900 + len(evidence.lineage)}"
    cells.loc[at, "code"], cells.loc[at, "valid_from"] = new, day
    rows = lineage_frame((old, new, day))
    return replace(evidence, cells=cells, lineage=pd.concat([evidence.lineage, rows], ignore_index=True))


def _move_household(evidence, one, other):
    """Register a household in another cell, of whatever village."""
    households = evidence.households.copy()
    households.loc[_row(households, one), "cell_code"] = evidence.cells.loc[
        _row(evidence.cells, other), "code"
    ]
    return replace(evidence, households=households)


def _lose_point(evidence, one, _other):
    households = evidence.households.copy()
    households.loc[_row(households, one), "geometry"] = None
    return replace(evidence, households=households)


def _drop_households(evidence, one, other):
    households = evidence.households
    gone = {households.loc[_row(households, one + step), "code"] for step in range(other % 5)}
    kept = households[~is_among(households["code"], gone)].reset_index(drop=True)
    return replace(evidence, households=kept)


def _drop_group(evidence, one, _other):
    groups = evidence.groups
    return replace(evidence, groups=groups.drop(_row(groups, one)).reset_index(drop=True))


def _drop_branch(evidence, one, _other):
    branches = evidence.branches
    return replace(evidence, branches=branches.drop(_row(branches, one)).reset_index(drop=True))


def _drop_area_village(evidence, one, _other):
    areas = evidence.areas
    return replace(evidence, areas=areas.drop(_row(areas, one)).reset_index(drop=True))


def _drop_label(evidence, one, _other):
    labels = evidence.labels
    return replace(evidence, labels=labels.drop(_row(labels, one)).reset_index(drop=True))


def _rename_village(evidence, one, _other):
    villages = evidence.villages.copy()
    villages.loc[_row(villages, one), "name"] = "新村"
    return replace(evidence, villages=villages)


def _move_village(evidence, one, other):
    """Give a village to another township."""
    villages = evidence.villages.copy()
    villages.loc[_row(villages, one), "township_code"] = evidence.townships.loc[
        _row(evidence.townships, other), "code"
    ]
    return replace(evidence, villages=villages)


def _lose_cadre(evidence, one, _other):
    holders = evidence.cadres[is_among(evidence.cadres["code"], evidence.records["holder_code"])]
    return replace(evidence, cadres=evidence.cadres.drop(_row(holders, one)).reset_index(drop=True))


def _move_cadre(evidence, one, other):
    cadres = evidence.cadres.copy()
    at = _row(cadres, one)
    cadres.loc[at, "geometry"] = cadres.geometry[_row(cadres, other)]
    cadres.loc[at, "unit_code"] = cadres.loc[_row(cadres, other), "unit_code"]
    return replace(evidence, cadres=cadres)


def _lose_unit(evidence, one, _other):
    units = evidence.units
    return replace(evidence, units=units.drop(_row(units, one)).reset_index(drop=True))


def _change_case(evidence, one, other):
    """Strike a rectification off or put it back, or move its limit to some day around today."""
    cases = evidence.rectifications.copy()
    at = _row(cases, one)
    if other % 3:
        cases.loc[at, "due_on"] = evidence.as_of + timedelta(days=other % 9 - 4)
    else:
        cases.loc[at, "state"] = "closed" if cases.loc[at, "state"] != "closed" else "working"
    return replace(evidence, rectifications=cases)


def _drop_case(evidence, one, _other):
    cases = evidence.rectifications
    return replace(evidence, rectifications=cases.drop(_row(cases, one)).reset_index(drop=True))


def _another_day(evidence, one, _other):
    return replace(evidence, as_of=evidence.as_of + timedelta(days=one % 241 - 120))


EDITS = (
    _end_record,
    _drop_record,
    _add_record,
    _shift_cell,
    _retire_cell,
    _follow_cell,
    _move_household,
    _lose_point,
    _drop_households,
    _drop_group,
    _drop_branch,
    _drop_area_village,
    _drop_label,
    _rename_village,
    _move_village,
    _lose_cadre,
    _move_cadre,
    _lose_unit,
    _change_case,
    _drop_case,
    _another_day,
)
some_edits = st.lists(st.tuples(st.sampled_from(EDITS), _SOME, _SOME), min_size=1, max_size=4)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=some_edits)
def test_an_update_gives_exactly_what_a_whole_run_gives(start, edits):
    before, gaps = start
    after = before
    for edit, one, other in edits:
        after = edit(after, one, other)
    assert_geodataframe_equal(updated_gaps(gaps, before, after, RULES), find_gaps(after, RULES))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(edits=some_edits)
def test_an_update_can_be_taken_back(start, edits):
    before, gaps = start
    after = before
    for edit, one, other in edits:
        after = edit(after, one, other)
    forth = updated_gaps(gaps, before, after, RULES)
    assert_geodataframe_equal(updated_gaps(forth, after, before, RULES), gaps)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_each_edit_by_itself(start, edit):
    before, gaps = start
    for number in (3, 77_777):
        after = edit(before, number, number + 4)
        assert_geodataframe_equal(updated_gaps(gaps, before, after, RULES), find_gaps(after, RULES))
