"""Since when a state of responsibility has lasted: for who holds nothing, too few, too many, too much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.periods import is_missing

Ints = npt.NDArray[np.int64]
Test = Callable[[Ints], npt.NDArray[np.bool_]]
"""Whether the state holds, for an array of counts."""

_NEVER = np.iinfo(np.int64).max


def state_since(
    records: pd.DataFrame,
    subjects: Sequence[str],
    as_of: date,
    test: Test,
    *,
    subject: str = "target_code",
    counted: str = "holder_code",
    weights: Mapping[str, int] | None = None,
    not_before: Sequence[date | None] | None = None,
) -> list[date | None]:
    """The first day of the uninterrupted run of days, up to ``as_of``, on which a state holds.

    The state is a test of how many different holders a subject has on a day. A period holds its first day and
    not its last; one that ends before it begins counts for nothing, and where one begins on the day on which
    another ends nothing is interrupted.

    Parameters
    ----------
    records : DataFrame
        Responsibilities of every period: ``subject``, ``counted``, ``valid_from``, ``valid_to``. Those of
        other subjects, and those that begin after ``as_of``, are passed over.
    subjects : sequence of str
        What is asked for, without repetition; the state holds of each on ``as_of``.
    test : callable
        Gets the counts as an array.
    subject, counted : str
        Columns: whose state it is, and what is counted. To ask for holders, turn them round.
    weights : mapping, optional
        How much each thing counted counts for; 0 when absent. 1 each by default.
    not_before : sequence of (date or None), optional
        For each subject a day before which the state cannot have been: its own first day.

    Returns
    -------
    list of (date or None)
        In the order of ``subjects``. None when the state has held as far back as the records go.
    """
    if not len(subjects):
        return []
    subjects_at = pd.Index(np.asarray(subjects, dtype=object))
    runs = _runs(records, subjects_at, as_of, subject, counted)
    weight = np.ones(len(runs.what), np.int64)
    if weights is not None:
        weight = np.fromiter((weights.get(code, 0) for code in runs.what), np.int64, len(runs.what))
    place, day, count = _counts(runs, weight, as_of.toordinal())
    found = _begin(place, day, test(count), len(subjects_at), bool(test(np.zeros(1, np.int64))[0]))
    return _later(found, not_before)


@dataclass(frozen=True)
class _Runs:
    """Uninterrupted periods of one thing counted at one subject, days as ordinal numbers."""

    place: Ints
    what: npt.NDArray[np.object_]
    start: Ints
    end: Ints


def _runs(records: pd.DataFrame, subjects: pd.Index, as_of: date, subject: str, counted: str) -> _Runs:
    place = subjects.get_indexer(records[subject].astype(object))
    asked = records[place >= 0]
    place = place[place >= 0]
    start, end = _ordinals(asked["valid_from"], 0), _ordinals(asked["valid_to"], _NEVER)
    what, things = pd.factorize(asked[counted].astype(object))
    counts = (start <= as_of.toordinal()) & (end > start)
    place, what, start, end = place[counts], what[counts], start[counts], end[counts]
    order = np.lexsort((start, what, place))
    place, what, start, end = place[order], what[order], start[order], end[order]
    pair = place * (len(things) + 1) + what
    latest = pd.Series(end).groupby(pair).cummax().to_numpy()
    begins = np.ones(len(start), bool)
    begins[1:] = (pair[1:] != pair[:-1]) | (start[1:] > latest[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(start))[: len(first)] - 1
    return _Runs(place[first], np.asarray(things, dtype=object)[what[first]], start[first], latest[last])


def _ordinals(days: pd.Series, missing: int) -> Ints:
    return np.fromiter((missing if is_missing(day) else day.toordinal() for day in days), np.int64, len(days))


def _counts(runs: _Runs, weight: Ints, today: int) -> tuple[Ints, Ints, Ints]:
    """After each day on which something began or ended: the subject's place, the day, and the count then."""
    over = runs.end <= today
    changes = pd.DataFrame(
        {
            "place": np.concatenate([runs.place, runs.place[over]]),
            "day": np.concatenate([runs.start, runs.end[over]]),
            "change": np.concatenate([weight, -weight[over]]),
        }
    )
    # Whoever takes over on the day on which another ends does so in one step.
    steps = changes.groupby(["place", "day"], as_index=False)["change"].sum()
    count = steps.groupby("place")["change"].cumsum()
    return steps["place"].to_numpy(), steps["day"].to_numpy(), count.to_numpy(np.int64)


def _begin(place: Ints, day: Ints, holds: npt.NDArray[np.bool_], size: int, of_none: bool) -> Ints:
    """The day after whose step the state has held ever since, for each place; 0 for always."""
    at = np.arange(len(place))
    first, broken = np.full(size, -1), np.full(size, -1)
    first[place[::-1]] = at[::-1]  # of several values for one place numpy keeps the last
    broken[place[~holds]] = at[~holds]
    begin = np.where(broken >= 0, broken + 1, np.full(size, -1) if of_none else first)
    # A state that was broken by the very last step does not hold: nothing follows to begin with.
    within = (begin >= 0) & (begin < len(place))
    within[within] = place[begin[within]] == np.flatnonzero(within)
    return np.where(within, day[np.where(within, begin, 0)], 0) if len(day) else np.zeros(size, np.int64)


def _later(found: Ints, not_before: Sequence[date | None] | None) -> list[date | None]:
    if not_before is not None:
        found = np.maximum(found, _ordinals(pd.Series(list(not_before), dtype=object), 0))
    return [date.fromordinal(int(day)) if day else None for day in found]
