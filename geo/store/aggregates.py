"""Counts and short lists taken where the data lies, for answers that may not read whole tables.

``as_of`` picks the records in force on a day (half-open periods), ``known_at`` what was known at a moment
(None: what is known now).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known, members_on, valid_on
from geo.store.models import (
    Area,
    AreaMember,
    Branch,
    Cadre,
    CellRecord,
    GridCell,
    Household,
    HouseholdCell,
    Responsibility,
    Unit,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.store.records import in_parts
from geo.store.states import former, former_memberships, present_cells, with_former_memberships
from geo.vocabulary import EntityKind, ResponsibilityKind

_NUMBERS = ["households", "due", "paired"]


@dataclass(frozen=True)
class Held:
    """One responsibility in force, with the names of its two ends where they have one."""

    kind: str
    rank: str
    holder_code: str
    holder_name: str | None
    target_code: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    record: int


def _in_force(as_of: date, known_at: datetime | None) -> ColumnElement[bool]:
    return and_(valid_on(Responsibility, as_of), known(Responsibility, known_at))


def household_counts(
    session: Session,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
    hardship_only: bool = False,
) -> pd.DataFrame:
    """Households and paired ones by village and cell, counted as `geo.analysis.coverage` counts them.

    Parameters
    ----------
    within : collection of str
        Territory code prefixes; ``""`` means all.
    hardship_only : bool
        Whether only households in hardship must be paired.

    Returns
    -------
    DataFrame ``village_code, cell_code, households, due, paired``
        ``due`` are those that must be paired, ``paired`` those of them that are.
    """
    counted = _counted(as_of, known_at, within, hardship_only=hardship_only)
    keys = (Household.village_code, Household.cell_code)
    there = and_(in_territory(Household.village_code, within), valid_on(Household, as_of))
    statement: Any = select(*keys, *counted).where(there).group_by(*keys).order_by(*keys)
    counts = read_statement(session, statement).astype(dict.fromkeys(_NUMBERS, int))
    was_in = HouseholdCell.cell_code.label("was_in")
    moved: Any = (
        select(*keys, was_in, *counted)
        .join(HouseholdCell, HouseholdCell.household_code == Household.code)
        .where(there, former(HouseholdCell, as_of, known_at))
        .group_by(*keys, was_in)
    )
    return _moved_back(counts, read_statement(session, moved))


def group_counts(
    session: Session,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
    hardship_only: bool = False,
) -> pd.DataFrame:
    """`household_counts` by villager group: ``village_code, group_code, households, due, paired``."""
    counted = _counted(as_of, known_at, within, hardship_only=hardship_only)
    keys = (Household.village_code, Household.group_code)
    there = and_(in_territory(Household.village_code, within), valid_on(Household, as_of))
    statement: Any = select(*keys, *counted).where(there).group_by(*keys).order_by(*keys)
    return read_statement(session, statement).astype(dict.fromkeys(_NUMBERS, int))


def _counted(
    as_of: date, known_at: datetime | None, within: Collection[str], *, hardship_only: bool
) -> tuple[Any, ...]:
    """The `_NUMBERS` as expressions over households."""
    pairing = select(Responsibility.target_code).where(
        Responsibility.kind == str(ResponsibilityKind.STAFF), _in_force(as_of, known_at)
    )
    is_paired = (
        Household.code.in_(pairing)  # all of them at once
        if "" in within
        else pairing.where(Responsibility.target_code == Household.code).exists()
    )
    is_due = Household.hardship.is_(True) if hardship_only else true()
    return (
        func.count().label("households"),
        func.sum(case((is_due, 1), else_=0)).label("due"),
        func.sum(case((and_(is_due, is_paired), 1), else_=0)).label("paired"),
    )


def households_in_cells(
    session: Session, cells: Collection[str], *, as_of: date, known_at: datetime | None = None
) -> dict[str, int]:
    """Households of a day in each of these cells; a cell without any may be absent."""
    was_in, wanted = HouseholdCell.cell_code, set(cells)
    found: Counter[str] = Counter()
    for part in in_parts(sorted(wanted)):
        counted = (
            select(Household.cell_code, func.count())
            .where(Household.cell_code.in_(part), valid_on(Household, as_of))
            .group_by(Household.cell_code)
        )
        found.update(dict(session.execute(counted).all()))  # type: ignore[arg-type]
    moved = (
        select(Household.cell_code, was_in, func.count())
        .join(HouseholdCell, HouseholdCell.household_code == Household.code)
        .where(former(HouseholdCell, as_of, known_at), valid_on(Household, as_of))
        .group_by(Household.cell_code, was_in)
    )
    for is_in, before, number in session.execute(moved):
        found.update({is_in: -number} if is_in in wanted else {})
        found.update({before: number} if before in wanted else {})
    return dict(found)


def _moved_back(counts: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Counts with households taken from the cells they are in and put into those they were in."""
    if moved.empty:
        return counts
    numbers = moved[_NUMBERS].astype(int)
    taken = pd.concat([moved[["village_code", "cell_code"]], -numbers], axis=1)
    put = pd.concat([moved[["village_code"]], moved["was_in"].rename("cell_code"), numbers], axis=1)
    keys = ["village_code", "cell_code"]
    summed = pd.concat([counts, taken, put]).groupby(keys, dropna=False, as_index=False).sum()
    return summed[summed["households"] > 0].reset_index(drop=True)


