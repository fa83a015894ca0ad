"""What a change means for those who carry it and for what is left without anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.periods import in_force
from geo.analysis.succession import Succession, after
from geo.analysis.workload import LOAD_KINDS, LoadChange, holder_loads, newly_overloaded
from geo.i18n import N_, _
from geo.rules import Rules
from geo.store.aggregates import households_in_cells
from geo.store.subjects import cells_of_households, records_in_force
from geo.vocabulary import Rank, ResponsibilityKind

_SHOWN = 5
_HELD = ["kind", "holder_code", "target_code", "rank"]
_LEFT_ALONE = {
    str(ResponsibilityKind.GRID_OFFICER): N_("自 {day} 起，{count} 个网格没有主责网格员：{codes}。"),
    str(ResponsibilityKind.STAFF): N_("自 {day} 起，{count} 户没有结对干部：{codes}。"),
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
    before = records_in_force(session, kinds=LOAD_KINDS, holders=holders, on=on)
    fresh = in_force(opened[opened["kind"].isin(LOAD_KINDS)], on)
    then = pd.concat(
        [before[~before["id"].isin(closed["id"])].astype(object), fresh[_HELD]], ignore_index=True
    )
    cells = {*_cells(before), *_cells(then)}
    counts = households_in_cells(session, cells, as_of=on)
    moved = counts if moves is None else _moved(session, counts, moves)
    return LoadChange(holder_loads(before, counts, holders), holder_loads(then, moved, holders))


def _cells(records: pd.DataFrame) -> list[str]:
    return list(records.loc[records["kind"] == str(ResponsibilityKind.GRID_OFFICER), "target_code"])


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
    for day in days:
        held, holds = _led(before, day), _led(then, day)
        for kind, words in _LEFT_ALONE.items():
            lost = sorted(target for of, target in held - holds - said if of == kind)
            if lost:
                said |= {(kind, target) for target in lost}
                shown = "、".join(lost[:_SHOWN])
                codes = shown if len(lost) <= _SHOWN else _("{some}等").format(some=shown)
                yield _(words).format(day=day.isoformat(), count=len(lost), codes=codes)


def _led(records: pd.DataFrame, day: date) -> set[tuple[str, str]]:
    """Kind and target of what somebody answers for first on a day; for pairing any rank will do."""
    rows = in_force(records, day)
    staff = str(ResponsibilityKind.STAFF)
    return {
        (kind, target)
        for kind, target, rank in zip(rows["kind"], rows["target_code"], rows["rank"], strict=True)
        if kind == staff or rank != str(Rank.ASSISTANT)
    }
