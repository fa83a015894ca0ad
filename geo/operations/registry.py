"""Registers entry by entry: add, correct and retire a cadre, unit, household, area, group or branch.

What may be written is decided by the rules of import (`geo.operations.register_check`), who may write it by
where it lies (`geo.operations.register_scope`). Each change is one transaction with a row in `Change` and one
in the audit, which keep references and which fields changed, never a personal value (domain §9). Register
changes are not undone but corrected again; what was retired by mistake comes back by clearing ``valid_to``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor
from geo.errors import ConflictError, InputError, OthersChange, RuleError, TransitionError
from geo.exchange.prepare import Prepared
from geo.frames import LAYERS, Layer
from geo.i18n import _
from geo.operations.register_check import checked_row, position
from geo.operations.register_scope import entry_places, require_entry
from geo.operations.register_write import (
    Fields,
    existing,
    free_of_twins,
    note_change,
    require_reason,
    values_of,
    write_changed,
    write_new,
)
from geo.operations.retirement import end_holdings
from geo.operations.rules_now import day_of
from geo.store.engine import Store
from geo.store.records import lock_writers, new_batch
from geo.store.register import REGISTERS, EntryRow, free_code, last_change

_PERIOD = ("valid_from", "valid_to")


@dataclass(frozen=True)
class Registered:
    """What became of a register entry.

    Attributes
    ----------
    code : str
    batch : str
        The change; empty when there was nothing to change.
    fields : tuple of str
        Columns that changed.
    notes : tuple of str
        What is worth knowing: a household without a cell …
    """

    code: str
    batch: str = ""
    fields: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def add_entry(
    store: Store,
    actor: Actor,
    layer: str,
    values: Mapping[str, Any],
    *,
    now: datetime,
    today: date,
    reason: str,
    on: date | None = None,
) -> Registered:
    """Enter something new.

    Parameters
    ----------
    layer : str
        One of `geo.store.register.REGISTERS`.
    values : mapping
        The layer's columns, and ``lon, lat`` where it has a place; without ``code``, the next free one.
    on : date or None
        Since when it is in use; None: since today, so that answers about earlier days stay as they were.

    Raises
    ------
    PermissionError_
        It lies where the actor may not write.
    InputError
        A value is missing or wrong; no reason.
    RuleError
        The code is taken, also by something that was retired.
    """
    contract = _register(layer)
    reason = require_reason(reason)
    with store.write() as session:
        lock_writers(session)
        wanted = {**values, "code": values.get("code") or _free(session, layer, values)}
        ready = checked_row(session, contract, wanted, today=today)
        new = values_of(ready.frame)
        places = entry_places(session, layer, new, today=today)
        require_entry(actor, layer, places)
        free_of_twins(session, contract, new["code"])
        batch = new_batch("register.add", now=now)
        write_new(session, actor, contract, ready.frame, on=on or today, now=now, batch=batch)
        fields = Fields.between(contract, {}, new)
        note_change(session, actor, "add", contract, new, fields, places, now=now, batch=batch, reason=reason)
    return Registered(new["code"], batch, fields.names, _notes(ready))


def correct_entry(
    store: Store,
    actor: Actor,
    layer: str,
    code: str,
    values: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
    reason: str,
    on: date | None = None,
) -> Registered:
    """Put right what a register says; what ``values`` does not name stays, None empties a field.

    A household whose position or village changes gets the cell it then stands in, unless one is given.

    Parameters
    ----------
    values : mapping
        As in `add_entry`; also ``valid_from``, and ``valid_to`` as None to reinstate what was retired.
    version : int
        The version the actor saw.
    on : date or None
        From which day an area has other villages or a household another cell; None: today.

    Raises
    ------
    ConflictError
        Somebody changed it since.
    PermissionError_
        It lies, or would lie, where the actor may not write.
    InputError, RuleError
        As in `add_entry`.
    """
    contract = _register(layer)
    reason = require_reason(reason)
    today = day_of(now)
    with store.write() as session:
        lock_writers(session)
        held = existing(session, contract, code)
        before = entry_places(session, layer, held.values, today=today)
        require_entry(actor, layer, before)
        _require_seen(session, held, version)
        ready = checked_row(session, contract, _merged(held, values), today=today)
        new = values_of(ready.frame) | _period(held, values)
        after = entry_places(session, layer, new, today=today)
        require_entry(actor, layer, after)
        fields = Fields.between(contract, held.values | _period(held, {}), new)
        if not fields.names:
            return Registered(code)
        batch = new_batch("register.correct", now=now)
        write_changed(session, actor, held, new, fields, on=on or today, now=now, batch=batch)
        places = before | after
        note_change(
            session, actor, "correct", contract, new, fields, places, now=now, batch=batch, reason=reason
        )
    return Registered(code, batch, fields.names, _notes(ready))


def retire_entry(
    store: Store,
    actor: Actor,
    layer: str,
    code: str,
    *,
    on: date,
    now: datetime,
    today: date,
    reason: str,
    confirmed: bool = False,
    version: int | None = None,
) -> Registered:
    """Let an entry be out of use from a day on; it stays, and so do its code and its history.

    What it holds, and what is held over it, ends on that day in the same transaction, once the actor has
    confirmed the consequence.

    Raises
    ------
    ConfirmationNeeded
        Something is held on that day or later, or other entries name this one; the message says what.
    TransitionError
        It is out of use already.
    ConflictError, PermissionError_, InputError
        As in `correct_entry`.
    """
    contract = _register(layer)
    reason = require_reason(reason)
    with store.write() as session:
        lock_writers(session)
        held = existing(session, contract, code)
        places = entry_places(session, layer, held.values, today=min(on, today))
        require_entry(actor, layer, places)
        _require_seen(session, held, held.version if version is None else version)
        _require_in_use(held, on)
        batch = new_batch("register.retire", now=now)
        ended = end_holdings(
            session, actor, held, on=on, now=now, batch=batch, reason=reason, confirmed=confirmed
        )
        new = held.values | {"valid_from": held.valid_from, "valid_to": on}
        fields = Fields.between(contract, held.values | _period(held, {}), new)
        write_changed(session, actor, held, new, fields, on=on, now=now, batch=batch)
        note_change(
            session,
            actor,
            "retire",
            contract,
            new,
            fields,
            places | ended,
            now=now,
            batch=batch,
            reason=reason,
        )
    return Registered(code, batch, fields.names)


def _register(layer: str) -> Layer:
    if layer not in REGISTERS:
        raise InputError(_("“{name}”不是名册。").format(name=layer))
    return LAYERS[layer]


def _free(session: Session, layer: str, values: Mapping[str, Any]) -> str:
    return free_code(session, layer, village_code=str(values.get("village_code") or ""))


def _merged(held: EntryRow, values: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as it is to be; a household that moves has another cell, elsewhere no group yet."""
    merged = {**held.values, **values, "code": held.code}
    if held.layer != "households":
        return merged
    stays = merged["village_code"] == held.values["village_code"]
    if not (stays and position(merged) == position(held.values)):
        merged["cell_code"] = values.get("cell_code")
    if not stays:
        merged["group_code"] = values.get("group_code")
    return merged


