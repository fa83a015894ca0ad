"""The list of priority villages and what is told of labels, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from geo.analysis.gaps.engine import find_gaps
from geo.answers.evidence import read_evidence
from geo.answers.priority import (
    contradiction_table,
    designation_history,
    label_counts,
    label_difference,
    label_lines,
    label_years,
    priority_table,
    suspect_table,
)
from geo.answers.sheet import village_sheet
from geo.errors import InputError, PermissionError_
from geo.operations.designate import designate_village, end_designation
from geo.operations.rules_now import rules_on
from geo.vocabulary import VillageLabel
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import DAY, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A, fill
from tests.county import AS_OF

NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)
CUT = date(2026, 5, 2)


@pytest.fixture
def own_store(store):
    """The tiny county on either database, of the test's own."""
    return fill(store)


def row_of(store, village, **given):
    table = priority_table(store, DEPARTMENT, **{"as_of": DAY, **given})
    (row,) = table[table["code"] == village].to_dict("records")
    return row


def test_a_village_with_its_labels_people_and_unit(tiny_store):
    row = row_of(tiny_store, A)
    assert (row["name"], row["township_code"], row["township_name"]) == ("甲村", TOWNSHIP, "安和镇")
    assert row["labels"] == "weak;old_revolutionary"
    assert (row["weak"], row["poor"], row["old_revolutionary"]) == (True, False, True)
    assert (row["priority"], row["must_staff"], row["staffed"]) == (True, True, True)
    assert (row["residents"], row["resident_names"], row["team"]) == (1, "王三", 2)
    assert (row["units"], row["wants"], row["fit"]) == ("农业局", "party", "unfit")
    assert row["since"] == date(2026, 3, 1)
    assert row["reasons"] == "软弱涣散村：县委研究决定；革命老区村：登记为革命老区村"
    assert row["geometry"].area > 0


def test_what_is_missing_in_words(tiny_store):
    row = row_of(tiny_store, B)
    assert row["labels"] == "poor"
    assert row["missing"] == ("没有驻村干部、工作组只有 0 人（应不少于 3 人）、镇干部 0 人（应不少于 1 人）")
    assert (row["staffed"], row["fit"], row["wants"], row["since"]) == (
        False,
        "",
        "economic",
        date(2026, 1, 1),
    )
    assert row_of(tiny_store, A)["missing"] == "镇干部 0 人（应不少于 1 人）"


def test_nothing_is_listed_before_there_were_labels(tiny_store):
    table = priority_table(tiny_store, DEPARTMENT, as_of=date(2025, 6, 1))
    assert table["code"].tolist() == [A]  # an attribute has no day
    assert table["since"].tolist() == [None]
    early = datetime(2020, 1, 1, tzinfo=UTC)
    assert priority_table(tiny_store, DEPARTMENT, as_of=DAY, known_at=early)["labels"].tolist() == [
        "old_revolutionary"
    ]


def test_everybody_sees_their_own_territory(tiny_store):
    assert priority_table(tiny_store, LEADER, as_of=DAY)["code"].tolist() == [A, B]
    assert priority_table(tiny_store, RESIDENT_OF_A, as_of=DAY)["code"].tolist() == [A]
    empty = priority_table(tiny_store, ELSEWHERE, as_of=DAY)
    assert empty.empty
    assert list(empty.columns) == list(priority_table(tiny_store, LEADER, as_of=DAY).columns)
    with pytest.raises(PermissionError_):
        label_lines(tiny_store, ELSEWHERE, A, as_of=DAY)
    with pytest.raises(PermissionError_):
        designation_history(tiny_store, ELSEWHERE, A)
    with pytest.raises(PermissionError_):
        priority_table(tiny_store, RESIDENT_OF_A, as_of=DAY, township=B)


