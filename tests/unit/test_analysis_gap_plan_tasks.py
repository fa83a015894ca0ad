"""From gaps to tasks: who is wanted for what, what ends, and what no assignment closes."""

from datetime import date

import pytest
from shapely import Point

from geo.analysis.gap_plan.owners import Choice, fewest
from geo.analysis.gap_plan.tasks import tasks_of
from geo.analysis.gaps.engine import find_gaps
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.severity import scored
from geo.rules import Rules, Threshold, load_rules
from tests import analysis_frames as tiny
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, B
from tests.evidence import lineage_frame

DAY = date(2026, 5, 1)
RULES = load_rules(DAY)
GONE = date(2026, 3, 1)


def rules(**values):
    """The rules with other values."""
    changed = {
        name: Threshold(name, value, "", "local", date(2000, 1, 1), "x") for name, value in values.items()
    }
    return Rules(DAY, {**RULES.thresholds, **changed})


def cadres(**more):
    """Five cadres in the village; further ones by code with their point."""
    points = {f"c{at}": Point(117.005 + at / 1000, 35.505) for at in range(1, 6)} | more
    return tiny.layer("cadres", [{"code": code, "name": code} for code in points], list(points.values()))


def evidence(*held, people=None, labels=(), **more):
    records = tiny.held(*held)
    frames = {
        "townships": tiny.layer("townships", [{"code": TOWNSHIP, "name": "镇"}], [tiny.square(0, 0, 3, 1)]),
        "villages": tiny.villages(),
        "cells": tiny.cells(),
        "households": tiny.households(),
        "groups": tiny.groups(),
        "branches": tiny.branches(),
        "areas": tiny.area_villages().assign(area_name="片"),
        "cadres": cadres() if people is None else people,
        "units": tiny.layer("units", [{"code": "u1", "name": "局"}]),
        "records": records.drop(columns="reason").assign(id=range(len(records))),
        "lineage": lineage_frame(),
        "labels": tiny_labels(labels),
    }
    return Evidence(as_of=DAY, **{**frames, **more})


def tiny_labels(rows):
    from geo.analysis.classify import LABEL_COLUMNS

    frame = tiny.designations(*[(village, label, GONE, None) for village, label in rows])
    return frame.assign(since=frame["valid_from"], value=None, threshold=None).reindex(columns=LABEL_COLUMNS)


def tasks(seen, *kinds, by=RULES):
    gaps = scored(find_gaps(seen, by, kinds=kinds), seen, by)
    return gaps, tasks_of(gaps, seen, by)


def rows(frame, *names):
    return set(zip(*(frame[name] for name in names), strict=True))


def test_what_nobody_holds_wants_somebody():
    seen = evidence(("grid_officer", "c1", A1), ("staff", "c1", "h1"))
    gaps, found = tasks(seen, "cell_unowned", "household_unpaired")
    assert rows(found.wanted, "kind", "target_code") == {
        ("grid_officer", A2),
        ("grid_officer", B1),
        ("staff", "h2"),
        ("staff", "h3"),
        ("staff", "h4"),
    }
    assert found.wanted["holder_code"].isna().all()
    weights = dict(zip(gaps["target_code"], gaps["score"].clip(lower=1.0), strict=True))
    assert found.wanted["weight"].tolist() == [weights[code] for code in found.wanted["target_code"]]
    assert found.left.empty


def test_no_gaps_no_tasks():
    _gaps, found = tasks(evidence(), "owner_remote")
    assert all(frame.empty for frame in (found.wanted, found.ended, found.closes, found.left))


def test_a_chain_wants_a_holder_where_there_is_something_to_hold():
    branches = tiny.branches().iloc[:1]
    _gaps, found = tasks(evidence(branches=branches), "chain_broken")
    wanted = rows(found.wanted, "kind", "target_code")
    assert ("org_cadre", branches["code"].iloc[0]) in wanted
    assert ("sub_office", f"{A}01") in wanted
    assert ("county_leader", A) in wanted
    assert any("没有党支部" in why for why in found.left["why"])
    assert len(found.wanted) + len(found.left) == len(_gaps)


