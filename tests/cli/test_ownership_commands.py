"""Assigning, ending, correcting, handing over; the changes made and what is done about them."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.cli.run import document, run

DAY, EVE, LATER = "2026-04-01", "2026-03-31", "2026-07-01"
OFFICER = ("--kind", "grid_officer")
COORDINATORS = "990101101"
WHY = ("--reason", "工作调整")

pytestmark = pytest.mark.usefixtures("county")


@pytest.fixture(scope="session")
def rows(sample, tmp_path_factory) -> pd.DataFrame:
    """Who answers for what in the sample county on the day."""
    file = tmp_path_factory.mktemp("rows") / "responsibilities.csv"
    run("export", "responsibilities", "--to", file, "--as-of", DAY, "--store", sample)
    return pd.read_csv(file, dtype=str)


@pytest.fixture(scope="session")
def officer(rows) -> tuple[str, list[str]]:
    """An officer who holds several cells of the coordinator's township alone, and those cells."""
    held = rows[(rows["kind"] == "grid_officer") & (rows["rank"] == "primary")]
    held = held[held["target_code"].str.startswith(COORDINATORS)]
    alone = held[~held["target_code"].duplicated(keep=False) & held["valid_to"].isna()]
    code = alone["holder_code"].value_counts().index[0]
    return code, sorted(alone.loc[alone["holder_code"] == code, "target_code"])


@pytest.fixture(scope="session")
def other(rows, officer) -> str:
    """Another officer, with little to do."""
    held = rows[(rows["kind"] == "grid_officer") & (rows["holder_code"] != officer[0])]
    return held["holder_code"].value_counts().index[-1]


def holders(code: str, day: str, kind: str = "grid_officer") -> list[str]:
    said = document("who", code, "--as-of", day)["responsibilities"]
    return [row["holder_code"] for row in said if row["kind"] == kind and row["target_code"] == code]


def record_of(code: str, holder: str) -> int:
    rows = document("who", code, "--as-of", DAY)["responsibilities"]
    return next(row["record"] for row in rows if (row["target_code"], row["holder_code"]) == (code, holder))


def test_assigning_ends_the_one_before(officer, other):
    old, cells = officer
    said = document("assign", *cells[:2], *OFFICER, "--to", other, "--from", DAY, *WHY)
    assert (said["state"], said["closed"], said["opened"], said["unchanged"]) == ("applied", 2, 4, 0)
    assert said["change"]
    assert said["gaps_closed"] == []
    assert set(said) >= {"summary", "gaps_opened", "consequences"}
    assert (holders(cells[0], DAY), holders(cells[0], EVE)) == ([other], [old])
    again = document("assign", *cells[:2], *OFFICER, "--to", other, "--from", DAY, *WHY)
    assert (again["state"], again["unchanged"], again["change"]) == ("unchanged", 2, None)


def test_a_dry_run_writes_nothing(officer, other):
    old, cells = officer
    said = document("assign", cells[0], *OFFICER, "--to", other, "--from", DAY, *WHY, "--dry-run")
    assert (said["state"], said["opened"], said["change"]) == ("previewed", 2, None)
    assert holders(cells[0], DAY) == [old]
    assert document("changes")["changes"] == []


def test_an_assistant_stands_beside_and_an_end_is_the_first_day_off(officer, other):
    old, cells = officer
    helping = ("--rank", "assistant", "--from", DAY, "--to-date", LATER)
    run("assign", cells[0], *OFFICER, "--to", other, *helping, *WHY)
    assert sorted(holders(cells[0], "2026-06-30")) == sorted([old, other])
    assert holders(cells[0], LATER) == [old]
    assert "不含" in run("assign", "--help").stdout


def test_ending_says_what_follows_and_does_it(officer):
    old, cells = officer
    asked = ("end", cells[0], *OFFICER, "--to-date", DAY, *WHY)
    shown = document(*asked, "--dry-run")
    assert any(cells[0] in sentence for sentence in shown["consequences"])
    assert shown["gaps_opened"]
    assert holders(cells[0], DAY) == [old]
    said = run(*asked)
    assert cells[0] in said.stderr
    assert "没有主责网格员" in said.stderr
    assert (holders(cells[0], DAY), holders(cells[0], EVE)) == ([], [old])
    assert "没有可结束的责任" in run(*asked, code=1).stderr


