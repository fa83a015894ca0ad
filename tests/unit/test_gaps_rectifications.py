"""Rectifications that are past their limit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from geopandas.testing import assert_geodataframe_equal

from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import CASE_COLUMNS
from geo.analysis.gaps.rectifications import rectification_overdue
from geo.answers.gap_days import gap_series
from geo.answers.gaps import gap_table
from geo.rules import load_rules
from tests.analysis_frames import TOWNSHIP, A, B, villages
from tests.answers_store import COORDINATOR, DEPARTMENT
from tests.evidence import AS_OF, tiny_evidence
from tests.rectifying import LISTED, county, listed, step

RULES = load_rules(AS_OF)
DUE = AS_OF - timedelta(days=5)
SINCE = DUE - timedelta(days=100)


def case(code="Z1", kind="village", subject=A, village=A, state="working", due=DUE):
    return code, kind, subject, village, state, SINCE, due


def overdue(*cases, **more):
    return rectification_overdue(tiny_evidence(cases=cases, **more), RULES)


def test_an_overdue_case_says_what_where_since_when_and_who():
    gap = overdue(case()).iloc[0]
    assert (gap["kind"], gap["target_kind"], gap["target_code"], gap["aspect"]) == (
        "rectification_overdue",
        "village",
        A,
        "Z1",
    )
    assert (gap["village_code"], gap["township_code"]) == (A, TOWNSHIP)
    assert (gap["value"], gap["threshold"], gap["unit"], gap["source"]) == (5, 0, "days", "S3, S4")
    assert (gap["needs"], gap["who_kind"], gap["who_code"]) == ("", "coordinator", TOWNSHIP)
    assert gap["since"] == DUE + timedelta(days=1)
    assert gap["why"] == (
        f"村 {A}（甲村）的整改（Z1）应于 2026-04-26 前销号，已逾期 5 天；自 2026-04-27 起。"
    )
    assert gap.geometry.equals(villages().geometry[0])


@pytest.mark.parametrize(("days", "is_gap"), [(-1, True), (0, False), (1, False)])
def test_the_day_of_the_limit_is_still_in_time(days, is_gap):
    assert len(overdue(case(due=AS_OF + timedelta(days=days)))) == is_gap


@pytest.mark.parametrize(
    ("state", "is_gap"),
    [
        ("listed", True),
        ("planned", True),
        ("working", True),
        ("requested", True),
        ("reviewed", True),
        ("checked", True),
        ("closed", False),
        ("withdrawn", False),
    ],
)
def test_only_what_is_open_can_be_overdue(state, is_gap):
    assert len(overdue(case(state=state))) == is_gap


def test_a_branch_of_a_village_lies_there():
    gap = overdue(case(kind="branch", subject="b1")).iloc[0]
    assert (gap["target_kind"], gap["target_code"], gap["village_code"]) == ("branch", "b1", A)
    assert gap["why"].startswith("党支部 b1")
    assert gap.geometry.equals(villages().geometry[0])


def test_a_branch_without_a_village_lies_nowhere_and_is_the_departments():
    gap = overdue(case(kind="branch", subject="机关一", village=None)).iloc[0]
    assert (gap["village_code"], gap["township_code"], gap.geometry) == (None, None, None)
    assert (gap["who_kind"], gap["who_code"]) == ("department", "")
    assert gap["why"].startswith("党支部 机关一 的整改")


def test_two_cases_of_one_subject_are_two_gaps_and_none_give_none():
    assert overdue(case("Z1"), case("Z2"), case("Z3", subject=B, village=B))["aspect"].tolist() == [
        "Z1",
        "Z2",
        "Z3",
    ]
    assert overdue().empty


def test_another_day_tells_other_numbers():
    before = tiny_evidence(cases=(case(), case("Z2", subject=B, village=B, due=AS_OF + timedelta(days=3))))
    found = find_gaps(before, RULES)
    for days in (-6, -3, 2, 4, 30):
        after = tiny_evidence(
            cases=(case(), case("Z2", subject=B, village=B, due=AS_OF + timedelta(days=3))),
            as_of=AS_OF + timedelta(days=days),
        )
        assert_geodataframe_equal(updated_gaps(found, before, after, RULES), find_gaps(after, RULES))
        late = find_gaps(after, RULES, kinds=["rectification_overdue"])
        assert late["value"].tolist() == [late_by for late_by in (5 + days, days - 3) if late_by > 0]


def test_texts_may_lie_in_arrow():
    evidence = tiny_evidence(cases=(case(),))
    texts = evidence.rectifications.astype(dict.fromkeys(CASE_COLUMNS[:5], "str"))
    stored = tiny_evidence(rectifications=texts)
    assert rectification_overdue(stored, RULES)["value"].tolist() == [5]


def _overdue_on(store, day):
    table = gap_table(store, DEPARTMENT, as_of=day, kinds=["rectification_overdue"])
    return sorted(table["target_code"])


def test_the_store_tells_them_and_steps_are_noticed(store):
    county(store)
    limit = LISTED + timedelta(days=30)
    code = listed(store, due_on=limit)
    listed(store, subject_kind="branch", subject_code="br-o", due_on=limit + timedelta(days=5))
    after = limit + timedelta(days=10)
    assert _overdue_on(store, limit) == []
    assert _overdue_on(store, after) == sorted([A, "br-o"])
    step(store, DEPARTMENT, code, "extend", on=limit, due_on=after, document_no="7号")
    assert _overdue_on(store, after) == ["br-o"]
    assert _overdue_on(store, after + timedelta(days=1)) == sorted([A, "br-o"])
    step(store, DEPARTMENT, code, "withdraw", on=after + timedelta(days=2), document_no="8号")
    assert _overdue_on(store, after + timedelta(days=1)) == sorted([A, "br-o"])
    assert _overdue_on(store, after + timedelta(days=2)) == ["br-o"]
    seen = gap_table(store, COORDINATOR, as_of=after, kinds=["rectification_overdue"])
    assert seen.empty  # a branch without a village is the county's matter


def test_their_number_day_by_day_is_what_each_day_counts(store):
    county(store)
    limit = LISTED + timedelta(days=30)
    code = listed(store, due_on=limit)
    step(store, DEPARTMENT, code, "extend", on=limit, due_on=limit + timedelta(days=4), document_no="7号")
    step(store, DEPARTMENT, code, "withdraw", on=limit + timedelta(days=8), document_no="8号")
    start, end = limit - timedelta(days=2), limit + timedelta(days=10)
    series = gap_series(store, DEPARTMENT, start=start, end=end)
    counted = series[series["kind"] == "rectification_overdue"].set_index("day")["count"]
    assert counted.to_dict() == {day: len(_overdue_on(store, day)) for day in counted.index}
    assert counted.tolist() == [0] * 7 + [1] * 3 + [0] * 3
