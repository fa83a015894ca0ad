from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geo.analysis.candidates import candidates_for
from geo.analysis.handover import PROPOSAL_COLUMNS, propose_successors
from geo.rules import load_rules
from geo.vocabulary import ResponsibilityKind
from tests.analysis_frames import TOWNSHIP, layer

RULES = load_rules(date(2026, 5, 1))
OTHER_TOWNSHIP = "990101102"
KM = 1 / 90.6
"""Degrees of longitude in one kilometre at 35.5°N."""


def _point(km):
    return None if km is None else Point(117 + km * KM, 35.5)


def _frame(columns, rows):
    data = pd.DataFrame(rows, columns=columns).astype(object)
    return gpd.GeoDataFrame(data, geometry=[row[-1] for row in rows], crs="EPSG:4490")


def holdings(*rows):
    """From (kind, target, km) with further values by name as a dict."""
    columns = ["kind", "target_code", "rank", "township_code", "wants", "households", "geometry"]
    full = []
    for kind, target, km, *more in rows:
        given_ = {"rank": "primary", "township_code": TOWNSHIP, "wants": "", "households": 40}
        given_ |= more[0] if more else {}
        full.append([kind, target, *(given_[name] for name in columns[2:-1]), _point(km)])
    return _frame(columns, full)


def candidates(*rows):
    """From (kind, code, km) with further values by name as a dict."""
    columns = ["kind", "code", "unit_kind", "township_code", "fit", "load", "households", "geometry"]
    full = []
    for kind, code, km, *more in rows:
        given_ = {"unit_kind": "other", "township_code": TOWNSHIP, "fit": 1.0, "load": 0, "households": 0}
        given_ |= more[0] if more else {}
        full.append([kind, code, *(given_[name] for name in columns[2:-1]), _point(km)])
    return _frame(columns, full)


def beside(*rows):
    return pd.DataFrame(rows, columns=["kind", "target_code", "holder_code", "rank"], dtype=object)


def propose(left, people, others=None):
    found = propose_successors(left, people, rules=RULES, beside=others)
    assert list(found.columns) == PROPOSAL_COLUMNS
    return found


def _pairs(found):
    return dict(zip(found["target_code"], found["successor_code"], strict=True))


def test_the_nearest_takes_over_when_all_else_is_equal():
    row = propose(
        holdings(("grid_officer", "a", 0)),
        candidates(("grid_officer", "far", 4), ("grid_officer", "near", 1)),
    ).iloc[0]
    assert row["successor_code"] == "near"
    assert row["distance_km"] == pytest.approx(1, abs=0.01)
    assert (row["load_before"], row["load_after"], row["limit"]) == (0, 1, 3)
    assert "距 1.0 公里" in row["why"]
    assert "0→1" in row["why"]


def test_one_with_much_to_do_stands_behind_one_with_little():
    found = propose(
        holdings(("grid_officer", "a", 0)),
        candidates(("grid_officer", "near", 1, {"load": 2}), ("grid_officer", "free", 4)),
    )
    assert _pairs(found) == {"a": "free"}


def test_many_things_spread_over_many_people():
    left = holdings(*(("grid_officer", f"g{at}", 0) for at in range(4)))
    found = propose(left, candidates(*(("grid_officer", f"c{at}", 1) for at in range(4))))
    assert sorted(_pairs(found).values()) == ["c0", "c1", "c2", "c3"]


@pytest.mark.parametrize(
    ("kind", "load", "taken"), [("grid_officer", 2, 1), ("staff", 28, 2), ("resident_cadre", 0, 1)]
)
def test_nobody_is_given_more_than_the_limit(kind, load, taken):
    left = holdings(*((kind, f"g{at}", 0) for at in range(4)))
    found = propose(left, candidates((kind, "one", 1, {"load": load})))
    assert found["successor_code"].notna().sum() == taken
    assert (found["load_after"].dropna() == load + taken).all()
    assert (found.loc[found["successor_code"].isna(), "why"] == "符合条件的人选都已到上限。").all()


def test_an_officer_is_given_no_more_households_than_he_can_bear():
    left = holdings(
        ("grid_officer", "big", 0, {"households": 90}), ("grid_officer", "small", 0, {"households": 40})
    )
    people = candidates(
        ("grid_officer", "near", 1, {"households": 330}), ("grid_officer", "far", 8, {"households": 100})
    )
    assert _pairs(propose(left, people)) == {"big": "far", "small": "near"}


def test_an_officer_serves_his_own_township():
    people = candidates(("grid_officer", "stranger", 0.1, {"township_code": OTHER_TOWNSHIP}))
    row = propose(holdings(("grid_officer", "a", 0)), people).iloc[0]
    assert row["successor_code"] is None
    assert row["why"] == "本乡镇没有其他符合条件的人选。"
    unknown = candidates(("grid_officer", "new", None, {"township_code": None}))
    assert _pairs(propose(holdings(("grid_officer", "a", 0)), unknown)) == {"a": "new"}
    pairing = candidates(("staff", "stranger", 0.1, {"township_code": OTHER_TOWNSHIP}))
    assert _pairs(propose(holdings(("staff", "h", 0)), pairing)) == {"h": "stranger"}


