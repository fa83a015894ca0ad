"""What `rectify` prints, writes and ends with."""

from __future__ import annotations

import pytest

from tests.cli.run import AS_OF, document, run

ON = ("--on", "2026-05-01")


@pytest.fixture
def free_village(county) -> str:
    """A village that was never on the list."""
    listed = {case["village_code"] for case in document("rectify", "list", *AS_OF)["cases"]}
    villages = document("villages", *AS_OF)["villages"]
    return next(one["code"] for one in villages if one["code"] not in listed)


def _open(village, *more):
    officer = document("rectify", "list", *AS_OF)["cases"][0]["responsible_code"]
    about = ("--cause", "petitions", "--responsible", officer, "--note", "信访多")
    return document("rectify", "open", village, *about, *ON, *more)


def test_the_list_counts_what_it_lists(sample):
    said = document("rectify", "list", *AS_OF, "--store", sample)
    assert (said["as_of"], said["known_at"]) == ("2026-05-01", None)
    still_open = [case for case in said["cases"] if case["state"] not in ("closed", "withdrawn")]
    assert sum(town["open"] for town in said["townships"]) == len(still_open) > 0
    assert sum(said["waiting"].values()) == len(still_open)
    assert set(said["cases"][0]) >= {"code", "subject_name", "status", "due_on", "days_left", "tasks"}


def test_people_get_tables(sample):
    heading, *rows = run("rectify", "list", *AS_OF, "--store", sample).stdout.splitlines()
    assert heading.startswith("进度")
    case = rows[0].split()[-1]
    shown = run("rectify", "show", case, *AS_OF, "--store", sample).stdout
    assert case in shown
    assert "挂牌" in shown


def test_a_status_narrows_the_list(sample):
    whole = document("rectify", "list", *AS_OF, "--store", sample)["cases"]
    some = document("rectify", "list", "--status", "closed", *AS_OF, "--store", sample)["cases"]
    assert [case["code"] for case in some] == [case["code"] for case in whole if case["status"] == "closed"]


def test_from_the_listing_to_an_approved_plan_and_off_the_list(free_village):
    opened = _open(free_village)
    code = opened["code"]
    assert (opened["subject_code"], opened["state"], opened["days_left"]) == (free_village, "listed", 100)
    planned = document("rectify", "template", code)
    assert planned["tasks"]
    assert document("rectify", "plan", code, *ON)["state"] == "planned"
    assert document("rectify", "approve", code, *ON)["state"] == "working"
    done = document("rectify", "finish", code, "--task", 1, *ON)
    assert done["tasks"][0]["done_on"] == "2026-05-01"
    assert done["version"] > planned["version"]
    gone = document("rectify", "withdraw", code, *ON, "--note", "撤并", "--document", "9号")
    assert (gone["status"], gone["steps"]) == ("withdrawn", [])


def test_what_a_rule_forbids_ends_with_1_and_writes_nothing(free_village):
    code = _open(free_village)["code"]
    before = document("rectify", "show", code, *AS_OF)
    assert run("rectify", "close", code, *ON, "--note", "好", code=1).stdout == ""
    late = ("--due", "2026-12-01", "--note", "大雨")
    assert "文" in run("rectify", "extend", code, *ON, *late, code=1).stderr
    assert document("rectify", "show", code, *AS_OF) == before


def test_what_is_wrong_ends_with_2(county):
    run("rectify", "show", "ZG-nothing", *AS_OF, code=2)
    run("rectify", "evidence", "ZG-nothing", "missing.jpg", "--task", 1, code=2)
    run(
        "rectify",
        "open",
        "990101999999",
        "--cause",
        "petitions",
        "--responsible",
        "x",
        "--note",
        "无",
        code=2,
    )
