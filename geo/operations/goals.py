"""Entering what a village has reached of its goals, and what it has done of its checklists.

An entry replaces the one before, which stays known. Those who work in the village record here too: resident
cadres in their own village.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MINYEAR, date, datetime
from math import isfinite
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_record
from geo.codes import VILLAGE, require_code
from geo.errors import InputError
from geo.exchange.check import require_no_national_id
from geo.i18n import _
from geo.operations.entries import merged
from geo.operations.rules_now import day_of, rules_on
from geo.operations.village_texts import plain_text
from geo.rules.checklists import checklists, checklists_for
from geo.rules.goals import GoalKind, goal_kinds
from geo.rules.units import UNITS, Unit
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.goals import kind_of_village, replace_entry, standing_goal, standing_item
from geo.store.records import lock_writers
from geo.store.subjects import townships_of_places
from geo.store.versions import bump
from geo.store.village_models import ChecklistEntry, VillageGoal
from geo.vocabulary import Goal, label_of

GOALS, CHECKLISTS = "goals", "checklists"
"""Under these names changes count as new versions of the data."""
_MOST = 1e12
"""Larger numbers are slips of the hand, and lose digits."""


@dataclass(frozen=True)
class GoalEntry:
    """What is entered for a goal: figure, own target and note; None and "" where nothing is."""

    value: float | None = None
    target: float | None = None
    note: str = ""


@dataclass(frozen=True)
class ItemEntry:
    """What is entered for an item of a checklist: since when it is done, and a note."""

    done_on: date | None = None
    note: str = ""


def set_goals(
    store: Store,
    actor: Actor,
    village_code: str,
    year: int,
    entries: Mapping[Goal, GoalEntry],
    *,
    now: datetime,
    begun: Mapping[Goal, GoalEntry] | None = None,
) -> int:
    """Enter several goals of a village at once, as `set_goal` does one: all of them or none.

    Parameters
    ----------
    begun : mapping or None
        Entries that the form began with: of their goals only the fields that differ from them are changed,
        the others stay as they stand. Of a goal that is not among them the whole entry is written.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    PermissionError_, InputError
        As `set_goal`.
    ConflictError
        Somebody else has changed one of these fields meanwhile to something else.
    """
    began = begun or {}
    require_record(actor, require_code(village_code, VILLAGE))
    with store.write() as session:
        return sum(
            set_goal_in(session, actor, village_code, year, goal, entry, now=now, begun=began.get(goal))
            for goal, entry in entries.items()
        )


def tick_items(
    store: Store,
    actor: Actor,
    village_code: str,
    checklist: str,
    entries: Mapping[str, ItemEntry],
    *,
    now: datetime,
    begun: Mapping[str, ItemEntry] | None = None,
) -> int:
    """Enter several items of a village's checklist at once, as `tick_item` does one: all of them or none.

    Parameters
    ----------
    begun : mapping or None
        Entries that the form began with, as in `set_goals`.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    PermissionError_, InputError
        As `tick_item`.
    ConflictError
        Somebody else has changed one of these fields meanwhile to something else.
    """
    began = begun or {}
    require_record(actor, require_code(village_code, VILLAGE))
    with store.write() as session:
        return sum(
            tick_item_in(session, actor, village_code, checklist, item, entry, now=now, begun=began.get(item))
            for item, entry in entries.items()
        )


def set_goal(
    store: Store,
    actor: Actor,
    village_code: str,
    year: int,
    goal: Goal,
    *,
    value: float | None,
    target: float | None,
    note: str,
    now: datetime,
) -> bool:
    """Enter a village's goal of a year, in place of what was entered before; nothing at all empties it.

    Parameters
    ----------
    value : float or None
        What was reached; only for goals whose figure is not among the indicators.
    target : float or None
        The village's own target; None: that of the rules.

    Returns
    -------
    bool
        Whether anything was written: what stands already is not recorded again.

    Raises
    ------
    PermissionError_
        The actor may not record work in the village.
    InputError
        An unknown village, a year that is not there yet or before the rules, or a figure without sense.
    """
    entry = GoalEntry(value, target, note)
    return bool(set_goals(store, actor, village_code, year, {goal: entry}, now=now))


def set_goal_in(
    session: Session,
    actor: Actor,
    village_code: str,
    year: int,
    goal: Goal,
    entry: GoalEntry,
    *,
    now: datetime,
    begun: GoalEntry | None = None,
) -> bool:
    """As `set_goal`, in a transaction of the caller's; with ``begun`` as `set_goals`."""
    require_record(actor, require_code(village_code, VILLAGE))
    lock_writers(session)
    _village_kind(session, village_code)
    typed = _checked_goal(session, goal_kinds()[goal], entry, year, today=day_of(now))
    standing = standing_goal(session, village_code, year, str(goal))
    held = GoalEntry(standing.value, standing.target, standing.note or "") if standing else GoalEntry()
    wanted = merged(held, typed, begun, name=label_of(goal), standing=standing)
    if wanted == held:
        return False
    key = {"village_code": village_code, "year": year, "goal": str(goal)}
    values = vars(wanted) | {"note": wanted.note or None}
    said = {"recorded_at": now, "recorded_by": actor.user}
    stated = None if wanted == GoalEntry() else VillageGoal(**key, **values, **said)
    replace_entry(session, standing, stated, now=now)
    about = {"year": year, "goal": str(goal)}
    _note(session, actor, "goal.set", GOALS, village_code, about | vars(held), about | vars(wanted), now=now)
    return True


