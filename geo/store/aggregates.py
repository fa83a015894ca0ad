"""Counts and short lists taken where the data lies, for answers that may not read whole tables.

``as_of`` picks the records in force on a day (half-open periods), ``known_at`` what was known at a moment
(None: what is known now).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from geo.store.models import (
    AreaVillage,
    Branch,
    Cadre,
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


def in_force(as_of: date, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Condition on `Responsibility`: in force on a day, as known at a moment."""
    record = Responsibility
    known = (
        record.superseded_at.is_(None)
        if known_at is None
        else and_(
            record.recorded_at <= known_at,
            or_(record.superseded_at.is_(None), record.superseded_at > known_at),
        )
    )
    return and_(record.valid_from <= as_of, or_(record.valid_to.is_(None), record.valid_to > as_of), known)


def household_counts(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = ("",)
) -> pd.DataFrame:
    """Households and paired ones by village and cell, as `geo.analysis.coverage.household_counts` counts them.

    Parameters
    ----------
    within : collection of str
        Territory code prefixes; ``""`` means all.

    Returns
    -------
    DataFrame ``village_code, cell_code, households, paired``
    """
    paired = select(Responsibility.target_code).where(
        Responsibility.kind == str(ResponsibilityKind.STAFF), in_force(as_of, known_at)
    )
    statement = (
        select(
            Household.village_code,
            Household.cell_code,
            func.count().label("households"),
            func.sum(case((Household.code.in_(paired), 1), else_=0)).label("paired"),
        )
        .where(lies_within(Household.village_code, within))
        .group_by(Household.village_code, Household.cell_code)
        .order_by(Household.village_code, Household.cell_code)
    )
    return read_statement(session, statement).astype({"households": int, "paired": int})


def village_pairing(
    session: Session, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[int, int]:
    """Paired households and all households of one village."""
    record = Responsibility
    pairing = (
        select(record.id)
        .where(record.target_code == Household.code, record.kind == str(ResponsibilityKind.STAFF))
        .where(in_force(as_of, known_at))
        .exists()
    )
    counted = select(func.sum(case((pairing, 1), else_=0)), func.count())
    paired, total = session.execute(counted.where(Household.village_code == village_code)).one()
    return int(paired or 0), int(total)


def village_parts(session: Session, village_code: str) -> dict[EntityKind, list[str]]:
    """Codes of the areas a village lies in, and of its groups and branches."""
    parts = union_all(
        _part(EntityKind.AREA, AreaVillage.area_code, AreaVillage.village_code, village_code),
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
    statement = _held().where(Responsibility.target_code.in_(sorted(targets)), in_force(as_of, known_at))
    return [Held(*row) for row in session.execute(statement)]


def held_by(session: Session, holder: str, *, as_of: date, known_at: datetime | None = None) -> list[Held]:
    """Responsibilities in force that one cadre or unit holds."""
    statement = _held().where(Responsibility.holder_code == holder, in_force(as_of, known_at))
    return [Held(*row) for row in session.execute(statement)]


def places_of(session: Session, codes: Collection[str]) -> dict[str, list[str]]:
    """Village codes of households, branches and areas; other codes and branches without village are left out."""
    wanted = sorted(codes)
    parts = union_all(
        select(Household.code, Household.village_code).where(Household.code.in_(wanted)),
        select(Branch.code, Branch.village_code).where(
            Branch.code.in_(wanted), Branch.village_code.is_not(None)
        ),
        select(AreaVillage.area_code, AreaVillage.village_code).where(AreaVillage.area_code.in_(wanted)),
    )
    found: dict[str, list[str]] = {}
    for code, village_code in session.execute(parts):
        found.setdefault(code, []).append(village_code)
    return {code: sorted(villages) for code, villages in found.items()}


def lies_within(column: Any, prefixes: Collection[str]) -> ColumnElement[bool]:
    """Condition: a territory code starts with one of the prefixes; ``""`` means all, none means nothing."""
    if "" in prefixes:
        return true()
    # A range of text uses the index where LIKE may not; ':' is the character after '9'.
    return or_(*(and_(column >= prefix, column < f"{prefix}:") for prefix in sorted(prefixes)), ~true())


def _part(kind: EntityKind, code: Any, owner: Any, village_code: str) -> Select[Any]:
    return select(literal(str(kind)), code).where(owner == village_code)


def _held() -> Select[Any]:
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
