"""Whether somebody may hold something in a period: the right kinds, both there all the time, a term."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

import pandas as pd

from geo.analysis.periods import is_missing
from geo.errors import AppError, InputError, RuleError
from geo.i18n import _
from geo.operations.requests import Assignment
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, Rank, ResponsibilityKind, label_of

_COLUMNS = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to", "is_fixed"]


@dataclass(frozen=True)
class _Entry:
    kind: EntityKind
    name: str
    start: date | None
    end: date | None


def wanted_rows(
    rows: Iterable[Assignment], entries: pd.DataFrame, *, keeps_ends: bool = False
) -> pd.DataFrame:
    """Assignments as `geo.analysis.succession.succession` takes them, with the ends that rules give.

    Parameters
    ----------
    entries : DataFrame ``code, kind, name, valid_from, valid_to``
        All holders and targets (`geo.store.subjects.entries_of`).
    keeps_ends : bool
        Whether a missing end is meant: no term by rule is put in.

    Raises
    ------
    RuleError
        The wrong kind of holder or target, or one that is not there all the time.
    InputError
        An unknown rank, or a cadre who is to guide itself.
    """
    there = _there(entries)
    wanted = [_wanted(row, there, keeps_ends=keeps_ends) for row in rows]
    return pd.DataFrame(wanted, columns=_COLUMNS, dtype=object)


def unfit_rows(rows: Iterable[Assignment], entries: pd.DataFrame) -> list[tuple[int, AppError]]:
    """Positions of the assignments that `wanted_rows` would refuse, each with why."""
    there = _there(entries)
    unfit: list[tuple[int, AppError]] = []
    for at, row in enumerate(rows):
        try:
            _wanted(row, there, keeps_ends=False)
        except (RuleError, InputError) as fault:
            unfit.append((at, fault))
    return unfit


def _there(entries: pd.DataFrame) -> dict[str, list[_Entry]]:
    found: dict[str, list[_Entry]] = {}
    for row in entries.itertuples(index=False):
        entry = _Entry(EntityKind(row.kind), row.name, _day(row.valid_from), _day(row.valid_to))
        found.setdefault(row.code, []).append(entry)
    return found


def _wanted(row: Assignment, there: dict[str, list[_Entry]], *, keeps_ends: bool) -> tuple[Any, ...]:
    rule = RESPONSIBILITY_RULES[ResponsibilityKind(row.kind)]
    if row.rank not in set(Rank):
        raise InputError(_("没有名为“{rank}”的主次。").format(rank=row.rank))
    if row.holder_code == row.target_code:
        raise InputError(_("{code} 不能对自己负责。").format(code=row.holder_code))
    holder = _entry(there, row.holder_code, (rule.holder,), row.kind)
    target = _entry(there, row.target_code, rule.targets, row.kind)
    end = row.valid_to
    if end is None and rule.term_years and not keeps_ends:
        end = _years_later(row.valid_from, rule.term_years)
    for code, entry in ((row.holder_code, holder), (row.target_code, target)):
        end = _within(code, entry, row, end)
    is_fixed = row.valid_to is not None
    return row.kind, row.holder_code, row.target_code, row.rank, row.valid_from, end, is_fixed


def _entry(there: dict[str, list[_Entry]], code: str, allowed: Collection[EntityKind], kind: str) -> _Entry:
    entry = next((each for each in there[code] if each.kind in allowed), None)
    if entry is None:
        labels = "、".join(label_of(each) for each in allowed)
        raise RuleError(
            _("“{code}”不是{labels}，不能用于“{kind}”。").format(
                code=code, labels=labels, kind=label_of(ResponsibilityKind(kind))
            ),
            hint=_("请核对责任类型、责任人和对象。"),
        )
    return entry


def _within(code: str, entry: _Entry, row: Assignment, end: date | None) -> date | None:
    """The end that the thing's own period allows; one that was asked for is not shortened but refused."""
    never = entry.start is not None and entry.end is not None and entry.end <= entry.start
    if never or (entry.start is not None and row.valid_from < entry.start):
        raise _not_there(code, entry, row.valid_from)
    if entry.end is None:
        return end
    if row.valid_from >= entry.end:
        raise _not_there(code, entry, row.valid_from)
    if row.valid_to is not None and row.valid_to > entry.end:
        raise _not_there(code, entry, entry.end)
    return entry.end if end is None else min(end, entry.end)


def _not_there(code: str, entry: _Entry, day: date) -> RuleError:
    return RuleError(
        _("{kind}“{name}”（{code}）在 {day} 不在册。").format(
            kind=label_of(entry.kind), name=entry.name, code=code, day=day.isoformat()
        ),
        hint=_("请核对日期，或另选一个。"),
    )


def _years_later(day: date, years: int) -> date | None:
    """The same day some years later; 29 February becomes 1 March, what no calendar has is open."""
    if day.year + years > MAXYEAR:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _day(value: Any) -> date | None:
    return None if is_missing(value) else value
