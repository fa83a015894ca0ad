"""What an import compares with and replaces: records by key, the villages of an area, text lengths."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy import String, select, union_all
from sqlalchemy.orm import Session

from geo.frames import LAYERS
from geo.store.models import AreaMember, Branch, Household, VillageIndicator, VillagerGroup
from geo.store.queries import MODELS
from geo.store.reading import read_statement


def text_lengths(layer: str) -> dict[str, int]:
    """How many characters the store keeps of each text column of a layer."""
    columns = MODELS[layer].__table__.columns
    return {
        column.name: column.type.length
        for column in columns
        if isinstance(column.type, String) and column.type.length
    }


def current_indicators(session: Session) -> pd.DataFrame:
    """The indicators that stand now: the layer's columns and ``id``."""
    names = [*LAYERS["indicators"].column_names, "id"]
    columns = [getattr(VillageIndicator, name) for name in names]
    return read_statement(session, select(*columns).where(VillageIndicator.superseded_at.is_(None)))


def villages_of_things(session: Session) -> pd.DataFrame:
    """In which village each household, group and branch lies: ``code, village_code``."""
    parts = (select(model.code, model.village_code) for model in (Household, VillagerGroup, Branch))
    united = union_all(*parts).subquery()
    return read_statement(session, select(united.c.code, united.c.village_code))


def replace_area_villages(
    session: Session,
    pairs: pd.DataFrame,
    *,
    areas: Collection[str],
    now: datetime,
    user: str,
    batch: str,
    valid_from: date | None = None,
) -> None:
    """Make areas consist of exactly these pairs of ``area_code, village_code``, from a day on (or always).

    Pairs that stay keep their record; the others are closed and opened as records of this batch.
    """
    statement = select(AreaMember).where(
        AreaMember.area_code.in_(list(areas)),
        AreaMember.superseded_at.is_(None),
        AreaMember.valid_to.is_(None),
    )
    standing = {(row.area_code, row.village_code): row for row in session.scalars(statement)}
    wanted = set(zip(pairs["area_code"], pairs["village_code"], strict=True))
    stated = {"recorded_at": now, "recorded_by": user, "batch": batch}
    for key in sorted(standing.keys() - wanted):
        row = standing[key]
        row.superseded_at, row.closed_by = now, batch
        if valid_from is not None and (row.valid_from is None or row.valid_from < valid_from):
            ended = {"valid_from": row.valid_from, "valid_to": valid_from}
            session.add(AreaMember(area_code=key[0], village_code=key[1], **ended, **stated))
    for area_code, village_code in sorted(wanted - standing.keys()):
        key_of = {"area_code": area_code, "village_code": village_code}
        session.add(AreaMember(**key_of, valid_from=valid_from, **stated))
    session.flush()
