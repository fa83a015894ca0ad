"""The five levels above one village or household, with the people who hold them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.chain import LevelState, level_state
from geo.analysis.coverage import pairs_hardship_only
from geo.codes import township_of
from geo.operations.rules_now import rules_on
from geo.store.aggregates import Held, is_in_hardship, village_pairing
from geo.vocabulary import FIVE_LEVELS, EntityKind, ResponsibilityKind

Slots = Mapping[ResponsibilityKind, Sequence[str | None]]


@dataclass(frozen=True)
class Holder:
    """Somebody who holds something.

    Attributes
    ----------
    kind, rank : str
    code, name : str
        Of the cadre or unit; the name is the code where the holder is unknown.
    target_code : str
        What is held.
    since : str
        First day, ISO 8601.
    """

    kind: str
    rank: str
    code: str
    name: str
    target_code: str
    since: str


@dataclass(frozen=True)
class Level:
    """One of the five levels: held, missing or not_applicable; ``covered`` of ``total`` things are held."""

    kind: str
    state: str
    covered: int
    total: int
    holders: tuple[Holder, ...]


def holder_of(held: Held) -> Holder:
    """The holder of one responsibility."""
    return Holder(
        kind=held.kind,
        rank=held.rank,
        code=held.holder_code,
        name=held.holder_name or held.holder_code,
        target_code=held.target_code,
        since=held.valid_from.isoformat(),
    )


def village_levels(
    session: Session,
    village_code: str,
    parts: Mapping[EntityKind, Sequence[str]],
    held: Iterable[Held],
    *,
    as_of: date,
    known_at: datetime | None = None,
) -> tuple[Level, ...]:
    """The chain of a village; of its households only the numbers of those that must be paired are read."""
    slots = {**_above(village_code, parts), ResponsibilityKind.SUB_OFFICE: parts[EntityKind.GROUP]}
    hardship_only = pairs_hardship_only(rules_on(session, as_of, known_at=known_at))
    paired, due = village_pairing(
        session, village_code, as_of=as_of, known_at=known_at, hardship_only=hardship_only
    )
    staff = level_state(ResponsibilityKind.STAFF, covered=paired, total=due)
    levels = _levels(slots, held)
    return (*levels, Level(str(ResponsibilityKind.STAFF), str(staff), paired, due, ()))


def household_levels(
    code: str,
    village_code: str,
    group_code: str | None,
    parts: Mapping[EntityKind, Sequence[str]],
    held: Collection[Held],
    *,
    must_be_paired: bool,
) -> tuple[Level, ...]:
    """The chain of a household; without a group it lacks that level only where its village has groups.

    One that need not be paired lacks no staff; with staff it has the level all the same.
    """
    is_paired = any(one.kind == str(ResponsibilityKind.STAFF) and one.target_code == code for one in held)
    slots = {
        **_above(village_code, parts),
        ResponsibilityKind.SUB_OFFICE: [group_code] if parts[EntityKind.GROUP] else [],
        ResponsibilityKind.STAFF: [code] if must_be_paired or is_paired else [],
    }
    return _levels(slots, held)


def household_must_be_paired(
    session: Session, actor: Actor, code: str, *, as_of: date, known_at: datetime | None = None
) -> bool:
    """Whether a household's lack of staff is to be told to an actor.

    Where only households in hardship must be paired, the answer would tell which are: it is no to whoever
    may not know (domain §9).
    """
    if not pairs_hardship_only(rules_on(session, as_of, known_at=known_at)):
        return True
    return actor.sees_positions and is_in_hardship(session, code)


def first_missing(levels: Iterable[Level]) -> str | None:
    """The highest level that is missing; None when the chain is whole."""
    return next((level.kind for level in levels if level.state == str(LevelState.MISSING)), None)


def _above(village_code: str, parts: Mapping[EntityKind, Sequence[str]]) -> Slots:
    return {
        ResponsibilityKind.COUNTY_LEADER: [village_code, township_of(village_code)],
        ResponsibilityKind.DEPARTMENT: parts[EntityKind.AREA],
        ResponsibilityKind.ORG_CADRE: parts[EntityKind.BRANCH],
    }


def _levels(slots: Slots, held: Iterable[Held]) -> tuple[Level, ...]:
    by_slot: dict[tuple[str, str | None], list[Holder]] = {}
    for one in held:
        by_slot.setdefault((one.kind, one.target_code), []).append(holder_of(one))
    return tuple(_level(kind, slots[kind], by_slot) for kind in FIVE_LEVELS if kind in slots)


def _level(
    kind: ResponsibilityKind,
    targets: Sequence[str | None],
    by_slot: Mapping[tuple[str, str | None], Sequence[Holder]],
) -> Level:
    found = [by_slot.get((str(kind), target), ()) for target in targets]
    covered = sum(1 for holders in found if holders)
    state = level_state(kind, covered=covered, total=len(targets))
    holders = tuple(holder for each in found for holder in each)
    return Level(str(kind), str(state), covered, len(targets), holders)
