import pandas as pd
import pytest

from geo.analysis.chain import (
    STATE_COLUMNS,
    LevelState,
    chain_states,
    first_missing,
    household_slots,
    level_state,
    village_slots,
)
from geo.vocabulary import FIVE_LEVELS, ResponsibilityKind
from tests.analysis_frames import (
    TOWNSHIP,
    A,
    B,
    area_villages,
    branches,
    groups,
    held,
    households,
    villages,
)

FULL = [
    ("county_leader", "c1", TOWNSHIP),
    ("department", "u1", "ar1"),
    ("sub_office", "u2", f"{A}01"),
    ("org_cadre", "c2", "br-a"),
    ("org_cadre", "c2", "br-b"),
    *[("staff", "c3", code) for code in ("h1", "h2", "h3", "h4")],
]


def _village_states(*responsibilities):
    slots = village_slots(villages(), area_villages(), groups(), branches(), households())
    return chain_states(villages()["code"], slots, held(*responsibilities))


def _household_states(*responsibilities, households_=None):
    homes = households() if households_ is None else households_
    slots = household_slots(homes, villages(), area_villages(), groups(), branches())
    return chain_states(homes["code"], slots, held(*responsibilities))


def _without(*dropped):
    return [row for row in FULL if row not in dropped]


@pytest.mark.parametrize(
    ("kind", "covered", "total", "state"),
    [
        (ResponsibilityKind.COUNTY_LEADER, 1, 2, LevelState.HELD),
        (ResponsibilityKind.COUNTY_LEADER, 0, 2, LevelState.MISSING),
        (ResponsibilityKind.DEPARTMENT, 0, 0, LevelState.MISSING),
        (ResponsibilityKind.SUB_OFFICE, 0, 0, LevelState.NOT_APPLICABLE),
        (ResponsibilityKind.SUB_OFFICE, 1, 2, LevelState.MISSING),
        (ResponsibilityKind.SUB_OFFICE, 2, 2, LevelState.HELD),
        (ResponsibilityKind.ORG_CADRE, 0, 0, LevelState.MISSING),
        (ResponsibilityKind.STAFF, 0, 0, LevelState.NOT_APPLICABLE),
        (ResponsibilityKind.STAFF, 3, 3, LevelState.HELD),
    ],
)
def test_state_of_one_level(kind, covered, total, state):
    assert level_state(kind, covered=covered, total=total) is state


def test_a_whole_chain_misses_nothing_and_a_village_without_groups_is_not_broken():
    states = _village_states(*FULL)
    assert first_missing(states).to_dict() == {A: None, B: None}
    of_b = states[states["subject_code"] == B].set_index("kind")["state"]
    assert of_b["sub_office"] == "not_applicable"
    assert of_b.drop("sub_office").eq("held").all()


def test_levels_come_from_above():
    states = _village_states(*FULL)
    assert states["kind"].tolist() == [str(kind) for kind in FIVE_LEVELS] * 2
    assert list(states.columns) == STATE_COLUMNS


@pytest.mark.parametrize("dropped", FULL[:4])
def test_the_first_missing_level_is_named(dropped):
    missing = first_missing(_village_states(*_without(dropped)))
    assert missing[A] == dropped[0]


def test_the_highest_of_several_missing_levels_is_the_first():
    assert first_missing(_village_states())[A] == "county_leader"
    assert first_missing(_village_states(("county_leader", "c1", A)))[A] == "department"


def test_a_leader_of_the_village_itself_is_enough():
    states = _village_states(*_without(FULL[0]), ("county_leader", "c1", A))
    assert first_missing(states).to_dict() == {A: None, B: "county_leader"}


def test_one_unpaired_household_is_counted_in_its_village():
    states = _village_states(*_without(("staff", "c3", "h1")))
    staff = states[(states["subject_code"] == A) & (states["kind"] == "staff")].iloc[0]
    assert (staff["covered"], staff["total"], staff["state"]) == (1, 2, "missing")


def test_a_level_counted_elsewhere_is_judged_alike():
    slots = village_slots(villages(), area_villages(), groups(), branches(), households().iloc[:0])
    counted = pd.DataFrame(
        {"subject_code": [A, B], "kind": ["staff", "staff"], "covered": [1, 2], "total": [2, 2]}
    )
    states = chain_states(villages()["code"], slots, held(*FULL), counted=counted)
    assert first_missing(states).to_dict() == {A: "staff", B: None}


def test_chain_of_every_household():
    assert first_missing(_household_states(*FULL)).isna().all()
    missing = first_missing(_household_states(*_without(FULL[2], ("staff", "c3", "h4"))))
    assert missing.to_dict() == {"h1": "sub_office", "h2": "sub_office", "h3": None, "h4": "staff"}


def test_a_household_without_group_in_a_village_with_groups_lacks_the_level():
    homes = households()
    homes.loc[0, "group_code"] = None
    missing = first_missing(_household_states(*FULL, households_=homes))
    assert missing["h1"] == "sub_office"
    assert missing["h2"] is None


def test_empty_inputs():
    assert _household_states(*FULL, households_=households().iloc[:0]).empty
    states = _village_states()
    assert (states["covered"] == 0).all()
    assert first_missing(states.iloc[:0]).empty
