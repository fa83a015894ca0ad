"""Proposing cells for a village or a township: drawn, measured beside today's, owners suggested.

A proposal changes nothing. What is chosen of it becomes requests that replace a village's cells
(`geo.operations.cells`), one change a village, so that each can be looked at and undone by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.analysis.ownership import of_kind
from geo.analysis.partition import PartitionQuality, partition_quality, propose_cells
from geo.analysis.periods import in_force
from geo.codes import CELL, TOWNSHIP, VILLAGE, is_division_code, require_code, village_of
from geo.crs import to_metric
from geo.errors import CodeError, InputError, RuleError
from geo.exchange.drawn import read_lines
from geo.i18n import _
from geo.operations.requests import CellRequest
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.store.aggregates import placed_households
from geo.store.cell_reads import VillageGround, cell_officers, serving, village_ground
from geo.store.engine import Store
from geo.store.queries import entity_names, layer_frame
from geo.vocabulary import Rank, ResponsibilityKind

Progress = Callable[[str, int, int], None]
MOST_CELLS = 999
"""A village's cells have three digits of their own."""


@dataclass(frozen=True)
class VillageProposal:
    """Cells proposed for one village, beside today's.

    Attributes
    ----------
    village_code, village_name : str
    cells : GeoDataFrame in EPSG:4490
        ``position, households, area_km2, officer_code, officer_name, geometry``; the officer is the one who
        answers for most of that land today, None where nobody does.
    today, proposed : PartitionQuality
        Measured for the same target.
    """

    village_code: str
    village_name: str
    cells: gpd.GeoDataFrame
    today: PartitionQuality
    proposed: PartitionQuality


@dataclass(frozen=True)
class Proposal:
    """What is proposed for each village, and for which day's state."""

    as_of: date
    villages: tuple[VillageProposal, ...]

    def table(self) -> pd.DataFrame:
        """Figures of each village, today and proposed.

        Returns
        -------
        DataFrame
            ``village_code, village_name`` and, with ``_today`` and ``_proposed`` behind, ``cells, within_20,
            worst_ratio, contiguous, compactness, uncovered_m2, overlap_m2, border_on_lines``.
        """
        return pd.DataFrame([_figures(one) for one in self.villages])

    def requests(
        self, *, on: date, reason: str, villages: Collection[str] | None = None, keep_officers: bool = True
    ) -> list[CellRequest]:
        """Requests that put the proposal into effect, one a village.

        Parameters
        ----------
        villages : collection of str or None
            Only these; None for all.
        keep_officers : bool
            Whether the suggested officers answer for the new cells; else responsibilities follow the lineage.
        """
        return [
            CellRequest(
                "replace",
                one.village_code,
                on,
                reason,
                parts=tuple(mapping(shape) for shape in one.cells.geometry),
                owners=_owners(one.cells) if keep_officers else None,
            )
            for one in self.villages
            if villages is None or one.village_code in villages
        ]


