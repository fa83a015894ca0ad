"""Conditions that many queries share: a territory, a day, a state of knowledge, a bounding box."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, ColumnElement, String, and_, bindparam, func, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from geo.crs import STORED_SRID
from geo.store.models import AreaMember, Recorded

EVERYWHERE = ("",)
"""Territory of somebody who is confined to nothing."""


class starts_with(FunctionElement[bool]):  # noqa: N801 - reads like the SQL function it is
    """``starts_with(column, prefix)``: case counts, wildcards mean themselves, an index is used."""

    type = Boolean()
    inherit_cache = True


@compiles(starts_with, "postgresql")
def _starts_with_postgis(element: Any, compiler: Any, **kw: Any) -> str:
    column, prefix = element.clauses
    return f"{compiler.process(column, **kw)} ^@ {compiler.process(prefix, **kw)}"


@compiles(starts_with, "gpkg")
def _starts_with_gpkg(element: Any, compiler: Any, **kw: Any) -> str:
    column, prefix = (compiler.process(part, **kw) for part in element.clauses)
    return f"({column} >= {prefix} AND {column} < {prefix} || char(1114111))"


def begins(column: Any, prefix: str) -> ColumnElement[bool]:
    """Whether a text column begins with a prefix; everything begins with the empty one."""
    if not prefix:
        return true()
    return starts_with(column, bindparam(None, prefix, String, unique=True))


def in_territory(column: Any, within: Collection[str]) -> ColumnElement[bool]:
    """Whether a division code lies in one of the territories; in none of none."""
    if "" in within:
        return true()
    return or_(*(begins(column, prefix) for prefix in sorted(within))) if within else ~true()


def valid_on(model: Any, as_of: date | ColumnElement[date] | None) -> ColumnElement[bool]:
    """Whether a half-open period holds on a day; an empty start means always. None: any period."""
    if as_of is None:
        return true()
    return and_(
        or_(model.valid_from.is_(None), model.valid_from <= as_of),
        or_(model.valid_to.is_(None), model.valid_to > as_of),
    )


def known(model: type[Recorded], known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a statement was held true at a moment; None: whether it still is."""
    if known_at is None:
        return model.superseded_at.is_(None)
    return and_(
        model.recorded_at <= known_at,
        or_(model.superseded_at.is_(None), model.superseded_at > known_at),
    )


def members_on(as_of: date | None, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a village belongs to an area on a day; no day: to the area as it now is."""
    period = AreaMember.valid_to.is_(None) if as_of is None else valid_on(AreaMember, as_of)
    return and_(period, known(AreaMember, known_at))


def meets_box(column: Any, bbox: Sequence[Any] | None) -> ColumnElement[bool]:
    """Whether a geometry's bounding box meets minx, miny, maxx, maxy (numbers or parameters). None: any."""
    if bbox is None:
        return true()
    box = func.ST_MakeEnvelope(*bbox, STORED_SRID, type_=Geometry)
    meets: ColumnElement[bool] = column.op("&&", return_type=Boolean())(box)
    return meets
