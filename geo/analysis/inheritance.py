"""Responsibilities follow the land when cells change (domain §3).

What those who answer for a retired cell answer for from then on: pure rules over records; nothing is read or
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.periods import is_missing
from geo.vocabulary import Rank, ResponsibilityKind

RECORD_COLUMNS = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to", "reason"]

_OPEN = date.max


@dataclass(frozen=True)
class _Span:
    """One holder's period on one target: half-open, `_OPEN` without an end."""

    kind: str
    holder: str
    rank: str
    start: date
    end: date

    @property
    def leads(self) -> bool:
        return self.rank != str(Rank.ASSISTANT)


@dataclass(frozen=True)
class HandedOn:
    """Records to close, and records to open in their stead (``kind … valid_to, reason``).

    A cut record keeps its reason; what a following cell gets has none yet (the change's is to be put in).
    """

    close: list[int]
    opened: pd.DataFrame


def hand_on(
    records: pd.DataFrame,
    heirs: pd.DataFrame,
    *,
    retired: Iterable[str],
    on: date,
    owners: Mapping[str, str] | None = None,
) -> HandedOn:
    """What becomes of the responsibilities over retired cells.

    Every record in force on the day or later is closed and cut at the day. A following cell gets its leading
    parent's holders with their ranks and ends, later ones included; primary officers of its other parents
    assist it. What one holder holds twice is united, so nobody leads and assists at once.

    Parameters
    ----------
    records : DataFrame with ``id``, ``kind, holder_code, target_code, rank, valid_from, valid_to, reason``
        Records that are not superseded; those over other targets, or over by the day, are left alone.
    heirs : DataFrame ``parent_code, child_code, leads``
        Who hands on to whom; at most one parent of a child leads.
    owners : mapping, optional
        Primary officer chosen for a new cell from the day on. Those who led its leading parent then do not
        follow, unless it has several parents: then they assist.

    Returns
    -------
    HandedOn
    """
    standing = _standing(records, set(retired), on)
    rows = _cut(standing, on)
    owners = owners or {}
    for child in sorted({*heirs["child_code"], *owners}):
        parents = heirs[heirs["child_code"] == child]
        spans = _inherited(standing, parents, on)
        if child in owners:
            spans = _led_by(owners[child], spans, on, demote=len(parents) > 1)
        rows += [_row(span, child) for span in _united(spans)]
    opened = pd.DataFrame(rows, columns=RECORD_COLUMNS, dtype=object)
    return HandedOn([int(one) for one in standing["id"]], opened)


def restored(
    standing: pd.DataFrame, former: pd.DataFrame, *, followers: Mapping[str, str], on: date
) -> HandedOn:
    """Let those who answered for cells before answer for the cells that take their place.

    Parameters
    ----------
    standing : DataFrame
        Records over the cells that end on the day, as for `hand_on`.
    former : DataFrame
        Records that stood over the cells that come back.
    followers : mapping of str to str
        Under which code each of these comes back.
    """
    ending = standing[_ends_after(standing, on)]
    rows = _cut(ending, on)
    for row in former[_ends_after(former, on)].to_dict("records"):
        rows.append(_row(_span(row, on), followers[row["target_code"]]))
    return HandedOn(
        [int(one) for one in ending["id"]], pd.DataFrame(rows, columns=RECORD_COLUMNS, dtype=object)
    )


def contested_targets(records: pd.DataFrame, *, on: date) -> list[str]:
    """Targets that two different people lead in one kind at some instant from the day on."""
    lines: dict[tuple[str, str], list[_Span]] = {}
    for row in records[_ends_after(records, on)].to_dict("records"):
        span = _span(row, on)
        if span.leads:
            lines.setdefault((row["target_code"], span.kind), []).append(span)
    return sorted({target for (target, _kind), spans in lines.items() if _collide(spans)})


def heirs_of(
    lineage: pd.DataFrame,
    weights: Mapping[tuple[str, str], float],
    *,
    led: Iterable[str] | None = None,
    together: bool = False,
) -> pd.DataFrame:
    """Which parent leads each following cell: ``parent_code, child_code, leads``.

    Parameters
    ----------
    weights : mapping of (parent, child) to number
        The parent with most of a child leads it (households or land in common); of equals the lower code.
    led : iterable of str, or None
        Parents that have a primary officer on the day: one of them comes before any that has none. None:
        whether they have one doesn't matter.
    together : bool
        Whether every parent hands on (a merger), or only the leading one. When some of the merged have an
        officer and some don't, nobody leads: a merger puts nobody in charge of land that had no officer,
        so coverage cannot be raised by it. Somebody has to be chosen.
    """
    has_officer: set[str] = set() if led is None else {*led}
    rows = []
    for child, part in lineage.groupby("child_code", sort=True):
        parents = sorted(part["parent_code"])
        order = [
            (parent not in has_officer, -weights.get((parent, str(child)), 0.0), parent) for parent in parents
        ]
        first = min(order)[-1]
        handing = parents if together else [first]
        is_mixed = together and led is not None and 0 < len(has_officer.intersection(parents)) < len(parents)
        rows += [(parent, child, parent == first and not is_mixed) for parent in handing]
    return pd.DataFrame(rows, columns=["parent_code", "child_code", "leads"])


