"""Villages that nobody was sent to, and teams that are too small."""

from __future__ import annotations

from datetime import date

import pytest

from geo.analysis.gaps.villages import team_understaffed, village_unstaffed
from geo.rules import load_rules
from tests.analysis_frames import TOWNSHIP, A, B, villages
from tests.evidence import AS_OF, tiny_evidence

RULES = load_rules(AS_OF)
JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
POOR = (A, "poor", JAN)


def resident(holder, village=A, start=JAN, end=None):
    return "resident_cadre", holder, village, start, end


def local(holder, village=A, start=JAN, end=None):
    return "township_cadre", holder, village, start, end


def head(holder, village=A, start=JAN, end=None):
    return "team_head", holder, village, start, end


def unstaffed(*records, **more):
    return village_unstaffed(tiny_evidence(*records, **more), RULES)


def small(*records, **more):
    gaps = team_understaffed(tiny_evidence(*records, **{"labels": (POOR,), **more}), RULES)
    return gaps[gaps["aspect"] == "size"]


def without_local(*records, **more):
    gaps = team_understaffed(tiny_evidence(*records, **more), RULES)
    return gaps[gaps["aspect"] == "township_cadre"]


@pytest.mark.parametrize(
    ("label", "must"),
    [
        ("weak", True),
        ("poor", True),
        ("election_priority", True),
        ("old_revolutionary", True),
        ("ethnic_minority", True),
        ("hollow", False),
        ("hundred_million", False),
    ],
)
def test_which_villages_must_have_a_resident_cadre(label, must):
    assert unstaffed(labels=((A, label, JAN),))["target_code"].tolist() == ([A] if must else [])


def test_an_unstaffed_village_says_why():
    gap = unstaffed(resident("a", A, JAN, MAR), labels=((A, "weak", FEB), (A, "poor", JAN))).iloc[0]
    assert (gap["kind"], gap["target_kind"], gap["target_code"]) == ("village_unstaffed", "village", A)
    assert (gap["village_code"], gap["township_code"]) == (A, TOWNSHIP)
    assert (gap["value"], gap["threshold"], gap["unit"], gap["source"]) == (0, 1, "cadres", "S1")
    assert (gap["needs"], gap["who_kind"], gap["who_code"]) == ("resident_cadre", "department", "")
    assert gap["since"] == MAR
    assert gap["why"] == (
        f"村 {A}（甲村）是软弱涣散村、经济薄弱村，没有驻村干部（应不少于 1 名）；自 2026-03-01 起。"
    )
    assert gap.geometry.equals(villages().geometry[0])


@pytest.mark.parametrize(
    ("labels", "records", "since"),
    [
        pytest.param(((A, "weak", MAR),), (), MAR, id="the label's first day"),
        pytest.param(((A, "weak", MAR),), (resident("a", A, JAN, FEB),), MAR, id="left before the label"),
        pytest.param(((A, "weak", FEB), (A, "poor", JAN)), (), JAN, id="the first label's day"),
        pytest.param(
            ((A, "weak", FEB), (A, "ethnic_minority", None)), (), None, id="an attribute is for ever"
        ),
        pytest.param(((A, "weak", MAR),), (resident("a", A, JAN, AS_OF),), AS_OF, id="ended on the day"),
    ],
)
def test_since_when_nobody_lives_there(labels, records, since):
    assert unstaffed(*records, labels=labels)["since"].tolist() == [since]


def test_a_resident_of_another_village_or_term_is_none():
    weak = ((A, "weak", JAN),)
    assert unstaffed(resident("a", A, AS_OF), labels=weak).empty
    assert len(unstaffed(resident("a", B), labels=weak)) == 1
    assert len(unstaffed(resident("a", A, AS_OF, AS_OF), labels=weak)) == 1
    assert len(unstaffed(local("a"), labels=weak)) == 1


def test_a_poor_village_needs_three():
    two = small(resident("a"), local("b"), head("b"))
    assert (two["value"].tolist(), two["threshold"].tolist()) == ([2], [3])
    assert two["source"].tolist() == ["S2"]
    assert small(resident("a"), local("b"), head("c")).empty
    assert small(resident("a"), resident("b"), resident("c")).empty
    assert small(resident("a"), labels=()).empty
    assert len(small(resident("a"), resident("b", A, JAN, AS_OF), local("c"))) == 1


def test_since_when_a_team_is_too_small():
    since = small(resident("a"), resident("b", A, JAN, MAR), local("c", A, FEB), head("a"))["since"]
    assert since.tolist() == [MAR]
    late = small(resident("a", A, JAN, MAR), local("a", A, MAR), labels=((A, "poor", FEB),))
    assert late["since"].tolist() == [FEB]
    kept = small(resident("a"), resident("b", A, JAN, MAR), head("b", A, MAR))  # b changes the role, stays
    assert kept["since"].tolist() == [JAN]


def test_a_small_team_says_how_small():
    why = small(resident("a"), local("a"))["why"].tolist()
    assert why == [f"村 {A}（甲村）是经济薄弱村，工作组只有 1 名干部（应不少于 3 名）；自 2026-01-01 起。"]


def test_every_team_needs_somebody_of_the_township():
    gaps = without_local(local("a", A), local("b", B, JAN, MAR), resident("b", B))
    gap = gaps.iloc[0]
    assert gaps["target_code"].tolist() == [B]
    assert (gap["needs"], gap["source"], gap["since"]) == ("township_cadre", "S0", MAR)
    assert gap["why"] == f"村 {B}（乙村）的工作组有 0 名镇干部（应不少于 1 名）；自 2026-03-01 起。"


def test_nothing_to_look_at():
    for find in (village_unstaffed, team_understaffed):
        gaps = find(tiny_evidence(villages=None), RULES)
        assert gaps.empty
        assert gaps.crs.to_epsg() == 4490
