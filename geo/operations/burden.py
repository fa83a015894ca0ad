"""What a change means for those who carry it and for what is left without anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.periods import is_missing
from geo.analysis.succession import Succession, after
from geo.analysis.workload import LOAD_KINDS, Held, LoadChange, loads_of, newly_overloaded
from geo.i18n import N_, _
from geo.rules import Rules
from geo.store.aggregates import households_in_cells
from geo.store.subjects import cells_of_households, records_in_force
from geo.vocabulary import Rank, ResponsibilityKind

_SHOWN = 5
_OFFICER, _STAFF = str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.STAFF)
_ASSISTANT = str(Rank.ASSISTANT)
_LEFT_ALONE = {
    _OFFICER: N_("自 {day} 起，{count} 个网格没有主责网格员：{codes}。"),
    _STAFF: N_("自 {day} 起，{count} 户没有结对干部：{codes}。"),
}


def burden_consequences(
    current: pd.DataFrame,
    change: Succession,
    loads: LoadChange,
    names: Mapping[str, str],
    *,
    on: date,
    rules: Rules,
) -> tuple[str, ...]:
    """What must be confirmed: who would carry too much, what would be left without anybody.

    Parameters
    ----------
    current : DataFrame
        Records that stand over what the change is about.
    loads : LoadChange
        Of all holders concerned, on the day.
    names : mapping
        Of the holders, by code.
    """
    heavy = loads.after[newly_overloaded(loads, rules)]
    said = [
        _("{name}将负责 {cells} 个网格（{households} 户）、结对 {paired} 户，超过上限。").format(
            name=names.get(str(code), str(code)), **{name: int(load[name]) for name in heavy.columns}
        )
        for code, load in heavy.iterrows()
    ]
    return (*said, *_left_alone(current, after(current, change), _days(change, on)))


def loads_around(
    session: Session,
    closed: pd.DataFrame,
    opened: pd.DataFrame,
    *,
    on: date,
    moves: pd.DataFrame | None = None,
) -> LoadChange:
    """What the holders concerned carry on a day without a change and with it.

    Parameters
    ----------
    closed, opened : DataFrame
        Records that the change supersedes (with ``id``) and makes.
    moves : DataFrame ``household_code, cell_code`` or None
        Households that change their cell with it.
    """
    holders = {*closed["holder_code"], *opened["holder_code"]}
    records = records_in_force(session, kinds=LOAD_KINDS, holders=holders, on=on)
    before, then = list(records.values()), _without(records, closed["id"]) + _bearing(opened, on)
    cells = {target for kind, _holder, target, _rank in (*before, *then) if kind == _OFFICER}
    counts = households_in_cells(session, cells, as_of=on)
    moved = counts if moves is None else _moved(session, counts, moves)
    return LoadChange(loads_of(before, counts, holders), loads_of(then, moved, holders))


def _without(records: Mapping[int, Held], ids: Iterable[int]) -> list[Held]:
    gone = set(ids)
    return [held for id_, held in records.items() if id_ not in gone]


def _bearing(opened: pd.DataFrame, on: date) -> list[Held]:
    """What new records lay upon their holders on a day."""
    rows = _rows(opened, ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to"])
    return [row[:4] for row in rows if row[0] in LOAD_KINDS and _holds(row[4], row[5], on)]


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(frame[name].tolist() for name in names), strict=True))


def _holds(start: date, end: date | None, day: date) -> bool:
    return start <= day and (end is None or is_missing(end) or end > day)


def _moved(session: Session, counts: Mapping[str, int], moves: pd.DataFrame) -> dict[str, int]:
    """Households by cell when some have moved."""
    was_in = cells_of_households(session, moves["household_code"])
    numbers = Counter(counts)
    numbers.subtract(was_in.values())
    numbers.update(moves["cell_code"].dropna())
    return dict(numbers)


def _days(change: Succession, on: date) -> list[date]:
    """The days on which something may be left alone: when the change begins, and where what it makes ends."""
    ends = {day for day in change.opened["valid_to"] if day is not None and day > on}
    return [on, *sorted(ends)]


def _left_alone(before: pd.DataFrame, then: pd.DataFrame, days: Iterable[date]) -> Iterable[str]:
    said: set[tuple[str, str]] = set()
    columns = ["kind", "target_code", "rank", "valid_from", "valid_to"]
    was, will_be = _rows(before, columns), _rows(then, columns)
    for day in days:
        held, holds = _led(was, day), _led(will_be, day)
        for kind, words in _LEFT_ALONE.items():
            lost = sorted(target for of, target in held - holds - said if of == kind)
            if lost:
                said |= {(kind, target) for target in lost}
                shown = "、".join(lost[:_SHOWN])
                codes = shown if len(lost) <= _SHOWN else _("{some}等").format(some=shown)
                yield _(words).format(day=day.isoformat(), count=len(lost), codes=codes)


def _led(records: Iterable[tuple[Any, ...]], day: date) -> set[tuple[str, str]]:
    """Kind and target of what somebody answers for first on a day; for pairing any rank will do."""
    return {
        (kind, target)
        for kind, target, rank, start, end in records
        if _holds(start, end, day) and (kind == _STAFF or rank != _ASSISTANT)
    }
