"""Households and responsibilities follow the land when cells change."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geo.analysis.following import cells_after, household_moves
from geo.analysis.inheritance import contested_targets, hand_on, heirs_of
from tests.analysis_frames import square

D = date(2026, 5, 1)
BEFORE, LATER, LATEST = date(2026, 1, 1), date(2026, 6, 1), date(2026, 12, 31)


def cells(**shapes):
    return gpd.GeoDataFrame({"code": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:4490")


def homes(**given):
    """Households from ``code=(cell, x, y)`` (hundredths of a degree), or ``code=(cell,)`` without."""
    points = [Point(117 + v[1] / 100, 35.5 + v[2] / 100) if len(v) > 1 else None for v in given.values()]
    frame = {"code": list(given), "cell_code": [v[0] for v in given.values()]}
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4490")


def lineage(*pairs):
    return pd.DataFrame(pairs, columns=["parent_code", "child_code"])


def moved(*given, **change):
    frame = household_moves(*given, **change)
    return {row.household_code: (row.cell_code, row.how) for row in frame.itertuples()}


BLOCK = cells(a=square(0, 0, 2, 1), z=square(2, 0, 3, 1))
HALVES = cells(b=square(0, 0, 1, 1), c=square(1, 0, 2, 1))
SPLIT = {"created": HALVES, "retired": ["a"], "lineage": lineage(("a", "b"), ("a", "c"))}


def test_a_split_cell_s_households_go_where_they_stand_else_to_the_nearest_child():
    given = homes(west=("a", 0.5, 0.5), east=("a", 1.5, 0.5), strayed=("a", 2.6, 0.5), border=("a", 1, 0.5))
    assert moved(given, BLOCK, **SPLIT) == {
        "west": ("b", "inside"),
        "east": ("c", "inside"),
        "strayed": ("c", "nearest"),
        "border": ("b", "inside"),
    }


def test_without_a_position_a_household_goes_to_the_child_with_most():
    given = homes(one=("a", 1.2, 0.5), two=("a", 1.5, 0.5), west=("a", 0.5, 0.5), lost=("a",))
    assert moved(given, BLOCK, **SPLIT)["lost"] == ("c", "unplaced")


def test_where_one_cell_follows_everybody_goes_there():
    given = homes(inside=("a", 0.5, 0.5), strayed=("a", 2.6, 0.5), lost=("a",))
    merger = {
        "created": cells(m=square(0, 0, 3, 1)),
        "retired": ["a", "z"],
        "lineage": lineage(("a", "m"), ("z", "m")),
    }
    assert set(moved(given, BLOCK, **merger).values()) == {("m", "only")}


def test_households_of_other_cells_and_of_none_stay_in_a_split():
    given = homes(other=("z", 2.5, 0.5), free=(None, 2.5, 0.5), lost=(None,))
    assert moved(given, BLOCK, **SPLIT) == {}


def test_a_new_cell_takes_the_unassigned_who_stand_in_it():
    given = homes(inside=(None, 3.5, 0.5), outside=(None, 4.5, 0.5), held=("z", 3.5, 0.5))
    assert moved(given, BLOCK, created=cells(n=square(3, 0, 4, 1))) == {"inside": ("n", "taken")}


def test_of_reshaped_cells_only_those_move_whose_land_moved():
    given = homes(
        goes=("a", 1.7, 0.5),
        stays=("a", 1.2, 0.5),
        misplaced=("a", 2.5, 0.5),
        border=("a", 1.5, 0.5),
        lost=("a",),
    )
    reshaped = cells(a=square(0, 0, 1.5, 1), z=square(1.5, 0, 3, 1))
    assert moved(given, BLOCK, reshaped=reshaped) == {"goes": ("z", "with_land")}


def test_a_grown_cell_takes_the_unassigned_only_on_land_it_gained():
    given = homes(gained=(None, 3.5, 0.5), had=(None, 2.5, 0.5))
    assert moved(given, BLOCK, reshaped=cells(z=square(2, 0, 4, 1))) == {"gained": ("z", "taken")}


def test_land_that_nobody_gets_keeps_its_households_on_record():
    given = homes(bare=("z", 2.7, 0.5))
    assert moved(given, BLOCK, reshaped=cells(z=square(2, 0, 2.5, 1))) == {}


def test_where_nothing_follows_a_household_is_in_no_cell():
    assert moved(homes(one=("z", 2.5, 0.5), two=("a", 1, 0.5)), BLOCK, retired=["z"]) == {
        "one": (None, "nowhere")
    }


def test_nobody_moves_without_households_or_cells():
    assert household_moves(homes(), BLOCK, **SPLIT).empty
    assert cells_after(cells(), created=HALVES)["code"].tolist() == ["b", "c"]
    assert cells_after(BLOCK, retired=["a", "z"]).empty


def records(*rows):
    """Responsibilities of a grid officer from (holder, target, rank, from, to)."""
    frame = pd.DataFrame(
        rows, columns=["holder_code", "target_code", "rank", "valid_from", "valid_to"], dtype=object
    )
    return frame.assign(id=range(1, len(rows) + 1), kind="grid_officer", reason="原因")


def opened(handed):
    names = ["target_code", "holder_code", "rank", "valid_from", "valid_to"]
    return sorted(handed.opened[names].itertuples(index=False, name=None), key=str)


TO_B_AND_C = heirs_of(lineage(("a", "b"), ("a", "c")), {})
MERGED = lineage(("a", "m"), ("b", "m"))


def test_a_split_hands_on_everybody_with_rank_and_end():
    given = records(
        ("h", "a", "primary", BEFORE, LATER),
        ("i", "a", "assistant", BEFORE, None),
        ("x", "z", "primary", BEFORE, None),
    )
    handed = hand_on(given, TO_B_AND_C, retired=["a"], on=D)
    assert handed.close == [1, 2]
    assert opened(handed) == [
        ("a", "h", "primary", BEFORE, D),
        ("a", "i", "assistant", BEFORE, D),
        ("b", "h", "primary", D, LATER),
        ("b", "i", "assistant", D, None),
        ("c", "h", "primary", D, LATER),
        ("c", "i", "assistant", D, None),
    ]
    assert handed.opened["reason"].tolist().count("原因") == 2


def test_what_begins_later_is_handed_on_and_leaves_nothing_behind():
    given = records(("h", "a", "primary", BEFORE, LATER), ("k", "a", "primary", LATER, None))
    handed = hand_on(given, heirs_of(lineage(("a", "b")), {}), retired=["a"], on=D)
    assert handed.close == [1, 2]
    assert opened(handed) == [
        ("a", "h", "primary", BEFORE, D),
        ("b", "h", "primary", D, LATER),
        ("b", "k", "primary", LATER, None),
    ]


def test_what_began_on_the_day_leaves_nothing_behind_and_what_ended_is_left_alone():
    given = records(("h", "a", "primary", D, None), ("k", "a", "primary", BEFORE, D))
    handed = hand_on(given, heirs_of(lineage(("a", "b")), {}), retired=["a"], on=D)
    assert handed.close == [1]
    assert opened(handed) == [("b", "h", "primary", D, None)]


def test_a_chosen_owner_leads_one_child_until_the_next_who_was_planned():
    given = records(
        ("h", "a", "primary", BEFORE, LATER),
        ("k", "a", "primary", LATER, None),
        ("i", "a", "assistant", BEFORE, None),
    )
    handed = hand_on(given, TO_B_AND_C, retired=["a"], on=D, owners={"c": "new"})
    assert [row for row in opened(handed) if row[0] == "c"] == [
        ("c", "i", "assistant", D, None),
        ("c", "k", "primary", LATER, None),
        ("c", "new", "primary", D, LATER),
    ]
    assert ("b", "h", "primary", D, LATER) in opened(handed)


def test_an_assistant_who_is_chosen_no_longer_assists():
    given = records(("h", "a", "primary", BEFORE, None), ("i", "a", "assistant", BEFORE, LATEST))
    handed = hand_on(given, heirs_of(lineage(("a", "b")), {}), retired=["a"], on=D, owners={"b": "i"})
    assert [row for row in opened(handed) if row[0] == "b"] == [("b", "i", "primary", D, LATEST)]


def test_in_a_merger_the_leading_parent_s_officer_leads_and_the_others_assist():
    given = records(("h", "a", "primary", BEFORE, None), ("k", "b", "primary", BEFORE, LATER))
    heirs = heirs_of(MERGED, {("a", "m"): 3, ("b", "m"): 9}, led=["a", "b"], together=True)
    handed = hand_on(given, heirs, retired=["a", "b"], on=D)
    assert [row for row in opened(handed) if row[0] == "m"] == [
        ("m", "h", "assistant", D, None),
        ("m", "k", "primary", D, LATER),
    ]


def test_a_merger_with_a_cell_without_an_officer_has_none():
    given = records(("h", "a", "primary", BEFORE, None))
    heirs = heirs_of(MERGED, {("a", "m"): 9, ("b", "m"): 1}, led=["a"], together=True)
    handed = hand_on(given, heirs, retired=["a", "b"], on=D)
    assert [row for row in opened(handed) if row[0] == "m"] == [("m", "h", "assistant", D, None)]


def test_one_officer_of_both_parents_gets_one_record():
    given = records(("h", "a", "primary", BEFORE, LATER), ("h", "b", "primary", BEFORE, None))
    handed = hand_on(given, heirs_of(MERGED, {}, together=True), retired=["a", "b"], on=D)
    assert [row for row in opened(handed) if row[0] == "m"] == [("m", "h", "primary", D, None)]


def test_one_officer_of_both_parents_makes_way_for_who_was_planned():
    given = records(
        ("h", "a", "primary", BEFORE, LATER),
        ("h", "b", "primary", BEFORE, None),
        ("k", "a", "primary", LATER, None),
    )
    handed = hand_on(given, heirs_of(MERGED, {}, together=True), retired=["a", "b"], on=D)
    assert [row for row in opened(handed) if row[0] == "m"] == [
        ("m", "h", "assistant", LATER, None),
        ("m", "h", "primary", D, LATER),
        ("m", "k", "primary", LATER, None),
    ]


def test_a_chosen_officer_of_a_merger_makes_the_others_assist():
    given = records(("h", "a", "primary", BEFORE, None), ("k", "b", "primary", BEFORE, LATER))
    heirs = heirs_of(MERGED, {("a", "m"): 9}, together=True)
    handed = hand_on(given, heirs, retired=["a", "b"], on=D, owners={"m": "k"})
    assert [row for row in opened(handed) if row[0] == "m"] == [
        ("m", "h", "assistant", D, None),
        ("m", "k", "primary", D, LATER),
    ]


def test_nothing_follows_a_retired_cell():
    given = records(("h", "a", "primary", BEFORE, None), ("k", "a", "assistant", LATER, None))
    handed = hand_on(given, heirs_of(lineage(), {}), retired=["a"], on=D)
    assert handed.close == [1, 2]
    assert opened(handed) == [("a", "h", "primary", BEFORE, D)]


@pytest.mark.parametrize(
    ("weights", "led", "leading"),
    [({}, [], "a"), ({("b", "m"): 2.0, ("a", "m"): 1.0}, [], "b"), ({("b", "m"): 2.0}, ["a"], "a")],
)
def test_the_parent_with_most_leads_but_one_with_an_officer_comes_first(weights, led, leading):
    heirs = heirs_of(MERGED, weights, led=led)
    assert heirs.to_dict("records") == [{"parent_code": leading, "child_code": "m", "leads": True}]


@pytest.mark.parametrize(
    ("second", "contested"),
    [
        (("k", "a", "primary", LATER, None), False),
        (("k", "a", "primary", BEFORE, None), True),
        (("k", "a", "assistant", BEFORE, None), False),
        (("h", "a", "primary", BEFORE, None), False),
        (("k", "a", "primary", BEFORE, D), False),
        (("k", "z", "primary", BEFORE, None), False),
    ],
)
def test_two_people_who_lead_at_one_instant_are_a_contest(second, contested):
    given = records(("h", "a", "primary", BEFORE, LATER), second)
    assert contested_targets(given, on=D) == (["a"] if contested else [])
