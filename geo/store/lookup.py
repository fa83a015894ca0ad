"""Questions about one place, one code or one name, answered in milliseconds whatever the county's size."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date
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
    County,
    GridCell,
    Household,
    Township,
    Unit,
    Village,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.vocabulary import EntityKind

_CODED: dict[EntityKind, Any] = {
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
_CHUNK_CODES = 5_000
_METRES_PER_DEGREE = 110_574  # of latitude at the equator, where it is least: windows are never too small
_FIRST_WINDOW_M = 50.0
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
_CELLS_AT = (
    select(GridCell.code)
    .where(func.ST_Intersects(GridCell.geom, _POINT), valid_on(GridCell, bindparam("as_of", type_=Date)))
    .order_by(GridCell.code)
)

_HOUSEHOLDS_IN_WINDOW = select(
    Household.code,
    Household.village_code,
    Household.cell_code,
    func.ST_X(Household.geom, type_=Float).label("lon"),
    func.ST_Y(Household.geom, type_=Float).label("lat"),
).where(
    meets_box(
        Household.geom, tuple(bindparam(side, type_=Float) for side in ("west", "south", "east", "north"))
    )
)


def place_at(session: Session, lon: float, lat: float, *, as_of: date) -> dict[str, Any]:
    """Which county, township, village and cells a point in EPSG:4490 lies in.

    Returns
    -------
    dict
        ``county_code, township_code, village_code`` (None outside) and ``cell_codes`` (those valid on the
        day; several where cells overlap). On a shared border the lower code wins.
    """
    at = {"point": f"SRID={STORED_SRID};POINT({float(lon)!r} {float(lat)!r})"}
    village = session.execute(_VILLAGE_AT, at).first()
    township = village.township_code if village else session.scalar(_TOWNSHIP_AT, at)
    return {
        "county_code": county_of(township) if township else session.scalar(_COUNTY_AT, at),
        "township_code": township,
        "village_code": village.code if village else None,
        "cell_codes": list(session.scalars(_CELLS_AT, at | {"as_of": as_of})),
    }


def nearest_household(session: Session, lon: float, lat: float, *, within_m: float) -> dict[str, Any] | None:
    """The household nearest to a point, if one lies within so many metres.

    Returns
    -------
    dict or None
        ``code, village_code, cell_code, distance_m``.
    """
    reach_m = min(_FIRST_WINDOW_M, within_m)
    while True:
        if near := _near_rows(session, lon, lat, within_m=reach_m):
            return {name: near[0][name] for name in ("code", "village_code", "cell_code", "distance_m")}
        if reach_m >= within_m:
            return None
        reach_m = min(reach_m * 4, within_m)


def households_near(session: Session, lon: float, lat: float, *, within_m: float) -> pd.DataFrame:
    """Households within so many metres of a point, nearest first.

    Returns
    -------
    DataFrame
        ``code, village_code, cell_code, distance_m, lon, lat``; empty when there are none.
    """
    rows = _near_rows(session, lon, lat, within_m=within_m)
    columns = ["code", "village_code", "cell_code", "distance_m", "lon", "lat"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"code": "str", "village_code": "str", "cell_code": "str"}
    )


def count_households_near(session: Session, lon: float, lat: float, *, within_m: float) -> int:
    """How many households lie within so many metres of a point."""
    return len(_near_rows(session, lon, lat, within_m=within_m))


def _near_rows(session: Session, lon: float, lat: float, *, within_m: float) -> list[dict[str, Any]]:
    """Rows that are really near. No frame: making one would cost more than the query."""
    high = within_m / _METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    window = {"west": lon - wide, "south": lat - high, "east": lon + wide, "north": lat + high}
    found = [dict(row) for row in session.execute(_HOUSEHOLDS_IN_WINDOW, window).mappings()]
    for row in found:
        row["distance_m"] = float(_ELLIPSOID.inv(lon, lat, row["lon"], row["lat"])[2])
    near = [row for row in found if row["distance_m"] <= within_m]
    return sorted(near, key=lambda row: (row["distance_m"], row["code"]))


def entity_of(session: Session, code: str) -> EntityKind:
    """What has this code.

    Raises
    ------
    CodeError
        Nothing has it.
    """
    each = [
        select(literal(kind.value).label("kind")).where(model.code == code) for kind, model in _CODED.items()
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
    return {kind: read_statement(session, select(model.code))["code"] for kind, model in _CODED.items()}


def _names_statement(codes: Collection[str]) -> Any:
    """Code, kind and name of everything that has one of these codes."""
    return union_all(
        *(
            select(model.code, literal(kind.value, String).label("kind"), _name_of(kind).label("name")).where(
                model.code.in_(codes)
            )
            for kind, model in _CODED.items()
        )
    )


def _name_of(kind: EntityKind) -> ColumnElement[Any]:
    if kind is EntityKind.CELL:
        return func.coalesce(GridCell.name, GridCell.code)
    name: Any = Household.code if kind is EntityKind.HOUSEHOLD else _CODED[kind].name
    return name  # type: ignore[no-any-return]
