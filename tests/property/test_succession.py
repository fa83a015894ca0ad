"""Any sequence of assigning, ending and correcting keeps every kind's cardinality and never touches the past."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.succession import RECORD_COLUMNS, after, corrected, succession
from geo.errors import RuleError
from geo.vocabulary import RESPONSIBILITY_RULES, ResponsibilityKind

START = date(2026, 1, 1)
DAYS = [START + timedelta(days=at) for at in range(14)]
KINDS = {"grid_officer": "990101101201001", "town_leader": "990101101", "resident_cadre": "990101101201"}
HOLDERS = ["a", "b", "c", "d"]

day = st.integers(0, 11).map(lambda at: DAYS[at])
period = st.tuples(day, st.one_of(st.none(), st.integers(1, 6))).map(
    lambda drawn: (drawn[0], None if drawn[1] is None else drawn[0] + timedelta(days=drawn[1]))
)
step = st.tuples(
    st.sampled_from(["assign", "assign", "end", "correct", "withdraw"]),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(HOLDERS),
    st.sampled_from(["primary", "assistant"]),
    period,
    st.integers(0, 30),
)
imported = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(HOLDERS),
        st.sampled_from(["primary", "assistant"]),
        period,
    ),
    max_size=4,
)


def _stored(rows):
    named = [
        (at, kind, holder, KINDS[kind], rank, *dates, "")
        for at, (kind, holder, rank, dates) in enumerate(rows)
    ]
    return pd.DataFrame(named, columns=["id", *RECORD_COLUMNS], dtype=object)


def _change(current, what):
    action, kind, holder, rank, (start, end), pick = what
    if action == "assign":
        row = pd.DataFrame(
            [(kind, holder, KINDS[kind], rank, start, end)], columns=RECORD_COLUMNS[:-1], dtype=object
        )
        return succession(current, row), start
    if action == "end":
        columns = ["kind", "target_code", "holder_code", "on"]
        row = pd.DataFrame([(kind, KINDS[kind], None, start)], columns=columns, dtype=object)
        return succession(current, ended=row), start
    if current.empty:
        raise RuleError("nothing to correct")
    record = current.iloc[pick % len(current)]
    changes = {"holder_code": holder, "rank": rank, "valid_from": start, "valid_to": end}
    same = current[current["kind"] == record["kind"]]
    return corrected(same, record["id"], None if action == "withdraw" else changes), None


def _on(frame, kind, when, rank=None):
    rows = frame[frame["kind"] == kind]
    return [
        row.holder_code
        for row in rows.itertuples()
        if row.valid_from <= when
        and (row.valid_to is None or when < row.valid_to)
        and rank in (None, row.rank)
    ]


def _state(frame, when):
    return {kind: sorted(zip(_on(frame, kind, when), strict=True)) for kind in KINDS}


def _excess(frame, kind, when):
    """By how many a kind has more primaries, deputies or doubled holders on a day than it may."""
    rule = RESPONSIBILITY_RULES[ResponsibilityKind(kind)]
    primaries, helpers = _on(frame, kind, when, "primary"), _on(frame, kind, when, "assistant")
    everybody = _on(frame, kind, when)
    return (
        max(0, len(primaries) - rule.at_most) if rule.at_most else 0,
        max(0, len(helpers) - rule.assistants_at_most) if rule.assistants_at_most else 0,
        len(everybody) - len(set(everybody)),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=imported, steps=st.lists(step, min_size=1, max_size=12))
def test_cardinality_never_gets_worse_and_the_past_stays(rows, steps):
    current, fresh = _stored(rows), 100
    for what in steps:
        try:
            change, since = _change(current, what)
        except RuleError:
            continue
        then = after(current, change)
        for when in DAYS:
            for kind in KINDS:
                assert _excess(then, kind, when) <= _excess(current, kind, when), (what, kind, when)
                assert all(
                    now <= was
                    for now, was in zip(_excess(then, kind, when), _excess(current, kind, when), strict=True)
                )
            if since is not None and when < since:
                assert _state(then, when) == _state(current, when)
        assert all(
            row.valid_to is None or row.valid_from < row.valid_to for row in change.opened.itertuples()
        )
        missing = then["id"].isna()
        then.loc[missing, "id"] = range(fresh, fresh + missing.sum())
        fresh += 100
        current = then


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=imported, what=step)
def test_who_was_assigned_holds_it_from_that_day(rows, what):
    current = _stored(rows)
    try:
        change, start = _change(current, ("assign", *what[1:]))
    except RuleError:
        return
    kind, holder, rank = what[1:4]
    assert holder in _on(after(current, change), kind, start, rank)
    if rank == "primary" and RESPONSIBILITY_RULES[ResponsibilityKind(kind)].at_most == 1:
        assert _on(after(current, change), kind, start, "primary") == [holder]
