from datetime import date

import pandas as pd
import pytest

from geo.analysis.suspects import CRITERIA, SUSPECT_COLUMNS, measured_labels, months_since, village_suspects
from geo.rules import DatedValue, year_rules
from tests.analysis_frames import A, B, layer

DAY = date(2026, 5, 1)
C, OTHER = f"{A[:9]}203", "990101102201"
FINE = {
    "new_members_3y": 1,
    "organization_complete": True,
    "satisfaction_ratio": 0.6,
    "disputes_open": 2,
    "candidate_list_ready": True,
}


def figures(*rows):
    return layer(
        "indicators", [{"village_code": village, "year": year, **more} for village, year, more in rows]
    )


def suspects(*rows, as_of=DAY, rules=year_rules):
    return village_suspects(figures(*rows), rules, as_of=as_of)


def reasons(*rows, **given):
    found = suspects(*rows, **given)
    return list(zip(found["label"], found["criterion"], strict=True))


def test_nothing_suggests_anything_of_a_village_that_is_in_order():
    assert suspects((A, 2025, FINE)).empty
    assert list(suspects((A, 2025, FINE)).columns) == SUSPECT_COLUMNS


@pytest.mark.parametrize(
    ("figure", "value", "label", "criterion", "measured", "threshold"),
    [
        ("new_members_3y", 0, "weak", "no_new_member", 0, 1),
        ("organization_complete", False, "weak", "organization_incomplete", 0, 1),
        ("satisfaction_ratio", 0.599, "weak", "satisfaction_low", 0.599, 0.6),
        ("disputes_open", 3, "election_priority", "disputes_open", 3, 2),
        ("candidate_list_ready", False, "election_priority", "candidate_list_missing", 0, 1),
    ],
)
def test_each_figure_by_itself(figure, value, label, criterion, measured, threshold):
    (row,) = suspects((A, 2025, {**FINE, figure: value})).to_dict("records")
    assert (row["village_code"], row["label"], row["criterion"]) == (A, label, criterion)
    assert (row["value"], row["threshold"], row["year"]) == (measured, threshold, 2025)
    assert row["reason"].startswith("2025 年")
    assert row["unit"] and row["source"]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2026, 2, 1), ["election_priority"]),  # three months to the day are not more than three
        (date(2026, 1, 31), ["weak", "election_priority"]),
        (date(2026, 5, 1), []),
        (date(2026, 6, 1), []),
    ],
)
def test_an_empty_seat_counts_in_months_on_the_day(since, expected):
    found = suspects((A, 2025, {**FINE, "secretary_vacant_since": since}))
    assert found["label"].tolist() == expected
    assert (found["value"] > found["threshold"]).all()


SINCE_JANUARY = {"secretary_vacant_since": date(2026, 1, 15)}
SINCE_NOVEMBER = {"secretary_vacant_since": date(2025, 11, 1)}


@pytest.mark.parametrize(
    ("of_2026", "year"),
    [
        ({"people": 900}, 2025),  # of the seat this year's figures say nothing yet
        ({"organization_complete": True}, None),  # filled since
        ({"organization_complete": True, **SINCE_JANUARY}, 2026),
        (SINCE_JANUARY, 2026),
    ],
)
def test_what_was_reported_last_tells_whether_the_seat_is_empty(of_2026, year):
    found = suspects((A, 2025, {**FINE, **SINCE_NOVEMBER}), (A, 2026, of_2026))
    assert set(found["criterion"]) == ({"secretary_vacant"} if year else set())
    assert set(found["year"]) == ({year} if year else set())
    assert found["reason"].str.startswith(f"按 {year} 年填报，村书记自").all()


