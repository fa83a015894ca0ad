"""Where the five levels above a village or a household break."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geo.analysis.gaps.chains import chain_broken
from geo.rules import load_rules
from geo.rules.units import UNITS
from tests.analysis_frames import TOWNSHIP, A, B, area_villages, branches, households, villages
from tests.evidence import AS_OF, tiny_evidence

RULES = load_rules(AS_OF)
JAN, MAR = date(2026, 1, 1), date(2026, 3, 1)
GROUP = f"{A}01"
LEADER, UNIT = ("county_leader", "a", TOWNSHIP, JAN), ("department", "u1", "ar1", JAN)
OFFICE = ("sub_office", "u2", GROUP, JAN)
ORG = ("org_cadre", "b", "br-a", JAN), ("org_cadre", "c", "br-b", JAN)
WHOLE = (LEADER, UNIT, OFFICE, *ORG)
ONE_AREA_EACH = pd.DataFrame(
    {"area_code": ["ar1", "ar2"], "area_name": ["第一片", "第二片"], "village_code": [A, B]}
).astype("str")


def broken(*records, **more):
    return chain_broken(tiny_evidence(*records, **more), RULES)


def keys(gaps):
    return sorted(zip(gaps["aspect"], gaps["target_kind"], gaps["target_code"], strict=True))


def test_a_whole_chain_has_no_gap():
    assert broken(*WHOLE).empty


def test_everything_that_nobody_holds_is_named():
    assert keys(broken()) == [
        ("county_leader", "village", A),
        ("county_leader", "village", B),
        ("department", "area", "ar1"),
        ("org_cadre", "branch", "br-a"),
        ("org_cadre", "branch", "br-b"),
        ("sub_office", "group", GROUP),
    ]


def test_a_branch_of_no_village_belongs_to_no_chain():
    assert "br-o" not in set(broken()["target_code"])


@pytest.mark.parametrize(
    ("lost", "who", "why"),
    [
        (LEADER, ("department", ""), f"村 {A}（甲村）没有县级领导包联，所在乡镇也没有"),
        (UNIT, ("department", ""), "片 ar1（第一片）没有包片单位"),
        (OFFICE, ("coordinator", TOWNSHIP), f"村民小组 {GROUP}（一组）没有包组股所"),
        (ORG[0], ("department", ""), "党支部 br-a（甲村党支部）没有组工干部联系"),
    ],
)
def test_each_level_says_who_acts_and_since_when(lost, who, why):
    ended = (*lost, MAR)
    gap = broken(*(record for record in WHOLE if record is not lost), ended).iloc[0]
    assert (gap["aspect"], gap["needs"]) == (lost[0], lost[0])
    assert (gap["who_kind"], gap["who_code"]) == who
    assert (gap["value"], gap["threshold"], gap["unit"], gap["source"]) == (0, 1, "holders", "S4")
    assert gap["since"] == MAR
    assert gap["why"] == f"{why}；自 2026-03-01 起。"
    assert gap.geometry.intersects(villages().geometry[0])


@pytest.mark.parametrize("kept", [("county_leader", "a", A, JAN), ("county_leader", "a", TOWNSHIP, JAN)])
def test_a_leader_of_the_village_or_of_its_township_is_enough(kept):
    led = {code for level, _kind, code in keys(broken(kept)) if level == "county_leader"}
    assert A not in led


def test_since_the_last_leader_of_either():
    township, village = ("county_leader", "a", TOWNSHIP, JAN, MAR), ("county_leader", "b", A, JAN, AS_OF)
    since = broken(township, village).set_index(["aspect", "target_code"])["since"]
    assert since["county_leader", A] == AS_OF
    assert since["county_leader", B] == MAR


def test_half_open_borders():
    records = [record for record in WHOLE if record is not OFFICE]
    assert broken(*records, ("sub_office", "u2", GROUP, AS_OF)).empty
    assert len(broken(*records, ("sub_office", "u2", GROUP, JAN, AS_OF))) == 1


def test_an_area_of_several_villages_lies_in_none():
    gap = broken(*(record for record in WHOLE if record is not UNIT)).iloc[0]
    assert (gap["village_code"], gap["township_code"]) == (None, TOWNSHIP)
    alone = broken(*WHOLE, areas=ONE_AREA_EACH).iloc[0]
    assert (alone["target_code"], alone["village_code"]) == ("ar2", B)


def test_a_village_in_no_area_and_one_without_branch():
    gaps = broken(*WHOLE, areas=ONE_AREA_EACH.iloc[:1], branches=branches().iloc[:1])
    assert keys(gaps) == [("department", "village", B), ("org_cadre", "village", B)]
    assert gaps["unit"].tolist() == ["areas", "branches"]
    assert set(gaps["unit"]) < set(UNITS)
    assert gaps["since"].tolist() == [None, None]


@pytest.mark.parametrize("group", [None, f"{A}99"], ids=["none", "one that is no more"])
def test_a_household_without_group_where_there_are_groups(group):
    lone = households()
    lone.loc[0, "group_code"] = group
    gap = broken(*WHOLE, households=lone).iloc[0]
    assert (gap["target_kind"], gap["target_code"], gap["aspect"]) == ("household", "h1", "sub_office")
    assert (gap["unit"], gap["since"], gap["who_kind"]) == ("groups", None, "coordinator")
    assert gap["unit"] in UNITS
    assert gap["why"] == "户 h1 不属于任何村民小组，没有包组股所。"
    assert gap.geometry.equals(lone.geometry[0])
    assert broken(*(record for record in WHOLE if record is not OFFICE), households=lone, groups=None).empty


def test_nobody_is_told_twice_that_a_household_lacks_staff():
    assert "staff" not in set(broken()["aspect"])


def test_nothing_to_look_at():
    nothing = dict.fromkeys(("villages", "groups", "branches", "areas", "households"))
    assert broken(*WHOLE, **nothing).empty
    assert len(broken(*WHOLE, villages=None, areas=area_villages().iloc[:0].assign(area_name=""))) == 0
