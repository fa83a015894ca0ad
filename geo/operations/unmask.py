"""Personal fields of one person: shown for a reason, and erased (domain §9); never a list of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.errors import InputError, PermissionError_
from geo.frames import LAYERS, Layer
from geo.i18n import _
from geo.operations.register_scope import entry_places
from geo.operations.register_write import Fields, existing, note_change, require_reason, write_changed
from geo.operations.rules_now import day_of
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.lookup import entity_of
from geo.store.records import lock_writers, new_batch
from geo.store.register import EntryRow
from geo.vocabulary import EntityKind, Role

_LAYERS = {EntityKind.HOUSEHOLD: LAYERS["households"], EntityKind.CADRE: LAYERS["cadres"]}


def unmask(
    store: Store, actor: Actor, code: str, fields: Collection[str] = (), *, reason: str, now: datetime
) -> dict[str, Any]:
    """The personal fields of one household or cadre, written into the audit before they are given.

    Parameters
    ----------
    fields : collection of str
        Which ones; empty for all that the layer has.

    Returns
    -------
    dict
        Field → value; None where nothing is stored.

    Raises
    ------
    PermissionError_
        The role or the scope does not allow it, or the actor only views as somebody else.
    InputError
        No reason, or a field that is not personal.
    """
    reason = require_reason(reason)
    with store.write() as session:
        layer, held = _person(session, code)
        for place in entry_places(session, layer.name, held.values, today=day_of(now)):
            _require_unmask(actor, code, place)
        wanted = _personal(layer, fields)
        after = {"layer": layer.name, "fields": wanted}
        record(session, actor, "personal.unmask", now=now, subject=code, after=after, reason=reason)
    return {name: held.values[name] for name in wanted}


def erase_personal(store: Store, actor: Actor, household_code: str, *, now: datetime, reason: str) -> None:
    """Empty a household's personal fields for good; position, cell and number of people stay for the counts.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, or nothing like that is a household.
    """
    require_role(actor, Role.DEPARTMENT)
    reason, layer = require_reason(reason), LAYERS["households"]
    with store.write() as session:
        lock_writers(session)
        held = existing(session, layer, household_code)
        empty = {name: False if name == "hardship" else None for name in _personal(layer, ())}
        new = held.values | empty
        fields = Fields.between(layer, held.values, new)
        if not fields.names:
            return
        batch, today = new_batch("register.erase", now=now), day_of(now)
        write_changed(session, actor, held, new, fields, on=today, now=now, batch=batch)
        places = entry_places(session, layer.name, held.values, today=today)
        note_change(session, actor, "erase", layer, new, fields, places, now=now, batch=batch, reason=reason)


def _person(session: Session, code: str) -> tuple[Layer, EntryRow]:
    layer = _LAYERS.get(entity_of(session, code))
    if layer is None:
        raise InputError(_("“{code}”没有个人信息。").format(code=code))
    return layer, existing(session, layer, code)


def _personal(layer: Layer, fields: Collection[str]) -> list[str]:
    personal = [column.name for column in layer.columns if column.personal]
    if unknown := sorted(set(fields) - set(personal)):
        raise InputError(_("这些不是个人信息字段：{names}。").format(names="、".join(unknown)))
    return [name for name in personal if not fields or name in fields]


def _require_unmask(actor: Actor, code: str, place: str) -> None:
    if not actor.can_unmask(place):
        raise PermissionError_(
            _("账号“{user}”无权查看“{code}”的个人信息。").format(user=actor.user, code=code),
            hint=_("如工作需要，请联系县委组织部。"),
        )