def test_next_years_word_on_the_seat_does_not_count_before():
    given = (A, 2026, SINCE_NOVEMBER)
    assert reasons(given, as_of=date(2025, 12, 31)) == []
    assert reasons(given, as_of=date(2026, 2, 2)) == [
        ("weak", "secretary_vacant"),
        ("election_priority", "secretary_vacant"),
    ]


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        (date(2026, 2, 1), date(2026, 5, 1), 3.0),
        (date(2026, 1, 31), date(2026, 5, 1), 3.1),
        (date(2025, 11, 30), date(2026, 2, 28), 3.0),  # there is no 30 February
        (date(2025, 5, 1), date(2026, 5, 1), 12.0),
        (date(2026, 4, 30), date(2026, 5, 1), 0.1),
        (date(2026, 5, 1), date(2026, 5, 1), 0.0),
    ],
)
def test_months_between_two_days(since, until, months):
    assert months_since(since, until) == pytest.approx(months)


def ranked(*ranks, year=2025):
    return [(f"{A[:9]}{201 + at}", year, {"assessment_rank": rank}) for at, rank in enumerate(ranks)]


@pytest.mark.parametrize(
    ("ranks", "last"),
    [
        ((1, 2, 3), [2]),
        ((1, 3, 3), [1, 2]),
        ((1, None, 2), [2]),
        ((1, 1, 1), []),  # nobody is behind anybody
        ((5,), []),
        ((None, 5), []),
    ],
)
def test_last_in_the_townships_assessment(ranks, last):
    found = suspects(*ranked(*ranks))
    assert found["village_code"].tolist() == [f"{A[:9]}{201 + at}" for at in last]
    assert set(found["criterion"]) <= {"assessed_last"}


def test_townships_and_years_are_ranked_each_by_itself():
    other = [(OTHER, 2025, {"assessment_rank": 9}), (B, 2024, {"assessment_rank": 7})]
    found = suspects(*ranked(1, None, 2), *other)
    assert found["village_code"].tolist() == [C]
    # B was not ranked in 2025; without that year its rank of 2024 counts, in which nobody else was.
    assert reasons((A, 2025, {"assessment_rank": 1}), *other) == []


def test_one_row_a_reason_in_a_fixed_order():
    found = reasons((A, 2025, {**FINE, "new_members_3y": 0, "satisfaction_ratio": 0.5, "disputes_open": 3}))
    assert found == [
        ("weak", "no_new_member"),
        ("weak", "satisfaction_low"),
        ("election_priority", "disputes_open"),
    ]


def test_the_latest_completed_year_counts():
    assert reasons((A, 2024, {"new_members_3y": 0}), (A, 2025, FINE), (A, 2026, {"new_members_3y": 0})) == []
    assert reasons((A, 2024, {"new_members_3y": 0}), as_of=DAY) == [("weak", "no_new_member")]
    assert reasons((A, 2025, {"new_members_3y": 0}), as_of=date(2025, 12, 31)) == []


def test_figures_are_judged_by_the_rules_of_their_year():
    def rules(day):
        values = [
            DatedValue("weak_satisfaction_min_ratio", 0.8, day),
            DatedValue("weak_organization_incomplete", 0, day),
        ]
        return lambda year: year_rules(year, values)

    given = (A, 2025, {**FINE, "satisfaction_ratio": 0.7, "organization_complete": False})
    assert reasons(given, rules=rules(date(2026, 1, 1))) == [("weak", "organization_incomplete")]
    assert reasons(given, rules=rules(date(2025, 12, 31))) == [("weak", "satisfaction_low")]
    assert reasons((A, 1990, {"new_members_3y": 0})) == []


def test_what_is_not_on_record_suggests_nothing_and_measures_nothing():
    assert reasons((A, 2025, {})) == []
    told = measured_labels(figures((A, 2025, {}), (B, 2025, {"disputes_open": 0})), as_of=DAY)
    assert told.to_numpy().tolist() == [[B, "election_priority", 2025]]
    assert measured_labels(figures(), as_of=DAY).empty
    assert suspects().empty


def test_every_criterion_is_tried_here():
    tried = {
        "no_new_member",
        "organization_incomplete",
        "secretary_vacant",
        "satisfaction_low",
        "assessed_last",
        "disputes_open",
        "candidate_list_missing",
    }
    assert {criterion.name for criterion in CRITERIA} == tried
    assert pd.Series([(c.label, c.name) for c in CRITERIA]).is_unique