def paired_households(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> list[str]:
    """Codes of the households of a territory that some cadre pairs with."""
    # Asked of each household: a join begins with the county's pairings, of which a village has a handful.
    statement = select(Household.code).where(
        in_territory(Household.village_code, within),
        valid_on(Household, as_of),
        _is_paired(as_of, known_at),
    )
    return list(session.scalars(statement))


def _is_paired(as_of: date, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether some cadre pairs with a household."""
    return (
        select(Responsibility.id)
        .where(
            Responsibility.target_code == Household.code,
            Responsibility.kind == str(ResponsibilityKind.STAFF),
            _in_force(as_of, known_at),
        )
        .exists()
    )


def placed_households(
    session: Session,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
) -> gpd.GeoDataFrame:
    """``code, village_code, cell_code, geometry`` of the households of a day that have a position.

    No day: of all that ever had one, with the cell they are in now.
    """
    statement = (
        select(Household.code, Household.village_code, Household.cell_code, Household.geom)
        .where(in_territory(Household.village_code, within), Household.geom.is_not(None))
        .where(valid_on(Household, as_of))
        .order_by(Household.code)
    )
    moved = former_memberships(session, as_of=as_of, known_at=known_at)
    return with_former_memberships(read_statement(session, statement), moved)


def village_pairing(
    session: Session,
    village_code: str,
    *,
    as_of: date,
    known_at: datetime | None = None,
    hardship_only: bool = False,
) -> tuple[int, int]:
    """Of one village the households that must be paired: how many are, and how many there are."""
    pairing = _is_paired(as_of, known_at)
    counted = select(func.sum(case((pairing, 1), else_=0)), func.count())
    there = [Household.village_code == village_code, valid_on(Household, as_of)]
    if hardship_only:
        there.append(Household.hardship.is_(True))
    paired, total = session.execute(counted.where(*there)).one()
    return int(paired or 0), int(total)


def is_in_hardship(session: Session, code: str) -> bool:
    """Whether a household that exists is in hardship."""
    return bool(session.scalars(select(Household.hardship).where(Household.code == code)).one())


def village_parts(
    session: Session, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> dict[EntityKind, list[str]]:
    """Codes of the areas a village lies in on a day, and of its groups and branches."""
    areas = (
        select(literal(str(EntityKind.AREA)), AreaMember.area_code)
        .join(Area, Area.code == AreaMember.area_code)
        .where(AreaMember.village_code == village_code, valid_on(Area, as_of))
        .where(valid_on(AreaMember, as_of), known(AreaMember, known_at))
    )
    parts = union_all(
        areas,
        _part(EntityKind.GROUP, VillagerGroup, village_code, as_of),
        _part(EntityKind.BRANCH, Branch, village_code, as_of),
    )
    found: dict[EntityKind, list[str]] = {EntityKind.AREA: [], EntityKind.GROUP: [], EntityKind.BRANCH: []}
    for kind, code in session.execute(parts):
        found[EntityKind(kind)].append(code)
    return {kind: sorted(codes) for kind, codes in found.items()}


def held_over(
    session: Session, targets: Collection[str], *, as_of: date, known_at: datetime | None = None
) -> list[Held]:
    """Responsibilities in force over any of the targets."""
    statement = _held().where(Responsibility.target_code.in_(sorted(targets)), _in_force(as_of, known_at))
    return [Held(*row) for row in session.execute(statement)]


def held_by(session: Session, holder: str, *, as_of: date, known_at: datetime | None = None) -> list[Held]:
    """Responsibilities in force that one cadre or unit holds."""
    statement = _held().where(Responsibility.holder_code == holder, _in_force(as_of, known_at))
    return [Held(*row) for row in session.execute(statement)]


def village_cells(
    session: Session, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> dict[str, str]:
    """Names of a village's cells on a day, by code; a cell without a name is called by its code."""
    states = (
        select(table.code, func.coalesce(table.name, table.code)).where(
            table.village_code == village_code, on
        )
        for table, on in (
            (GridCell, present_cells(as_of, known_at)),
            (CellRecord, former(CellRecord, as_of, known_at)),
        )
    )
    found: Any = session.execute(union_all(*states)).all()
    return dict(sorted(map(tuple, found)))


def household_place(
    session: Session, code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[str, str | None, str | None]:
    """Village, cell and group code on a day of a household that exists."""
    statement = select(Household.village_code, Household.cell_code, Household.group_code)
    village_code, cell_code, group_code = session.execute(statement.where(Household.code == code)).one()
    moved = former_memberships(session, as_of=as_of, known_at=known_at, households=[code])
    return village_code, moved.get(code, cell_code), group_code


def places_of(
    session: Session,
    codes: Collection[str],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> dict[str, list[str]]:
    """Village codes of the households, groups, branches and areas among the codes; others are left out.

    An area consists of its villages of the day; no day: of those it now consists of.
    """
    wanted = sorted(codes)
    parts: Any = union_all(
        select(Household.code, Household.village_code).where(Household.code.in_(wanted)),
        select(VillagerGroup.code, VillagerGroup.village_code).where(VillagerGroup.code.in_(wanted)),
        select(Branch.code, Branch.village_code).where(
            Branch.code.in_(wanted), Branch.village_code.is_not(None)
        ),
        select(AreaMember.area_code, AreaMember.village_code).where(
            AreaMember.area_code.in_(wanted), members_on(as_of, known_at)
        ),
    )
    found: dict[str, list[str]] = {}
    for code, village_code in session.execute(parts):
        found.setdefault(code, []).append(village_code)
    return {code: sorted(villages) for code, villages in found.items()}


def _part(kind: EntityKind, model: Any, village_code: str, as_of: date) -> Any:
    own = select(literal(str(kind)), model.code)
    return own.where(model.village_code == village_code, valid_on(model, as_of))


def _held() -> Any:
    record = Responsibility
    return (
        select(
            record.kind,
            record.rank,
            record.holder_code,
            func.coalesce(Cadre.name, Unit.name),
            record.target_code,
            record.valid_from,
            record.valid_to,
            record.recorded_at,
            record.id,
        )
        .outerjoin(Cadre, Cadre.code == record.holder_code)
        .outerjoin(Unit, Unit.code == record.holder_code)
        .order_by(record.kind, record.target_code, record.rank.desc(), record.valid_from, record.id)
    )
