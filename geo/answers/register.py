"""Registers to look at: a table, one entry with its history and holdings; personal fields masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.answers.scope import readable
from geo.answers.sight import in_sight
from geo.errors import CodeError, InputError, PermissionError_
from geo.frames import LAYERS, Layer
from geo.i18n import N_, _
from geo.operations.register_check import position
from geo.operations.register_scope import entry_places, may_write_entry
from geo.store.aggregates import places_of
from geo.store.engine import Store
from geo.store.lookup import entity_names
from geo.store.register import (
    REGISTERS,
    EntryRow,
    audited,
    entry_row,
    free_code,
    holdings_from,
    register_rows,
)
from geo.vocabulary import Role

MOST_LISTED = 500
MASK = "＊＊＊"
BY_VILLAGE = ("households", "groups", "branches")
"""Registers whose entries lie in a village; the others belong to the county and are open to all."""
_ACTIONS = {
    "register.add": N_("新增"),
    "register.correct": N_("更正"),
    "register.retire": N_("停用"),
    "register.erase": N_("清除个人信息"),
    "personal.unmask": N_("查看个人信息"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of a register.

    Attributes
    ----------
    values : dict
        The layer's columns, ``lon, lat`` where it has a place; personal ones masked (`MASK`) or None.
    may_write, may_unmask : bool
        Whether this actor may change it, and see its personal fields for a reason.
    history : DataFrame ``at, user, action, fields, reason``, latest first
    holdings : DataFrame ``kind, role, other_code, other_name, valid_from, valid_to``
        What it holds (``role`` ``holder``) and what is held over it (``target``), now or later.
    """

    layer: str
    code: str
    values: dict[str, Any]
    version: int
    valid_from: date | None
    valid_to: date | None
    may_write: bool
    may_unmask: bool
    history: pd.DataFrame
    holdings: pd.DataFrame


def registers_for(actor: Actor) -> tuple[str, ...]:
    """The registers an actor may look into: single households only for who may see their positions."""
    return tuple(name for name in REGISTERS if name != "households" or actor.sees_positions)


def register_table(
    store: Store,
    actor: Actor,
    layer: str,
    *,
    as_of: date,
    township: str = "",
    text: str = "",
    retired: bool = False,
    limit: int = MOST_LISTED,
) -> pd.DataFrame:
    """Entries of a register by code, at most ``limit``, without geometry; personal fields masked.

    Parameters
    ----------
    township : str
        Code of a township or village that households, groups and branches lie in; the other registers belong
        to the whole county and are open to all.
    text : str
        Part of a code or name.
    retired : bool
        Also what is out of use on that day.

    Raises
    ------
    PermissionError_
        The territory or the register is not open to the actor.
    """
    contract = _open_register(actor, layer)
    within = readable(actor, township) if layer in BY_VILLAGE else ("",)
    with store.read() as session:
        found = register_rows(
            session, layer, as_of=as_of, within=within, text=text, retired=retired, limit=limit
        )
        found = pd.DataFrame(found.drop(columns="geometry", errors="ignore"))
        return _masked(_with_names(session, found), contract)


def entry(store: Store, actor: Actor, layer: str, code: str, *, today: date) -> Entry:
    """One entry with its history and what it holds.

    Raises
    ------
    CodeError
        There is none with this code.
    PermissionError_
        It lies out of the actor's sight.
    """
    contract = _open_register(actor, layer)
    with store.read() as session:
        held = entry_row(session, layer, code)
        if held is None:
            raise CodeError(_("{register}名册里没有“{code}”。").format(register=_(contract.label), code=code))
        if layer in BY_VILLAGE and held.values["village_code"]:
            require_read(actor, held.values["village_code"])
        places = entry_places(session, layer, held.values, today=today)
        return Entry(
            layer,
            code,
            _shown_values(held, contract),
            held.version,
            held.valid_from,
            held.valid_to,
            may_write=may_write_entry(actor, layer, places),
            may_unmask=_has_personal(contract) and all(actor.can_unmask(place) for place in places),
            history=_history(session, held, contract),
            holdings=_holdings(session, actor, code, today),
        )


