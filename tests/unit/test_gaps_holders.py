"""Holders who are gone, who carry too much, or who are too far away."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from shapely.geometry import Point

from geo.analysis.gaps.holders import owner_inactive, owner_overloaded, owner_remote
from geo.rules import load_rules
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, B, layer, square
from tests.evidence import AS_OF, tiny_evidence

RULES = load_rules(AS_OF)
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
CELLS = [f"{A}{number:03d}" for number in range(1, 6)]
FAR = Point(117.305, 35.505)  # some 26 km east of the middle of cell A1


def officers(*cells, holder="a", start=JAN, end=None, rank="primary"):
    return [("grid_officer", holder, cell, start, end, rank) for cell in cells]


def staff(count, holder="a", start=JAN, end=None):
    return [("staff", holder, f"s{number}", start, end) for number in range(count)]


def five_cells():
    return layer("cells", [{"code": code, "village_code": A} for code in CELLS], [square(0, 0, 1, 1)] * 5)


def homes(*counts):
    """So many households in each of the five cells, and those that `staff` pairs."""
    rows = [
        {"code": f"{cell}-{number}", "village_code": A, "cell_code": cell}
        for cell, count in zip(CELLS, counts, strict=False)
        for number in range(count)
    ]
    rows += [{"code": f"s{number}", "village_code": A} for number in range(40)]
    return layer("households", rows)


def overloaded(records, *counts):
    return owner_overloaded(tiny_evidence(*records, cells=five_cells(), households=homes(*counts)), RULES)


class TestOverloaded:
    @pytest.mark.parametrize(
        ("records", "counts", "aspects"),
        [
            pytest.param(officers(*CELLS[:3]), (1,), [], id="three cells"),
            pytest.param(officers(*CELLS[:4]), (1,), ["cells"], id="four cells"),
            pytest.param(officers(*CELLS[:3], CELLS[0]), (1,), [], id="one cell twice"),
            pytest.param(officers(*CELLS[:4], rank="assistant"), (500,), [], id="assisting is not counted"),
            pytest.param(officers(CELLS[0]), (400,), [], id="400 households"),
            pytest.param(officers(*CELLS[:2]), (400, 1), ["households"], id="401 households"),
            pytest.param(officers(*CELLS), (401,), ["cells", "households"], id="both"),
            pytest.param(staff(30), (), [], id="30 paired"),
            pytest.param(staff(31), (), ["paired"], id="31 paired"),
            pytest.param(staff(30) + staff(1, start=FEB), (), [], id="one household twice"),
            pytest.param(staff(31, end=AS_OF), (), [], id="ended on the day"),
            pytest.param(staff(31, start=AS_OF), (), ["paired"], id="begins on the day"),
        ],
    )
    def test_limits(self, records, counts, aspects):
        gaps = overloaded(records, *counts)
        assert gaps["aspect"].tolist() == aspects
        assert set(gaps["target_code"]) <= {"a"}

    def test_says_how_much(self):
        gap = overloaded(officers(*CELLS[:4], end=None) + officers(CELLS[4], holder="b"), 1).iloc[0]
        assert (gap["target_kind"], gap["value"], gap["threshold"], gap["unit"]) == ("cadre", 4, 3, "cells")
        assert (gap["source"], gap["needs"]) == ("local", "")
        assert (gap["who_kind"], gap["who_code"]) == ("coordinator", TOWNSHIP)
        assert (gap["village_code"], gap["township_code"]) == (A, TOWNSHIP)
        assert gap["why"] == "干部 a（a某）主责 4 个网格（上限 3 个）；自 2026-01-01 起。"
        assert gap.geometry.equals(Point(117.005, 35.505))

    def test_since_the_last_one_too_many(self):
        cells = officers(*CELLS[:3]) + officers(CELLS[3], start=MAR)
        assert overloaded(cells, 1)["since"].tolist() == [MAR]
        renewed = (
            officers(*CELLS[:3], end=APR) + officers(*CELLS[:3], start=APR) + officers(CELLS[3], start=MAR)
        )
        assert overloaded(renewed, 1)["since"].tolist() == [MAR]
        handed = officers(*CELLS[:4], end=APR) + officers(*CELLS[1:5], start=APR)
        assert overloaded(handed, 1)["since"].tolist() == [JAN]
        houses = officers(CELLS[0]) + officers(CELLS[1], start=FEB) + officers(CELLS[2], start=MAR)
        assert overloaded(houses, 300, 101, 5)["since"].tolist() == [FEB]
        assert overloaded(staff(30) + staff(40, start=APR)[30:], 0)["since"].tolist() == [APR]


def remote(*records, at=FAR, **more):
    cadres = layer("cadres", [{"code": "a", "name": "甲"}, {"code": "b", "name": "乙"}], [at, at])
    return owner_remote(tiny_evidence(*records, cadres=cadres, **more), RULES)


class TestRemote:
    @pytest.mark.parametrize(
        ("kind", "target", "is_gap"),
        [
            ("grid_officer", A1, True),
            ("staff", "h1", True),
            ("resident_cadre", A, True),
            ("township_cadre", A, True),
            ("team_head", A, True),
            ("org_cadre", "br-a", True),
            ("org_cadre", "br-o", False),
            ("county_leader", A, False),
            ("town_leader", TOWNSHIP, False),
            ("staff", "h4", False),
        ],
    )
    def test_who_has_to_be_near(self, kind, target, is_gap):
        assert len(remote((kind, "a", target, JAN))) == is_gap

    def test_says_how_far(self):
        gaps = remote(*officers(A1, A2), ("staff", "a", "h1", MAR), *officers(A1, holder="b", end=AS_OF))
        gap = gaps.iloc[0]
        assert gaps["target_code"].tolist() == ["a"]
        assert (gap["value"], gap["threshold"], gap["unit"], gap["source"]) == (27.2, 10, "km", "local")
        assert (gap["village_code"], gap["who_kind"], gap["who_code"]) == (A, "coordinator", TOWNSHIP)
        assert gap["why"] == (
            "干部 a（甲）离所负责的户最远 27.2 公里（上限 10 公里），超过上限的有 3 处；自 2026-01-01 起。"
        )
        assert "h1" not in gap["why"]  # which household it is depends on who asks
        assert gap.geometry.equals(FAR)

    def test_within_the_limit(self):
        assert remote(*officers(A1), at=Point(117.11, 35.505)).empty  # 9 km from its edge
        assert len(remote(*officers(A1), at=Point(117.125, 35.505))) == 1
        assert remote(*officers(A1), at=None).empty

    def test_since_something_so_far_away_is_held(self):
        assert remote(*officers(A1, end=MAR), *officers(A2, start=FEB))["since"].tolist() == [JAN]
        assert remote(*officers(A1, end=FEB), *officers(A2, start=MAR))["since"].tolist() == [MAR]
        near = square(29, 0, 30, 1)
        both = layer(
            "cells",
            [{"code": A1, "village_code": A}, {"code": A2, "village_code": A}],
            [square(0, 0, 1, 1), near],
        )
        assert remote(*officers(A2), *officers(A1, start=APR), cells=both)["since"].tolist() == [APR]


def inactive(*records, **more):
    return owner_inactive(tiny_evidence(*records, **more), RULES)


def resident(holder="a", start=date(2025, 3, 1), end=MAR):
    return "resident_cadre", holder, A, start, end


HEAD = "team_head", "a", A, JAN


class TestInactive:
    def test_a_term_is_over(self):
        gap = inactive(resident(), HEAD, ("township_cadre", "a", A, JAN)).iloc[0]
        assert (gap["target_kind"], gap["target_code"], gap["aspect"]) == ("cadre", "a", "term")
        assert (gap["value"], gap["unit"], gap["source"]) == (2, "responsibilities", "local")
        assert (gap["who_kind"], gap["who_code"]) == ("unit", "u1")
        assert (gap["village_code"], gap["since"]) == (A, MAR)
        assert gap["why"] == (
            "干部 a（a某）驻村任期已满，名下仍有 2 项责任（工作组组长、镇干部）；自 2026-03-01 起。"
        )

    @pytest.mark.parametrize(
        ("records", "is_gap"),
        [
            pytest.param((resident(end=None), HEAD), False, id="still there"),
            pytest.param((resident(end=AS_OF), HEAD), True, id="ended on the day"),
            pytest.param((resident(end=AS_OF + timedelta(1)), HEAD), False, id="last day today"),
            pytest.param((resident(), resident(start=MAR, end=None), HEAD), False, id="renewed"),
            pytest.param(
                (resident(), resident(start=APR, end=APR), HEAD), True, id="renewed by an empty period"
            ),
            pytest.param((resident(start=MAR, end=MAR), HEAD), False, id="never was one"),
            pytest.param((resident(),), False, id="holds nothing"),
            pytest.param((resident(), (*HEAD, APR)), False, id="holds nothing any more"),
            pytest.param((resident(), ("team_head", "a", A, MAR)), False, id="taken on afterwards"),
            pytest.param((HEAD,), False, id="never lived in a village"),
        ],
    )
    def test_when_a_holder_is_inactive(self, records, is_gap):
        assert len(inactive(*records)) == is_gap

    def test_the_last_of_several_terms_counts(self):
        gaps = inactive(resident(), resident(start=MAR, end=APR), HEAD)
        assert gaps["since"].tolist() == [APR]

    def test_without_a_unit_the_township_acts(self):
        gap = inactive(resident("b"), ("team_head", "b", A, JAN)).iloc[0]
        assert (gap["who_kind"], gap["who_code"]) == ("coordinator", TOWNSHIP)

    def test_whoever_left_the_register(self):
        gaps = inactive(resident("z"), ("team_head", "z", B, JAN), ("department", "u9", "ar1", JAN))
        assert gaps["aspect"].tolist() == ["left", "left"]
        unit, cadre = (gaps.iloc[place] for place in range(2))
        assert (unit["target_kind"], unit["target_code"], unit["since"]) == ("unit", "u9", None)
        assert unit["why"] == "单位 u9 已不在名册中，名下仍有 1 项责任（单位包片）。"
        assert (cadre["target_kind"], cadre["village_code"], cadre["who_code"]) == ("cadre", B, TOWNSHIP)
        assert cadre.geometry.within(square(2, 0, 3, 1))
        assert unit["township_code"] == TOWNSHIP
        assert unit["village_code"] is None  # the area has two villages

    def test_who_holds_a_township_lies_in_no_village(self):
        gap = inactive(("county_leader", "z", TOWNSHIP, JAN)).iloc[0]
        assert (gap["village_code"], gap["township_code"], gap["who_code"]) == (None, TOWNSHIP, TOWNSHIP)
        assert gap.geometry is None

    def test_who_only_helps_a_colleague_lies_nowhere(self):
        gap = inactive(("mentor", "z", "b", JAN)).iloc[0]
        assert (gap["village_code"], gap["township_code"]) == (None, None)
        assert (gap["who_kind"], gap["who_code"]) == ("department", "")


def test_in_several_townships_most_of_it_counts():
    other = "990101102"
    villages = layer(
        "villages",
        [
            {"code": A, "name": "甲", "township_code": other},
            {"code": B, "name": "乙", "township_code": TOWNSHIP},
        ],
        [square(0, 0, 2, 1), square(2, 0, 3, 1)],
    )
    gap = inactive(*officers(A1, B1, holder="z"), ("staff", "z", "h3", JAN), villages=villages).iloc[0]
    assert (gap["village_code"], gap["township_code"]) == (None, TOWNSHIP)
    tied = inactive(*officers(A1, B1, holder="z"), villages=villages).iloc[0]
    assert tied["township_code"] == TOWNSHIP


@pytest.mark.parametrize("find", [owner_overloaded, owner_remote, owner_inactive])
def test_nothing_to_look_at(find):
    empty = ("villages", "cells", "households", "groups", "branches", "areas", "cadres", "units")
    for evidence in (tiny_evidence(), tiny_evidence(**dict.fromkeys(empty))):
        gaps = find(evidence, RULES)
        assert isinstance(gaps, pd.DataFrame)
        assert gaps.empty
        assert gaps.crs.to_epsg() == 4490
