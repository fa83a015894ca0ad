"""The ground that a change of cells stands on: one village, its cells as they are, and who lives there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geo.errors import CodeError
from geo.i18n import _
from geo.store.conditions import valid_on
from geo.store.models import Cadre, GridCell, Household, HouseholdCell, Responsibility, Village
from geo.store.reading import read_statement
from geo.vocabulary import ResponsibilityKind


@dataclass(frozen=True)
class VillageGround:
    """One village and its cells on a day.

    Attributes
    ----------
    code, name, township_code : str
    shape : MultiPolygon in EPSG:4490, or None
    cells : GeoDataFrame ``code, name, village_code, valid_from, version, geometry``
        Those valid on the day, by code.
    """

    code: str
    name: str
    township_code: str
    shape: Any
    cells: gpd.GeoDataFrame

    @property
    def cell_codes(self) -> list[str]:
        """Codes of the cells."""
        return [str(code) for code in self.cells["code"]]


def village_ground(session: Session, village_code: str, *, as_of: date) -> VillageGround:
    """A village and its present cells that are valid on a day.

    Raises
    ------
    CodeError
        There is no such village.
    """
    village: Any = read_statement(
        session, select(Village.name, Village.township_code, Village.geom).where(Village.code == village_code)
    )
    if village.empty:
        raise CodeError(_("没有代码为 {code} 的村。").format(code=village_code))
    cells: Any = read_statement(
        session,
        select(
            GridCell.code,
            GridCell.name,
            GridCell.village_code,
            GridCell.valid_from,
            GridCell.version,
            GridCell.geom,
        )
        .where(GridCell.village_code == village_code, valid_on(GridCell, as_of))
        .order_by(GridCell.code),
    )
    one = village.iloc[0]
    return VillageGround(village_code, one["name"], one["township_code"], one["geometry"], cells)


def households_on(
    session: Session, village_code: str, cell_codes: Collection[str], *, as_of: date
) -> gpd.GeoDataFrame:
    """Households of a village, and others on record in one of its cells, that have not gone by a day.

    Returns
    -------
    GeoDataFrame ``code, cell_code, geometry``
        By code; points may be missing.
    """
    found: Any = read_statement(
        session,
        select(Household.code, Household.cell_code, Household.geom)
        .where(
            or_(Household.village_code == village_code, Household.cell_code.in_(sorted(cell_codes))),
            or_(Household.valid_to.is_(None), Household.valid_to > as_of),
        )
        .order_by(Household.code),
    )
    return found


def cell_officers(session: Session, cell_codes: Collection[str]) -> pd.DataFrame:
    """Every record of the grid officers of some cells that nothing has superseded, of any period.

    Returns
    -------
    DataFrame ``id, kind, holder_code, target_code, rank, valid_from, valid_to, reason``
    """
    record = Responsibility
    return read_statement(
        session,
        select(
            record.id,
            record.kind,
            record.holder_code,
            record.target_code,
            record.rank,
            record.valid_from,
            record.valid_to,
            record.reason,
        )
        .where(
            record.target_code.in_(sorted(cell_codes)),
            record.kind == str(ResponsibilityKind.GRID_OFFICER),
            record.superseded_at.is_(None),
        )
        .order_by(record.id),
    )


def joined_later(session: Session, households: Collection[str], *, on: date) -> dict[str, date]:
    """Which of the households came into their present cell after a day, and when."""
    statement = select(HouseholdCell.household_code, HouseholdCell.valid_from).where(
        HouseholdCell.household_code.in_(sorted(households)),
        HouseholdCell.current.is_(True),
        HouseholdCell.superseded_at.is_(None),
        HouseholdCell.valid_from > on,
    )
    found: Any = session.execute(statement).all()
    return dict(found)


def serving(session: Session, cadres: Collection[str], *, on: date) -> set[str]:
    """Which of these codes are cadres who are there on a day."""
    statement = select(Cadre.code).where(Cadre.code.in_(sorted(set(cadres))), valid_on(Cadre, on))
    return set(session.scalars(statement))