def test_a_record_that_leaves_a_cell_alone_is_withdrawn_with_a_yes(officer):
    old, cells = officer
    standing = record_of(cells[0], old)
    said = document("withdraw", standing, *WHY, code=1)
    assert said["state"] == "unconfirmed"
    assert "--yes" in run("withdraw", standing, *WHY, code=1).stderr


def test_more_than_a_share_is_said_and_done(officer, rows):
    """The command line as it was agreed on: many cells for one officer are written without a further word."""
    old, cells = officer
    targets = rows.loc[rows["kind"] == "grid_officer", "target_code"]
    others = sorted(set(targets[targets.str.startswith(COORDINATORS)]) - set(cells))
    said = document("assign", *others[:3], *OFFICER, "--to", old, "--from", DAY, *WHY)
    assert said["state"] == "applied"
    assert any("超过上限" in sentence for sentence in said["consequences"])


def test_a_term_beyond_the_calendar_is_open(officer, other):
    _old, cells = officer
    asked = ("assign", cells[0][:12], "--kind", "resident_cadre", "--to", other, "--from", "9999-05-01")
    assert document(*asked, *WHY)["state"] == "applied"


def test_a_holder_s_whole_list_is_shown_with_the_numbers_of_its_records(officer):
    old, cells = officer
    shown = run("who", old, "--as-of", DAY).stdout.splitlines()
    for cell in cells:
        [line] = [line for line in shown if cell in line]
        assert line.split()[-1] == str(record_of(cell, old))


def test_handing_over_needs_no_reason_to_be_written_down(officer, other):
    old, cells = officer
    said = document("handover", old, "--to", other, "--date", DAY)
    assert said["state"] == "applied"
    assert holders(cells[0], DAY) == [other]
    [change] = document("changes", "--limit", 1)["changes"]
    assert (old in change["reason"], other in change["reason"]) == (True, True)


