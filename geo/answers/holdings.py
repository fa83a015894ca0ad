"""Everything one cadre or unit answers for on a day, where it is, how far away and how much."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.matching import COUNT_LIMITS, distances_km
from geo.analysis.network import holder_places
from geo.analysis.workload import holder_loads, limits
from geo.answers.sight import HOLDERS, in_sight
from geo.codes import CELL, TOWNSHIP, VILLAGE, is_division_code
from geo.crs import STORED_CRS
from geo.errors import CodeError
from geo.i18n import N_, _
from geo.operations.holders import target_points, villages_by_target
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.store import queries
from geo.store.aggregates import household_counts, households_in_cells, places_of
from geo.store.engine import Store
from geo.store.subjects import entries_of, positions_of, post_of
from geo.vocabulary import CadreLevel, EntityKind, ResponsibilityKind, label_of

TABLE_COLUMNS = [
    "kind",
    "rank",
    "target_code",
    "target_name",
    "target_kind",
    "village_code",
    "valid_from",
    "valid_to",
    "households",
    "distance_km",
]
_LOADS = {"cells": N_("网格"), "households": N_("网格内户数"), "paired": N_("结对户")}
_COUNTED = {"cells": "grid_officer", "households": "grid_officer", "paired": "staff"}


@dataclass(frozen=True)
class Load:
    """One figure of what a holder bears, and the most it should be (None: no limit)."""

    name: str
    value: int
    limit: float | None

    @property
    def is_over(self) -> bool:
        """Whether it is too much."""
        return self.limit is not None and self.value > self.limit


@dataclass(frozen=True)
class Holdings:
    """What a holder holds.

    Attributes
    ----------
    code, name : str
    detail : str
        Unit, level and post of a cadre, and whether something is out of the actor's sight.
    base : shapely point in EPSG:4490, or None
        Where the holder is.
    table : GeoDataFrame in EPSG:4490
        `TABLE_COLUMNS` and ``geometry`` (points), by kind and target: what lies in the actor's sight.
        ``households`` is missing where a count means nothing. Positions of single households, and how far
        they are, are only given to roles that may see them.
    loads : tuple of Load
        Counted over everything that is held, in sight or not.
    hidden : int
        How many things lie out of sight.
    """

    code: str
    name: str
    detail: str
    base: Any
    table: gpd.GeoDataFrame
    loads: tuple[Load, ...]
    hidden: int


def holdings(
    store: Store, actor: Actor, holder_code: str, *, as_of: date, known_at: datetime | None = None
) -> Holdings:
    """Everything a cadre or unit holds on a day.

    Cadres and units are known to all; of what they hold, the actor sees what lies in the own scope.

    Raises
    ------
    CodeError
        Nobody has this code.
    """
    with store.read() as session:
        name = _name(session, holder_code)
        held = queries.responsibilities(session, as_of=as_of, known_at=known_at, holders=[holder_code])
        targets = set(held["target_code"])
        places = places_of(session, targets, as_of=as_of, known_at=known_at)
        seen = held[np.array([in_sight(actor, code, places) for code in held["target_code"]], dtype=bool)]
        homes = _homes(session, targets, as_of, known_at)
        base = _base(session, holder_code, as_of)
        table = _table(session, actor, seen, base, homes)
        hidden = len(held) - len(seen)
        return Holdings(
            code=holder_code,
            name=name,
            detail=_detail(session, holder_code, hidden, as_of),
            base=base,
            table=table,
            loads=_loads(held, homes, holder_code, rules_on(session, as_of, known_at=known_at)),
            hidden=hidden,
        )


def _name(session: Session, code: str) -> str:
    entries = entries_of(session, [code])
    found = entries[entries["kind"].isin([str(kind) for kind in HOLDERS])]
    if found.empty:
        raise CodeError(_("没有代码为“{code}”的干部或单位。").format(code=code), hint=_("请核对代码后再试。"))
    return str(found["name"].iloc[0])


def _base(session: Session, code: str, as_of: date) -> Any:
    """Where a holder is: its own point, else the seat of its unit; None where neither is known."""
    own = positions_of(session, [code])
    if len(own):
        return own.iloc[0]
    cadres = queries.layer_frame(session, "cadres", as_of=as_of)
    places = holder_places(cadres, queries.layer_frame(session, "units", as_of=as_of))
    found = places.loc[places["code"] == code, "geometry"]
    return found.iloc[0] if len(found) else None


def _homes(
    session: Session, targets: Collection[str], as_of: date, known_at: datetime | None
) -> dict[str, int]:
    """Households of the cells, villages and townships among the targets."""
    wider = {code for code in targets for digits in (TOWNSHIP, VILLAGE) if is_division_code(code, digits)}
    empty = dict.fromkeys([*wider, *(code for code in targets if is_division_code(code, CELL))], 0)
    counted = household_counts(session, as_of=as_of, known_at=known_at, within=wider)
    keys = (counted["village_code"], counted["village_code"].str[:TOWNSHIP])
    sums = pd.concat([counted["households"].groupby(key).sum() for key in keys])
    inside = households_in_cells(session, targets, as_of=as_of, known_at=known_at)
    return empty | inside | {str(code): int(number) for code, number in sums.items()}


def _table(
    session: Session, actor: Actor, seen: pd.DataFrame, base: Any, homes: Mapping[str, int]
) -> gpd.GeoDataFrame:
    targets = set(seen["target_code"])
    villages = villages_by_target(session, targets)
    entries = entries_of(session, targets).drop_duplicates("code").set_index("code")
    points = target_points(session, villages)
    codes = seen["target_code"].astype(object)
    kind = codes.map(entries["kind"]).astype(object)
    is_home = (kind == str(EntityKind.HOUSEHOLD)).to_numpy(bool)
    place = points.reindex(codes).to_numpy()
    if not actor.sees_positions:
        place = np.where(is_home, None, place)
    table = gpd.GeoDataFrame(
        {
            **{name: seen[name].to_numpy() for name in ("kind", "rank", "target_code")},
            "target_name": codes.map(entries["name"]).astype(object).to_numpy(),
            "target_kind": kind.to_numpy(),
            "village_code": [next(iter(villages[code]), None) for code in codes],
            **{name: seen[name].to_numpy() for name in ("valid_from", "valid_to")},
            "households": pd.array([homes.get(code) for code in codes], dtype="Int64"),
        },
        geometry=place,
        crs=STORED_CRS,
    )
    here = gpd.GeoDataFrame(geometry=[base], crs=STORED_CRS)
    table["distance_km"] = distances_km(table, here)[:, 0].round(3) if len(table) else []
    return table.sort_values(["kind", "target_code", "rank"], ignore_index=True)[[*TABLE_COLUMNS, "geometry"]]


def _loads(held: pd.DataFrame, homes: Mapping[str, int], code: str, rules: Rules) -> tuple[Load, ...]:
    borne, most = holder_loads(held, homes, [code]).loc[code], limits(rules)
    kinds = set(held["kind"])
    found = [
        Load(_(words), int(borne[name]), most[name])
        for name, words in _LOADS.items()
        if _COUNTED[name] in kinds
    ]
    others = held[~held["kind"].isin(set(_COUNTED.values()))]
    for kind, part in others.groupby("kind"):
        limit = rules[COUNT_LIMITS[str(kind)]].value if kind in COUNT_LIMITS else None
        label = label_of(ResponsibilityKind(str(kind)))
        found.append(Load(label, part["target_code"].nunique(), limit))
    return tuple(found)


def _detail(session: Session, code: str, hidden: int, as_of: date) -> str:
    said = []
    if post := post_of(session, code, as_of=as_of):
        unit, level, duty = post
        said += [unit] if unit else []
        said += [label_of(CadreLevel(level))] if level else []
        said += [duty] if duty else []
    if hidden:
        said.append(_("另有 {count} 项不在您的范围内").format(count=hidden))
    return " · ".join(said)
