from datetime import date

import pandas as pd

from geo.analysis.workload import LoadChange, holder_loads, limits, newly_overloaded, overloaded
from geo.rules import load_rules

RULES = load_rules(date(2026, 5, 1))
CELLS = [f"99010110120100{number}" for number in range(1, 6)]


def held(*rows):
    """Records in force from (kind, holder, target) or (kind, holder, target, rank)."""
    named = [row if len(row) == 4 else (*row, "primary") for row in rows]
    return pd.DataFrame(named, columns=["kind", "holder_code", "target_code", "rank"], dtype=object)


def test_a_holder_of_nothing_carries_nothing():
    loads = holder_loads(held(), {}, ["a"])
    assert loads.loc["a"].tolist() == [0, 0, 0]
    assert holder_loads(held(), {}, []).empty


def test_cells_their_households_and_pairs_are_counted_once():
    rows = held(
        ("grid_officer", "a", CELLS[0]),
        ("grid_officer", "a", CELLS[0]),
        ("grid_officer", "a", CELLS[1]),
        ("staff", "a", "h1"),
        ("team_head", "a", "990101101201"),
        ("grid_officer", "b", CELLS[2]),
    )
    loads = holder_loads(rows, {CELLS[0]: 30, CELLS[2]: 9}, ["b", "a"])
    assert loads.index.tolist() == ["a", "b"]
    assert loads.to_numpy().tolist() == [[2, 30, 1], [1, 9, 0]]


def test_assisting_is_not_counted():
    rows = held(("grid_officer", "a", CELLS[0], "assistant"), ("staff", "a", "h1", "assistant"))
    assert holder_loads(rows, {CELLS[0]: 500}, ["a"]).loc["a"].tolist() == [0, 0, 0]


def test_assisting_beside_answering_first_takes_nothing_away():
    rows = held(("staff", "a", "h1", "assistant"), ("staff", "a", "h1"), ("grid_officer", "a", CELLS[0]))
    assert holder_loads(rows, {CELLS[0]: 5}, ["a"]).loc["a"].tolist() == [1, 5, 1]


def test_each_limit_is_still_allowed():
    most = limits(RULES)
    loads = pd.DataFrame([most, most, most, most], index=list("abcd"))
    for holder, name in zip("bcd", most, strict=True):
        loads.loc[holder, name] += 1
    assert overloaded(loads, RULES).tolist() == [False, True, True, True]


def test_who_carried_too_much_before_is_told_only_when_it_grows():
    before = pd.DataFrame({"cells": [5, 5, 3], "households": 0, "paired": 0}, index=list("abc"))
    after = before.assign(cells=[5, 6, 4])
    assert newly_overloaded(LoadChange(before, after), RULES).tolist() == [False, True, True]
    assert newly_overloaded(LoadChange(after, before), RULES).tolist() == [False, False, False]