def test_a_file_says_it_row_by_row(officer, other, tmp_path):
    _old, cells = officer
    file = tmp_path / "rows.csv"
    table = pd.DataFrame({"责任类型": "网格员", "责任人代码": other, "对象代码": cells[:2], "起始日期": DAY})
    table.to_csv(file, index=False)
    assert document("assign", "--file", file, *WHY)["opened"] == 4
    assert holders(cells[1], DAY) == [other]
    table.assign(起始日期="某日").to_csv(file, index=False)
    refused = run("assign", "--file", file, *WHY, code=2)
    assert "第 1 行" in refused.stderr
    assert "2 处问题" in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("assign", *WHY), 2, "没有要办理的责任"),
        (("assign", "990101100201001", *WHY), 2, "--kind"),
        (("assign", "990101999999999", *OFFICER, "--to", "C000001", *WHY), 2, "990101999999999"),
        (("handover", "C000001", *WHY), 2, "--plan"),
        (("handover", "nobody", "--plan"), 2, "nobody"),
        (("undo",), 1, "没有可以撤销"),
        (("undo", "nothing", *WHY), 2, "nothing"),
        (("approve", "nothing"), 2, "nothing"),
        (("correct", "999999", "--rank", "assistant", *WHY), 1, "999999"),
        (("withdraw", "999999", *WHY), 1, "999999"),
        (("withdraw", "9" * 20, *WHY), 2, "ID"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(words, code, says):
    assert says in run(*words, code=code).stderr


def test_a_wrong_record_is_put_right_or_taken_away(officer, other):
    old, cells = officer
    record = record_of(cells[0], old)
    said = document("correct", record, "--holder", other, *WHY, "--yes")
    assert (said["closed"], said["opened"]) == (1, 1)
    assert holders(cells[0], EVE) == [other]
    document("undo")
    assert holders(cells[0], EVE) == [old]
    standing = record_of(cells[0], old)
    assert document("withdraw", standing, *WHY, "--yes")["opened"] == 0
    assert holders(cells[0], EVE) == []


def test_handing_over_to_one(officer, other):
    old, cells = officer
    said = document("handover", old, "--to", other, "--date", DAY, *WHY, "--yes")
    assert said["state"] == "applied"
    assert said["closed"] == len(said["items"])
    assert all(item["successor_code"] == other for item in said["items"])
    assert [holders(code, DAY) for code in cells] == [[other]] * len(cells)
    assert document("who", old, "--as-of", DAY)["holds"] == []
    assert document("undo")["state"] == "undone"
    assert [holders(code, DAY) for code in cells] == [[old]] * len(cells)


def test_handing_over_by_plan(officer):
    old, cells = officer
    said = document("handover", old, "--plan", "--date", DAY)
    assert (said["state"], said["change"], said["on"]) == ("proposed", None, DAY)
    assert sorted(item["target_code"] for item in said["items"]) == cells
    assert all(item["successor_code"] not in (None, old) for item in said["items"])
    assert all(item["load_after"] <= item["limit"] == 3 for item in said["items"])
    shown = run("handover", old, "--plan", "--date", DAY).stdout
    assert all(item["successor_name"] in shown and item["why"] in shown for item in said["items"])
    assert [holders(code, DAY) for code in cells] == [[old]] * len(cells)
    done = document("handover", old, "--plan", "--apply", "--date", DAY, *WHY)
    assert done["state"] == "applied"
    for item in said["items"]:
        assert holders(item["target_code"], DAY) == [item["successor_code"]]


def test_changes_are_listed_undone_and_reversed(officer, other):
    old, cells = officer
    first = document("assign", cells[0], *OFFICER, "--to", other, "--from", DAY, *WHY)
    listed = document("changes", "--mine", "--township", cells[0][:9])["changes"]
    assert [(row["code"], row["state"], row["user"]) for row in listed] == [
        (first["change"], "applied", "department")
    ]
    assert first["summary"] in run("changes").stdout
    back = document("reverse", first["change"], "--date", LATER, *WHY, "--yes")
    assert back["state"] == "applied"
    assert (holders(cells[0], LATER), holders(cells[0], DAY)) == ([old], [other])
    for _step in range(2):
        undone = document("undo")
        assert (undone["state"], undone["closed"] > 0, undone["opened"] > 0) == ("undone", True, True)
    assert (holders(cells[0], LATER), holders(cells[0], DAY)) == ([old], [old])
    assert "没有可以撤销" in run("undo", code=1).stderr
    run("audit", "verify")


def test_a_township_may_ask_for_approval(officer, other, monkeypatch):
    old, cells = officer
    township = cells[0][:9]
    asked = ("assign", cells[0], *OFFICER, "--to", other, "--from", DAY, *WHY)
    run("approval", township, "on", *WHY)
    monkeypatch.setenv("MINQING_USER", "coordinator")
    kept = document(*asked)
    assert kept["state"] == "pending"
    assert holders(cells[0], DAY) == [old]
    assert "县委组织部" in run("approve", kept["change"], code=1).stderr
    monkeypatch.delenv("MINQING_USER")
    assert document("approve", kept["change"])["state"] == "applied"
    assert holders(cells[0], DAY) == [other]
    monkeypatch.setenv("MINQING_USER", "coordinator")
    second = document("assign", cells[0], *OFFICER, "--to", old, "--from", LATER, *WHY)
    monkeypatch.delenv("MINQING_USER")
    assert document("reject", second["change"], *WHY)["state"] == "rejected"
    assert holders(cells[0], LATER) == [other]
    assert "已退回" in run("changes", "--state", "rejected").stdout
    run("approval", township, "off", *WHY)
    assert "不须批准" in run("approval", township, "off", *WHY).stderr


def test_a_coordinator_works_in_the_own_township_only(rows, other, monkeypatch):
    monkeypatch.setenv("MINQING_USER", "coordinator")
    cells = rows.loc[rows["kind"] == "grid_officer", "target_code"]
    tried = {
        cell[:9]: run_code("assign", cell, *OFFICER, "--to", other, "--from", DAY, *WHY, "--dry-run")
        for cell in cells.drop_duplicates()
    }
    assert sorted(set(tried.values())) == [0, 1]
    stranger = next(cell for cell in cells if tried[cell[:9]] == 1)
    assert "无权修改" in run("end", stranger, *OFFICER, "--to-date", DAY, *WHY, code=1).stderr


def run_code(*words: str) -> int:
    from click.testing import CliRunner

    from geo.cli import main

    return CliRunner().invoke(main, [str(word) for word in words]).exit_code