def propose(
    store: Store,
    actor: Actor,
    code: str,
    *,
    as_of: date,
    target: float | None = None,
    count: int | None = None,
    lines_path: Path | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Propose cells for a village, or for each village of a township.

    Parameters
    ----------
    code : str
        Code of a village or township.
    as_of : date
        Whose cells, households and officers are today's.
    target : float, optional
        Households a cell; by default the rule ``cell_households_target``.
    count : int, optional
        How many cells; for one village only.
    lines_path : Path, optional
        File of roads and rivers that borders should follow.
    progress : callable, optional
        Told the village, how many are done and how many there are.

    Raises
    ------
    CodeError
        The code is neither a village's nor a township's.
    InputError
        The figures make no sense, or the file cannot be read.
    RuleError
        A village has no shape.
    PermissionError_
        The place lies outside the actor's scope.
    """
    _require_sense(code, target, count)
    require_read(actor, code)
    lines = None if lines_path is None else read_lines(lines_path)
    with store.read() as session:
        rules = rules_on(session, as_of)
    tell = progress or (lambda _step, _done, _total: None)
    grounds = _grounds(store, code, as_of)
    found = []
    for at, ground in enumerate(grounds):
        tell(ground.village.name, at, len(grounds))
        found.append(_propose(ground, rules, target=target, count=count, lines=lines))
    tell(_("完成"), len(grounds), len(grounds))
    return Proposal(as_of, tuple(found))


def propose_parts(store: Store, actor: Actor, code: str, *, into: int, as_of: date) -> list[dict[str, Any]]:
    """Divide one cell into so many parts with about as many households each, as GeoJSON geometries.

    Raises
    ------
    InputError
        Fewer than two parts are asked for.
    RuleError
        There is no such cell on the day.
    PermissionError_
        It lies outside the actor's scope.
    """
    village_code = village_of(require_code(code, CELL))
    require_read(actor, village_code)
    if into < 2:
        raise InputError(_("至少要划分为 2 个网格。"))
    with store.read() as session:
        ground = village_ground(session, village_code, as_of=as_of)
        homes = placed_households(session, as_of=as_of, within=(village_code,)).geometry
        rules = rules_on(session, as_of)
    shape = ground.cells.loc[ground.cells["code"] == code, "geometry"]
    if shape.empty:
        raise RuleError(_("{day} 没有代码为 {code} 的网格。").format(day=as_of.isoformat(), code=code))
    parts = propose_cells(shape.iloc[0], homes, rules=rules, count=into)
    return [mapping(part) for part in parts]


def _require_sense(code: str, target: float | None, count: int | None) -> None:
    if not any(is_division_code(code, length) for length in (TOWNSHIP, VILLAGE)):
        raise CodeError(_("代码“{code}”不是村或乡镇的代码。").format(code=code))
    if (target is not None and not 0 < target < inf) or (count is not None and count < 1):
        raise InputError(_("目标户数和网格数都应大于 0。"))
    if count is not None and count > MOST_CELLS:
        raise InputError(_("一个村最多 {most} 个网格。").format(most=MOST_CELLS))
    if target is not None and count is not None:
        raise InputError(_("目标户数和网格数只能给出一个。"))
    if count is not None and len(code) != VILLAGE:
        raise InputError(_("网格数只能用于一个村；乡镇请给出目标户数。"))


@dataclass(frozen=True)
class _Ground:
    """All that is read of one village before cells are proposed for it."""

    village: VillageGround
    households: gpd.GeoSeries
    officers: pd.DataFrame
    names: dict[str, str]


def _grounds(store: Store, code: str, as_of: date) -> list[_Ground]:
    """The villages, read in one go: drawing takes long and must not keep a transaction open."""
    with store.read() as session:
        villages = layer_frame(session, "villages", within=(code,))["code"].tolist()
        if not villages:
            raise CodeError(_("没有代码为“{code}”的村或乡镇。").format(code=code))
        return [_ground(session, str(village), as_of) for village in villages]


def _ground(session: Session, code: str, as_of: date) -> _Ground:
    village = village_ground(session, code, as_of=as_of)
    if village.shape is None or village.shape.is_empty:
        raise RuleError(
            _("{name}（{code}）没有边界，不能划分网格。").format(name=village.name, code=code),
            hint=_("请先导入村界。"),
        )
    officers = of_kind(
        in_force(cell_officers(session, village.cell_codes), as_of), ResponsibilityKind.GRID_OFFICER
    )
    leading = officers[officers["rank"] != str(Rank.ASSISTANT)]
    leading = leading[leading["holder_code"].isin(serving(session, leading["holder_code"], on=as_of))]
    names = entity_names(session, leading["holder_code"])
    called = dict(zip(names["code"], names["name"], strict=True))
    homes = placed_households(session, as_of=as_of, within=(code,)).geometry
    return _Ground(village, homes, leading, called)


def _propose(
    ground: _Ground, rules: Rules, *, target: float | None, count: int | None, lines: gpd.GeoSeries | None
) -> VillageProposal:
    village, homes = ground.village, ground.households
    near = None if lines is None else lines[lines.intersects(village.shape)].reset_index(drop=True)
    shapes = propose_cells(village.shape, homes, rules=rules, target=target, count=count, lines=near)
    standard = target or (
        len(homes) / count if count and len(homes) else rules["cell_households_target"].value
    )
    measured: dict[str, Any] = {"target": standard, "lines": near}
    present = village.cells.geometry
    return VillageProposal(
        village_code=village.code,
        village_name=village.name,
        cells=_cells(ground, shapes),
        today=partition_quality(present[present.notna()], village.shape, homes, **measured),
        proposed=partition_quality(shapes, village.shape, homes, **measured),
    )


def _cells(ground: _Ground, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    codes = _suggested(ground, shapes)
    cells = gpd.GeoDataFrame({"position": range(len(shapes))}, geometry=shapes.reset_index(drop=True))
    inside = shapely.intersects(shapes.to_numpy()[:, None], ground.households.to_numpy()[None, :])
    first = inside & (np.cumsum(inside, axis=0) == 1)  # on a border a household counts once
    return cells.assign(
        households=first.sum(axis=1),
        area_km2=(to_metric(cells).area / 1e6).round(4),
        officer_code=pd.Series(codes, dtype=object),
        officer_name=pd.Series([ground.names.get(code) if code else None for code in codes], dtype=object),
    )


def _suggested(ground: _Ground, shapes: gpd.GeoSeries) -> list[str | None]:
    """For each new cell the officer who answers for most of its land today."""
    led = ground.village.cells.merge(
        ground.officers[["target_code", "holder_code"]], left_on="code", right_on="target_code"
    )
    if led.empty:
        return [None] * len(shapes)
    old = to_metric(led)
    shared = shapely.area(
        shapely.intersection(
            shapes.to_crs(old.crs).to_numpy()[:, None], old.geometry.make_valid().to_numpy()[None, :]
        )
    )
    by_officer = pd.DataFrame(shared.T).groupby(old["holder_code"].to_numpy()).sum()
    return [str(land.idxmax()) if land.max() > 0 else None for _position, land in by_officer.items()]


def _owners(cells: gpd.GeoDataFrame) -> dict[str, str]:
    chosen = cells[cells["officer_code"].notna()]
    return {str(at): str(code) for at, code in zip(chosen["position"], chosen["officer_code"], strict=True)}


_MEASURES = (
    "cells",
    "within_20",
    "worst_ratio",
    "contiguous",
    "compactness",
    "uncovered_m2",
    "overlap_m2",
    "border_on_lines",
)


def _figures(one: VillageProposal) -> dict[str, Any]:
    figures: dict[str, Any] = {"village_code": one.village_code, "village_name": one.village_name}
    for when, quality in (("today", one.today), ("proposed", one.proposed)):
        figures |= {f"{name}_{when}": getattr(quality, name) for name in _MEASURES}
    return figures
