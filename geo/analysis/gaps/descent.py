"""Since when cells have been in a state that may go back to the cells they came from.

Whoever splits, merges, redraws or replaces a cell that nobody answers for must not make its gap young.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.since import Test, state_since
from geo.analysis.periods import is_missing
from geo.frames import is_among

NOWHERE = ""
"""Parent of a cell in a row of the lineage that only says when the cell was first there."""

Eve = tuple[str, date]
"""A cell, and a day before which it is looked at."""


def lasting_since(
    evidence: Evidence, records: pd.DataFrame, codes: Sequence[str], test: Test
) -> list[date | None]:
    """The first day of a state that each of some cells is in on the evidence's day.

    A run of days that begins with the cell itself goes back to those cells it came from on that day that
    were in the state until then, and through these to those before; it begins where the first of them began.

    Parameters
    ----------
    records : DataFrame
        Responsibilities that count, of every period, as for `state_since`; of ended cells too.
    codes : sequence of str
        The cells, without repetition.
    test : callable
        The state, as for `state_since`.

    Returns
    -------
    list of (date or None)
        In the order of ``codes``. None when it has been so as far back as anybody knows.
    """
    as_of = evidence.as_of
    origins = _origins(evidence.cells, evidence.lineage, as_of)
    found = state_since(records, codes, as_of, test)
    eves = _Eves(origins, *_on_eves(records, _eves_of(origins, codes), as_of, test))
    return [eves.run(code, day) for code, day in zip(codes, found, strict=True)]


def ancestors(lineage: pd.DataFrame, codes: Collection[str]) -> set[str]:
    """The cells that these came from, through all generations."""
    return _reached(lineage, codes, "child_code", "parent_code") - {NOWHERE}


def descendants(lineage: pd.DataFrame, codes: Collection[str]) -> set[str]:
    """The cells that came from these, through all generations."""
    return _reached(lineage, codes, "parent_code", "child_code")


def _reached(lineage: pd.DataFrame, codes: Collection[str], here: str, there: str) -> set[str]:
    found: set[str] = set()
    frontier = {*codes}
    while len(lineage) and frontier:
        at = is_among(lineage[here], frontier).to_numpy()
        frontier = set(lineage[there].to_numpy(dtype=object)[at]) - found
        found |= frontier
    return found


@dataclass(frozen=True)
class _Origin:
    """When a cell was first there (None: nobody knows), and the cells it came from on that day."""

    day: date | None = None
    parents: tuple[str, ...] = ()


def _origins(cells: pd.DataFrame, lineage: pd.DataFrame, as_of: date) -> dict[str, _Origin]:
    days: dict[str, list[date | None]] = {}
    for code, day in zip(cells["code"], cells["valid_from"], strict=True):
        if not is_missing(day):
            days[code] = [day]
    rows = [row for row in _rows(lineage) if row[2] is None or row[2] <= as_of]
    for _parent, child, day in rows:
        days.setdefault(child, []).append(day)
    first = {code: _earliest(some, unknown=True) for code, some in days.items()}
    parents: dict[str, list[str]] = {}
    for parent, child, day in rows:
        if parent != NOWHERE and day == first[child]:
            parents.setdefault(child, []).append(parent)
    return {code: _Origin(day, tuple(parents.get(code, ()))) for code, day in first.items()}


def _rows(lineage: pd.DataFrame) -> Iterator[tuple[str, str, date | None]]:
    columns = (lineage[name] for name in ("parent_code", "child_code", "happened_on"))
    for parent, child, day in zip(*columns, strict=True):
        yield parent, child, None if is_missing(day) else day


def _earliest(days: Sequence[date | None], *, unknown: bool) -> date | None:
    """The earliest day; with ``unknown`` None as soon as one is not known, else only when none is."""
    known = [day for day in days if day is not None]
    return None if not known or (unknown and len(known) < len(days)) else min(known)


def _eves_of(origins: Mapping[str, _Origin], codes: Collection[str]) -> list[Eve]:
    """The eve of every event from which one of these cells comes, with each cell that it was made of."""
    found: dict[Eve, None] = {}
    frontier, seen = [*codes], set(codes)
    while frontier:
        origin = origins.get(frontier.pop(), _Origin())
        if origin.day is not None:
            found |= dict.fromkeys((parent, origin.day) for parent in origin.parents)
        fresh = {*origin.parents} - seen
        seen |= fresh
        frontier += fresh
    return list(found)


def _on_eves(
    records: pd.DataFrame, eves: list[Eve], as_of: date, test: Test
) -> tuple[dict[Eve, bool], dict[Eve, date | None]]:
    """Whether the records put each cell in the state on its eve, and since when they did."""
    if not eves:
        return {}, {}
    asked = records[is_among(records["target_code"], {code for code, _day in eves}).to_numpy()]
    of_cell = dict(list(asked.groupby("target_code")))
    names = [f"{code} {day}" for code, day in eves]
    each = zip(names, eves, strict=True)
    parts = [_until(of_cell[code], name, day) for name, (code, day) in each if code in of_cell]
    then = pd.concat([_until(asked.iloc[:0], "", as_of), *parts], ignore_index=True)
    going_on = then[then["valid_to"].isna()].groupby("eve")["holder_code"].nunique()
    holds = test(going_on.reindex(names, fill_value=0).to_numpy(np.int64))
    since = state_since(then, names, as_of, test, subject="eve")
    return dict(zip(eves, holds.tolist(), strict=True)), dict(zip(eves, since, strict=True))


def _until(records: pd.DataFrame, eve: str, day: date) -> pd.DataFrame:
    """Records as they were before a day: what ends on it or later goes on."""
    begun = records[np.array([start < day for start in records["valid_from"]], dtype=bool)]
    ends = [None if is_missing(end) or end >= day else end for end in begun["valid_to"]]
    columns: dict[str, Any] = {"eve": eve, "valid_to": pd.Series(ends, index=begun.index, dtype=object)}
    return begun[["holder_code", "valid_from"]].assign(**columns)


@dataclass(frozen=True)
class _Eves:
    """Cells before the events that ended them: ``holds`` and ``since`` as the records have it."""

    origins: Mapping[str, _Origin]
    holds: Mapping[Eve, bool]
    since: Mapping[Eve, date | None]
    _known: dict[Eve, tuple[bool, date | None]] = field(default_factory=dict)

    def run(self, code: str, day: date | None) -> date | None:
        """The first day of a cell's run of days in the state, given that of the records."""
        origin = self.origins.get(code, _Origin())
        if day is not None and (origin.day is None or day > origin.day):
            return day
        is_inherited, first = self._of_parents(origin)
        return first if is_inherited else day or origin.day

    def _of_parents(self, origin: _Origin) -> tuple[bool, date | None]:
        """Whether one of the cells that it came from was in the state until then, and the earliest since."""
        if origin.day is None:
            return False, None
        answers = [self._on_eve(parent, origin.day) for parent in origin.parents]
        days = [first for held, first in answers if held]
        return bool(days), _earliest(days, unknown=False)

    def _on_eve(self, code: str, day: date) -> tuple[bool, date | None]:
        eve, origin = (code, day), self.origins.get(code, _Origin())
        if eve not in self._known:
            self._known[eve] = False, None  # whoever descends from itself inherits nothing
            if origin.day is not None and origin.day >= day:  # made and ended on one day: it passes on
                self._known[eve] = self._of_parents(origin)
            elif self.holds[eve]:
                self._known[eve] = True, self.run(code, self.since[eve])
        return self._known[eve]
