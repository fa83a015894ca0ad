from datetime import date

from geo.analysis.classify import village_labels
from geo.analysis.contradictions import CONTRADICTION_COLUMNS, label_contradictions
from geo.analysis.suspects import village_suspects
from geo.rules import DatedValue, year_rules
from tests.analysis_frames import A, B, designations, indicators, layer, villages

DAY = date(2026, 5, 1)


def contradictions(figures, *, first=None, decided=None, rules=year_rules, as_of=DAY):
    decided = designations() if decided is None else decided
    labels = village_labels(villages(), figures, decided, rules, as_of=as_of)
    suspects = village_suspects(figures, rules, as_of=as_of)
    return label_contradictions(
        labels, figures, indicators() if first is None else first, suspects, rules, as_of=as_of
    )


def said(*given, **more):
    found = contradictions(*given, **more)
    assert list(found.columns) == CONTRADICTION_COLUMNS
    return found[CONTRADICTION_COLUMNS[:3]].to_numpy().tolist()


def test_labels_and_figures_that_agree():
    assert said(indicators((B, 2024, 10_000), (B, 2025, 20_000), (B, 2026, 29_999))) == []
    assert said(indicators((B, 2024, 40_000), (B, 2025, 20_000))) == []
    assert said(indicators()) == []


def test_a_later_figure_that_would_not_give_the_label():
    figures = indicators((B, 2025, 21_000), (B, 2026, 41_000))
    assert said(figures) == [[B, "poor", "later"]]
    assert contradictions(figures)["text"].tolist() == [
        "2025 年为经济薄弱村（21,000 元），2026 年 41,000 元，已不符合。"
    ]


def test_the_year_before_gave_a_label_and_this_one_does_not():
    found = contradictions(indicators((B, 2024, 21_000), (B, 2025, 41_000)))
    assert found["kind"].tolist() == ["dropped"]
    assert found["text"].tolist() == ["2024 年为经济薄弱村（21,000 元），2025 年 41,000 元，不再列入。"]
    assert said(indicators((B, 2023, 21_000), (B, 2024, 41_000), (B, 2025, 41_000))) == []
    assert said(indicators((B, 2023, 21_000), (B, 2025, 41_000))) == [[B, "poor", "dropped"]]


def test_every_year_by_its_own_rules():
    def rules(year):
        return year_rules(year, [DatedValue("poor_income_own_yuan", 50_000, date(2026, 6, 1))])

    # 41,000 is poor by the rule of 2026.
    assert said(indicators((B, 2025, 21_000), (B, 2026, 41_000)), rules=rules) == []
    assert said(indicators((B, 2024, 21_000), (B, 2025, 41_000)), rules=rules) == [[B, "poor", "dropped"]]


def test_a_missing_figure_contradicts_nothing():
    assert said(indicators((B, 2025, 21_000), (B, 2026, None))) == []
    assert said(indicators((B, 2024, 41_000), (B, 2025, None))) == []
    assert said(indicators((B, 2025, 41_000)), first=indicators((B, 2025, None))) == []


def test_nobody_leaves_the_list_unseen_by_telling_nothing():
    found = contradictions(indicators((B, 2024, 21_000), (B, 2025, None)))
    assert found[["label", "kind"]].to_numpy().tolist() == [["poor", "unreported"]]
    assert found["text"].tolist() == ["2024 年为经济薄弱村（21,000 元），2025 年未填收入，无法判断。"]


def test_a_correction_that_gives_or_takes_a_label():
    taken = contradictions(indicators((B, 2025, 41_000)), first=indicators((B, 2025, 21_000)))
    assert taken[["label", "kind"]].to_numpy().tolist() == [["poor", "corrected"]]
    assert taken["text"].tolist() == ["2025 年原填 21,000 元，为经济薄弱村；更正为 41,000 元，不再列入。"]
    given = contradictions(indicators((B, 2025, 21_000)), first=indicators((B, 2025, 41_000)))
    assert given["text"].tolist() == ["2025 年原填 41,000 元，不是经济薄弱村；更正为 21,000 元后列入。"]
    assert said(indicators((B, 2025, 22_000)), first=indicators((B, 2025, 21_000))) == []
    # Corrections of other years say nothing about today's labels.
    assert said(indicators((B, 2025, 21_000)), first=indicators((B, 2024, 41_000))) == []


def test_a_designation_of_which_no_reason_is_left():
    decided = designations((A, "weak", date(2026, 3, 1), None), (B, "weak", date(2026, 3, 1), None))
    rows = [
        {"village_code": A, "year": 2025, "new_members_3y": 2},
        {"village_code": B, "year": 2025, "new_members_3y": 0},
    ]
    figures = layer("indicators", rows)
    found = contradictions(figures, decided=decided)
    assert found[CONTRADICTION_COLUMNS[:3]].to_numpy().tolist() == [[A, "weak", "cleared"]]
    assert "2025" in found["text"].iloc[0]
    # Over by the day, or nothing on record: nothing to say.
    assert said(figures, decided=decided, as_of=date(2026, 2, 28)) == []
    assert said(indicators((A, 2025, 50_000)), decided=decided) == []


def test_what_is_only_suspected_is_no_contradiction():
    rows = [{"village_code": A, "year": 2025, "new_members_3y": 0}]
    assert said(layer("indicators", rows)) == []


def test_several_at_once_are_told_by_village():
    figures = indicators((A, 2024, 0), (A, 2025, 100), (B, 2025, 0), (B, 2026, 50_000))
    assert said(figures) == [
        [A, "hollow", "dropped"],
        [B, "poor", "later"],
        [B, "hollow", "later"],
    ]