def test_the_list_says_what_the_gap_rules_say(county_store):
    """Whoever is short of somebody by the gap rules is short in the list, and nobody else of the listed."""
    table = priority_table(county_store, DEPARTMENT, as_of=AS_OF).set_index("code")
    with county_store.read() as session:
        evidence = read_evidence(session, as_of=AS_OF)
        found = find_gaps(
            evidence, rules_on(session, AS_OF), kinds=["village_unstaffed", "team_understaffed"]
        )
        sheet = village_sheet(session, as_of=AS_OF).set_index("code")
    unstaffed = set(found.loc[found["kind"] == "village_unstaffed", "target_code"])
    assert unstaffed
    assert unstaffed == set(table.index[table["must_staff"] & ~table["staffed"]])
    assert unstaffed == set(table.index[table["missing"].str.contains("没有驻村干部")])
    short = set(found["target_code"])
    assert len(short) > len(unstaffed)
    assert short & set(table.index) == set(table.index[table["missing"] != ""])
    for column in ("labels", "priority", "residents", "staffed"):
        assert table[column].tolist() == sheet.loc[table.index, column].tolist(), column
    labelled = set(sheet.index[sheet["labels"] != ""])
    assert labelled == set(table.index[table["labels"] != ""])


def test_label_lines_tell_who_decided_and_why(tiny_store):
    labels, suspects = label_lines(tiny_store, LEADER, A, as_of=DAY)
    weak, old = labels
    assert (weak.label, weak.since, weak.reason, weak.decided_by) == (
        "weak",
        date(2026, 3, 1),
        "县委研究决定",
        "import",
    )
    assert (old.label, old.since, old.value) == ("old_revolutionary", None, None)
    assert suspects == ()
    ((poor,), _none) = label_lines(tiny_store, LEADER, B, as_of=DAY)
    assert (poor.value, poor.threshold, poor.decided_by, poor.document_no) == (21_000, 30_000, "", "")


def test_a_village_that_is_not_there(tiny_store):
    with pytest.raises(InputError, match="990101101299"):
        label_lines(tiny_store, LEADER, "990101101299", as_of=DAY)


def test_counts_by_township_and_label(tiny_store):
    counts = label_counts(tiny_store, LEADER, as_of=DAY)
    assert counts["township_code"].unique().tolist() == ["", TOWNSHIP]
    assert len(counts) == 2 * len(VillageLabel)
    said = {
        (row.township_code, row.label): (row.villages, row.staffed, row.ratio)
        for row in counts.dropna(subset=["ratio"]).itertuples()
    }
    assert said["", "weak"] == said[TOWNSHIP, "weak"] == (1, 1, 1.0)
    assert said["", "poor"] == (1, 0, 0.0)
    assert ("", "hollow") not in said
    assert set(counts.loc[counts["township_code"] == TOWNSHIP, "township_name"]) == {"安和镇"}


def test_labels_year_by_year(tiny_store):
    counts = label_years(tiny_store, LEADER, years=(2025, 2026), as_of=DAY)
    found = counts.set_index(["year", "label"])
    assert found.loc[2025].loc[["old_revolutionary", "ethnic_minority"], "villages"].tolist() == [1, 0]
    assert found.loc[(2026, "weak")].tolist() == [1, 1]
    assert found.loc[(2026, "poor")].tolist() == [1, 0]
    assert len(counts) == 2 * len(VillageLabel)
    assert label_years(tiny_store, LEADER, years=(), as_of=DAY).empty