def test_whoever_joins_a_team_counts_for_all_that_the_village_lacks():
    seen = evidence(("team_head", "c1", B), ("township_cadre", "c2", A), labels=[(B, "poor")])
    gaps, found = tasks(seen, "village_unstaffed", "team_understaffed")
    b = found.wanted[found.wanted["target_code"] == B]
    assert sorted(b["kind"]) == ["resident_cadre", "township_cadre"]  # one of three is there
    assert set(b["place"]) == {B}
    closed = found.closes.groupby("gap")["share"].sum()
    assert closed.tolist() == pytest.approx(gaps["score"].tolist())
    resident = b[b["kind"] == "resident_cadre"].index[0]
    assert len(found.closes[found.closes["task"] == resident]) == 2


def test_all_that_somebody_holds_who_left_is_given_away():
    held = [("grid_officer", "x", A1), ("staff", "x", "h1"), ("grid_officer", "x", A2, "assistant")]
    gaps, found = tasks(evidence(*held), "owner_inactive")
    assert rows(found.wanted, "kind", "target_code", "rank", "holder_code") == {
        ("grid_officer", A1, "primary", "x"),
        ("staff", "h1", "primary", "x"),
        ("grid_officer", A2, "assistant", "x"),
    }
    assert found.barred == {"x"}
    assert found.closes["share"].sum() == pytest.approx(max(gaps["score"].iloc[0], 1))


def test_what_is_too_far_goes_to_somebody_else_and_what_is_near_stays():
    people = cadres(far=Point(117.205, 35.505))
    seen = evidence(("grid_officer", "far", A1), ("county_leader", "far", A), people=people)
    _gaps, found = tasks(seen, "owner_remote")
    assert rows(found.wanted, "kind", "target_code", "holder_code") == {("grid_officer", A1, "far")}


def test_of_too_many_things_the_fewest_are_given_away_and_any_of_them():
    held = [("grid_officer", "c1", cell) for cell in (A1, A2, B1)]
    _gaps, found = tasks(evidence(*held), "owner_overloaded", by=rules(officer_cells_max=2))
    assert sorted(found.wanted["target_code"]) == [A1, A2, B1]
    assert found.wanted["at_most"].tolist() == [1, 1, 1]
    assert found.wanted["group"].nunique() == 1


def test_what_goes_anyway_counts_for_an_overload():
    people = cadres(far=Point(117.115, 35.505))  # B's cell is near enough
    held = [("grid_officer", "far", cell) for cell in (A1, A2, B1)]
    by = rules(officer_cells_max=1, holder_remote_km=8.5)
    gaps, found = tasks(evidence(*held, people=people), "owner_overloaded", "owner_remote", by=by)
    assert sorted(found.wanted["target_code"]) == [A1, A2]
    assert set(found.wanted["group"]) == {""}
    assert found.closes.groupby("gap")["share"].sum().tolist() == pytest.approx(
        gaps["score"].clip(lower=1).tolist()
    )


def test_of_two_officers_the_one_who_is_there_and_bears_less_keeps_the_cell():
    held = [("grid_officer", "c1", A1), ("grid_officer", "c2", A1), ("grid_officer", "c1", A2)]
    gaps, found = tasks(evidence(*held), "cell_contested")
    assert rows(found.ended, "target_code", "holder_code", "kept_code") == {(A1, "c1", "c2")}
    assert found.wanted.empty
    assert found.closes["share"].tolist() == gaps["score"].tolist()
    gone = [("grid_officer", "x", A1), ("grid_officer", "c2", A1), ("grid_officer", "c2", A2)]
    _gaps, kept = tasks(evidence(*gone), "cell_contested", "owner_inactive")
    assert rows(kept.ended, "holder_code", "kept_code") == {("x", "c2")}
    assert kept.wanted.empty
    assert kept.closes["gap"].nunique() == 2


def test_what_people_cannot_close_says_what_to_do_instead():
    _gaps, found = tasks(evidence(), "household_unlocated")
    assert found.wanted.empty
    assert found.left["why"].tolist() == ["调整责任人不能解决：请补登户的点位。"]


@pytest.mark.parametrize(
    ("loads", "things", "load", "expected"),
    [
        ({"a": 1}, 3, 400, Choice((), 0)),
        ({"a": 1, "b": 2, "c": 3}, 2, 400, Choice(("a", "b", "c"), 1)),
        ({"a": 50, "b": 300, "c": 120}, 3, 400, Choice(("b", "c"), 1)),
        ({"a": 200, "b": 300, "c": 250}, 3, 240, Choice(("b", "c"), 2)),
        ({"a": 500}, 3, 400, Choice(("a",), 1)),
    ],
)
def test_the_fewest_things_that_bring_somebody_back_to_the_limits(loads, things, load, expected):
    assert fewest(loads, most_things=things, most_load=load) == expected
