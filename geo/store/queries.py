"""What the store is asked for: validated frames of its layers and records.

Questions about one place, one code or one name are in `geo.store.lookup` and `geo.store.search`, facts about
the store itself in `geo.store.facts`; all are offered here too.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, cast

import pandas as pd
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from geo.frames import LAYERS, conform, layer_named
from geo.store.conditions import EVERYWHERE, in_territory, known, meets_box, members_on, valid_on
from geo.store.designations import designations
from geo.store.facts import MODELS, counts, county_code, get_setting, put_setting
from geo.store.lookup import entity_names, entity_of, place_at
from geo.store.models import (
    Area,
    AreaMember,
    Branch,
    CellRecord,
    Dated,
    GridCell,
    Household,
    Responsibility,
    Township,
    Village,
    VillageIndicator,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.store.search import search
from geo.store.states import (
    former,
    former_memberships,
    has_former_cells,
    present_cells,
    with_former_memberships,
)

__all__ = [
    "MODELS",
    "area_villages",
    "counts",
    "county_code",
    "designations",
    "entity_names",
    "entity_of",
    "get_setting",
    "indicators",
    "layer_frame",
    "place_at",
    "put_setting",
    "responsibilities",
    "search",
]

_TERRITORY = {
    "townships": Township.code,
    "villages": Village.code,
    "cells": GridCell.village_code,
    "households": Household.village_code,
    "groups": VillagerGroup.village_code,
    "branches": Branch.village_code,
    "indicators": VillageIndicator.village_code,
}
_RECORD_COLUMNS = ("id", "recorded_at", "recorded_by", "superseded_at")

Box = tuple[float, float, float, float]


def layer_frame(
    session: Session,
    layer: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
    bbox: Box | None = None,
) -> pd.DataFrame:
    """One layer as its frame contract says (`geo.frames.LAYERS`).

    Parameters
    ----------
    layer : str
        A name of `geo.frames.LAYERS`.
    as_of : date or None
        As things were on that day: cells in the shape they had, households in the cell they were in, areas
        with the villages they had, register entries that were there, responsibilities in force. None: every
        entry as it is now, and responsibilities of every period.
    known_at : datetime or None
        As far as it was known at that moment; None: as it is known now. Register entries tell only what is
        known now.
    within : collection of str
        Code prefixes of the territories wanted. Units and cadres belong to no territory and always come.
    bbox : minx, miny, maxx, maxy in degrees, or None

    Returns
    -------
    DataFrame or GeoDataFrame
        Ordered by code (records by id). Responsibilities also carry ``id, recorded_at, recorded_by,
        superseded_at``. Nothing found gives an empty frame with all columns.
    """
    if layer == "responsibilities":
        return responsibilities(session, as_of=as_of, known_at=known_at, within=within)
    contract = layer_named(layer)
    if layer == "areas":
        return conform(_area_frame(session, within, as_of, known_at), contract)
    statement = _rows_in(layer, within, bbox)
    if layer == "cells":
        frame = read_statement(session, statement.where(present_cells(as_of, known_at if as_of else None)))
        if has_former_cells(session, as_of, known_at):
            frame = _with_former_cells(session, frame, as_of, known_at, within=within, bbox=bbox)
    elif layer == "indicators":
        frame = read_statement(session, statement.where(known(VillageIndicator, known_at)))
    else:
        frame = read_statement(session, statement.where(_there_on(MODELS[layer], as_of)))
    if layer == "households":
        frame = with_former_memberships(frame, former_memberships(session, as_of=as_of, known_at=known_at))
    return conform(frame, contract)


def _rows_in(layer: str, within: Collection[str], bbox: Box | None) -> Select[Any]:
    """All rows of a layer in a territory and a box, in their order."""
    contract, model = layer_named(layer), cast("Any", MODELS[layer])
    columns = [getattr(model, name) for name in contract.column_names]
    statement = select(*columns, model.geom) if contract.geometry else select(*columns)
    if layer in _TERRITORY:
        statement = statement.where(in_territory(_TERRITORY[layer], within))
    if contract.geometry:
        statement = statement.where(meets_box(model.geom, bbox))
    order = (model.village_code, model.year) if layer == "indicators" else (model.code,)
    return statement.order_by(*order)


def _there_on(model: Any, as_of: date | None) -> ColumnElement[bool]:
    """Whether an entry was there on a day; what has no period always was."""
    return valid_on(model, as_of) if issubclass(model, Dated) else true()


def _with_former_cells(
    session: Session,
    present: pd.DataFrame,
    as_of: date | None,
    known_at: datetime | None,
    *,
    within: Collection[str],
    bbox: Box | None,
) -> pd.DataFrame:
    """Add the cells that were something else on the day than their rows say."""
    names = [name if name != "geometry" else "geom" for name in present.columns]
    statement = select(*(getattr(CellRecord, name) for name in names)).where(
        former(CellRecord, as_of, known_at),
        in_territory(CellRecord.village_code, within),
        meets_box(CellRecord.geom, bbox),
    )
    both = pd.concat([present, read_statement(session, statement)], ignore_index=True)
    return both.sort_values("code", ignore_index=True)


def _area_frame(
    session: Session, within: Collection[str], as_of: date | None, known_at: datetime | None
) -> pd.DataFrame:
    statement = select(Area.code, Area.name).where(valid_on(Area, as_of)).order_by(Area.code)
    areas = read_statement(session, statement)
    members = area_villages(session, as_of=as_of, known_at=known_at).groupby("area_code")["village_code"]
    areas["village_codes"] = areas["code"].map(members.agg(";".join))
    if "" in within:
        return areas
    touched = members.agg(lambda codes: any(code.startswith(tuple(within)) for code in codes))
    return areas[areas["code"].map(touched).fillna(False).astype(bool)]


def area_villages(
    session: Session, *, as_of: date | None = None, known_at: datetime | None = None
) -> pd.DataFrame:
    """Which villages each area is made of on a day (None: as it now is): ``area_code, village_code``."""
    columns = AreaMember.area_code, AreaMember.village_code
    statement = select(*columns).where(members_on(as_of, known_at))
    return read_statement(session, statement.order_by(*columns))


def responsibilities(
    session: Session,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    kinds: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    holders: Collection[str] | None = None,
    within: Collection[str] = EVERYWHERE,
) -> pd.DataFrame:
    """Who answers for what: the layer's columns and ``id, recorded_at, recorded_by, superseded_at``.

    Parameters
    ----------
    as_of : date or None
        Valid on that day; None: in any period.
    known_at : datetime or None
        As the records stood at that moment; None: as they stand.
    kinds, targets, holders : collection of str or None
        Keep only these; None keeps all.
    within : collection of str
        Territories the target lies in.
    """
    contract = LAYERS["responsibilities"]
    names = [*contract.column_names, *_RECORD_COLUMNS]
    statement = (
        select(*(getattr(Responsibility, name) for name in names))
        .where(valid_on(Responsibility, as_of), known(Responsibility, known_at))
        .order_by(Responsibility.id)
    )
    for column, wanted in (
        (Responsibility.kind, kinds),
        (Responsibility.target_code, targets),
        (Responsibility.holder_code, holders),
    ):
        if wanted is not None:
            statement = statement.where(column.in_(list(wanted)))
    if "" not in within:
        statement = _with_targets_in(statement, within, as_of, known_at)
    frame = read_statement(session, statement)
    return pd.concat([conform(frame, contract), frame[list(_RECORD_COLUMNS)]], axis=1)


def _with_targets_in(
    statement: Select[Any], within: Collection[str], as_of: date | None, known_at: datetime | None
) -> Select[Any]:
    """Targets are divisions, or have codes of their own and lie in a village."""
    target = Responsibility.target_code
    own_codes = (
        select(Household.code).where(in_territory(Household.village_code, within)),
        select(VillagerGroup.code).where(in_territory(VillagerGroup.village_code, within)),
        select(Branch.code).where(in_territory(Branch.village_code, within)),
        select(AreaMember.area_code).where(
            in_territory(AreaMember.village_code, within), members_on(as_of, known_at)
        ),
    )
    return statement.where(or_(in_territory(target, within), *(target.in_(codes) for codes in own_codes)))


def indicators(session: Session, *, as_of: date, known_at: datetime | None = None) -> pd.DataFrame:
    """Each village's figures of the latest year that was complete before ``as_of``."""
    held = (VillageIndicator.year < as_of.year, known(VillageIndicator, known_at))
    latest = (
        select(VillageIndicator.village_code, func.max(VillageIndicator.year).label("year"))
        .where(*held)
        .group_by(VillageIndicator.village_code)
        .subquery()
    )
    contract = LAYERS["indicators"]
    statement = (
        select(*(getattr(VillageIndicator, name) for name in contract.column_names))
        .join(
            latest,
            (VillageIndicator.village_code == latest.c.village_code)
            & (VillageIndicator.year == latest.c.year),
        )
        .where(*held)
        .order_by(VillageIndicator.village_code)
    )
    return conform(read_statement(session, statement), contract)
