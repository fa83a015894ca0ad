"""The plan in frames: who takes what, within which limits, and why something stays open."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geo.analysis.gap_plan.ground import TASK_COLUMNS, PlanLimits
from geo.analysis.gap_plan.propose import GIVEN_COLUMNS, propose
from geo.analysis.matching import CANDIDATE_COLUMNS
from geo.rules import load_rules
from tests.analysis_frames import TOWNSHIP

RULES = load_rules(date(2026, 5, 1))
OTHER_TOWNSHIP = "990101102"
KM = 1 / 90.6
"""Degrees of longitude in one kilometre at 35.5°N."""
LIMIT_S = 10.0


def _frame(columns, rows, usual):
    """Rows from (kind, code, km) with further values by name as a dict."""
    full = []
    for kind, code, _km, *more in rows:
        said = usual | {"kind": kind, columns[1]: code} | (more[0] if more else {})
        full.append([said[name] for name in columns if name != "geometry"])
    names = [name for name in columns if name != "geometry"]
    points = [None if row[2] is None else Point(117 + row[2] * KM, 35.5) for row in rows]
    data = pd.DataFrame(full, columns=names).astype(object)
    return gpd.GeoDataFrame(data, geometry=points, crs="EPSG:4490")


def tasks(*rows):
    usual = {"rank": "primary", "township_code": TOWNSHIP, "wants": "", "households": 40, "holder_code": None}
    usual |= {"weight": 10.0, "group": "", "at_most": None, "place": ""}
    columns = ["kind", "target_code", *[name for name in TASK_COLUMNS if name not in ("kind", "target_code")]]
    return _frame(columns, rows, usual)


def candidates(*rows):
    usual = {"unit_kind": "other", "township_code": TOWNSHIP, "fit": 1.0, "load": 0, "households": 0}
    return _frame(CANDIDATE_COLUMNS, rows, usual)


def beside(*rows):
    return pd.DataFrame(rows, columns=["kind", "target_code", "holder_code", "rank"], dtype=object)


def plan(wanted, people, others=None, **limits):
    found = propose(wanted, people, RULES, limits=PlanLimits(**limits), beside=others, time_limit_s=LIMIT_S)
    assert list(found.given.columns) == GIVEN_COLUMNS
    assert found.is_proved
    assert found.weight == pytest.approx(found.bound)
    return found


def takers(wanted, found):
    rows = zip(found.given["task"], found.given["to_code"], strict=True)
    return {(wanted["target_code"][task], code) for task, code in rows}


def test_the_heaviest_gap_is_closed_where_there_is_room_for_one():
    wanted = tasks(("grid_officer", "light", 0), ("grid_officer", "heavy", 4, {"weight": 10.1}))
    found = plan(wanted, candidates(("grid_officer", "c", 0, {"load": 2})))
    assert takers(wanted, found) == {("heavy", "c")}
    assert found.open["task"].tolist() == [0]
    assert found.open["why"].tolist() == ["有余力的 1 个人选已安排给更要紧的缺口。"]


def test_two_light_gaps_are_worth_more_than_a_heavy_one():
    wanted = tasks(
        ("grid_officer", "heavy", 0, {"weight": 15.0, "households": 300}),
        ("grid_officer", "a", 0, {"households": 200}),
        ("grid_officer", "b", 0, {"households": 200}),
    )
    found = plan(wanted, candidates(("grid_officer", "c", 0)))
    assert takers(wanted, found) == {("a", "c"), ("b", "c")}
    assert found.weight == 20.0


def test_what_nobody_holds_is_filled_before_something_is_moved():
    wanted = tasks(
        ("grid_officer", "moved", 0, {"holder_code": "old"}),
        ("grid_officer", "bare", 5),
    )
    found = plan(wanted, candidates(("grid_officer", "c", 0, {"load": 2})))
    assert takers(wanted, found) == {("bare", "c")}
    assert found.moves == 0


def test_of_an_overloaded_officers_cells_only_so_many_move_and_those_that_are_near_somebody():
    of_old = {"holder_code": "old", "group": "old", "at_most": 2}
    wanted = tasks(*(("grid_officer", f"g{km}", km, of_old) for km in range(5)))
    found = plan(wanted, candidates(("grid_officer", "c", 4), ("grid_officer", "d", 0)))
    assert takers(wanted, found) == {("g4", "c"), ("g0", "d")}
    assert found.moves == 2
    assert found.open.empty


def test_of_a_group_as_many_stay_open_as_were_wanted():
    of_old = {"holder_code": "old", "group": "old", "at_most": 2}
    wanted = tasks(*(("grid_officer", f"g{km}", km, of_old) for km in range(5)))
    found = plan(wanted, candidates(("grid_officer", "c", 4, {"load": 2})))
    assert (len(found.given), len(found.open)) == (1, 1)


def test_nobody_takes_what_is_too_far_and_the_nearest_is_told():
    wanted = tasks(("grid_officer", "a", 0))
    people = candidates(("grid_officer", "far", 12.5))
    found = plan(wanted, people)
    assert found.open["why"].tolist() == ["10 公里内没有符合条件的人选，最近的在 12.5 公里外。"]
    assert plan(wanted, people, max_km=13).given["to_code"].tolist() == ["far"]


def test_a_leader_need_not_be_near():
    wanted = tasks(("county_leader", "village", 0))
    assert plan(wanted, candidates(("county_leader", "c", 60))).given["distance_km"].tolist() == [
        pytest.approx(60, abs=0.5)
    ]


def test_who_has_no_place_may_take_it_and_stands_behind():
    wanted = tasks(("grid_officer", "a", 0))
    people = candidates(("grid_officer", "nowhere", None), ("grid_officer", "near", 9))
    assert takers(wanted, plan(wanted, people)) == {("a", "near")}
    alone = plan(wanted, people[people["code"] == "nowhere"])
    assert alone.given["distance_km"].tolist() == [None]


def test_officers_come_from_the_township():
    wanted = tasks(("grid_officer", "a", 0))
    people = candidates(("grid_officer", "near", 0, {"township_code": OTHER_TOWNSHIP}))
    assert plan(wanted, people).open["why"].tolist() == ["本乡镇没有其他符合条件的人选。"]


def test_who_is_full_takes_nothing():
    wanted = tasks(("grid_officer", "a", 0))
    full = plan(
        wanted, candidates(("grid_officer", "c", 0, {"load": 3}), ("grid_officer", "d", 0, {"load": 4}))
    )
    assert full.open["why"].tolist() == ["符合条件的 2 个人选都已到上限。"]
    burdened = plan(wanted, candidates(("grid_officer", "c", 0, {"households": 380})))
    assert "40 户" in burdened.open["why"].iloc[0]


def test_without_candidates_or_tasks_there_is_a_plan_of_nothing():
    nobody = plan(tasks(("grid_officer", "a", 0)), candidates())
    assert nobody.open["why"].tolist() == ["没有符合条件的人选。"]
    nothing = plan(tasks(), candidates(("grid_officer", "c", 0)))
    assert (len(nothing.given), len(nothing.open), nothing.weight, nothing.is_proved) == (0, 0, 0.0, True)


def test_a_suitable_unit_is_preferred_and_asked_for_when_strict():
    wanted = tasks(("resident_cadre", "village", 0, {"wants": "party"}))
    people = candidates(
        ("resident_cadre", "party", 6, {"unit_kind": "party"}),
        ("resident_cadre", "bank", 0, {"unit_kind": "economic"}),
    )
    found = plan(wanted, people)
    assert found.given[["to_code", "fit"]].to_numpy().tolist() == [["party", 1.0]]
    others = people[people["code"] == "bank"]
    assert plan(wanted, others).given["fit"].tolist() == [0.0]
    assert plan(wanted, others, strict_units=True).open["why"].tolist() == ["没有对口单位的人选。"]


def test_an_assistant_moves_up_and_who_holds_it_already_does_not():
    wanted = tasks(("grid_officer", "a", 0))
    people = candidates(
        ("grid_officer", "near", 0), ("grid_officer", "helper", 4), ("grid_officer", "other", 0)
    )
    others = beside(("grid_officer", "a", "helper", "assistant"), ("grid_officer", "a", "other", "primary"))
    found = plan(wanted, people, others)
    assert takers(wanted, found) == {("a", "helper")}
    assert "现为协助人" in found.given["why"].iloc[0]


def test_a_team_gets_different_people():
    wanted = tasks(
        ("township_cadre", "village", 0, {"place": "village"}),
        ("resident_cadre", "village", 0, {"place": "village", "weight": 20.0}),
        ("resident_cadre", "village", 0, {"place": "village"}),
    )
    people = candidates(
        ("township_cadre", "a", 0),
        ("resident_cadre", "a", 0),
        ("resident_cadre", "b", 1),
        ("township_cadre", "b", 1),
    )
    found = plan(wanted, people)
    assert len(found.given) == 2
    assert found.given["to_code"].nunique() == 2
    assert found.weight == 30.0


def test_load_and_households_are_told_before_and_after():
    wanted = tasks(*(("grid_officer", f"g{at}", 0, {"households": 100}) for at in range(2)))
    row = plan(wanted, candidates(("grid_officer", "c", 1, {"load": 1, "households": 150}))).given.iloc[0]
    assert (row["load_before"], row["load_after"], row["limit"]) == (1, 3, 3)
    assert (row["households_before"], row["households_after"]) == (150, 350)
    assert "距 1.0 公里" in row["why"]


_KINDS = ("grid_officer", "staff", "resident_cadre", "township_cadre")


@st.composite
def situations(draw):
    km = st.sampled_from([0, 1, 3, 6, 11, None])
    township = st.sampled_from([TOWNSHIP, TOWNSHIP, OTHER_TOWNSHIP, None])
    wanted = [
        (
            draw(st.sampled_from(_KINDS)),
            f"t{draw(st.integers(0, 4))}",
            draw(km),
            {
                "township_code": draw(township),
                "households": draw(st.sampled_from([0, 80, 150, 390])),
                "weight": draw(st.sampled_from([1.0, 35.5, 160.0])),
                "wants": draw(st.sampled_from(["", "party"])),
            },
        )
        for _task in range(draw(st.integers(0, 6)))
    ]
    people = {
        (draw(st.sampled_from(_KINDS)), f"c{draw(st.integers(0, 4))}"): (
            draw(km),
            {
                "township_code": draw(township),
                "load": draw(st.sampled_from([0, 1, 2, 4, 29])),
                "households": draw(st.sampled_from([0, 200, 350, 500])),
                "unit_kind": draw(st.sampled_from(["party", "economic"])),
            },
        )
        for _person in range(draw(st.integers(0, 6)))
    }
    rows = [(kind, code, where, more) for (kind, code), (where, more) in people.items()]
    same = {target: (where, more) for _kind, target, where, more in wanted}  # one thing lies in one place
    placed = [
        (kind, target, same[target][0], {**same[target][1], "weight": more["weight"]})
        for kind, target, _km, more in wanted
    ]
    return tasks(*placed), candidates(*rows), draw(st.booleans())


@settings(max_examples=60, deadline=None)
@given(situations())
def test_no_limit_is_ever_exceeded(situation):
    wanted, people, strict = situation
    found = plan(wanted, people, strict_units=strict)
    rows = wanted.loc[found.given["task"]].reset_index(drop=True)
    who = people.set_index(["kind", "code"])
    chosen = who.loc[list(zip(rows["kind"], found.given["to_code"], strict=True))].reset_index()
    pairs = pd.DataFrame({"kind": rows["kind"], "target": rows["target_code"], "to": found.given["to_code"]})
    assert not pairs.duplicated().any()
    for (kind, code), part in pairs.groupby(["kind", "to"]):
        limit = {"grid_officer": 3, "staff": 30, "resident_cadre": 1}.get(kind, np.inf)
        assert who.loc[(kind, code), "load"] + len(part) <= limit
        if kind == "grid_officer":
            borne = rows.loc[part.index, "households"].sum()
            assert who.loc[(kind, code), "households"] + borne <= 400
    assert not (found.given["distance_km"].dropna().astype(float) > 10).any()
    home = rows["kind"] == "grid_officer"
    known = home & rows["township_code"].notna() & chosen["township_code"].notna()
    assert (rows["township_code"] == chosen["township_code"])[known].all()
    if strict:
        sent = (rows["kind"] == "resident_cadre") & (rows["wants"] != "")
        assert (chosen["unit_kind"] == rows["wants"])[sent].all()
    assert sorted([*found.given["task"], *found.open["task"]]) == list(range(len(wanted)))
    assert found.weight == pytest.approx(rows["weight"].sum())
