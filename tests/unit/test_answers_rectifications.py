"""The board of rectifications, one case, and who sees what of them."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from geo.access import Actor
from geo.analysis.rectification.transitions import OPEN
from geo.answers.rectification_rows import TABLE_COLUMNS
from geo.answers.rectifications import (
    NEXT_LEVEL,
    board_counts,
    case_document,
    case_lines,
    case_table,
    three_levels,
)
from geo.crs import STORED_CRS
from geo.errors import InputError, PermissionError_
from geo.vocabulary import CaseState, Role
from tests import analysis_frames as tiny
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A
from tests.rectifying import (
    ASKED,
    CHECKER,
    DONE,
    LISTED,
    NOW,
    bring,
    closed,
    county,
    listed,
    requested,
    step,
    working,
)

DUE = LISTED + timedelta(days=100)
DAY = date(2026, 5, 1)
AUDITOR = Actor("auditor", Role.AUDITOR)


@pytest.fixture
def place(store):
    return county(store)


def of_branch(store, code="br-o", **more):
    return listed(store, subject_kind="branch", subject_code=code, **more)


def test_nothing_listed_gives_an_empty_table(place):
    table = case_table(place, DEPARTMENT, as_of=DAY)
    assert list(table.columns) == [*TABLE_COLUMNS, "geometry"]
    assert (len(table), table.crs) == (0, STORED_CRS)
    assert board_counts(table).empty
    assert three_levels(table) == {"county": 0, "township": 0, "village": 0}
    assert case_lines(place, DEPARTMENT, A, as_of=DAY) == ()


def test_a_row_names_everything(place):
    code = working(place)
    row = case_table(place, DEPARTMENT, as_of=DAY).iloc[0]
    assert row["code"] == code
    assert (row["subject_kind"], row["subject_code"], row["subject_name"]) == ("village", A, "甲村")
    assert (row["village_name"], row["township_code"], row["township_name"]) == ("甲村", TOWNSHIP, "安和镇")
    assert (row["cause"], row["round"], row["state"]) == ("petitions", 1, "working")
    assert (row["listed_on"], row["due_on"], row["closed_on"]) == (LISTED, DUE, None)
    assert row["days_left"] == (DUE - DAY).days
    assert (row["tasks"], row["tasks_done"], row["tasks_overdue"]) == (1, 0, 1)
    assert row["status"] == "pressing"  # its task is past its day
    assert (row["responsible_code"], row["leader_code"]) == ("c3", "c1")
    assert row["responsible_name"] and row["leader_name"]
    assert row["geometry"].equals(tiny.villages().geometry[0])


@pytest.mark.parametrize(
    ("day", "status", "left"),
    [
        (LISTED, "on_time", 100),
        (DUE - timedelta(days=16), "on_time", 16),
        (DUE - timedelta(days=15), "pressing", 15),
        (DUE, "pressing", 0),
        (DUE + timedelta(days=1), "overdue", -1),
    ],
)
def test_how_urgent_a_case_is_on_a_day(place, day, status, left):
    listed(place)
    row = case_table(place, DEPARTMENT, as_of=day).iloc[0]
    assert (row["status"], row["days_left"]) == (status, left)


def test_a_case_is_not_there_before_its_day_or_before_it_was_recorded(place):
    listed(place)
    assert case_table(place, DEPARTMENT, as_of=LISTED - timedelta(days=1)).empty
    before = NOW - timedelta(seconds=1)
    assert case_table(place, DEPARTMENT, as_of=DAY, known_at=before).empty
    assert len(case_table(place, DEPARTMENT, as_of=DAY, known_at=NOW)) == 1


def test_a_closed_case_has_its_day_and_no_days_left(place):
    closed(place)
    row = case_table(place, DEPARTMENT, as_of=DAY).iloc[0]
    assert (row["status"], row["closed_on"], row["tasks_done"]) == ("closed", ASKED, 1)
    assert pd.isna(row["days_left"])
    before = case_table(place, DEPARTMENT, as_of=ASKED - timedelta(days=1)).iloc[0]
    assert (before["state"], before["closed_on"]) == ("working", None)


def test_the_overdue_come_first_then_the_fewest_days(place):
    closed(place)
    late = listed(place, subject_code=B, due_on=DAY - timedelta(days=3))
    later = of_branch(place, "br-b", due_on=DAY - timedelta(days=1))
    time = of_branch(place)
    table = case_table(place, DEPARTMENT, as_of=DAY)
    assert table["status"].tolist() == ["overdue", "overdue", "on_time", "closed"]
    assert table["code"].tolist()[:3] == [late, later, time]
    assert list(table.index) == [0, 1, 2, 3]


def test_a_branch_lies_in_its_village_and_one_without_lies_nowhere(place):
    of_branch(place)
    of_branch(place, "br-b")
    rows = case_table(place, DEPARTMENT, as_of=DAY).set_index("subject_code")
    assert (rows.loc["br-b", "subject_name"], rows.loc["br-b", "village_code"]) == ("乙村党支部", B)
    nowhere = rows.loc["br-o"]
    assert nowhere["subject_name"] == "机关党支部"
    assert nowhere[["village_code", "village_name", "township_code", "township_name"]].tolist() == [None] * 4
    assert nowhere["geometry"] is None


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (DEPARTMENT, {A, B, "br-o"}),
        (LEADER, {A, B, "br-o"}),
        (AUDITOR, {A, B, "br-o"}),
        (COORDINATOR, {A, B}),
        (RESIDENT_OF_A, {A}),
        (ELSEWHERE, set()),
    ],
    ids=lambda value: getattr(value, "user", ""),
)
def test_who_sees_which_cases(place, actor, seen):
    codes = {A: listed(place), B: listed(place, subject_code=B), "br-o": of_branch(place)}
    assert set(case_table(place, actor, as_of=DAY)["subject_code"]) == seen
    for subject, code in codes.items():
        if subject in seen:
            assert case_document(place, actor, code, as_of=DAY)["subject_code"] == subject
        else:
            with pytest.raises(PermissionError_):
                case_document(place, actor, code, as_of=DAY)


def test_a_territory_narrows_the_table_and_must_be_in_sight(place):
    listed(place)
    listed(place, subject_code=B)
    of_branch(place)
    assert case_table(place, DEPARTMENT, as_of=DAY, township=B)["subject_code"].tolist() == [B]
    assert len(case_table(place, DEPARTMENT, as_of=DAY, township=TOWNSHIP)) == 2
    assert case_table(place, RESIDENT_OF_A, as_of=DAY, township=TOWNSHIP)["subject_code"].tolist() == [A]
    with pytest.raises(PermissionError_):
        case_table(place, ELSEWHERE, as_of=DAY, township=TOWNSHIP)


def test_the_lines_of_a_village_tell_of_its_branches_too(place):
    listed(place, subject_code=B)
    code = of_branch(place, "br-a")
    (line,) = case_lines(place, RESIDENT_OF_A, A, as_of=DAY)
    assert (line.code, line.subject_kind, line.subject_name) == (code, "branch", "甲村党支部")
    assert (line.state, line.status, line.days_left) == ("listed", "on_time", (DUE - DAY).days)
    assert line.responsible
    with pytest.raises(PermissionError_):
        case_lines(place, RESIDENT_OF_A, B, as_of=DAY)


def test_a_document_tells_steps_tasks_evidence_and_what_comes_next(place):
    code = requested(place)
    told = case_document(place, COORDINATOR, code, as_of=DAY)
    assert (told["code"], told["state"], told["days_left"]) == (code, "requested", (DUE - DAY).days)
    assert [event["action"] for event in told["events"]] == ["list", "plan", "approve", "request"]
    assert told["events"][0]["due_on"] == DUE
    assert told["events"][0]["responsible_name"] == told["responsible_name"]
    (task,) = told["tasks"]
    assert (task["number"], task["done_on"], task["owner_code"]) == (1, DONE, "c3")
    assert [piece["title"] for piece in task["evidence"]] == ["照片"]
    assert [(one["action"], one["unmet"]) for one in told["steps"]] == [("review", []), ("return", [])]


def test_a_step_says_what_is_missing(place):
    code = working(place)
    (asked,) = [
        one
        for one in case_document(place, RESIDENT_OF_A, code, as_of=DAY)["steps"]
        if one["action"] == "request"
    ]
    assert asked["label"] == "申请销号"
    assert len(asked["unmet"]) == 2


def test_a_past_day_shows_what_was_so_and_offers_no_step(place):
    code = requested(place)
    told = case_document(place, RESIDENT_OF_A, code, as_of=DONE - timedelta(days=1))
    assert (told["state"], told["steps"]) == ("working", [])
    assert told["tasks"][0]["done_on"] is None
    known = case_document(place, DEPARTMENT, code, as_of=DAY, known_at=NOW)
    assert (known["state"], known["steps"]) == ("requested", [])


def test_evidence_that_came_later_is_not_told(place):
    code = working(place)
    bring(place, code, 1, now=datetime(2026, 7, 2, tzinfo=UTC))
    told = case_document(place, DEPARTMENT, code, as_of=DAY, known_at=NOW)
    assert told["tasks"][0]["evidence"] == []
    assert len(case_document(place, DEPARTMENT, code, as_of=DAY)["tasks"][0]["evidence"]) == 1


def test_unknown_cases_and_days_before_the_listing(place):
    with pytest.raises(InputError):
        case_document(place, DEPARTMENT, "Z-nothing", as_of=DAY)
    code = listed(place)
    with pytest.raises(InputError):
        case_document(place, DEPARTMENT, code, as_of=LISTED - timedelta(days=1))


def test_the_checker_is_named(place):
    code = closed(place)
    told = case_document(place, DEPARTMENT, code, as_of=DAY)
    (check,) = [event for event in told["events"] if event["action"] == "check"]
    assert check["checker_code"] == CHECKER
    assert check["checker_name"]


def test_counts_by_township(place):
    closed(place)
    listed(place, subject_code=B, due_on=DAY + timedelta(days=30))
    of_branch(place, "br-b", due_on=DAY + timedelta(days=31))
    of_branch(place, due_on=DAY - timedelta(days=1))
    counts = board_counts(case_table(place, DEPARTMENT, as_of=DAY))
    assert counts.to_dict("records") == [
        {
            "township_code": TOWNSHIP,
            "name": "安和镇",
            "open": 2,
            "overdue": 0,
            "pressing": 0,
            "on_time": 2,
            "closed": 1,
            "due_next_30": 1,
        },
        {
            "township_code": "",
            "name": "",
            "open": 1,
            "overdue": 1,
            "pressing": 0,
            "on_time": 0,
            "closed": 0,
            "due_next_30": 0,
        },
    ]


def test_who_has_to_act_next():
    assert {str(state): str(level) for state, level in NEXT_LEVEL.items()} == {
        "listed": "township",
        "planned": "county",
        "working": "village",
        "requested": "township",
        "reviewed": "county",
        "checked": "county",
    }
    assert set(NEXT_LEVEL) == set(OPEN)
    states = [str(state) for state in CaseState for _time in range(2)]
    waiting = three_levels(pd.DataFrame({"state": states}))
    assert waiting == {"county": 6, "township": 4, "village": 2}


def test_a_returned_case_waits_for_the_village_again(place):
    code = requested(place)
    step(place, COORDINATOR, code, "return", note="材料不全")
    assert three_levels(case_table(place, DEPARTMENT, as_of=DAY))["village"] == 1
