"""The parts of the page of priority villages that need no browser: filters, tables, words."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd

from geo.access import Actor
from geo.exchange.village_profile import LabelLine, SuspectLine
from geo.vocabulary import Role, VillageLabel
from pages.ui.priority.deciding import may_decide
from pages.ui.priority.doubts import look_for
from pages.ui.priority.filters import YEARS_SHOWN, Look, day_in, years_until
from pages.ui.priority.listing import as_shown, label_words, listed
from pages.ui.priority.panel import _village_html
from pages.ui.priority.strip import strip_html
from pages.ui.priority.townships import township_table
from pages.ui.priority.years import chart

TODAY = date(2026, 5, 1)
T1, T2 = "990101101", "990101102"


def villages(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    usual = {
        "code": f"{T1}201",
        "name": "石桥村",
        "township_code": T1,
        "township_name": "石桥镇",
        "kind": "village",
        "labels": "",
        **{str(label): False for label in VillageLabel},
        "must_staff": False,
        "residents": 0,
        "resident_names": "",
        "team": 0,
        "township_cadres": 0,
        "staffed": False,
        "units": "",
        "fit": "",
        "wants": "",
        "missing": "",
        "suspects": "",
        "contradictions": "",
    }
    made = []
    for row in rows:
        borne = str(row.get("labels", "")).split(";")
        made.append({**usual, **{label: label in borne for label in map(str, VillageLabel)}, **row})
    return gpd.GeoDataFrame(pd.DataFrame(made, columns=list(usual)), geometry=[None] * len(rows), crs=4490)


def test_the_slider_looks_at_the_end_of_a_year_and_at_today_in_this_one() -> None:
    years = years_until(TODAY)
    assert (years[-1], len(years)) == (2026, YEARS_SHOWN)
    assert day_in(2024, TODAY) == date(2024, 12, 31)
    assert day_in(2026, TODAY) == TODAY


def test_several_labels_are_kept_if_one_of_them_is_wanted() -> None:
    table = villages({"labels": "poor;weak"}, {"labels": "election_priority", "code": "2"})
    assert len(Look("list", "", TODAY).kept(table)) == 2
    assert Look("list", "", TODAY, ("weak",)).kept(table)["labels"].tolist() == ["poor;weak"]


def test_the_list_begins_with_what_lacks_something_and_leaves_suspects_out() -> None:
    table = villages(
        {"code": "1", "labels": "poor"},
        {"code": "2", "labels": "weak", "missing": "没有驻村干部"},
        {"code": "3", "suspects": "weak"},
    )
    assert listed(table)["code"].tolist() == ["2", "1"]
    assert listed(villages()).empty
    shown = as_shown(listed(table))
    assert shown["标签"].tolist() == ["软弱涣散村", "经济薄弱村"]
    assert as_shown(villages({"fit": "unfit"}))["派出单位"].tolist() == ["不对口"]


def test_labels_are_said_in_words() -> None:
    assert label_words("poor;weak") == "经济薄弱村、软弱涣散村"
    assert label_words("") == ""


def test_the_strip_counts_labels_and_those_who_have_people() -> None:
    html = strip_html(
        villages(
            {"labels": "poor", "must_staff": True, "staffed": True},
            {"labels": "poor;weak", "must_staff": True, "suspects": "weak"},
        )
    )
    assert "50.0%" in html
    assert "1 / 2" in html
    assert "疑似 1 村，矛盾 0 村" in html
    assert "—" in strip_html(villages())


def test_townships_with_most_villages_left_alone_come_first() -> None:
    table = villages(
        {"labels": "poor", "must_staff": True, "staffed": True},
        {"code": f"{T2}201", "township_code": T2, "labels": "weak", "must_staff": True},
    )
    counts = pd.DataFrame(
        {
            "township_code": ["", T1, T2],
            "township_name": ["", "石桥镇", "河东镇"],
            "label": ["poor", "poor", "weak"],
            "villages": [1, 1, 1],
            "staffed": [1, 1, 0],
        }
    )
    found = township_table(counts, table)
    assert found["name"].tolist() == ["河东镇", "石桥镇"]
    assert found["ratio"].tolist() == [0.0, 1.0]
    assert found["weak"].tolist() == [1, 0]
    nobody = township_table(counts, villages())
    assert nobody["ratio"].isna().all()


def test_doubts_are_those_of_the_chosen_labels() -> None:
    rows = pd.DataFrame({"village_code": ["1", "2"], "label": ["weak", "poor"], "reason": ["甲", "乙"]})
    found = look_for(rows, Look("doubts", "", TODAY, ("poor",)), "reason")
    assert found[["label", "text"]].to_numpy().tolist() == [["经济薄弱村", "乙"]]


def test_a_village_is_explained_with_its_doubts_and_nothing_of_it_is_markup() -> None:
    line = LabelLine(
        "weak", date(2026, 1, 1), None, None, "<b>不团结", "文〔2026〕1号", "department", ("已好转",)
    )
    html = _village_html(
        "1",
        villages({"name": "<i>村", "missing": "没有驻村干部"}),
        (line,),
        (SuspectLine("election_priority", "空缺"),),
    )
    assert "&lt;b&gt;不团结" in html
    assert "<i>村" not in html
    for text in ("文〔2026〕1号", "department", "已好转", "空缺", "没有驻村干部"):
        assert text in html


def test_years_nobody_has_figures_of_are_not_drawn_as_none() -> None:
    counts = pd.DataFrame(
        {"year": [2024, 2025], "label": "poor", "villages": pd.array([None, 3], "Int64"), "staffed": [0, 1]}
    )
    drawn = chart(counts, ()).to_dict()
    values = [row for rows in drawn["datasets"].values() for row in rows]
    assert {row["year"] for row in values} == {2025}


def test_only_the_department_decides() -> None:
    assert may_decide(Actor("d", Role.DEPARTMENT))
    assert not may_decide(Actor("d", Role.DEPARTMENT, viewer="x"))
    assert not may_decide(Actor("c", Role.COORDINATOR))
