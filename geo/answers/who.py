"""Who answers for a thing, and what somebody answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor
from geo.answers.levels import (
    Level,
    first_missing,
    household_levels,
    household_must_be_paired,
    village_levels,
)
from geo.answers.lineage import successors_of
from geo.answers.sight import HOLDERS, in_sight, require_sight
from geo.codes import township_of, village_of
from geo.store.aggregates import Held, held_by, held_over, household_place, places_of, village_parts
from geo.store.engine import Store
from geo.store.queries import entity_of
from geo.vocabulary import EntityKind


@dataclass(frozen=True)
class _Moment:
    as_of: date
    known_at: datetime | None


def who(
    store: Store, actor: Actor, code: str, *, as_of: date, known_at: datetime | None = None
) -> dict[str, Any]:
    """The document of ``minqing who``.

    For a target: who answers for it and for the village, area, group, branch and township it lies in
    (``responsibilities``), its five levels (``chain``) and the highest one missing (``first_missing``; None
    also for things that have no chain). For a cadre or unit: what it holds in the actor's scope (``holds``).
    For a cell that has ended by the day: the cells that follow it (``successors``).

    Raises
    ------
    CodeError
        Nothing has this code.
    PermissionError_
        The thing lies outside the actor's scope.
    """
    moment = _Moment(as_of, known_at)
    with store.read() as session:
        kind = entity_of(session, code)
        require_sight(session, actor, kind, code)
        held, chain = _upward(session, actor, kind, code, moment)
        holds = _downward(session, actor, code, moment) if kind in HOLDERS else []
        is_cell = kind is EntityKind.CELL
        following = successors_of(session, code, as_of=as_of, known_at=known_at) if is_cell else []
    return {
        "code": code,
        "target_kind": str(kind),
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "responsibilities": [_document(one) for one in held],
        "chain": [asdict(level) for level in chain],
        "first_missing": first_missing(chain),
        "holds": [_document(one) for one in holds],
        "successors": following,
    }


def _upward(
    session: Session, actor: Actor, kind: EntityKind, code: str, moment: _Moment
) -> tuple[list[Held], tuple[Level, ...]]:
    """Responsibilities over a thing and what it lies in, and its chain where it has one."""
    if kind is EntityKind.HOUSEHOLD:
        return _above_household(session, actor, code, moment)
    village_code = _village_of(session, kind, code)
    if village_code is None:
        return _over(session, [code], moment), ()
    parts = village_parts(session, village_code, as_of=moment.as_of, known_at=moment.known_at)
    around = [village_code, township_of(village_code), *(each for codes in parts.values() for each in codes)]
    held = _over(session, {code, *around}, moment)
    chain = village_levels(session, village_code, parts, held, as_of=moment.as_of, known_at=moment.known_at)
    return [one for one in held if _concerns(one, kind, code, parts)], chain


def _above_household(
    session: Session, actor: Actor, code: str, moment: _Moment
) -> tuple[list[Held], tuple[Level, ...]]:
    on: Any = {"as_of": moment.as_of, "known_at": moment.known_at}
    village_code, cell_code, group_code = household_place(session, code, **on)
    parts = village_parts(session, village_code, **on)
    above = [code, cell_code, group_code, village_code, township_of(village_code)]
    targets = {target for target in above if target} | set(parts[EntityKind.AREA])
    held = _over(session, targets | set(parts[EntityKind.BRANCH]), moment)
    due = household_must_be_paired(session, actor, code, **on)
    return held, household_levels(code, village_code, group_code, parts, held, must_be_paired=due)


def _concerns(held: Held, kind: EntityKind, code: str, parts: dict[EntityKind, list[str]]) -> bool:
    """Whether a responsibility lies above the thing asked for: not over a sister group or branch."""
    sisters = {EntityKind.GROUP: [EntityKind.GROUP], EntityKind.BRANCH: [EntityKind.GROUP, EntityKind.BRANCH]}
    beside = sisters.get(kind, [EntityKind.GROUP] if kind is EntityKind.CELL else [])
    return held.target_code == code or not any(held.target_code in parts[each] for each in beside)


def _village_of(session: Session, kind: EntityKind, code: str) -> str | None:
    """The one village a thing lies in; None for wider things, areas, holders and branches of no village."""
    if kind in (EntityKind.VILLAGE, EntityKind.CELL, EntityKind.GROUP):
        return village_of(code)
    if kind is EntityKind.BRANCH:
        return next(iter(places_of(session, [code]).get(code, [])), None)
    return None


def _downward(session: Session, actor: Actor, code: str, moment: _Moment) -> list[Held]:
    holds = held_by(session, code, as_of=moment.as_of, known_at=moment.known_at)
    targets = {one.target_code for one in holds}
    places = places_of(session, targets, as_of=moment.as_of, known_at=moment.known_at)
    return [one for one in holds if in_sight(actor, one.target_code, places)]


def _over(session: Session, targets: Iterable[str], moment: _Moment) -> list[Held]:
    return held_over(session, set(targets), as_of=moment.as_of, known_at=moment.known_at)


def _document(held: Held) -> dict[str, Any]:
    return {
        "kind": held.kind,
        "rank": held.rank,
        "holder_code": held.holder_code,
        "holder_name": held.holder_name,
        "target_code": held.target_code,
        "valid_from": held.valid_from.isoformat(),
        "valid_to": held.valid_to.isoformat() if held.valid_to else None,
        "recorded_at": held.recorded_at.isoformat(),
        "record": held.record,
    }
