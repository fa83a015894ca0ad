"""What the store is asked for: validated frames of its layers and records.

Questions about one place, one code or one name are in `geo.store.lookup` and `geo.store.search`, facts about
the store itself in `geo.store.facts`; all are offered here too.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from geo.frames import LAYERS, conform, layer_named
from geo.store.conditions import EVERYWHERE, in_territory, known, meets_box, valid_on
from geo.store.facts import MODELS, counts, county_code, get_setting, put_setting
from geo.store.lookup import entity_names, entity_of, households_near, nearest_household, place_at
from geo.store.models import (
    Area,
    AreaMember,
    Branch,
    Designation,
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

__all__ = [
    "MODELS",
    "area_villages",
    "counts",
    "county_code",
    "designations",
    "entity_names",
    "entity_of",
    "get_setting",
    "households_near",
    "indicators",
    "layer_frame",
    "nearest_household",
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
        Keep only what is valid on that day (cells, responsibilities); None keeps every period.
    known_at : datetime or None
        As the records stood at that moment (responsibilities, indicators); None: as they stand.
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
        return conform(_area_frame(session, within), contract)
    model: Any = MODELS[layer]
    columns = [getattr(model, name) for name in contract.column_names]
    statement = select(*columns, model.geom) if contract.geometry else select(*columns)
    if layer in _TERRITORY:
        statement = statement.where(in_territory(_TERRITORY[layer], within))
    if layer == "cells":
        statement = statement.where(valid_on(GridCell, as_of))
    if layer == "indicators":
        statement = statement.where(known(VillageIndicator, known_at)).order_by(
            model.village_code, model.year
        )
    else:
        statement = statement.order_by(model.code)
    if contract.geometry:
        statement = statement.where(meets_box(model.geom, bbox))
    return conform(read_statement(session, statement), contract)


def _area_frame(session: Session, within: Collection[str]) -> pd.DataFrame:
    areas = read_statement(session, select(Area.code, Area.name).order_by(Area.code))
    members = area_villages(session).groupby("area_code")["village_code"]
    areas["village_codes"] = areas["code"].map(members.agg(";".join))
    if "" in within:
        return areas
    touched = members.agg(lambda codes: any(code.startswith(tuple(within)) for code in codes))
    return areas[areas["code"].map(touched).fillna(False).astype(bool)]


def area_villages(session: Session) -> pd.DataFrame:
    """Which villages each area is made of: ``area_code, village_code``."""
    columns = AreaMember.area_code, AreaMember.village_code
    statement = select(*columns).where(known(AreaMember, None), AreaMember.valid_to.is_(None))
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
        statement = _with_targets_in(statement, within)
    frame = read_statement(session, statement)
    return pd.concat([conform(frame, contract), frame[list(_RECORD_COLUMNS)]], axis=1)


def _with_targets_in(statement: Select[Any], within: Collection[str]) -> Select[Any]:
    """Targets are divisions, or have codes of their own and lie in a village."""
    target = Responsibility.target_code
    own_codes = (
        select(Household.code).where(in_territory(Household.village_code, within)),
        select(VillagerGroup.code).where(in_territory(VillagerGroup.village_code, within)),
        select(Branch.code).where(in_territory(Branch.village_code, within)),
        select(AreaMember.area_code).where(in_territory(AreaMember.village_code, within)),
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


def designations(
    session: Session, *, as_of: date | None = None, known_at: datetime | None = None
) -> pd.DataFrame:
    """Dated decisions on villages: ``village_code, label, cause, valid_from, valid_to, reason, document_no,
    recorded_by, recorded_at``."""
    columns = (
        Designation.village_code,
        Designation.label,
        Designation.cause,
        Designation.valid_from,
        Designation.valid_to,
        Designation.reason,
        Designation.document_no,
        Designation.recorded_by,
        Designation.recorded_at,
    )
    statement = select(*columns).where(valid_on(Designation, as_of), known(Designation, known_at))
    return read_statement(session, statement.order_by(Designation.id))
