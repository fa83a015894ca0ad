"""The parts of the board of rectifications that need no browser: fields, bars, words, and what is open."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import pandas as pd
import pytest

from geo.access import Actor
from geo.analysis.rectification.transitions import TaskDeed
from geo.vocabulary import CaseState, CaseStatus, Role
from pages.ui.rectify import reads
from pages.ui.rectify.board import FIELDS_IN_ROW, board_fields
from pages.ui.rectify.case import case_html, events_html, way_html
from pages.ui.rectify.filters import Look
from pages.ui.rectify.gantt import case_bars, task_bars
from pages.ui.rectify.listing import as_shown
from pages.ui.rectify.opening import may_list
from pages.ui.rectify.rectify_map import case_in
from pages.ui.rectify.signs import SIGNS, days_words, sign_html
from pages.ui.rectify.state import RectifyDesk
from pages.ui.rectify.strip import strip_html
from pages.ui.rectify.tasks import may_bring, may_do

DAY = date(2026, 5, 1)
VILLAGE = "990101101201"


def cases(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    usual = {
        "code": "ZG1",
        "subject_kind": "village",
        "subject_code": VILLAGE,
        "subject_name": "石桥村",
        "village_code": VILLAGE,
        "village_name": "石桥村",
        "township_code": "990101101",
        "township_name": "石桥镇",
        "cause": "petitions",
        "round": 1,
        "state": "working",
        "status": "on_time",
        "listed_on": date(2026, 3, 1),
        "due_on": date(2026, 6, 9),
        "closed_on": None,
        "days_left": 39,
        "tasks": 4,
        "tasks_done": 1,
        "tasks_overdue": 0,
        "responsible_code": "C1",
        "responsible_name": "张三",
        "leader_code": None,
        "leader_name": None,
    }
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=list(usual))
    frame["days_left"] = frame["days_left"].astype("Int64")
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs="EPSG:4490")


def test_the_board_puts_the_township_with_most_overdue_cases_first_and_the_urgent_to_the_left() -> None:
    fields = board_fields(
        cases(
            {"code": "A", "days_left": 39},
            {"code": "B", "status": "pressing", "days_left": 3},
            {"code": "C", "status": "overdue", "days_left": -4, "township_name": "河东镇"},
            {"code": "D", "status": "overdue", "days_left": -9, "township_name": "河东镇"},
        )
    )
    assert fields["code"].tolist() == ["D", "C", "B", "A"]
    assert fields["row"].tolist() == [0, 0, 1, 1]
    assert fields["column"].tolist() == [0, 1, 0, 1]
    assert fields["township"].tolist() == ["河东镇", "", "石桥镇", ""]
    assert fields["days"].tolist() == ["超9天", "超4天", "余3天", "余39天"]


def test_a_township_with_many_cases_goes_on_in_the_next_row_and_is_named_once() -> None:
    many = FIELDS_IN_ROW + 2
    fields = board_fields(cases(*({"code": f"Z{place}", "days_left": place} for place in range(many))))
    assert fields["row"].tolist() == [0] * FIELDS_IN_ROW + [1, 1]
    assert (fields["township"] != "").sum() == 1


def test_a_branch_of_no_township_stands_under_the_county_and_an_empty_board_is_empty() -> None:
    fields = board_fields(cases({"township_name": None, "village_code": None, "subject_kind": "branch"}))
    assert fields["township"].tolist() == ["县直"]
    assert board_fields(cases()).empty


def test_shapes_differ_so_that_nobody_needs_the_colours() -> None:
    assert len({sign.shape for sign in SIGNS.values()}) == len(SIGNS) == len(CaseStatus)
    assert "▲" in sign_html("overdue")
    assert days_words("closed", -3) == ""
    assert days_words("on_time", None) == ""
    assert days_words("on_time", 0) == "余0天"


def test_the_filters_keep_open_cases_unless_told_otherwise() -> None:
    table = cases({"code": "A"}, {"code": "B", "status": "closed"}, {"code": "C", "cause": "economy_behind"})
    assert Look("board", "", DAY).kept(table)["code"].tolist() == ["A", "C"]
    assert Look("board", "", DAY, statuses=("closed",)).kept(table)["code"].tolist() == ["B"]
    assert Look("board", "", DAY, causes=("petitions",)).kept(table)["code"].tolist() == ["A"]
    assert Look("board", "", DAY, subjects=("branch",)).kept(table).empty


def test_a_bar_reaches_as_far_as_the_share_of_finished_tasks() -> None:
    bars = case_bars(
        cases({"code": "A", "tasks": 4, "tasks_done": 1}, {"code": "B", "tasks": 0, "due_on": DAY})
    )
    assert bars["code"].tolist() == ["B", "A"]
    assert bars["done"].tolist() == [pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-26")]


def test_a_task_is_done_late_or_still_in_time() -> None:
    task = {
        "number": 1,
        "title": "开会",
        "starts_on": date(2026, 3, 1),
        "due_on": date(2026, 4, 1),
        "done_on": None,
    }
    states = [
        {**task, "done_on": date(2026, 3, 20)},
        task,
        {**task, "due_on": date(2026, 6, 1)},
        {**task, "done_on": date(2026, 5, 20), "due_on": date(2026, 5, 30)},
    ]
    assert task_bars(states, DAY)["word"].tolist() == ["已完成", "逾期", "正常", "正常"]


def test_texts_from_the_data_are_escaped() -> None:
    evil = "<b>村</b>"
    case = cases({"subject_name": evil, "responsible_name": evil}).iloc[0].to_dict()
    event = {
        "action": "list",
        "note": evil,
        "happened_on": DAY,
        "recorded_by": evil,
        "recorded_at": datetime(2026, 5, 1, tzinfo=UTC),
    }
    for html in (case_html(case), events_html([event])):
        assert evil not in html
        assert "&lt;b&gt;村" in html


def test_the_way_shows_where_a_case_stands() -> None:
    assert way_html("requested").count("class=done") == 3
    assert "<b>已申请销号</b>" in way_html("requested")
    assert way_html("withdrawn").count("<b>") == 1


def test_the_strip_counts_by_urgency_and_says_whose_turn_it_is() -> None:
    html = strip_html(cases({"code": "A"}, {"code": "B", "status": "closed", "state": "closed"}))
    assert "50.0%" in html
    assert "待办：县 0，乡镇 0，村 1" in html
    assert "—" in strip_html(cases())


def test_the_ledger_says_codes_in_words() -> None:
    row = as_shown(cases({})).iloc[0]
    assert row["进度"] == "● 正常"
    assert row["成因"] == "信访问题多"
    assert row["任务"] == "1/4"
    assert as_shown(cases()).empty


def test_a_click_opens_the_open_case_of_the_village() -> None:
    table = cases({"code": "OLD", "status": "closed"}, {"code": "NEW"})
    assert case_in(table, VILLAGE) == "NEW"
    assert case_in(table, "990101101999") == ""


@pytest.mark.parametrize(
    ("role", "state", "changes", "finishes"),
    [
        (Role.DEPARTMENT, CaseState.WORKING, True, True),
        (Role.COORDINATOR, CaseState.LISTED, True, False),
        (Role.COORDINATOR, CaseState.WORKING, False, True),
        (Role.RESIDENT_CADRE, CaseState.WORKING, False, True),
        (Role.LEADER, CaseState.WORKING, False, False),
        (Role.DEPARTMENT, CaseState.CLOSED, False, False),
    ],
)
def test_forms_are_offered_to_who_may_use_them(
    role: Role, state: CaseState, changes: bool, finishes: bool
) -> None:
    actor = Actor(user="somebody", role=role)
    case = cases({"state": str(state)}).iloc[0].to_dict()
    assert may_do(actor, case, TaskDeed.CHANGE) is changes
    assert may_do(actor, case, TaskDeed.FINISH) is finishes
    elsewhere = Actor(user="somebody", role=role, scopes=frozenset({"990101102"}))
    assert not may_do(elsewhere, case, TaskDeed.FINISH)
    assert not may_bring(Actor(user="somebody", role=role, viewer="department"), case)
    assert may_list(actor) is (role is Role.DEPARTMENT)


def test_opening_something_puts_the_listing_form_away() -> None:
    desk = RectifyDesk()
    desk.list_new()
    assert desk.is_listing
    desk.open("ZG1")
    assert (desk.case, desk.is_listing) == ("ZG1", False)
    desk.close()
    assert desk.case == ""


def test_what_may_be_done_is_remembered_for_each_account_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_store: object, actor: Actor, _code: str, *, as_of: date) -> dict[str, object]:
        asked.append(actor.user)
        return {"steps": [actor.user]}

    monkeypatch.setattr(reads.rectifications, "case_document", answer)
    monkeypatch.setattr(reads, "key_of", lambda _store, _actor: ("store", 1, ("",), "zh"))
    for actor in (
        Actor("office", Role.COORDINATOR),
        Actor("leader", Role.LEADER),
        Actor("office", Role.COORDINATOR),
    ):
        facts = reads.case_facts(None, actor, "ZG1", as_of=DAY)  # type: ignore[arg-type]
        assert facts["steps"] == [actor.user]
    assert asked == ["office", "leader"]