def tick_item(
    store: Store,
    actor: Actor,
    village_code: str,
    checklist: str,
    item: str,
    *,
    done_on: date | None,
    note: str,
    now: datetime,
) -> bool:
    """Say that a village has done an item of a checklist, or (``done_on`` None) that it has not.

    Returns
    -------
    bool
        Whether anything was written.

    Raises
    ------
    PermissionError_
        The actor may not record work in the village.
    InputError
        An unknown village, an item that its kind does not have, or a day that has not come.
    """
    return bool(tick_items(store, actor, village_code, checklist, {item: ItemEntry(done_on, note)}, now=now))


def tick_item_in(
    session: Session,
    actor: Actor,
    village_code: str,
    checklist: str,
    item: str,
    entry: ItemEntry,
    *,
    now: datetime,
    begun: ItemEntry | None = None,
) -> bool:
    """As `tick_item`, in a transaction of the caller's; with ``begun`` as `tick_items`."""
    require_record(actor, require_code(village_code, VILLAGE))
    lock_writers(session)
    _require_item(_village_kind(session, village_code), checklist, item)
    typed = _checked_item(session, entry, today=day_of(now))
    standing = standing_item(session, village_code, checklist, item)
    held = ItemEntry(standing.done_on, standing.note or "") if standing else ItemEntry()
    name = _(checklists()[checklist].items[item])
    wanted = merged(held, typed, begun, name=name, standing=standing)
    if wanted == held:
        return False
    key = {"village_code": village_code, "checklist": checklist, "item": item}
    values = vars(wanted) | {"note": wanted.note or None}
    said = {"recorded_at": now, "recorded_by": actor.user}
    stated = None if wanted == ItemEntry() else ChecklistEntry(**key, **values, **said)
    replace_entry(session, standing, stated, now=now)
    about = {"checklist": checklist, "item": item}
    was, is_ = about | vars(held), about | vars(wanted)
    _note(session, actor, "checklist.tick", CHECKLISTS, village_code, was, is_, now=now)
    return True


def _village_kind(session: Session, code: str) -> str:
    kind = kind_of_village(session, code)
    if kind is None:
        raise InputError(_("没有代码为 {code} 的村。").format(code=code))
    return kind


def _checked_goal(session: Session, kind: GoalKind, entry: GoalEntry, year: int, *, today: date) -> GoalEntry:
    if year > today.year:
        raise InputError(_("{year} 年还没有到。").format(year=year))
    unit = UNITS[rules_on(session, date(max(year, MINYEAR), 12, 31))[kind.threshold].unit]
    if entry.value is not None and not kind.is_entered:
        raise InputError(
            _("“{goal}”取自村情指标，不在这里填写。").format(goal=label_of(kind.goal)),
            hint=_("请更正该年的指标。"),
        )
    for figure in (entry.value, entry.target):
        _require_figure(figure, unit)
    return GoalEntry(_number(entry.value), _number(entry.target), _checked_note(session, entry.note, today))


def _checked_item(session: Session, entry: ItemEntry, *, today: date) -> ItemEntry:
    if entry.done_on is not None and entry.done_on > today:
        raise InputError(_("完成日期 {day} 还没有到。").format(day=entry.done_on.isoformat()))
    return ItemEntry(entry.done_on, _checked_note(session, entry.note, today))


def _number(figure: float | None) -> float | None:
    return None if figure is None else float(figure)


def _require_figure(figure: float | None, unit: Unit) -> None:
    if figure is None:
        return
    if not isfinite(figure) or not 0 <= figure <= _MOST:
        raise InputError(_("请填写不小于 0 的数。"))
    if unit.is_count and figure != int(figure):
        raise InputError(_("请填写整数。"))


def _checked_note(session: Session, note: str, today: date) -> str:
    said = plain_text(note)
    most = int(rules_on(session, today)["goal_note_characters_max"].value)
    if len(said) > most:
        raise InputError(_("备注有 {length} 字，最多 {most} 字。").format(length=len(said), most=most))
    require_no_national_id(said)
    return said


def _require_item(kind: str, checklist: str, item: str) -> None:
    known = {found.code: found.items for found in checklists_for(kind)}
    if item not in known.get(checklist, {}):
        raise InputError(
            _("清单“{checklist}”没有适用于该村的条目“{item}”。").format(checklist=checklist, item=item)
        )


def _without_words(values: dict[str, Any]) -> dict[str, Any]:
    """What the audit keeps: it is never erased, so of a note, which may name people, only its length."""
    return {name: len(value or "") if name == "note" else value for name, value in values.items()}


def _note(
    session: Session,
    actor: Actor,
    action: str,
    layer: str,
    village_code: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    now: datetime,
) -> None:
    was, said = _without_words(before), _without_words(after)
    record(session, actor, action, now=now, subject=village_code, before=was, after=said)
    bump(session, layer, townships_of_places(session, [village_code]))
