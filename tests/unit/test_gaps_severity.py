"""Which gaps come first, and what the order is made of."""

from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import pandas as pd
import pytest

from geo.analysis.gaps.concerned import households_concerned
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame
from geo.analysis.gaps.severity import SEVERITY_COLUMNS, scored
from geo.rules import load_rules
from tests import analysis_frames as tiny
from tests.analysis_frames import A1, A2, TOWNSHIP, A, B
from tests.evidence import lineage_frame

DAY = date(2026, 5, 1)
RULES = load_rules(DAY)


def _evidence(*held):
    records = tiny.held(*held).drop(columns="reason")
    labels = {"village_code": [B], "label": ["weak"], "since": [None], "value": [None], "threshold": [None]}
    return Evidence(
        as_of=DAY,
        townships=tiny.layer("townships", [{"code": TOWNSHIP, "name": "安和镇"}], [tiny.square(0, 0, 3, 1)]),
        villages=tiny.villages(),
        cells=tiny.cells(),
        households=tiny.households(),
        groups=tiny.groups(),
        branches=tiny.branches(),
        areas=tiny.area_villages().assign(area_name="东片"),
        cadres=tiny.layer("cadres", [{"code": "c1", "name": "张一"}]),
        units=tiny.layer("units", [{"code": "u1", "name": "农业局"}]),
        records=records.assign(id=range(1, len(records) + 1)),
        lineage=lineage_frame(),
        labels=pd.DataFrame(labels).assign(reason="决定").astype({"village_code": "str", "label": "str"}),
    )


def _gaps(*rows, shape=None):
    """Gaps from (kind, target kind, target code, village code, since)."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    names = ("kind", "target_kind", "target_code", "village_code", "since")
    return gap_frame(dict(zip(names, columns, strict=True)), [shape] * len(rows))


def _worth(name):
    return RULES[name].value


@pytest.mark.parametrize(
    ("target", "code", "count"),
    [
        ("household", "h1", 1),
        ("cell", A1, 1),
        ("group", f"{A}01", 2),
        ("village", A, 2),
        ("branch", "br-b", 2),
        ("branch", "br-o", 0),
        ("area", "ar1", 4),
        ("township", TOWNSHIP, 4),
        ("cadre", "c1", 3),
        ("cadre", "c2", 0),
        ("unit", "u1", 4),
        ("cell", "990101101201009", 0),
    ],
)
def test_how_many_households_a_gap_concerns(target, code, count):
    # c1 holds two things in which the same household lives, and one more village.
    evidence = _evidence(
        ("staff", "c1", "h1"),
        ("grid_officer", "c1", A1),
        ("team_head", "c1", B),
        ("department", "u1", "ar1"),
        ("staff", "u1", "h1"),
    )
    gaps = _gaps(("cell_unowned", target, code, None, None))
    assert households_concerned(gaps, evidence).tolist() == [count]


def test_what_is_over_concerns_nobody():
    evidence = _evidence(("team_head", "c1", A))
    over = replace(evidence, records=evidence.records.assign(valid_to=DAY))
    gaps = _gaps(("owner_inactive", "cadre", "c1", A, None))
    assert households_concerned(gaps, evidence).tolist() == [2]
    assert households_concerned(gaps, over).tolist() == [0]


def test_land_concerns_who_lives_on_it():
    west_of_a = tiny.square(0, 0, 1, 1)
    gaps = _gaps(("land_uncovered", "village", A, A, None), shape=west_of_a)
    assert households_concerned(gaps, _evidence()).tolist() == [1]
    both = _gaps(("cell_overlap", "cell", A2, A, None), shape=tiny.square(1, 0, 3, 1))
    assert households_concerned(both.assign(aspect=f"{B}001"), _evidence()).tolist() == [2]


def test_the_score_is_what_its_reason_says():
    gaps = _gaps(
        ("village_unstaffed", "village", B, B, DAY - timedelta(days=45)),
        ("village_unstaffed", "village", A, A, None),
    )
    first, second = scored(gaps, _evidence(), RULES)[["target_code", *SEVERITY_COLUMNS]].itertuples(
        index=False
    )
    many = round(2 / _worth("severity_households_full") * _worth("severity_households"), 1)
    days = round(45 / _worth("severity_open_full_days") * _worth("severity_open"), 1)
    assert (first.target_code, first.priority, first.households, first.open_days) == (B, True, 2, 45)
    assert first.score == pytest.approx(_worth("severity_priority_village") + many + days)
    assert first.score_why == f"重点村 +100；涉及 2 户 +{many:g}；已 45 天 +{days:g}"
    assert (second.target_code, second.priority, second.score) == (A, False, many)
    assert pd.isna(second.open_days)
    assert second.score_why == f"涉及 2 户 +{many:g}；起始日期不详 +0"


def test_a_share_is_never_more_than_the_whole():
    gaps = _gaps(("village_unstaffed", "village", A, A, DAY - timedelta(days=10_000)))
    (row,) = scored(gaps, _evidence(), RULES, households=pd.Series([10_000]).to_numpy()).itertuples()
    assert row.score == _worth("severity_households") + _worth("severity_open")


def test_equal_scores_come_by_kind_target_and_aspect():
    rows = [
        ("household_unlocated", "household", "h9", A, None),
        ("cell_unowned", "cell", "990101101201008", A, None),
        ("cell_unowned", "cell", "990101101201007", A, None),
    ]
    ranked = scored(_gaps(*rows), _evidence(), RULES, households=pd.Series([0, 0, 0]).to_numpy())
    assert ranked["target_code"].tolist() == ["990101101201007", "990101101201008", "h9"]


def test_no_gaps_have_no_scores():
    none = scored(_gaps(), _evidence(), RULES)
    assert none.empty
    assert isinstance(none, gpd.GeoDataFrame)
    assert set(SEVERITY_COLUMNS) <= set(none.columns)
