"""Since when a state has lasted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.gaps.since import state_since
from tests.evidence import record_frame

DAY = date(2026, 5, 1)
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def nobody(count):
    return count == 0


def several(count):
    return count > 1


def since(test, *periods, as_of=DAY, **more):
    """The answer for the thing ``t``, held by (holder, from, to)."""
    records = record_frame(*(("staff", holder, "t", start, end) for holder, start, end in periods))
    return state_since(records, ["t"], as_of, test, **more)[0]


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        pytest.param((), None, id="never held"),
        pytest.param((("a", JAN, MAR),), MAR, id="the day after the last"),
        pytest.param((("a", JAN, FEB), ("b", FEB, MAR)), MAR, id="handed over in one step"),
        pytest.param((("a", JAN, FEB), ("b", MAR, APR)), APR, id="the last interruption counts"),
        pytest.param((("a", JAN, APR), ("a", FEB, MAR)), APR, id="a period within another"),
        pytest.param((("a", JAN, DAY),), DAY, id="ends on the day"),
        pytest.param((("a", JAN, MAR), ("b", DAY + timedelta(1), None)), MAR, id="begins later"),
        pytest.param((("a", JAN, MAR), ("b", APR, APR)), MAR, id="empty period"),
        pytest.param((("a", JAN, MAR), ("b", DAY, APR)), MAR, id="reversed period"),
        pytest.param((("a", APR, APR),), None, id="nothing but an empty period"),
    ],
)
def test_nobody(periods, expected):
    assert since(nobody, *periods) == expected


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        pytest.param((("a", JAN, None), ("b", FEB, None)), FEB, id="when the second came"),
        pytest.param((("a", JAN, MAR), ("a", MAR, None), ("b", FEB, None)), FEB, id="renewed on the day"),
        pytest.param((("a", JAN, MAR), ("a", APR, None), ("b", FEB, None)), APR, id="renewed too late"),
        pytest.param((("a", JAN, APR), ("b", FEB, None), ("c", APR, None)), FEB, id="another takes over"),
        pytest.param((("a", DAY, None), ("b", FEB, None)), DAY, id="begins on the day"),
        pytest.param(
            (("a", JAN, None), ("a", FEB, None), ("b", MAR, None)), MAR, id="one person twice is one"
        ),
    ],
)
def test_several(periods, expected):
    assert since(several, *periods) == expected


def test_not_before_the_things_own_first_day():
    assert since(nobody, not_before=[FEB]) == FEB
    assert since(nobody, ("a", JAN, MAR), not_before=[FEB]) == MAR
    assert since(nobody, ("a", JAN, MAR), not_before=[APR]) == APR
    assert since(nobody, ("a", JAN, MAR), not_before=[None]) == MAR


def test_holders_by_the_weight_of_what_they_hold():
    records = record_frame(
        ("grid_officer", "a", "big", JAN),
        ("grid_officer", "a", "small", FEB),
        ("grid_officer", "a", "new", MAR),
    )
    turned = {"subject": "holder_code", "counted": "target_code"}
    assert state_since(records, ["a"], DAY, lambda count: count > 2, **turned) == [MAR]
    weights = {"big": 300, "small": 101}
    assert state_since(records, ["a"], DAY, lambda count: count > 400, weights=weights, **turned) == [FEB]


def test_each_subject_by_its_own_records():
    records = record_frame(
        ("staff", "a", "s", JAN, FEB), ("staff", "a", "t", JAN, MAR), ("staff", "a", "u", JAN)
    )
    assert state_since(records, ["t", "v", "s"], DAY, nobody) == [MAR, None, FEB]
    assert state_since(records, [], DAY, nobody) == []
    assert state_since(records.iloc[:0], ["t"], DAY, nobody) == [None]


DAYS = st.integers(1, 12)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), DAYS, st.none() | DAYS), max_size=8),
    st.integers(0, 2),
    st.integers(1, 12),
)
def test_agrees_with_counting_day_by_day(periods, limit, today):
    start = date(2026, 1, 1)
    days = [(t, h, start + timedelta(a), b and start + timedelta(b)) for t, h, a, b in periods]
    records = record_frame(*(("staff", holder, target, a, b) for target, holder, a, b in days))

    def holds(target, day):
        count = len({h for t, h, a, b in days if t == target and a <= day and (b is None or b > day)})
        return count <= limit

    as_of = start + timedelta(today)
    subjects = [target for target in "ab" if holds(target, as_of)]
    for target, found in zip(
        subjects, state_since(records, subjects, as_of, lambda count: count <= limit), strict=True
    ):
        run = [as_of]
        while run[-1] > start - timedelta(2) and holds(target, run[-1] - timedelta(1)):
            run.append(run[-1] - timedelta(1))
        assert found == (None if run[-1] < start else run[-1])
