"""Taking back a change of cells by a new dated one: from a day on the land lies as it lay before.

Codes are never used again, so cells that had ended come back under new ones, with the lineage that leads to
them: what was split is merged, what was merged is split along the former borders, what was redrawn is drawn
back, what was created is retired. If any of these cells was changed since, there is nothing to go back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.analysis.following import INSIDE, MOVE_COLUMNS, cells_after
from geo.analysis.inheritance import HandedOn, restored
from geo.analysis.topology import tiling
from geo.crs import STORED_CRS
from geo.errors import RuleError
from geo.exchange.numbering import number_cells
from geo.i18n import N_, _
from geo.operations.cell_effects import (
    Affected,
    handed_on,
    reasoned,
    require_begun,
    require_free_then,
    require_joined,
    require_uncontested,
)
from geo.operations.plan import CellChange, Plan
from geo.rules import Rules
from geo.store.cell_reads import VillageGround, serving, village_ground
from geo.store.models import CellRecord, HouseholdCell, Lineage, Responsibility
from geo.store.records import records_of, used_cell_codes

_OPPOSITES = {"split": "merge", "merge": "split", "create": "retire", "retire": "create"}
_SUMMARY = N_("{village}：撤回网格变更，恢复 {old} 个网格、停用 {new} 个，{moved} 户随之调整。")


def plan_cell_reversal(
    session: Session,
    actor: Actor,
    batch: str,
    *,
    kind: str,
    on: date,
    reason: str,
    today: date,
    rules: Rules,
) -> Plan:
    """What it takes to have a village's cells from a day on as they were before a change.

    Parameters
    ----------
    batch : str
        The change to take back.
    kind : str
        What it was: split, merge, redraw, create, retire or replace.

    Raises
    ------
    RuleError
        The cells were changed since, the land is taken, or the day lies before the change or in the future.
    PermissionError_
        The actor may not write in the village.
    """
    former = _Former.read(session, batch)
    village_code = former.village_code
    require_write(actor, village_code)
    if on > today:
        raise RuleError(_("网格变更不能写在将来（{day}）。").format(day=on.isoformat()))
    ground = village_ground(session, village_code, as_of=today)
    former.require_unchanged(ground)
    change, followers = _change_back(session, former, ground, on=on, event=_OPPOSITES.get(kind, kind))
    require_begun(ground, change)
    require_free_then(session, ground, change, rules)
    _require_free_land(ground, change, rules)
    affected = Affected.read(session, ground, change)
    handed = _officers(session, former, affected, change, followers)
    moves = _moves(session, former, affected, change, followers)
    return Plan(
        action="reverse",
        on=on,
        places=frozenset({village_code}),
        townships=frozenset({ground.township_code}),
        summary=_(_SUMMARY).format(
            village=ground.name, old=len(followers), new=len(change.retired), moved=len(moves)
        ),
        reason=reason.strip(),
        closed=affected.closed(handed),
        opened=reasoned(handed.opened, reason),
        cells=change,
        moves=moves[["household_code", "cell_code"]],
        consequences=tuple(affected.consequences(change, moves, handed)),
        notes=tuple(affected.notes(change, moves, handed)),
        seen=affected.seen(change, whole=bool(followers)),
        reverses=batch,
    )


@dataclass(frozen=True)
class _Former:
    """What a change did to the cells: their states before it, and those it left.

    Attributes
    ----------
    before : GeoDataFrame
        Records that the change superseded, by code: the cells it retired or gave another shape.
    after : GeoDataFrame
        Records that it made of the cells that went on or began, by code.
    ended : frozenset of str
        Codes that it retired.
    lineage : DataFrame ``parent_code, child_code``
    homes : DataFrame
        Records of households' cells that it superseded.
    moved : DataFrame
        Those that it made and that still hold.
    officers : DataFrame
        Responsibilities that it superseded.
    is_changed : bool
        Whether a later change has superseded what it made.
    """

    batch: str
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    ended: frozenset[str]
    lineage: pd.DataFrame
    homes: pd.DataFrame
    moved: pd.DataFrame
    officers: pd.DataFrame
    is_changed: bool

    @classmethod
    def read(cls, session: Session, batch: str) -> _Former:
        made: Any = records_of(session, CellRecord, batch=batch)
        moved = records_of(session, HouseholdCell, batch=batch, in_force=True)
        before: Any = records_of(session, CellRecord, closed_by=batch)
        standing = made[made["superseded_at"].isna() & made["current"].astype(bool)]
        lasting = standing[standing["valid_to"].isna()]
        ended = set(before["code"]) - set(lasting["code"])
        return cls(
            batch=batch,
            before=before.set_index("code"),
            after=lasting.set_index("code"),
            ended=frozenset(ended),
            lineage=records_of(session, Lineage, batch=batch),
            homes=records_of(session, HouseholdCell, closed_by=batch),
            moved=moved[moved["current"].astype(bool)],
            officers=records_of(session, Responsibility, closed_by=batch),
            is_changed=bool(set(made["code"]) - set(standing["code"])),
        )

    @property
    def village_code(self) -> str:
        found = {*self.before["village_code"], *self.after["village_code"]}
        if len(found) != 1:
            raise RuleError(_("这项变更没有改动网格，不能按网格撤回。"))
        return str(found.pop())

    def require_unchanged(self, ground: VillageGround) -> None:
        """Refuse when a cell is no longer as the change left it (`RuleError`)."""
        present = ground.cells.set_index("code").geometry
        changed = [
            str(code)
            for code, shape in self.after.geometry.items()
            if code not in present.index or not shapely.equals_identical(present[code], shape)
        ]
        if changed or self.is_changed:
            raise RuleError(
                _("这些网格后来又有变动（{codes}），不能直接撤回。").format(
                    codes="、".join(changed) or _("已停用的网格")
                ),
                hint=_("请先撤回后来的变动，或重新画出所要的网格。"),
            )


def _change_back(
    session: Session, former: _Former, ground: VillageGround, *, on: date, event: str
) -> tuple[CellChange, dict[str, str]]:
    """The change that leads back, and under which code each cell that had ended comes back."""
    ended = former.before.loc[sorted(former.ended)]
    lost = gpd.GeoDataFrame(
        {"village_code": ended["village_code"].tolist(), "name": ended["name"].tolist()},
        geometry=ended.geometry.tolist(),
        crs=STORED_CRS,
    )
    codes = number_cells(lost, used=used_cell_codes(session, ground.code)).tolist()
    followers = dict(zip(sorted(former.ended), codes, strict=True))
    begun = sorted(set(former.after.index) - set(former.before.index))
    shaped = sorted(set(former.after.index) & set(former.before.index))
    pairs = [
        (child, followers[parent])
        for parent, child in zip(former.lineage["parent_code"], former.lineage["child_code"], strict=True)
        if parent in followers
    ]
    change = CellChange(
        on=on,
        event=event,
        created=lost.assign(code=codes),
        retired=tuple(begun),
        reshaped=gpd.GeoDataFrame(
            {"code": shaped}, geometry=former.before.loc[shaped].geometry.tolist(), crs=STORED_CRS
        ),
        lineage=pd.DataFrame(pairs, columns=["parent_code", "child_code"]),
    )
    return change, followers


def _require_free_land(ground: VillageGround, change: CellChange, rules: Rules) -> None:
    """Refuse to bring back a cell on land that others have been given since (`RuleError`)."""
    after = cells_after(
        ground.cells, created=change.created, reshaped=change.reshaped, retired=change.retired
    )
    grown = (
        tiling(after, village=ground.shape).overlap_m2 - tiling(ground.cells, village=ground.shape).overlap_m2
    )
    if grown > rules["cell_overlap_m2"].value:
        raise RuleError(
            _("原来的土地有 {area:.0f} 平方米已划入其他网格，不能撤回。").format(area=grown),
            hint=_("请先撤回后来的变动。"),
        )


def _officers(
    session: Session,
    former: _Former,
    affected: Affected,
    change: CellChange,
    followers: Mapping[str, str],
) -> HandedOn:
    """The officers of before, unless others have been put in since: then those follow the land."""
    standing = affected.records_of(change.retired)
    made = records_of(session, Responsibility, batch=former.batch, in_force=True)
    if set(standing["id"]) <= set(made["id"]):
        before = former.officers[former.officers["target_code"].isin(followers)]
        there = serving(session, before["holder_code"], on=change.on)
        back = restored(
            standing,
            before[before["holder_code"].isin(there)],
            followers=followers,
            on=change.on,
        )
        require_uncontested(back.opened, on=change.on)
        return back
    return handed_on(affected, change, {}, together=change.event == "merge")


def _moves(
    session: Session,
    former: _Former,
    affected: Affected,
    change: CellChange,
    followers: Mapping[str, str],
) -> pd.DataFrame:
    """Households that the change moved go back where they were; others follow the land."""
    moves = affected.moves(session, change)
    present = dict(zip(affected.households["code"], affected.households["cell_code"], strict=True))
    was = dict(zip(former.homes["household_code"], former.homes["cell_code"], strict=True))
    came = dict(zip(former.moved["household_code"], former.moved["cell_code"], strict=True))
    back = [
        (code, followers.get(was[code], was[code]), cell, INSIDE)
        for code, cell in came.items()
        if code in was and _same(present.get(code), cell)
    ]
    rest = moves[~moves["household_code"].isin([one[0] for one in back])]
    found = pd.DataFrame(
        [*back, *rest.itertuples(index=False, name=None)], columns=MOVE_COLUMNS, dtype=object
    )
    found["cell_code"] = found["cell_code"].where(found["cell_code"].notna(), None)
    require_joined(session, found, on=change.on)
    return found


def _same(one: Any, other: Any) -> bool:
    return bool(one == other or (pd.isna(one) and pd.isna(other)))