def test_a_year_of_which_nothing_is_on_record_has_no_number(own_store):
    about = {"village_code": B, "label": VillageLabel.ELECTION_PRIORITY, "reason": "换届"}
    designate_village(own_store, DEPARTMENT, **about, valid_from=date(2025, 12, 31), now=NOW)

    def unknown(actor, year, **given):
        counts = label_years(own_store, actor, years=(year,), **given).set_index("label")
        assert counts["villages"].dtype == counts["staffed"].dtype == "Int64"
        assert (counts["villages"].isna() == counts["staffed"].isna()).all()
        return set(counts.index[counts["villages"].isna()])

    # Incomes without subsidies are on record of 2025 alone; total income of no year at all.
    assert unknown(LEADER, 2024) == {"poor", "hollow", "hundred_million", "weak", "election_priority"}
    assert unknown(LEADER, 2025) == {"poor", "hollow", "hundred_million", "weak"}
    assert unknown(LEADER, 2026) == {"hundred_million"}
    assert unknown(LEADER, 2026, as_of=date(2026, 2, 28)) == {"hundred_million", "weak"}
    before = NOW - timedelta(minutes=1)
    assert unknown(LEADER, 2026, known_at=before) == {"hundred_million", "election_priority"}
    # The county had decided on others: in this village nobody did, which is a number.
    assert unknown(RESIDENT_OF_A, 2026) == {"hundred_million"}
    assert unknown(LEADER, 2026, township=A) == {"hundred_million"}


def test_what_changed_between_two_days(tiny_store):
    found = label_difference(tiny_store, LEADER, first=date(2025, 6, 1), second=DAY)
    assert found[["code", "label", "change"]].to_numpy().tolist() == [
        [A, "weak", "gained"],
        [A, "old_revolutionary", "kept"],
        [B, "poor", "gained"],
    ]
    poor = found.set_index("label").loc["poor"]
    assert (poor["value_after"], poor["staffed_before"], poor["staffed_after"]) == (21_000, False, False)
    assert found["township_name"].tolist() == ["安和镇"] * 3
    back = label_difference(tiny_store, LEADER, first=DAY, second=date(2025, 6, 1))
    assert back["change"].tolist() == ["lost", "kept", "lost"]
    assert label_difference(tiny_store, ELSEWHERE, first=DAY, second=DAY).empty


def test_a_designation_from_its_beginning_to_its_end(own_store):
    about = {"village_code": B, "label": VillageLabel.WEAK}
    designate_village(
        own_store,
        DEPARTMENT,
        **about,
        valid_from=date(2026, 4, 1),
        reason="信访多",
        document_no="1号",
        now=NOW,
    )
    end_designation(
        own_store,
        DEPARTMENT,
        **about,
        valid_to=CUT,
        reason="已整改",
        document_no="2号",
        now=NOW.replace(hour=10),
    )
    history = designation_history(own_store, LEADER, B)
    assert history["valid_to"].tolist() == [CUT, None]
    assert history["end_reason"].fillna("").tolist() == ["已整改", ""]
    assert history["superseded_at"].notna().tolist() == [False, True]
    ((_poor, weak), _none) = label_lines(own_store, LEADER, B, as_of=DAY)
    assert (weak.label, weak.reason, weak.document_no, weak.decided_by) == (
        "weak",
        "信访多",
        "1号",
        "department",
    )
    assert [line.label for line in label_lines(own_store, LEADER, B, as_of=CUT)[0]] == ["poor"]


def test_suspects_and_contradictions_of_a_county(county_store):
    suspects = suspect_table(county_store, LEADER, as_of=AS_OF)
    assert set(suspects["label"]) == {"weak", "election_priority"}
    assert set(suspects["criterion"]) >= {"no_new_member", "assessed_last", "disputes_open"}
    assert suspects[["village_name", "township_name", "reason"]].notna().all(axis=None)
    table = priority_table(county_store, LEADER, as_of=AS_OF).set_index("code")
    for label in ("weak", "election_priority"):
        of_label = suspects[suspects["label"] == label]
        borne = table.loc[of_label["village_code"], label].to_numpy()
        assert (borne == of_label["designated"].to_numpy()).all()
    told = contradiction_table(county_store, LEADER, as_of=AS_OF)
    assert set(told["kind"]) <= {"later", "dropped", "corrected", "cleared", "unreported"}
    assert not told.empty
    cleared = told[told["kind"] == "cleared"]
    assert not set(zip(cleared["village_code"], cleared["label"], strict=True)) & set(
        zip(suspects["village_code"], suspects["label"], strict=True)
    )
