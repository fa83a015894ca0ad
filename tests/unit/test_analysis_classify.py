from datetime import date

import pandas as pd
import pytest

from geo.analysis.classify import LABEL_COLUMNS, latest_completed, priority_codes, village_labels
from geo.errors import FrameError
from geo.rules import DatedValue, year_rules
from tests.analysis_frames import A, B, designations, indicators, layer, villages

DAY = date(2026, 5, 1)


def _labels(indicators_=None, designations_=None, as_of=DAY):
    given = indicators() if indicators_ is None else indicators_
    decided = designations() if designations_ is None else designations_
    return village_labels(villages(), given, decided, year_rules, as_of=as_of)


def _of(labels, village):
    return set(labels.loc[labels["village_code"] == village, "label"])


@pytest.mark.parametrize(
    ("income", "expected"),
    [(30_000, set()), (29_999.99, {"poor"}), (0, {"poor", "hollow"}), (None, set()), (-5, {"poor"})],
)
def test_poor_and_hollow_by_own_income(income, expected):
    assert _of(_labels(indicators((B, 2025, income))), B) == expected


def test_a_hundred_million_in_total_counts_even_with_little_of_its_own():
    labels = _labels(indicators((B, 2025, 40_000, 100_000_000)))
    assert _of(labels, B) == {"hundred_million"}


def test_value_threshold_reason_and_since_of_a_derived_label():
    row = _labels(indicators((B, 2025, 21_000))).query("label == 'poor'").iloc[0]
    assert (row["value"], row["threshold"], row["since"]) == (21_000, 30_000, date(2026, 1, 1))
    assert row["reason"] == "2025 年不含补助的集体收入 21,000 元，低于 30,000 元。"


def test_each_years_figures_are_judged_by_the_rules_of_its_last_day():
    set_from = [DatedValue("poor_income_own_yuan", 50_000, date(2025, 12, 31))]
    figures = indicators((A, 2024, 40_000), (B, 2025, 40_000))

    def poor(*values):
        labels = village_labels(
            villages(), figures, designations(), lambda year: year_rules(year, values), as_of=DAY
        ).query("label == 'poor'")
        return labels[["village_code", "threshold", "year", "source"]].to_numpy().tolist()

    assert poor() == []
    assert poor(*set_from) == [[B, 50_000, 2025, "local"]]
    assert poor(DatedValue("poor_income_own_yuan", 50_000, date(2026, 1, 1))) == []


def test_figures_older_than_the_rules_give_no_label():
    assert _of(_labels(indicators((B, 1998, 0))), B) == set()


def test_only_the_latest_completed_year_counts():
    several = indicators((B, 2026, 0), (B, 2024, 0), (B, 2025, 50_000))
    assert _of(_labels(several), B) == set()
    assert latest_completed(several, DAY)["year"].tolist() == [2025]


def test_a_missing_income_of_the_latest_year_is_not_filled_from_an_earlier_one():
    assert _of(_labels(indicators((B, 2024, 0), (B, 2025, None))), B) == set()


def test_designations_count_from_their_day_until_before_their_end():
    decided = designations((B, "weak", date(2026, 3, 1), date(2026, 5, 1)))
    assert _of(_labels(designations_=decided, as_of=date(2026, 2, 28)), B) == set()
    assert _of(_labels(designations_=decided, as_of=date(2026, 3, 1)), B) == {"weak"}
    assert _of(_labels(designations_=decided, as_of=date(2026, 4, 30)), B) == {"weak"}
    assert _of(_labels(designations_=decided, as_of=date(2026, 5, 1)), B) == set()


def test_a_designated_label_tells_its_day_and_reason_and_measures_nothing():
    row = _labels(designations_=designations((B, "weak", date(2026, 3, 1), None))).query("label == 'weak'")
    assert row["since"].tolist() == [date(2026, 3, 1)]
    assert row["reason"].tolist() == ["县委研究决定"]
    assert row[["value", "threshold", "year", "source"]].isna().all(axis=None)


def test_a_designation_tells_its_cause_document_and_who_decided_where_that_is_known():
    decided = designations((B, "weak", date(2026, 3, 1), None)).assign(
        cause="petitions", document_no=None, decided_by="department"
    )
    (row,) = _labels(designations_=decided).query("label == 'weak'").to_dict("records")
    assert (row["cause"], row["document_no"], row["decided_by"]) == ("petitions", None, "department")


def test_a_derived_label_cannot_be_designated_by_a_record():
    assert _of(_labels(designations_=designations((B, "poor", date(2026, 3, 1), None))), B) == set()


def test_attributes_are_labels_without_a_day():
    labels = _labels()
    assert _of(labels, A) == {"old_revolutionary"}
    assert labels["since"].isna().all()


def test_figures_of_unknown_villages_give_no_label():
    assert "990101101999" not in set(_labels(indicators(("990101101999", 2025, 0)))["village_code"])


def test_priority_villages_are_weak_poor_or_before_an_election():
    labels = _labels(indicators((B, 2025, 0)))
    assert priority_codes(labels).tolist() == [B]
    assert priority_codes(_labels()).empty


def test_no_villages_give_no_labels():
    labels = village_labels(layer("villages", []), indicators(), designations(), year_rules, as_of=DAY)
    assert labels.empty
    assert list(labels.columns) == LABEL_COLUMNS


def test_designations_without_their_columns_are_refused():
    with pytest.raises(FrameError, match="reason"):
        village_labels(villages(), indicators(), pd.DataFrame({"village_code": []}), year_rules, as_of=DAY)
