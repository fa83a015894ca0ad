"""Cells and households' cells, changed from a day on: the present row, the records, the lineage."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.crs import STORED_CRS
from geo.errors import RuleError
from geo.i18n import _
from geo.store.bulk import insert_frame, update_frame
from geo.store.models import CellRecord, GridCell, Household, Lineage
from geo.store.records import add_records, close_records, in_parts
from geo.store.timelines import CELLS, MEMBERSHIPS, require_begun, standing, succeed


def create_cells(
    session: Session, cells: gpd.GeoDataFrame, *, on: date, now: datetime, user: str, batch: str
) -> None:
    """Set up new cells from a day on.

    Parameters
    ----------
    cells : GeoDataFrame in EPSG:4490
        ``code, village_code, name, geometry`` (MULTIPOLYGON).

    Raises
    ------
    RuleError
        A code is taken, or was once.
    """
    if cells.empty:
        return
    codes = cells["code"].tolist()
    taken = session.scalars(select(GridCell.code).where(GridCell.code.in_(codes)).order_by(GridCell.code))
    if code := taken.first():
        raise RuleError(_("网格代码 {code} 已经用过。").format(code=code), hint=_("请换用没有用过的代码。"))
    names = cells["name"] if "name" in cells.columns else None
    state = cells[["code", "village_code", "geometry"]].assign(name=names, valid_from=on, valid_to=None)
    insert_frame(session, GridCell, state.assign(recorded_at=now))
    add_records(session, CellRecord, state.assign(current=True), now=now, user=user, batch=batch)


def retire_cells(
    session: Session, codes: Collection[str], *, on: date, now: datetime, user: str, batch: str
) -> None:
    """Let cells end on a day (exclusive); their codes stay taken.

    Raises
    ------
    InputError
        There is no such cell.
    RuleError
        The cell was retired already, or its present shape begins later.
    """
    if not codes:
        return
    current = standing(session, CELLS, codes)
    require_begun(current, on)
    ended = current[["village_code", "name", "valid_from", "geometry"]].assign(valid_to=on)
    close_records(session, CellRecord, current["id"].tolist(), now=now, batch=batch)
    frame = _shapes(ended.reset_index(names="code"))
    add_records(session, CellRecord, frame.assign(current=True), now=now, user=user, batch=batch)
    update_frame(session, GridCell, pd.DataFrame(frame[["code", "valid_to"]]).assign(recorded_at=now))


def reshape_cells(
    session: Session, cells: gpd.GeoDataFrame, *, on: date, now: datetime, user: str, batch: str
) -> None:
    """Give cells another shape (and name, where the column is there) from a day on.

    Parameters
    ----------
    cells : GeoDataFrame in EPSG:4490
        ``code, geometry`` (MULTIPOLYGON) and perhaps ``name``.

    Raises
    ------
    InputError
        There is no such cell.
    RuleError
        The cell was retired, or its present shape begins later.
    """
    if cells.empty:
        return
    changed = cells.set_index("code")[[name for name in ("geometry", "name") if name in cells.columns]]
    current = standing(session, CELLS, changed.index)
    after = succeed(session, CELLS, current, changed, on=on, now=now, user=user, batch=batch)
    present = _shapes(after[["name", "valid_from", "geometry"]].reset_index(names="code"))
    update_frame(session, GridCell, present.assign(recorded_at=now))


def record_lineage(
    session: Session,
    pairs: pd.DataFrame,
    *,
    event: str,
    on: date,
    now: datetime,
    user: str,
    batch: str,
) -> None:
    """Record which cells (``child_code``) came from which (``parent_code``) on a day, and by what event."""
    frame = pairs[["parent_code", "child_code"]].assign(event=event, happened_on=on)
    add_records(session, Lineage, frame, now=now, user=user, batch=batch)


def move_households(
    session: Session, moves: pd.DataFrame, *, on: date, now: datetime, user: str, batch: str
) -> int:
    """Put households into other cells (or into none) from a day on.

    Parameters
    ----------
    moves : DataFrame
        ``household_code, cell_code``; a household that is in that cell already is passed over.

    Returns
    -------
    int
        How many were moved.

    Raises
    ------
    InputError
        There is no such household.
    RuleError
        A household came into its present cell later than that day.
    """
    if moves.empty:
        return 0
    wanted = moves.set_index("household_code")[["cell_code"]]
    now_in = _cells_of(session, wanted.index)
    asked = wanted["cell_code"].to_numpy(dtype=object, na_value=None)
    moved = [now_in.get(code, "") != cell for code, cell in zip(wanted.index, asked, strict=True)]
    chosen = wanted[moved]
    if chosen.empty:
        return 0
    current = standing(session, MEMBERSHIPS, chosen.index)
    succeed(session, MEMBERSHIPS, current, chosen, on=on, now=now, user=user, batch=batch)
    update_frame(session, Household, chosen.reset_index(names="code"))
    return len(chosen)


def _cells_of(session: Session, households: Collection[str]) -> dict[str, str | None]:
    found: list[Any] = []
    for part in in_parts(sorted(households)):
        statement = select(Household.code, Household.cell_code).where(Household.code.in_(part))
        found += session.execute(statement).all()
    return dict(found)


def _shapes(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=STORED_CRS)
