"""What an import compares with and replaces: records by key, the villages of an area, text lengths."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
from sqlalchemy import String, delete, select, union_all
from sqlalchemy.orm import Session

from geo.frames import LAYERS
from geo.store.bulk import insert_frame
from geo.store.models import AreaVillage, Branch, Household, VillageIndicator, VillagerGroup
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


def replace_area_villages(session: Session, pairs: pd.DataFrame, *, areas: Collection[str]) -> None:
    """Make these areas consist of exactly these pairs of ``area_code, village_code``."""
    session.execute(delete(AreaVillage).where(AreaVillage.area_code.in_(list(areas))))
    insert_frame(session, AreaVillage, pairs)
