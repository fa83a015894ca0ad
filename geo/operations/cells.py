"""Changing the cells of one village: split, merge, redraw, create, retire, replace (domain §2, §3).

The plan says what cells become, which households move with the land, who answers from the day on, and what a
person must confirm first. Nothing is written here; undo and approval are those of every change
(`geo.operations.journal`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.analysis.topology import Reshaping
from geo.codes import VILLAGE, require_code
from geo.crs import STORED_CRS
from geo.errors import InputError, RuleError
from geo.exchange.numbering import number_cells
from geo.i18n import N_, _
from geo.operations.cell_effects import (
    Affected,
    handed_on,
    reasoned,
    require_begun,
    require_free_then,
    touched_codes,
)
from geo.operations.cell_shapes import positions, reshaped
from geo.operations.plan import CellChange, Plan
from geo.operations.requests import CellRequest
from geo.rules import Rules
from geo.store.cell_reads import VillageGround, serving, village_ground
from geo.store.records import used_cell_codes

_SUMMARIES = {
    "split": N_("{village}：网格 {before} 划分为 {after}，{moved} 户随之调整。"),
    "merge": N_("{village}：网格 {before} 合并为 {after}，{moved} 户随之调整。"),
    "redraw": N_("{village}：网格 {codes} 重画边界（涉及 {reshaped}），{moved} 户随之调整。"),
    "create": N_("{village}：新设网格 {after}，{moved} 户划入。"),
    "retire": N_("{village}：停用网格 {before}，{moved} 户不再属于任何网格。"),
    "replace": N_("{village}：{old} 个网格重新划分为 {new} 个，{moved} 户随之调整。"),
}
_NUMBERED = "第{number}网格"  # a name that is stored, so it is not translated


def plan_cells(session: Session, actor: Actor, request: CellRequest, *, today: date, rules: Rules) -> Plan:
    """What a change of a village's cells would do; only that village is read.

    A plan with faults changes nothing and says where they are.

    Raises
    ------
    PermissionError_
        The actor may not write in the village.
    InputError
        The request lacks something or cannot be read.
    RuleError
        The day is in the future or before the cells have their present shape; a cell has two primary officers
        and nobody has been chosen.
    """
    require_write(actor, require_code(request.village_code, VILLAGE))
    _require_sense(request, today)
    ground = village_ground(session, request.village_code, as_of=today)
    wanted = reshaped(request, ground, rules=rules)
    if wanted.faults:
        return _plan(request, ground, faults=wanted.faults, notes=wanted.notes)
    change, owners = _change_of(session, request, ground, wanted)
    require_begun(ground, change)
    require_free_then(session, ground, change, rules)
    _require_holders(session, owners.values(), request.on)
    affected = Affected.read(session, ground, change)
    handed = handed_on(affected, change, owners, together=request.kind == "merge")
    moves = affected.moves(session, change)
    return _plan(
        request,
        ground,
        cells=change,
        moves=moves[["household_code", "cell_code"]],
        closed=affected.closed(handed),
        opened=reasoned(handed.opened, request.reason),
        consequences=(
            *(fault.message for fault in wanted.consequences),
            *affected.consequences(change, moves, handed),
        ),
        notes=(*wanted.notes, *affected.notes(change, moves, handed)),
        seen=affected.seen(change, whole=request.kind in ("create", "replace")),
    )


def _require_sense(request: CellRequest, today: date) -> None:
    if not request.reason.strip():
        raise InputError(_("请填写变更理由。"))
    if request.on > today:
        raise RuleError(
            _("网格变更不能写在将来（{day}）。").format(day=request.on.isoformat()),
            hint=_("请用今天或以前的日期。"),
        )


def _change_of(
    session: Session, request: CellRequest, ground: VillageGround, wanted: Reshaping
) -> tuple[CellChange, dict[str, str]]:
    """The change with codes and names, and the officers that were chosen by code."""
    created = gpd.GeoDataFrame(geometry=[*wanted.created], crs=STORED_CRS).assign(village_code=ground.code)
    given = number_cells(created, used=used_cell_codes(session, ground.code))
    lineage = pd.DataFrame(
        [(parent, given[at]) for parent, at in wanted.lineage], columns=["parent_code", "child_code"]
    )
    created = created.assign(code=given).sort_values("code", ignore_index=True)
    places = dict(zip(created["code"], positions(request, created), strict=True))
    change = CellChange(
        on=request.on,
        event=request.kind,
        created=created.assign(name=[_name(request, place, code, ground) for code, place in places.items()]),
        retired=wanted.retired,
        reshaped=gpd.GeoDataFrame({"code": wanted.changed.index}, geometry=[*wanted.changed], crs=STORED_CRS),
        lineage=lineage,
    )
    chosen = request.owners or {}
    return change, {code: chosen[str(place)] for code, place in places.items() if chosen.get(str(place))}


def _name(request: CellRequest, place: int, code: str, ground: VillageGround) -> str | None:
    """The name that was given, else a numbered one where the village's cells have names."""
    if place < len(request.names) and request.names[place].strip():
        return request.names[place].strip()
    named = ground.cells["name"].notna()
    return _NUMBERED.format(number=int(code[VILLAGE:])) if named.empty or named.any() else None


def _require_holders(session: Session, holders: Collection[str], on: date) -> None:
    if missing := sorted(set(holders) - serving(session, holders, on=on)):
        raise RuleError(
            _("{day} 没有代码为 {codes} 的在岗干部。").format(day=on.isoformat(), codes="、".join(missing)),
            hint=_("请核对所选的网格员。"),
        )


def _plan(request: CellRequest, ground: VillageGround, **filled: Any) -> Plan:
    change = filled.get("cells")
    return Plan(
        action=request.action,
        on=request.on,
        places=frozenset({ground.code}),
        townships=frozenset({ground.township_code}),
        summary=_summary(request, ground, change, filled.get("moves")),
        reason=request.reason.strip(),
        **filled,
    )


def _summary(
    request: CellRequest, ground: VillageGround, change: CellChange | None, moves: pd.DataFrame | None
) -> str:
    if change is None:
        return _("{village}：网格变更有问题，不能保存。").format(village=ground.name)
    created = change.created["code"].tolist()  # type: ignore[index]
    return _(_SUMMARIES[request.kind]).format(
        village=ground.name,
        before=_listed(change.retired),
        after=_listed(created),
        codes=_listed(request.codes),
        reshaped=_listed([code for code in touched_codes(change) if code not in request.codes]),
        old=len(change.retired),
        new=len(created),
        moved=0 if moves is None else len(moves),
    )


def _listed(codes: Sequence[str]) -> str:
    return "、".join(codes) or _("无")
