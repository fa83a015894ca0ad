"""Questions about one place, one code or one name, answered in milliseconds whatever the county's size."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyproj
from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Date, Float, String, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from geo.codes import county_of
from geo.crs import STORED_SRID
from geo.errors import CodeError
from geo.i18n import _
from geo.store.conditions import meets_box, valid_on
from geo.store.models import (
    Area,
    Branch,
    Cadre,
    CellRecord,
    County,
    GridCell,
    Household,
    Township,
    Unit,
    Village,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.store.states import former, present_cells
from geo.vocabulary import EntityKind

CODED: dict[EntityKind, Any] = {
    EntityKind.COUNTY: County,
    EntityKind.TOWNSHIP: Township,
    EntityKind.VILLAGE: Village,
    EntityKind.AREA: Area,
    EntityKind.GROUP: VillagerGroup,
    EntityKind.BRANCH: Branch,
    EntityKind.CELL: GridCell,
    EntityKind.HOUSEHOLD: Household,
    EntityKind.UNIT: Unit,
    EntityKind.CADRE: Cadre,
}
"""The table of each kind of thing that has a code."""
_CHUNK_CODES = 5_000
_METRES_PER_DEGREE = 110_574  # of latitude at the equator, where it is least: windows are never too small
_ELLIPSOID = pyproj.Geod(ellps="GRS80")

# Made once: building a statement takes longer than running one of these.
_POINT = bindparam("point", type_=Geometry("POINT", srid=STORED_SRID))
_VILLAGE_AT = (
    select(Village.code, Village.township_code)
    .where(func.ST_Intersects(Village.geom, _POINT))
    .order_by(Village.code)
    .limit(1)
)
_TOWNSHIP_AT, _COUNTY_AT = (
    select(model.code).where(func.ST_Intersects(model.geom, _POINT)).order_by(model.code).limit(1)
    for model in (Township, County)
)
_DAY = bindparam("as_of", type_=Date)


def _cells_at(known_at: datetime | None) -> Any:
    states = ((GridCell, present_cells(_DAY, known_at)), (CellRecord, former(CellRecord, _DAY, known_at)))
    return union_all(
        *(select(table.code).where(func.ST_Intersects(table.geom, _POINT), on) for table, on in states)
    )


_CELLS_AT = _cells_at(None)
_HOUSEHOLDS_IN_WINDOW = select(
    Household.village_code,
    func.ST_X(Household.geom, type_=Float).label("lon"),
    func.ST_Y(Household.geom, type_=Float).label("lat"),
).where(
    meets_box(
        Household.geom, tuple(bindparam(side, type_=Float) for side in ("west", "south", "east", "north"))
    ),
    valid_on(Household, _DAY),
)


def place_at(
    session: Session, lon: float, lat: float, *, as_of: date, known_at: datetime | None = None
) -> dict[str, Any]:
    """Which county, township, village and cells a point in EPSG:4490 lies in.

    Returns
    -------
    dict
        ``county_code, township_code, village_code`` (None outside) and ``cell_codes`` (those whose shape of
        the day covers the point; several where cells overlap). On a shared border the lower code wins.
    """
    at = {"point": f"SRID={STORED_SRID};POINT({float(lon)!r} {float(lat)!r})"}
    village = session.execute(_VILLAGE_AT, at).first()
    cells_at = _CELLS_AT if known_at is None else _cells_at(known_at)
    township = village.township_code if village else session.scalar(_TOWNSHIP_AT, at)
    return {
        "county_code": county_of(township) if township else session.scalar(_COUNTY_AT, at),
        "township_code": township,
        "village_code": village.code if village else None,
        "cell_codes": sorted(session.scalars(cells_at, at | {"as_of": as_of})),
    }


def count_households_near(
    session: Session,
    lon: float,
    lat: float,
    *,
    within_m: float,
    as_of: date,
    within: Collection[str] = ("",),
) -> int:
    """How many households of a day lie within so many metres of a point, in territory with these codes."""
    high = within_m / _METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    window = {"west": lon - wide, "south": lat - high, "east": lon + wide, "north": lat + high}
    found = session.execute(_HOUSEHOLDS_IN_WINDOW, window | {"as_of": as_of})
    prefixes = tuple(within)
    return sum(
        village.startswith(prefixes) and _ELLIPSOID.inv(lon, lat, *there)[2] <= within_m
        for village, *there in found
    )


def entity_of(session: Session, code: str) -> EntityKind:
    """What has this code.

    Raises
    ------
    CodeError
        Nothing has it.
    """
    each = [
        select(literal(kind.value).label("kind")).where(model.code == code) for kind, model in CODED.items()
    ]
    kind = session.scalar(union_all(*each).limit(1))
    if kind is None:
        raise CodeError(_("没有代码为“{code}”的对象。").format(code=code), hint=_("请核对代码后再试。"))
    return EntityKind(kind)


def entity_names(session: Session, codes: Collection[str]) -> pd.DataFrame:
    """What has each of these codes and how it is called.

    Returns
    -------
    DataFrame
        ``code, kind, name``, ordered by code; unknown codes are absent. A household is called by its code,
        because its head's name is personal; a cell without a name too.
    """
    wanted = sorted(set(codes))
    chunks = [wanted[at : at + _CHUNK_CODES] for at in range(0, len(wanted), _CHUNK_CODES)] or [[]]
    frames = [read_statement(session, _names_statement(chunk)) for chunk in chunks]
    return pd.concat(frames, ignore_index=True).sort_values("code", ignore_index=True)


def codes_by_kind(session: Session) -> dict[EntityKind, pd.Series]:
    """All codes of the store by what has them; for checks of many codes, where asking for each costs more."""
    return {kind: read_statement(session, select(model.code))["code"] for kind, model in CODED.items()}


def _names_statement(codes: Collection[str]) -> Any:
    """Code, kind and name of everything that has one of these codes."""
    return union_all(
        *(
            select(model.code, literal(kind.value, String).label("kind"), name_of(kind).label("name")).where(
                model.code.in_(codes)
            )
            for kind, model in CODED.items()
        )
    )


def name_of(kind: EntityKind) -> ColumnElement[Any]:
    """How things of a kind are called: a household and a cell without a name by their code."""
    if kind is EntityKind.CELL:
        return func.coalesce(GridCell.name, GridCell.code)
    name: Any = Household.code if kind is EntityKind.HOUSEHOLD else CODED[kind].name
    return name  # type: ignore[no-any-return]
