"""What a change means for those who carry it and for what is left without anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.periods import in_force
from geo.analysis.succession import Succession, after
from geo.analysis.workload import LOAD_KINDS, holder_loads, newly_overloaded
from geo.codes import township_of
from geo.i18n import N_, _
from geo.rules import Rules
from geo.store.aggregates import household_counts
from geo.store.queries import responsibilities
from geo.vocabulary import Rank, ResponsibilityKind

_SHOWN = 5
_LEFT_ALONE = {
    str(ResponsibilityKind.GRID_OFFICER): N_("自 {day} 起，{count} 个网格没有主责网格员：{codes}。"),
    str(ResponsibilityKind.STAFF): N_("自 {day} 起，{count} 户没有结对干部：{codes}。"),
}


def burden_consequences(
    session: Session,
    current: pd.DataFrame,
    change: Succession,
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
    names : mapping
        Of the holders, by code.
    """
    gaining = set(change.opened["holder_code"])
    before, then = loads_around(session, change.closed, change.opened, gaining, on=on)
    heavy = newly_overloaded(before, then, rules)
    said = [
        _("{name}将负责 {cells} 个网格（{households} 户）、结对 {paired} 户，超过上限。").format(
            name=names.get(str(code), str(code)), **{name: int(load[name]) for name in then.columns}
        )
        for code, load in then[heavy].iterrows()
    ]
    return (*said, *_left_alone(current, after(current, change), _days(change, on)))


def loads_around(
    session: Session, closed: pd.DataFrame, opened: pd.DataFrame, holders: Collection[str], *, on: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What holders carry on a day without a change and with it, as `geo.analysis.workload.holder_loads` says.

    Parameters
    ----------
    closed, opened : DataFrame
        Records that the change supersedes (with ``id``) and makes.
    """
    held = responsibilities(session, kinds=LOAD_KINDS, holders=sorted(holders))
    fresh = opened[opened["kind"].isin(LOAD_KINDS) & opened["holder_code"].isin(set(holders))]
    kept = held[~held["id"].isin(closed["id"])]
    columns = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to"]
    before = in_force(held[columns].astype(object), on)
    then = in_force(pd.concat([kept[columns].astype(object), fresh[columns]], ignore_index=True), on)
    counts = _households(session, [*before["target_code"], *then["target_code"]], on=on)
    return holder_loads(before, counts, holders), holder_loads(then, counts, holders)


def _households(session: Session, targets: Iterable[str], *, on: date) -> dict[str, int]:
    townships = {township_of(code) for code in targets if code.isdigit()}
    counted = household_counts(session, as_of=on, within=townships).dropna(subset=["cell_code"])
    return dict(zip(counted["cell_code"], counted["households"], strict=True))


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
