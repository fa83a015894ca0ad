"""States that differ from what the rows of today say: cells redrawn, households moved, by day and knowledge.

Nearly always there is none: a query on a narrow index says so, and the ordinary answer stands.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from geo.frames import is_among
from geo.store.conditions import known, valid_on
from geo.store.models import CellRecord, GridCell, HouseholdCell


def present_cells(as_of: Any, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a cell's own row says what the cell was on a day, as far as was known at a moment."""
    return and_(valid_on(GridCell, as_of), _row_known(known_at))


def _row_known(known_at: datetime | None) -> ColumnElement[bool]:
    if known_at is None:
        return true()
    return or_(GridCell.recorded_at.is_(None), GridCell.recorded_at <= known_at)


def former(records: Any, as_of: Any, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a record holds on a day instead of the row of today; no day: never."""
    if as_of is None:
        return false()
    if known_at is None:  # what holds no longer has an end, and there is an index on ends
        begun = or_(records.valid_from.is_(None), records.valid_from <= as_of)
        return and_(records.valid_to > as_of, begun, known(records, None), records.current.is_(False))
    return and_(valid_on(records, as_of), known(records, known_at), records.current.is_(False))


def has_former_cells(session: Session, as_of: date | None, known_at: datetime | None) -> bool:
    """Whether any cell was something else on that day than its row says."""
    asked = select(CellRecord.id).where(former(CellRecord, as_of, known_at)).limit(1)
    return as_of is not None and session.scalar(asked) is not None


def former_memberships(
    session: Session,
    *,
    as_of: date | None,
    known_at: datetime | None,
    households: Collection[str] | None = None,
) -> dict[str, str | None]:
    """The cell each household was in, for those that were in another one than today (or in none)."""
    if as_of is None:
        return {}
    statement = select(HouseholdCell.household_code, HouseholdCell.cell_code)
    statement = statement.where(former(HouseholdCell, as_of, known_at))
    if households is not None:
        statement = statement.where(HouseholdCell.household_code.in_(sorted(households)))
    found: Any = session.execute(statement).all()
    return dict(found)


def with_former_memberships(households: pd.DataFrame, former_cells: dict[str, str | None]) -> pd.DataFrame:
    """A frame of households (``code, cell_code``) with the cells they were in."""
    if not former_cells:
        return households
    moved = is_among(households["code"], former_cells)
    cells = households["cell_code"].astype(object)
    return households.assign(
        cell_code=cells.where(~moved, households["code"].map(former_cells)).astype("str")
    )