@pytest.mark.parametrize(
    ("wants", "sent"),
    [("party", "p"), ("political_legal", "l"), ("economic", "e"), ("economic;party", "e"), ("", "near")],
)
def test_the_right_unit_goes_where_its_problem_is(wants, sent):
    people = candidates(
        ("resident_cadre", "near", 0),
        ("resident_cadre", "e", 3, {"unit_kind": "economic"}),
        ("resident_cadre", "p", 4, {"unit_kind": "party"}),
        ("resident_cadre", "l", 5, {"unit_kind": "political_legal"}),
    )
    row = propose(holdings(("resident_cadre", "v", 0, {"wants": wants})), people).iloc[0]
    assert row["successor_code"] == sent
    assert row["fit"] == (1.0 if wants else 0.5)
    assert ("对口单位" in row["why"]) == bool(wants)


def test_an_assistant_moves_up_and_is_not_proposed_as_his_own_assistant():
    people = candidates(("grid_officer", "helper", 4), ("grid_officer", "near", 1))
    others = beside(("grid_officer", "a", "helper", "assistant"))
    row = propose(holdings(("grid_officer", "a", 0)), people, others).iloc[0]
    assert row["successor_code"] == "helper"
    assert "现为协助人" in row["why"]
    second = holdings(("grid_officer", "a", 0, {"rank": "assistant"}))
    assert _pairs(propose(second, people, others)) == {"a": "near"}


def test_what_another_answers_for_already_needs_no_successor():
    people = candidates(("grid_officer", "near", 1))
    others = beside(("grid_officer", "a", "rival", "primary"))
    row = propose(holdings(("grid_officer", "a", 0)), people, others).iloc[0]
    assert row["successor_code"] is None
    assert row["why"] == "另有主责人，无需接手。"
    several = beside(("resident_cadre", "v", "rival", "primary"))
    resident = candidates(("resident_cadre", "near", 1), ("resident_cadre", "rival", 0))
    assert _pairs(propose(holdings(("resident_cadre", "v", 0)), resident, several)) == {"v": "near"}


def test_nobody_at_all_and_nothing_at_all():
    assert propose(holdings(("staff", "h", 0)), candidates()).iloc[0]["why"] == "没有符合条件的人选。"
    assert propose(holdings(), candidates(("staff", "c", 0))).empty


def test_what_has_no_place_is_weighed_as_if_it_were_far():
    people = candidates(("staff", "unplaced", None), ("staff", "known", 15))
    row = propose(holdings(("staff", "h", 0)), people).iloc[0]
    assert row["successor_code"] == "known"
    row = propose(holdings(("staff", "h", None)), people).iloc[0]
    assert row["distance_km"] is None
    assert "距离不明" in row["why"]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_limits_hold_and_order_does_not_matter(seed):
    random = np.random.default_rng(seed)
    left = holdings(
        *(
            ("grid_officer", f"g{at}", random.uniform(0, 9), {"households": int(random.integers(0, 250))})
            for at in range(random.integers(1, 7))
        )
    )
    people = candidates(
        *(
            ("grid_officer", f"c{at}", random.uniform(0, 9), {
                "load": int(random.integers(0, 5)), "households": int(random.integers(0, 500)),
            })
            for at in range(random.integers(1, 5))
        )
    )  # fmt: skip
    found = propose(left, people)
    shuffled = propose(left.sample(frac=1, random_state=seed), people.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(found, shuffled)
    bearing = people.set_index("code")
    weights = found["target_code"].map(left.set_index("target_code")["households"])
    for code, part in found.dropna(subset=["successor_code"]).groupby("successor_code"):
        assert bearing.loc[code, "load"] + len(part) <= RULES["officer_cells_max"].value
        households = bearing.loc[code, "households"] + weights[part.index].sum()
        assert households <= RULES["officer_households_max"].value


def _cadres():
    rows = [
        {"code": "c1", "name": "甲", "unit_code": "u1", "level": "village", "duty": "网格员"},
        {"code": "c2", "name": "乙", "unit_code": "u1", "level": "village", "duty": "网格员"},
        {"code": "c3", "name": "丙", "unit_code": "u1", "level": "village", "duty": "会计"},
        {"code": "c4", "name": "丁", "unit_code": "u2", "level": "county", "duty": "县级领导"},
        {"code": "c5", "name": "戊"},
        {"code": "c6", "name": "己", "level": "county", "duty": "网格员"},
    ]
    return layer("cadres", rows)


def _units():
    return layer(
        "units",
        [
            {"code": "u1", "name": "镇政府", "kind": "other"},
            {"code": "u2", "name": "农业局", "kind": "economic"},
            {"code": "u3", "name": "种植股", "kind": "economic", "parent_code": "u2"},
        ],
    )


def _suited(kind, holders):
    found = candidates_for(kind, _cadres(), _units(), pd.Index(holders))
    return dict(zip(found["code"], found["fit"], strict=True))


def test_who_has_the_post_and_level_of_todays_holders_suits():
    kinds = ResponsibilityKind
    assert _suited(kinds.GRID_OFFICER, ["c1"]) == {"c1": 1.0, "c2": 1.0, "c5": 0.5}
    assert _suited(kinds.GRID_OFFICER, []) == {"c1": 1.0, "c2": 1.0, "c3": 1.0, "c5": 0.5}
    assert _suited(kinds.GRID_OFFICER, ["c1", "c4"]) == {"c1": 1.0, "c2": 1.0, "c4": 1.0, "c5": 0.5}
    assert _suited(kinds.COUNTY_LEADER, ["c4"]) == {"c4": 1.0, "c5": 0.5}


def test_whole_units_cover_areas_and_their_offices_groups():
    assert set(_suited(ResponsibilityKind.DEPARTMENT, [])) == {"u1", "u2"}
    assert set(_suited(ResponsibilityKind.SUB_OFFICE, [])) == {"u3"}
