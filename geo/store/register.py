"""Registers: one entry with its version and period, many for a table, free codes, what depends on one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from geo.frames import LAYERS
from geo.store.conditions import EVERYWHERE, begins, in_territory, valid_on
from geo.store.facts import MODELS
from geo.store.models import (
    Audit,
    Branch,
    Cadre,
    Household,
    Responsibility,
    Township,
    Unit,
    VillagerGroup,
)
from geo.store.queries import area_villages
from geo.store.reading import read_statement

REGISTERS = ("cadres", "units", "households", "areas", "groups", "branches")
"""Layers whose entries are written one by one on a form."""

_TERRITORY = {
    "households": Household.village_code,
    "groups": VillagerGroup.village_code,
    "branches": Branch.village_code,
}
_NUMBER = re.compile(r"[0-9]+\Z")
_PREFIXES = {"cadres": "C", "units": "U", "areas": "A", "branches": "B"}
_FIRST_DIGITS = {"cadres": 6, "units": 4, "areas": 4, "branches": 5, "households": 4, "groups": 2}


@dataclass(frozen=True)
class EntryRow:
    """One entry of a register as it is stored.

    Attributes
    ----------
    values : dict
        The layer's columns, and ``geometry`` (shapely, EPSG:4490) where it has one; None where empty.
    version : int
    valid_from, valid_to : date or None
        ``valid_to`` is exclusive.
    """

    layer: str
    code: str
    values: dict[str, Any]
    version: int
    valid_from: date | None
    valid_to: date | None


def entry_row(session: Session, layer: str, code: str) -> EntryRow | None:
    """The entry with this code, retired ones too; None when there is none."""
    model: Any = MODELS[layer]
    found = read_statement(session, _columns(layer).where(model.code == code))
    if found.empty:
        return None
    raw = found.astype(object).where(found.notna(), None).iloc[0].to_dict()
    if layer == "areas":
        members = area_villages(session)
        raw["village_codes"] = ";".join(members.loc[members["area_code"] == code, "village_code"])
    kept = ("version", "valid_from", "valid_to")
    values = {name: value for name, value in raw.items() if name not in kept}
    return EntryRow(layer, code, values, int(raw["version"]), raw["valid_from"], raw["valid_to"])


def register_rows(
    session: Session,
    layer: str,
    *,
    as_of: date,
    within: Collection[str] = EVERYWHERE,
    text: str = "",
    retired: bool = False,
    limit: int,
) -> pd.DataFrame:
    """Entries of a register, by code.

    Parameters
    ----------
    as_of : date
        Keep what is in use on that day.
    within : collection of str
        Territories of households, groups and branches; the other registers have none here.
    text : str
        Part of a code or name; personal columns are never searched.
    retired : bool
        Also what is no longer, or not yet, in use.

    Returns
    -------
    DataFrame
        The layer's columns (areas with ``village_codes``), ``version, valid_from, valid_to`` and, where the
        layer has one, ``geometry``.
    """
    model: Any = MODELS[layer]
    statement = _columns(layer).order_by(model.code).limit(limit)
    if not retired:
        statement = statement.where(valid_on(model, as_of))
    if layer in _TERRITORY and "" not in within:
        statement = statement.where(in_territory(_TERRITORY[layer], within))
    if wanted := text.strip():
        named = [model.code] if layer == "households" else [model.code, model.name]
        statement = statement.where(or_(*(name.icontains(wanted, autoescape=True) for name in named)))
    found = read_statement(session, statement)
    if layer == "areas":
        members = area_villages(session).groupby("area_code")["village_code"].agg(";".join).to_dict()
        found["village_codes"] = [members.get(code, "") for code in found["code"]]
    return found


def _columns(layer: str) -> Any:
    model: Any = MODELS[layer]
    names = [name for name in LAYERS[layer].column_names if name != "village_codes"]
    columns = [*(getattr(model, name) for name in names), model.version, model.valid_from, model.valid_to]
    return select(*columns, model.geom) if LAYERS[layer].geometry else select(*columns)


def free_code(session: Session, layer: str, *, village_code: str = "") -> str:
    """A code that nothing has yet: the highest of its kind and one more.

    Households and groups are numbered inside their village (``village_code``), the others in the county.
    """
    model: Any = MODELS[layer]
    prefix = village_code if layer in ("households", "groups") else _PREFIXES[layer]
    held = session.scalars(select(model.code).where(begins(model.code, prefix)))
    digits = [code[len(prefix) :] for code in held if _NUMBER.match(code[len(prefix) :])]
    lengths = Counter(len(text) for text in digits)
    width = lengths.most_common(1)[0][0] if lengths else _FIRST_DIGITS[layer]
    highest = max((int(text) for text in digits if len(text) == width), default=0)
    return f"{prefix}{highest + 1:0{width}d}"


def holdings_from(session: Session, code: str, on: date) -> pd.DataFrame:
    """Responsibilities held by or over a thing that are in force on a day or start later, as they stand.

    Returns
    -------
    DataFrame
        The layer's columns and ``id``.
    """
    names = [*LAYERS["responsibilities"].column_names, "id"]
    return read_statement(
        session,
        select(*(getattr(Responsibility, name) for name in names))
        .where(
            or_(Responsibility.holder_code == code, Responsibility.target_code == code),
            Responsibility.superseded_at.is_(None),
            or_(Responsibility.valid_to.is_(None), Responsibility.valid_to > on),
        )
        .order_by(Responsibility.kind, Responsibility.target_code, Responsibility.id),
    )


def dependants_of(session: Session, layer: str, code: str, on: date) -> dict[str, int]:
    """How many entries of other registers still name this one on a day, by register; none are left out."""
    links: dict[str, tuple[tuple[str, Any, Any], ...]] = {
        "units": (("cadres", Cadre, Cadre.unit_code), ("units", Unit, Unit.parent_code)),
        "groups": (("households", Household, Household.group_code),),
    }
    counts = {
        name: session.scalar(select(func.count()).where(column == code, valid_on(model, on))) or 0
        for name, model, column in links.get(layer, ())
    }
    return {name: count for name, count in counts.items() if count}


def township_of_unit(session: Session, unit_code: str) -> str | None:
    """The township a unit is named after (安和镇人民政府); None: it is the county's."""
    name = select(Unit.name).where(Unit.code == unit_code).scalar_subquery()
    named_after = select(Township.code).where(
        Township.name != "", func.substr(name, 1, func.length(Township.name)) == Township.name
    )
    return session.scalar(named_after.order_by(func.length(Township.name).desc()).limit(1))


@dataclass(frozen=True)
class LastChange:
    """Who changed a register entry last, when (UTC) and why."""

    user: str
    at: datetime
    reason: str


def last_change(session: Session, code: str) -> LastChange | None:
    """The last change of an entry by the audit; None when only files or other programs changed it."""
    statement = select(Audit.user, Audit.at, Audit.reason).where(
        Audit.subject == code, begins(Audit.action, "register.")
    )
    row = session.execute(statement.order_by(Audit.id.desc()).limit(1)).first()
    return LastChange(row.user, row.at, row.reason or "") if row else None


def audited(session: Session, code: str, prefixes: Collection[str]) -> pd.DataFrame:
    """Audit rows about a thing whose action begins with one of the prefixes, latest first.

    Returns
    -------
    DataFrame
        ``at, user, action, before, after, reason``; ``reason`` may be empty.
    """
    columns = (Audit.at, Audit.user, Audit.action, Audit.before, Audit.after, Audit.reason)
    wanted = or_(*(begins(Audit.action, prefix) for prefix in prefixes))
    statement = select(*columns).where(Audit.subject == code, wanted).order_by(Audit.id.desc())
    found = read_statement(session, statement)
    return found.assign(reason=found["reason"].fillna(""))