def proposed_code(store: Store, actor: Actor, layer: str, *, village_code: str = "") -> str:
    """The next free code for a new entry.

    Raises
    ------
    PermissionError_
        The village or the register is not open to the actor.
    """
    _open_register(actor, layer)
    if village_code:
        require_read(actor, village_code)
    with store.read() as session:
        return free_code(session, layer, village_code=village_code)


def may_add(actor: Actor, layer: str) -> bool:
    """Whether the actor may add to a register at all; where, the operation decides."""
    if actor.viewer or actor.role not in (Role.DEPARTMENT, Role.COORDINATOR):
        return False
    return actor.role is Role.DEPARTMENT or layer not in ("units", "areas")


def _open_register(actor: Actor, layer: str) -> Layer:
    if layer not in REGISTERS:
        raise InputError(_("“{name}”不是名册。").format(name=layer))
    if layer not in registers_for(actor):
        raise PermissionError_(
            _("账号“{user}”不得查看单户。").format(user=actor.user), hint=_("户的情况可按网格汇总查看。")
        )
    return LAYERS[layer]


def _has_personal(layer: Layer) -> bool:
    return any(column.personal for column in layer.columns)


def _masked(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Personal columns as a mask where something is stored; a flag is masked whichever it is."""
    hidden = [column for column in layer.columns if column.personal]
    return frame.assign(
        **{
            column.name: MASK
            if column.kind == "flag"
            else frame[column.name].notna().map({True: MASK, False: ""})
            for column in hidden
        }
    )


def _with_names(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    """Names beside the codes of units and villages."""
    for code, name in (
        ("unit_code", "unit_name"),
        ("parent_code", "parent_name"),
        ("village_code", "village_name"),
    ):
        if code in frame.columns:
            names = entity_names(session, frame[code].dropna()).set_index("code")["name"].to_dict()
            frame = frame.assign(**{name: [names.get(each, "") for each in frame[code]]})
    return frame


def _shown_values(held: EntryRow, layer: Layer) -> dict[str, Any]:
    values = {name: held.values[name] for name in layer.column_names}
    for column in layer.columns:
        if column.personal:
            stored = column.kind == "flag" or values[column.name] is not None
            values[column.name] = MASK if stored else None
    if layer.geometry:
        values["lon"], values["lat"] = position(held.values)
    return values


def _history(session: Session, held: EntryRow, layer: Layer) -> pd.DataFrame:
    """Who changed the entry when and why, and which fields; never a value that was in one."""
    found = audited(session, held.code, ("register.", "personal."))
    labels = {column.name: _(column.label) for column in layer.columns} | {
        "geometry": _("位置"),
        "valid_from": _("启用日期"),
        "valid_to": _("停用日期"),
    }
    fields = [
        "、".join(labels.get(name, name) for name in (after or {}).get("fields", []))
        for after in found["after"]
    ]
    words = found["action"].map({action: _(word) for action, word in _ACTIONS.items()})
    return found.assign(action=words, fields=fields)[["at", "user", "action", "fields", "reason"]]


def _holdings(session: Session, actor: Actor, code: str, today: date) -> pd.DataFrame:
    """What an entry holds and what is held over it from today on, as far as the actor may see it."""
    records = holdings_from(session, code, today)
    holds = records["holder_code"] == code
    other = records["target_code"].where(holds, records["holder_code"])
    names = entity_names(session, other).set_index("code")["name"].to_dict()
    table = pd.DataFrame(
        {
            "kind": records["kind"],
            "role": holds.map({True: "holder", False: "target"}),
            "other_code": other,
            "other_name": [names.get(each, each) for each in other],
            "valid_from": records["valid_from"],
            "valid_to": records["valid_to"],
        }
    )
    places = places_of(session, other[holds])
    seen = [not holding or in_sight(actor, code, places) for holding, code in zip(holds, other, strict=True)]
    return table[pd.Series(seen, index=table.index, dtype=bool)].reset_index(drop=True)
