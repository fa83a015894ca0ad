"""Find things by a part of their name or the beginning of their code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import ColumnElement, Select, String, func, literal, or_, select, true
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, begins, in_territory, valid_on
from geo.store.models import Branch, Cadre, CellRecord, Dated, GridCell, Household, Township, Unit, Village
from geo.store.states import former, present_cells
from geo.vocabulary import EntityKind

_COLUMNS = {
    "kind": "str",
    "code": "str",
    "name": "str",
    "detail": "str",
    "lon": "Float64",
    "lat": "Float64",
}


@dataclass(frozen=True)
class _Findable:
    """A kind of thing: how it is called, where it belongs and which territory it lies in."""

    kind: EntityKind
    model: Any
    name: Any
    belongs_to: Any = None
    by: Any = None
    lies_in: Any = None
    has_place: bool = True
    by_name: bool = True


_FINDABLE = (
    _Findable(EntityKind.TOWNSHIP, Township, Township.name, lies_in=Township.code),
    _Findable(
        EntityKind.VILLAGE,
        Village,
        Village.name,
        belongs_to=Township,
        by=Village.township_code,
        lies_in=Village.code,
    ),
    _Findable(
        EntityKind.CELL,
        GridCell,
        func.coalesce(GridCell.name, GridCell.code),
        belongs_to=Village,
        by=GridCell.village_code,
        lies_in=GridCell.village_code,
        by_name=False,
    ),
    _Findable(EntityKind.CADRE, Cadre, Cadre.name, belongs_to=Unit, by=Cadre.unit_code),
    _Findable(EntityKind.UNIT, Unit, Unit.name, has_place=False),
    # The name of a household's head is personal: households are found by code alone.
    _Findable(
        EntityKind.HOUSEHOLD,
        Household,
        Household.code,
        belongs_to=Village,
        by=Household.village_code,
        lies_in=Household.village_code,
        by_name=False,
    ),
    _Findable(
        EntityKind.BRANCH,
        Branch,
        Branch.name,
        belongs_to=Village,
        by=Branch.village_code,
        lies_in=Branch.village_code,
        has_place=False,
    ),
)
USUAL = tuple(thing.kind for thing in _FINDABLE if thing.kind is not EntityKind.BRANCH)
"""Kinds that are looked for unless others are named: nearly every branch is called like its village."""


def search(
    session: Session,
    text: str,
    *,
    as_of: date,
    limit: int = 20,
    within: Collection[str] = EVERYWHERE,
    kinds: Collection[EntityKind] = USUAL,
) -> pd.DataFrame:
    """Find townships, villages, cadres, units and branches by name or code, cells and households by code.

    Parameters
    ----------
    text : str
        Part of a name, or the beginning of a code; blank finds nothing.
    as_of : date
        What was not there on this day is found by its code in full only.
    limit : int
        At most so many rows, wider things first.
    within : collection of str
        Territories wanted; cadres and units belong to none and are always found.
    kinds : collection of EntityKind
        What to look for.

    Returns
    -------
    DataFrame
        ``kind, code, name, detail, lon, lat``: ``detail`` names what it belongs to, ``lon``/``lat``
        (EPSG:4490) a point inside it; both are missing where there is none.
    """
    wanted = text.strip()
    rows: list[dict[str, Any]] = []
    for thing in _FINDABLE if wanted else ():
        if thing.kind not in kinds:
            continue
        if left := max(limit - len(rows), 0):
            found = session.execute(_hits(thing, wanted, as_of, within).limit(left))
            rows += [_with_position(row._asdict()) for row in found]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _hits(thing: _Findable, wanted: str, as_of: date, within: Collection[str]) -> Select[*tuple[Any, ...]]:
    model, owner = thing.model, thing.belongs_to
    columns = [
        literal(thing.kind.value, String).label("kind"),
        model.code,
        thing.name.label("name"),
        (literal(None, String) if owner is None else owner.name).label("detail"),
    ]
    statement = select(*columns, model.geom) if thing.has_place else select(*columns)
    if owner is not None:
        statement = statement.join(owner, owner.code == thing.by, isouter=True)
    if thing.lies_in is not None:
        statement = statement.where(in_territory(thing.lies_in, within))
    matches = begins(model.code, wanted)
    if thing.by_name:
        matches = or_(matches, model.name.icontains(wanted, autoescape=True))
    there = or_(_there_on(model, as_of), model.code == wanted)
    return statement.where(matches, there).order_by(model.code)


def _there_on(model: Any, as_of: date) -> ColumnElement[bool]:
    if model is GridCell:
        other_shape = select(CellRecord.id).where(CellRecord.code == GridCell.code)
        return or_(present_cells(as_of, None), other_shape.where(former(CellRecord, as_of, None)).exists())
    return valid_on(model, as_of) if issubclass(model, Dated) else true()


def _with_position(row: dict[str, Any]) -> dict[str, Any]:
    if (geometry := row.pop("geom", None)) is not None:
        inside = shapely.point_on_surface(shapely.from_wkb(bytes(geometry.data)))
        row |= {"lon": inside.x, "lat": inside.y}
    return row
