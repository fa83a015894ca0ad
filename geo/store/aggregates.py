"""Counts and short lists taken where the data lies, for answers that may not read whole tables.

``as_of`` picks the records in force on a day (half-open periods), ``known_at`` what was known at a moment
(None: what is known now).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known, valid_on
from geo.store.models import (
    AreaMember,
    Branch,
    Cadre,
    GridCell,
    Household,
    Responsibility,
    Unit,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.vocabulary import EntityKind, ResponsibilityKind


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


def _in_force(as_of: date, known_at: datetime | None) -> ColumnElement[bool]:
    return and_(valid_on(Responsibility, as_of), known(Responsibility, known_at))


def household_counts(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> pd.DataFrame:
    """Households and paired ones by village and cell, counted as `geo.analysis.coverage` counts them.

    Parameters
    ----------
    within : collection of str
        Territory code prefixes; ``""`` means all.

    Returns
    -------
    DataFrame ``village_code, cell_code, households, paired``
    """
    paired = select(Responsibility.target_code).where(
        Responsibility.kind == str(ResponsibilityKind.STAFF), _in_force(as_of, known_at)
    )
    statement: Any = (
        select(
            Household.village_code,
            Household.cell_code,
            func.count().label("households"),
            func.sum(case((Household.code.in_(paired), 1), else_=0)).label("paired"),
        )
        .where(in_territory(Household.village_code, within))
        .group_by(Household.village_code, Household.cell_code)
        .order_by(Household.village_code, Household.cell_code)
    )
    return read_statement(session, statement).astype({"households": int, "paired": int})


def paired_households(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> list[str]:
    """Codes of the households of a territory that some cadre pairs with."""
    statement = (
        select(Household.code)
        .join(Responsibility, Responsibility.target_code == Household.code)
        .where(Responsibility.kind == str(ResponsibilityKind.STAFF), _in_force(as_of, known_at))
        .where(in_territory(Household.village_code, within))
        .distinct()
    )
    return list(session.scalars(statement))


def placed_households(session: Session, *, within: Collection[str] = EVERYWHERE) -> gpd.GeoDataFrame:
    """``code, village_code, cell_code, geometry`` of the households that have a position."""
    statement = (
        select(Household.code, Household.village_code, Household.cell_code, Household.geom)
        .where(in_territory(Household.village_code, within), Household.geom.is_not(None))
        .order_by(Household.code)
    )
    return read_statement(session, statement)


def village_pairing(
    session: Session, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[int, int]:
    """Paired households and all households of one village."""
    record = Responsibility
    pairing = (
        select(record.id)
        .where(record.target_code == Household.code, record.kind == str(ResponsibilityKind.STAFF))
        .where(_in_force(as_of, known_at))
        .exists()
    )
    counted = select(func.sum(case((pairing, 1), else_=0)), func.count())
    paired, total = session.execute(counted.where(Household.village_code == village_code)).one()
    return int(paired or 0), int(total)


def village_parts(session: Session, village_code: str) -> dict[EntityKind, list[str]]:
    """Codes of the areas a village lies in, and of its groups and branches."""
    parts = union_all(
        _part(EntityKind.AREA, AreaMember.area_code, AreaMember.village_code, village_code),
        _part(EntityKind.GROUP, VillagerGroup.code, VillagerGroup.village_code, village_code),
        _part(EntityKind.BRANCH, Branch.code, Branch.village_code, village_code),
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


def village_cells(session: Session, village_code: str, *, as_of: date) -> dict[str, str]:
    """Names of a village's cells on a day, by code; a cell without a name is called by its code."""
    statement = (
        select(GridCell.code, func.coalesce(GridCell.name, GridCell.code))
        .where(GridCell.village_code == village_code, valid_on(GridCell, as_of))
        .order_by(GridCell.code)
    )
    found: Any = session.execute(statement).all()
    return dict(found)


def household_place(session: Session, code: str) -> tuple[str, str | None, str | None]:
    """Village, cell and group code of a household that exists."""
    statement = select(Household.village_code, Household.cell_code, Household.group_code)
    village_code, cell_code, group_code = session.execute(statement.where(Household.code == code)).one()
    return village_code, cell_code, group_code


def places_of(session: Session, codes: Collection[str]) -> dict[str, list[str]]:
    """Village codes of the households, branches and areas among the codes; others are left out."""
    wanted = sorted(codes)
    parts: Any = union_all(
        select(Household.code, Household.village_code).where(Household.code.in_(wanted)),
        select(Branch.code, Branch.village_code).where(
            Branch.code.in_(wanted), Branch.village_code.is_not(None)
        ),
        select(AreaMember.area_code, AreaMember.village_code).where(AreaMember.area_code.in_(wanted)),
    )
    found: dict[str, list[str]] = {}
    for code, village_code in session.execute(parts):
        found.setdefault(code, []).append(village_code)
    return {code: sorted(villages) for code, villages in found.items()}


def _part(kind: EntityKind, code: Any, owner: Any, village_code: str) -> Any:
    return select(literal(str(kind)), code).where(owner == village_code)


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
        )
        .outerjoin(Cadre, Cadre.code == record.holder_code)
        .outerjoin(Unit, Unit.code == record.holder_code)
        .order_by(record.kind, record.target_code, record.rank.desc(), record.valid_from, record.id)
    )
