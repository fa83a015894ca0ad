"""Any sequence of assigning, ending and correcting keeps each kind's cardinality and the past as it was."""

import itertools
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
HOLDERS, RANKS = ["a", "b", "c", "d"], ["primary", "assistant"]

day = st.integers(0, 11).map(lambda at: DAYS[at])
period = st.tuples(day, st.one_of(st.none(), st.integers(1, 6))).map(
    lambda drawn: (drawn[0], None if drawn[1] is None else drawn[0] + timedelta(days=drawn[1]))
)
imported = st.lists(
    st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(HOLDERS), st.sampled_from(RANKS), period),
    max_size=4,
)
step = st.tuples(
    st.sampled_from(["assign", "assign", "end", "correct", "withdraw"]),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(HOLDERS),
    st.sampled_from(RANKS),
    period,
    st.integers(0, 30),
)


def _frame(columns, rows):
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _stored(rows):
    numbered = enumerate(rows)
    return _frame(
        ["id", *RECORD_COLUMNS],
        [(at, kind, holder, KINDS[kind], rank, *dates, "") for at, (kind, holder, rank, dates) in numbered],
    )


def _change(current, what):
    """What a step does, and from which day on (None: it may be any)."""
    action, kind, holder, rank, (start, end), pick = what
    if action == "assign":
        row = (kind, holder, KINDS[kind], rank, start, end)
        return succession(current, _frame(RECORD_COLUMNS[:-1], [row])), start
    if action == "end":
        ended = _frame(["kind", "target_code", "holder_code", "on"], [(kind, KINDS[kind], None, start)])
        return succession(current, ended=ended), start
    if current.empty:
        raise RuleError("nothing to correct")
    record = current.iloc[pick % len(current)]
    changes = {"holder_code": holder, "rank": rank, "valid_from": start, "valid_to": end}
    same = current[current["kind"] == record["kind"]]
    return corrected(same, record["id"], None if action == "withdraw" else changes), None


def _plain(frame):
    columns = ["kind", "holder_code", "rank", "valid_from", "valid_to"]
    return list(zip(*(frame[name].tolist() for name in columns), strict=True))


def _on(rows, kind, when, rank=None):
    return sorted(
        holder
        for of, holder, as_rank, start, end in rows
        if of == kind and rank in (None, as_rank) and start <= when and (end is None or when < end)
    )


def _excess(rows, kind, when):
    """By how many a kind has more primaries, deputies or doubled holders on a day than it may."""
    rule = RESPONSIBILITY_RULES[ResponsibilityKind(kind)]
    primaries, helpers = _on(rows, kind, when, "primary"), _on(rows, kind, when, "assistant")
    everybody = _on(rows, kind, when)
    return (
        max(0, len(primaries) - rule.at_most) if rule.at_most else 0,
        max(0, len(helpers) - rule.assistants_at_most) if rule.assistants_at_most else 0,
        len(everybody) - len(set(everybody)),
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=imported, steps=st.lists(step, min_size=1, max_size=8))
def test_cardinality_never_gets_worse_and_the_past_stays(rows, steps):
    current, fresh = _stored(rows), itertools.count(100)
    for what in steps:
        try:
            change, since = _change(current, what)
        except RuleError:
            continue
        then = after(current, change)
        old, new = _plain(current), _plain(then)
        for when, kind in itertools.product(DAYS, KINDS):
            worse = zip(_excess(new, kind, when), _excess(old, kind, when), strict=True)
            assert all(now <= was for now, was in worse), (what, kind, when)
            if since is not None and when < since:
                assert _on(new, kind, when) == _on(old, kind, when)
        assert all(end is None or start < end for *_rest, start, end in new)
        current = then.assign(id=[next(fresh) if id_ is None else id_ for id_ in then["id"]])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=imported, what=step)
def test_who_was_assigned_holds_it_from_that_day(rows, what):
    current = _stored(rows)
    try:
        change, start = _change(current, ("assign", *what[1:]))
    except RuleError:
        return
    kind, holder, rank = what[1:4]
    then = _plain(after(current, change))
    assert holder in _on(then, kind, start, rank)
    if rank == "primary" and RESPONSIBILITY_RULES[ResponsibilityKind(kind)].at_most == 1:
        assert _on(then, kind, start, "primary") == [holder]