def _period(held: EntryRow, values: Mapping[str, Any]) -> dict[str, Any]:
    period = {
        name: values.get(name, given)
        for name, given in zip(_PERIOD, (held.valid_from, held.valid_to), strict=True)
    }
    if period["valid_to"] not in (None, held.valid_to):
        raise InputError(_("停用请用“停用”办理。"), hint=_("更正只能恢复已停用的条目。"))
    return period


def _require_seen(session: Session, held: EntryRow, version: int) -> None:
    if held.version == version:
        return
    other = OthersChange(held.code)
    said = _("“{code}”刚刚被别人修改过。").format(code=held.code)
    if change := last_change(session, held.code):
        other = OthersChange(held.code, change.reason, change.user, change.at)
        said = _("“{code}”刚刚由账号“{user}”修改过（{reason}）。").format(
            code=held.code, user=change.user, reason=change.reason
        )
    raise ConflictError(said, hint=_("请核对最新内容后再保存，填写的内容没有丢失。"), others=[other])


def _require_in_use(held: EntryRow, on: date) -> None:
    if held.valid_to is not None:
        raise TransitionError(
            _("“{code}”自 {day} 起已停用。").format(code=held.code, day=held.valid_to.isoformat())
        )
    if held.valid_from is not None and on <= held.valid_from:
        raise RuleError(
            _("停用日期须晚于启用日期 {day}。").format(day=held.valid_from.isoformat()),
            hint=_("如系误录，请更正内容，或改填停用日期。"),
        )


def _notes(ready: Prepared) -> tuple[str, ...]:
    return tuple(finding.message for finding in ready.findings if finding.code != "unknown_columns")
