"""The periods of everything a county's evidence is made of, read as narrowly as can be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, case, func, literal, or_, select, true, union, union_all
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known
from geo.store.models import (
    Area,
    AreaMember,
    Branch,
    Cadre,
    CellRecord,
    Designation,
    GridCell,
    Household,
    HouseholdCell,
    Lineage,
    Responsibility,
    Unit,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.store.village_models import RectificationEvent
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind

RECORD_COLUMNS = ("id", "kind", "holder_code", "target_code", "valid_from", "valid_to", "rank")

_ANYWHERE = sorted(
    str(kind)
    for kind, rule in RESPONSIBILITY_RULES.items()
    if {EntityKind.AREA, EntityKind.CADRE} & {*rule.targets}
)
"""Kinds of responsibility over what lies in no single territory."""

_DATED: dict[str, tuple[Any, ...]] = {
    "cells": (GridCell, CellRecord),
    "households": (Household, HouseholdCell),
    "groups": (VillagerGroup,),
    "branches": (Branch,),
    "areas": (Area, AreaMember),
    "cadres": (Cadre,),
    "units": (Unit,),
    "labels": (Designation,),
}


def record_periods(
    session: Session, *, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> pd.DataFrame:
    """Responsibilities of every period, as they were known: `RECORD_COLUMNS`, by id.

    Parameters
    ----------
    within : collection of str
        Territories the targets lie in; those over areas, which may reach further, and over people, who lie in
        none, always come.
    """
    columns = [getattr(Responsibility, name) for name in RECORD_COLUMNS]
    statement = select(*columns).where(known(Responsibility, known_at), _covers(within))
    return read_statement(session, statement.order_by(Responsibility.id))


def record_ids(session: Session, *, within: Collection[str]) -> pd.Series:
    """Ids of all responsibilities ever recorded that `record_periods` gives of these territories."""
    statement = select(Responsibility.id).where(_covers(within)).order_by(Responsibility.id)
    return read_statement(session, statement)["id"]


def cell_lineage(
    session: Session, *, known_at: datetime | None = None, within: Collection[str] = EVERYWHERE
) -> pd.DataFrame:
    """Which cells came from which, and since when those that an operation has touched were there.

    Parameters
    ----------
    within : collection of str
        Territories the cells lie in.

    Returns
    -------
    DataFrame
        ``parent_code, child_code, happened_on``, by these. Without a parent ("") the first day of the cell's
        first shape, None when that has none.
    """
    record = CellRecord
    descent = select(Lineage.parent_code, Lineage.child_code, Lineage.happened_on).where(
        known(Lineage, known_at), in_territory(Lineage.child_code, within)
    )
    begun = case((func.count() == func.count(record.valid_from), func.min(record.valid_from)), else_=None)
    first = (
        select(literal("").label("parent_code"), record.code.label("child_code"), begun.label("happened_on"))
        .where(known(record, known_at), in_territory(record.village_code, within))
        .group_by(record.code)
    )
    return read_statement(
        session, union_all(descent, first).order_by("child_code", "parent_code", "happened_on")
    )


def _covers(within: Collection[str]) -> ColumnElement[bool]:
    if "" in within:
        return true()
    target = Responsibility.target_code
    lying = (
        select(model.code).where(in_territory(model.village_code, within))
        for model in (Household, VillagerGroup, Branch)
    )
    return or_(
        in_territory(target, within),
        Responsibility.kind.in_(_ANYWHERE),
        *(target.in_(codes) for codes in lying),
    )


def turning_days(session: Session) -> dict[str, list[date]]:
    """By layer (and for ``labels``) the days on which some entry begins or has just ended, in order.

    Everything ever recorded counts: on other days a layer is what it was the day before. Of
    ``rectifications`` the days of their steps, and those on which a limit has just passed.
    """
    days = {layer: _days(session, models) for layer, models in _DATED.items()}
    return {**days, "rectifications": _steps_and_limits(session)}


def _days(session: Session, models: tuple[Any, ...]) -> list[date]:
    each = [
        select(column).where(column.is_not(None)).distinct()
        for model in models
        for column in (model.valid_from, model.valid_to)
    ]
    return sorted(session.scalars(union(*each)))


def _steps_and_limits(session: Session) -> list[date]:
    event = RectificationEvent
    steps = session.scalars(select(event.happened_on).distinct())
    limits = session.scalars(select(event.due_on).distinct())
    return sorted({*steps} | {due + timedelta(days=1) for due in limits if due is not None})
