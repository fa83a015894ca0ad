"""Facts about the store itself: how much is in it, whose county it is, its settings.

Loads no frame library: `minqing status` and the start of the application ask only these.
"""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.codes import COUNTY
from geo.store.models import (
    Area,
    Base,
    Branch,
    Cadre,
    County,
    GridCell,
    Household,
    Responsibility,
    Setting,
    Township,
    Unit,
    Village,
    VillageIndicator,
    VillagerGroup,
)

MODELS: dict[str, type[Base]] = {
    "townships": Township,
    "villages": Village,
    "cells": GridCell,
    "households": Household,
    "cadres": Cadre,
    "units": Unit,
    "areas": Area,
    "groups": VillagerGroup,
    "branches": Branch,
    "responsibilities": Responsibility,
    "indicators": VillageIndicator,
}
"""The table behind each layer of `geo.frames.LAYERS`."""

_PUT = text(
    "INSERT INTO setting (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value"
)


def counts(session: Session) -> dict[str, int]:
    """How many rows each layer has now (records that were superseded are not counted)."""
    found = {}
    for layer, model in MODELS.items():
        statement = select(func.count()).select_from(model)
        if layer == "responsibilities":
            statement = statement.where(Responsibility.superseded_at.is_(None))
        if layer == "indicators":
            statement = statement.where(VillageIndicator.superseded_at.is_(None))
        found[layer] = session.scalar(statement) or 0
    return found


def county_code(session: Session) -> str | None:
    """The six digits of the store's county; None while it has none."""
    if code := session.scalar(select(County.code).limit(1)):
        return code
    code = session.scalar(select(Township.code).limit(1)) or session.scalar(select(Village.code).limit(1))
    return code[:COUNTY] if code else None


def get_setting(session: Session, key: str) -> str | None:
    """A fact about this store; None when it was never set."""
    return session.scalar(select(Setting.value).where(Setting.key == key))


def put_setting(session: Session, key: str, value: str) -> None:
    """Set a fact about this store."""
    session.execute(_PUT, {"key": key, "value": value})
