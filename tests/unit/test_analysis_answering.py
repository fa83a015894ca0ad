"""Which villages count for whom."""

import pandas as pd

from geo.analysis.answering import villages_of_holders, villages_of_units
from tests.analysis_frames import A1, TOWNSHIP, A, B, area_villages, held, layer, villages


def _answered(*rows):
    found = villages_of_holders(held(*rows), villages(), area_villages())
    return set(found.itertuples(index=False, name=None))


def test_leaders_answer_for_what_they_hold():
    assert _answered(("county_leader", "c1", A)) == {("c1", A)}
    assert _answered(("team_head", "c1", B)) == {("c1", B)}
    for kind in ("county_leader", "unit_head", "town_leader"):
        assert _answered((kind, "c1", TOWNSHIP)) == {("c1", A), ("c1", B)}
    assert _answered(("department", "u1", "ar1")) == {("u1", A), ("u1", B)}


def test_a_deputy_answers_for_the_same_villages():
    assert _answered(("town_leader", "c2", TOWNSHIP, "assistant")) == {("c2", A), ("c2", B)}


def test_a_village_held_twice_counts_once():
    assert _answered(("county_leader", "c1", TOWNSHIP), ("county_leader", "c1", A)) == {("c1", A), ("c1", B)}


def test_others_answer_for_no_village():
    others = (("grid_officer", "c1", A1), ("resident_cadre", "c1", A), ("staff", "c1", "h1"))
    assert _answered(*others, ("township_cadre", "c1", A), ("team_head", "c1", "990101101999")) == set()


def test_units_answer_for_their_areas_and_for_what_their_cadres_answer_for():
    answered = pd.DataFrame(
        [("u1", A), ("c1", A), ("c1", B), ("c2", B), ("c3", B)], columns=["code", "village_code"]
    )
    names = {"c1": "u1", "c2": "u2", "c3": None}
    cadres = layer(
        "cadres", [{"code": code, "name": code, "unit_code": unit} for code, unit in names.items()]
    )
    found = villages_of_units(answered, cadres)
    assert set(found.itertuples(index=False, name=None)) == {("u1", A), ("u1", B), ("u2", B)}
    assert len(found) == 3