def _standing(records: pd.DataFrame, retired: set[str], on: date) -> pd.DataFrame:
    return records[records["target_code"].isin(retired) & _ends_after(records, on)]


def _cut(records: pd.DataFrame, on: date) -> list[dict[str, object]]:
    """Copies of what has begun by a day, ending there."""
    begun = records[np.fromiter((day < on for day in records["valid_from"]), bool, len(records))]
    return [dict(row, valid_to=on) for row in begun[RECORD_COLUMNS].to_dict("records")]


def _ends_after(records: pd.DataFrame, on: date) -> npt.NDArray[np.bool_]:
    return np.fromiter((is_missing(day) or day > on for day in records["valid_to"]), bool, len(records))


def _inherited(standing: pd.DataFrame, parents: pd.DataFrame, on: date) -> list[_Span]:
    leads = dict(zip(parents["parent_code"], parents["leads"], strict=True))
    rows = standing[standing["target_code"].isin(leads)].to_dict("records")
    spans = [_span(row, on) for row in rows if leads[row["target_code"]]]
    others = [_span(row, on) for row in rows if not leads[row["target_code"]]]
    leading = [span for span in spans if span.leads]
    return spans + [span if _goes_on(span, leading) else _assisting(span) for span in others]


def _goes_on(span: _Span, leading: Iterable[_Span]) -> bool:
    """Whether somebody who leads another parent too leads on, because nobody else does meanwhile."""
    meanwhile = [
        one for one in leading if one.kind == span.kind and one.start < span.end and span.start < one.end
    ]
    return span.leads and bool(meanwhile) and all(one.holder == span.holder for one in meanwhile)


def _span(row: Mapping[Any, Any], on: date) -> _Span:
    end = _OPEN if is_missing(row["valid_to"]) else row["valid_to"]
    return _Span(row["kind"], row["holder_code"], row["rank"], max(row["valid_from"], on), end)


def _assisting(span: _Span) -> _Span:
    return replace(span, rank=str(Rank.ASSISTANT))


def _led_by(holder: str, spans: Sequence[_Span], on: date, *, demote: bool) -> list[_Span]:
    """The same with this primary officer from the day on, until the next one who was planned.

    Somebody who answers for the land already goes on as long as was set.
    """
    kind = str(ResponsibilityKind.GRID_OFFICER)
    leading = [span for span in spans if span.kind == kind and span.leads]
    now = [span for span in leading if span.start <= on]
    planned = [span.start for span in leading if span.start > on and span.holder != holder]
    held = [span.end for span in spans if span.holder == holder and span.kind == kind and span.start <= on]
    chosen = _Span(kind, holder, str(Rank.PRIMARY), on, min([max(held, default=_OPEN), *planned]))
    others = [_assisting(span) for span in now if span.holder != holder] if demote else []
    return [span for span in spans if span not in now] + [*others, chosen]


def _united(spans: Iterable[_Span]) -> list[_Span]:
    """One span where a holder's overlap; assisting gives way to leading."""
    by_holder: dict[tuple[str, str], list[_Span]] = {}
    for span in spans:
        by_holder.setdefault((span.kind, span.holder), []).append(span)
    found = []
    for (kind, holder), own in sorted(by_holder.items()):
        led = _union((span.start, span.end) for span in own if span.leads)
        helped = _union((span.start, span.end) for span in own if not span.leads)
        found += [_Span(kind, holder, str(Rank.PRIMARY), *period) for period in led]
        found += [_Span(kind, holder, str(Rank.ASSISTANT), *period) for period in _without(helped, led)]
    return found


_Period = tuple[date, date]


def _union(periods: Iterable[_Period]) -> list[_Period]:
    found: list[_Period] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(periods: Iterable[_Period], taken: Iterable[_Period]) -> list[_Period]:
    left = list(periods)
    for start, end in taken:
        left = [
            piece
            for low, high in left
            for piece in ((low, min(high, start)), (max(low, end), high))
            if piece[0] < piece[1]
        ]
    return left


def _collide(spans: Iterable[_Span]) -> bool:
    """Whether two different holders' spans overlap."""
    last: dict[str, date] = {}
    for span in sorted(spans, key=lambda one: one.start):
        if any(end > span.start for holder, end in last.items() if holder != span.holder):
            return True
        last[span.holder] = max(span.end, last.get(span.holder, span.end))
    return False


def _row(span: _Span, target: str) -> dict[str, object]:
    end = None if span.end == _OPEN else span.end
    values = (span.kind, span.holder, target, span.rank, span.start, end, None)
    return dict(zip(RECORD_COLUMNS, values, strict=True))
