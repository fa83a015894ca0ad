"""Coverage cannot be gamed: ending a responsibility never raises a ratio."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.classify import village_labels
from geo.analysis.coverage import coverage_ratios
from geo.analysis.periods import in_force
from geo.rules import load_rules
from tests.analysis_frames import (
    A1,
    A2,
    B1,
    START,
    A,
    B,
    cells,
    designations,
    held,
    households,
    indicators,
    villages,
)

DAY = date(2026, 5, 1)
TARGETS = {
    "grid_officer": [A1, A2, B1],
    "staff": ["h1", "h2", "h3", "h4"],
    "resident_cadre": [A, B],
    "county_leader": [A, B],
}
one_held = st.sampled_from(sorted(TARGETS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(TARGETS[kind]),
        st.sampled_from(["primary", "assistant"]),
    )
)


def _ratios(responsibilities, as_of):
    figures = indicators((A, 2025, 0), (B, 2025, 10))
    labels = village_labels(villages(), figures, designations(), load_rules(as_of), as_of=as_of)
    current = in_force(responsibilities, as_of)
    frame = coverage_ratios(villages(), cells(), households(), current, labels)
    return frame[frame["ratio"].notna()].set_index("name")["ratio"].astype(float)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=st.lists(one_held, min_size=1, max_size=12), data=st.data())
def test_ending_a_responsibility_never_raises_a_ratio(rows, data):
    responsibilities = held(*rows)
    ended = data.draw(st.integers(0, len(rows) - 1))
    after = responsibilities.copy()
    after.loc[ended, "valid_to"] = data.draw(st.dates(START + timedelta(days=1), DAY + timedelta(days=30)))
    assert (_ratios(after, DAY) <= _ratios(responsibilities, DAY)).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(rows=st.lists(one_held, max_size=12))
def test_every_ratio_lies_between_nothing_and_all(rows):
    ratios = _ratios(held(*rows) if rows else held(), DAY)
    assert ratios.between(0, 1).all()
    assert ratios["land_in_owned_cells"] <= ratios["land_in_cells"]


@given(offset=st.integers(-3, 3))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_the_last_day_is_not_in_force(offset):
    frame = pd.DataFrame({"valid_from": [None], "valid_to": [DAY]}, dtype=object)
    assert len(in_force(frame, DAY + timedelta(days=offset))) == (offset < 0)
