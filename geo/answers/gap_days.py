"""Gaps over time: what opened, closed and stayed between two days, and how many there were day by day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.gaps.compare import CLOSED, OPENED, STAYED, compared
from geo.analysis.gaps.difference import turning_days as turning_of_records
from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import Evidence
from geo.answers.coverage import coverage
from geo.answers.gap_book import Progress, State, gaps_on, state_on
from geo.answers.gap_rows import gap_documents, gaps_in, lying_in, named_gaps, seen_gaps
from geo.answers.refresh import LAYERS_READ, brought_forward
from geo.answers.scope import readable
from geo.errors import InputError
from geo.i18n import _
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store
from geo.store.periods import turning_days
from geo.store.versions import layer_versions

SERIES_COLUMNS = ["day", "kind", "count"]


def gap_changes(
    store: Store,
    actor: Actor,
    day1: date,
    day2: date,
    *,
    known_at: datetime | None = None,
    within: str = "",
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """What became of the gaps between two days, as far as an account may see.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        The columns of `geo.answers.gaps.gap_table` and ``state``: ``opened`` and ``stayed`` as they are on
        ``day2``, ``closed`` as they were on ``day1``. Who may not see single households gets, for each cell,
        one row for those that opened, one for those that closed and one for those that stayed.

    Raises
    ------
    PermissionError_
        ``within`` lies outside the actor's scope.
    """
    territory = readable(actor, within)
    before = gaps_on(store, as_of=day1, known_at=known_at, progress=progress)
    after = gaps_on(store, as_of=day2, known_at=known_at, progress=progress)
    both = compared(before.gaps, after.gaps)
    parts = []
    with store.read() as session:
        for state, day in ((OPENED, after), (CLOSED, before), (STAYED, after)):
            chosen = both[(both["state"] == state).to_numpy()].drop(columns="state")
            seen = seen_gaps(replace(day, gaps=chosen), actor, territory, ())
            parts.append(named_gaps(session, seen, day.evidence).assign(state=state))
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True)


def gap_diff(
    store: Store,
    actor: Actor,
    day1: date,
    day2: date,
    *,
    known_at: datetime | None = None,
    within: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The document of ``minqing diff``; parameters and errors as of `gap_changes`.

    Returns
    -------
    dict
        ``from, to, known_at, within``; ``opened`` and ``closed``, gaps as `geo.answers.gaps.gaps` gives them;
        ``stayed``, a number (households of a cell count one by one); ``ratios``, each ``name, before, after,
        change`` (None over nothing).
    """
    changes = gap_changes(store, actor, day1, day2, known_at=known_at, within=within, progress=progress)
    listed = {
        state: gap_documents(changes[(changes["state"] == state).to_numpy()].drop(columns="state"))
        for state in (OPENED, CLOSED)
    }
    return {
        "from": day1.isoformat(),
        "to": day2.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "within": within,
        **listed,
        "stayed": int(gaps_in(changes[(changes["state"] == STAYED).to_numpy()]).sum()),
        "ratios": ratio_changes(store, actor, day1, day2, known_at=known_at, within=within),
    }


def ratio_changes(
    store: Store,
    actor: Actor,
    day1: date,
    day2: date,
    *,
    known_at: datetime | None = None,
    within: str = "",
) -> list[dict[str, Any]]:
    """Each coverage ratio on two days: ``name, before, after, change``; None where there is no ratio."""
    asked: dict[str, Any] = {"known_at": known_at, "within": within}
    then, now = (coverage(store, actor, as_of=day, **asked)["ratios"] for day in (day1, day2))
    return [
        {"name": old["name"], "before": old["ratio"], "after": new["ratio"], "change": _change(old, new)}
        for old, new in zip(then, now, strict=True)
    ]


def _change(old: dict[str, Any], new: dict[str, Any]) -> float | None:
    if old["ratio"] is None or new["ratio"] is None:
        return None
    return float(new["ratio"] - old["ratio"])


def gap_series(
    store: Store,
    actor: Actor,
    *,
    start: date,
    end: date,
    within: str = "",
    known_at: datetime | None = None,
    step_days: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """How many gaps there were, day by day: exactly what `gap_table` would count on each of the days.

    Only on days on which something begins or ends is anything looked at, and only what it touches.

    Parameters
    ----------
    start, end : date
        First and last day, both included.
    step_days : int
        Every how many days a number is wanted.
    progress : callable or None
        Gets the share that is done (0–1) and what is being done, in words.

    Returns
    -------
    DataFrame ``day, kind, count``
        Every day with every kind, in the order of `gap_kinds`; single households are counted one by one.

    Raises
    ------
    InputError
        The end lies before the start, or the step is no day.
    PermissionError_
        ``within`` lies outside the actor's scope.
    """
    if end < start or step_days < 1:
        raise InputError(_("结束日期须不早于开始日期，间隔至少为一天。"))
    territory = tuple(readable(actor, within))
    days = [start + timedelta(days=at) for at in range(0, (end - start).days + 1, step_days)]
    first = state_on(store, as_of=start, known_at=known_at, progress=progress)
    rows: list[tuple[date, str, int]] = []
    with store.read() as session:
        walk = _Walk(session, first, end)
        for at, day in enumerate(days):
            counts = walk.counts_on(day, territory)
            rows.extend((day, kind, counts.get(kind, 0)) for kind in gap_kinds())
            if progress:
                progress((at + 1) / len(days), _("统计 {day} 的缺口…").format(day=day.isoformat()))
    return pd.DataFrame(rows, columns=SERIES_COLUMNS)


class _Walk:
    """Goes from day to day within one state of the data."""

    def __init__(self, session: Session, first: State, end: date) -> None:
        self._session = session
        self._versions = layer_versions(session, LAYERS_READ)
        self._reading, self._found, self._rules = first.reading, first.found, first.answer.rules
        self._counts: dict[str, int] | None = None
        start = first.reading.evidence.as_of
        if first.reading.versions != self._versions:  # somebody wrote in between
            self._move(start, self._rules)
        self._turning = sorted(_turning(session, self._reading.evidence, start, end))

    def counts_on(self, day: date, territory: tuple[str, ...]) -> dict[str, int]:
        """How many gaps of each kind lie in the territory."""
        rules = rules_on(self._session, day, known_at=self._reading.known_at)
        last = self._reading.evidence.as_of
        turned = bisect_right(self._turning, last) != bisect_right(self._turning, day)
        if turned or rules.thresholds != self._rules.thresholds:
            self._move(day, rules)
        if self._counts is None:
            seen = self._found if "" in territory else self._found[lying_in(self._found, territory)]
            self._counts = {str(kind): int(number) for kind, number in seen["kind"].value_counts().items()}
        return self._counts

    def _move(self, day: date, rules: Rules) -> None:
        before = self._reading.evidence
        self._reading = brought_forward(self._session, self._reading, self._versions, as_of=day)
        after = self._reading.evidence
        if rules.thresholds == self._rules.thresholds:
            self._found = updated_gaps(self._found, before, after, rules)
        else:
            self._found = find_gaps(after, rules)
        self._rules, self._counts = rules, None


def _turning(session: Session, evidence: Evidence, start: date, end: date) -> Iterator[date]:
    """Days up to ``end`` on which something can be otherwise than on the day before."""
    for days in turning_days(session).values():
        yield from (day for day in days if start < day <= end)
    yield from turning_of_records(evidence.records, start, end)
    # A new year makes another year's figures the latest completed ones.
    yield from (date(year, 1, 1) for year in range(start.year + 1, end.year + 1))
