"""Writing one register entry: the row, the household's cell, the area's villages, and what is kept of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.crs import STORED_CRS
from geo.errors import CodeError, InputError, RuleError
from geo.frames import Layer
from geo.i18n import N_, _
from geo.operations.territory import townships_of
from geo.store.audit import record
from geo.store.bulk import insert_frame, update_frame
from geo.store.cell_records import move_households
from geo.store.facts import MODELS
from geo.store.merging import replace_area_villages
from geo.store.models import Change
from geo.store.register import EntryRow, entry_row
from geo.store.versions import bump

PLACE = "geometry"
_APART = ("code", "village_codes", "cell_code")
_SUMMARIES = {
    "add": N_("新增{register} {name}"),
    "correct": N_("更正{register} {name}：{fields}"),
    "retire": N_("停用{register} {name}（自 {day} 起）"),
    "erase": N_("清除{register} {name} 的个人信息：{fields}"),
}
_SAME_DEG = 1e-9  # a tenth of a millimetre


@dataclass(frozen=True)
class Fields:
    """Which columns of an entry change, and from what to what where that is nobody's personal matter."""

    names: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]

    @classmethod
    def between(cls, layer: Layer, old: Mapping[str, Any], new: Mapping[str, Any]) -> Self:
        """The columns in which two states of an entry differ."""
        names = tuple(name for name in new if not _is_same(old.get(name), new[name]))
        private = {column.name for column in layer.columns if column.personal} | {PLACE}
        told = [name for name in names if name not in private]
        before = {name: old[name] for name in told if name in old}
        return cls(names, before, {name: new[name] for name in told})


def _is_same(old: Any, new: Any) -> bool:
    if isinstance(old, shapely.Geometry) and isinstance(new, shapely.Geometry):
        return bool(shapely.equals_exact(old, new, tolerance=_SAME_DEG))
    return old == new or (old in (None, "") and (new in (None, "") or new is False))


def require_reason(reason: str) -> str:
    """The reason without stray blanks; `InputError` when there is none."""
    if not reason.strip():
        raise InputError(_("请填写事由。"), hint=_("事由会记入审计。"))
    return reason.strip()


def existing(session: Session, layer: Layer, code: str) -> EntryRow:
    """The entry with this code; `CodeError` when there is none."""
    held = entry_row(session, layer.name, code)
    if held is None:
        raise CodeError(
            _("{register}名册里没有“{code}”。").format(register=_(layer.label), code=code),
            hint=_("请核对代码后再试。"),
        )
    return held


def free_of_twins(session: Session, layer: Layer, code: str) -> None:
    """Raise `RuleError` when the register has the code already; what was retired keeps its code."""
    held = entry_row(session, layer.name, code)
    if held is None:
        return
    hint = _("请改用其他代码，或留空由系统编号。")
    if held.valid_to is not None:
        hint = _("该代码已停用，不再分配；如系误停用，请在原条目上恢复。")
    raise RuleError(_("{register}代码“{code}”已存在。").format(register=_(layer.label), code=code), hint=hint)


def values_of(frame: pd.DataFrame) -> dict[str, Any]:
    """The one row of a checked frame as plain values; a flag that was left blank is false."""
    row = frame.iloc[0]
    plain = {name: None if _is_blank(row[name]) else row[name] for name in frame.columns}
    return {name: _python(value, frame[name].dtype) for name, value in plain.items()}


def _is_blank(value: Any) -> bool:
    return value is None or (not isinstance(value, shapely.Geometry) and bool(pd.isna(value)))


def _python(value: Any, dtype: Any) -> Any:
    if dtype == "boolean":
        return bool(value)
    return int(value) if value is not None and dtype == "Int64" else value


def write_new(
    session: Session,
    actor: Actor,
    layer: Layer,
    frame: pd.DataFrame,
    *,
    on: date,
    now: datetime,
    batch: str,
) -> None:
    """Insert a checked row, in use from a day on."""
    row = frame.drop(columns="village_codes", errors="ignore").assign(valid_from=[on])
    insert_frame(session, MODELS[layer.name], row)
    if layer.name == "areas":
        codes = frame["village_codes"].iloc[0]
        _write_members(session, actor, str(frame["code"].iloc[0]), codes, on=on, now=now, batch=batch)


def write_changed(
    session: Session,
    actor: Actor,
    held: EntryRow,
    new: Mapping[str, Any],
    fields: Fields,
    *,
    on: date,
    now: datetime,
    batch: str,
) -> None:
    """Set the changed columns; a household's cell and an area's villages change as records, from a day on."""
    stated: dict[str, Any] = {"on": on, "now": now, "batch": batch}
    plain = {name: [new[name]] for name in fields.names if name not in (*_APART, PLACE)}
    row = pd.DataFrame({"code": [held.code], **plain}, dtype=object)
    if PLACE in fields.names:
        row = gpd.GeoDataFrame(row, geometry=[new[PLACE]], crs=STORED_CRS)
    if len(row.columns) > 1:
        update_frame(session, MODELS[held.layer], row)
    if "cell_code" in fields.names:
        moves = pd.DataFrame({"household_code": [held.code], "cell_code": [new["cell_code"]]}, dtype=object)
        move_households(session, moves, user=actor.user, **stated)
    if held.layer == "areas" and {"village_codes", "valid_to"} & set(fields.names):
        codes = "" if new.get("valid_to") is not None else new["village_codes"]
        _write_members(session, actor, held.code, codes, **stated)
        if len(row.columns) == 1:  # its villages lie in another table, but its version must tell of them
            update_frame(session, MODELS[held.layer], row.assign(name=[new["name"]]))


def _write_members(
    session: Session, actor: Actor, code: str, village_codes: str, *, on: date, now: datetime, batch: str
) -> None:
    wanted = [village for village in village_codes.split(";") if village]
    pairs = pd.DataFrame({"area_code": [code] * len(wanted), "village_code": wanted}, dtype=object)
    replace_area_villages(session, pairs, areas=[code], now=now, user=actor.user, batch=batch, valid_from=on)


def note_change(
    session: Session,
    actor: Actor,
    action: str,
    layer: Layer,
    new: Mapping[str, Any],
    fields: Fields,
    places: Collection[str],
    *,
    now: datetime,
    batch: str,
    reason: str,
) -> None:
    """Keep what was done: a row in the list of changes, one in the audit, and the layer's versions.

    A household is called by its code: its head's name is personal.
    """
    code, name = new["code"], new.get("name") or new["code"]
    labels = {column.name: _(column.label) for column in layer.columns} | {
        PLACE: _("位置"),
        "valid_from": _("启用日期"),
        "valid_to": _("停用日期"),
    }
    summary = _(_SUMMARIES[action]).format(
        register=_(layer.label),
        name=name,
        fields="、".join(labels[field] for field in fields.names),
        day=new.get("valid_to"),
    )
    townships = sorted(townships_of(session, places))
    session.add(
        Change(
            code=batch,
            action=f"register.{action}",
            state="applied",
            user=actor.user,
            at=now,
            townships=townships,
            summary=summary,
            reason=reason,
            request={"layer": layer.name, "code": code, "fields": list(fields.names)},
        )
    )
    kept = {"layer": layer.name, "batch": batch}
    record(
        session,
        actor,
        f"register.{action}",
        now=now,
        subject=code,
        before=fields.before or None,
        after={**kept, "fields": list(fields.names), **fields.after},
        reason=reason,
    )
    bump(session, layer.name, townships)
