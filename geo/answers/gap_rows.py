"""Gaps as an account may see them: in its territory, single households only where it may see those."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import GAP_COLUMNS
from geo.analysis.gaps.severity import scored, worst_first
from geo.analysis.gaps.wording import named, told
from geo.answers.gap_book import ScoredGaps
from geo.codes import village_of
from geo.crs import STORED_CRS
from geo.frames import is_among
from geo.i18n import _
from geo.rules.gap_kinds import gap_kinds
from geo.store.queries import entity_names
from geo.vocabulary import EntityKind

NAME_COLUMNS = ["target_name", "village_name", "township_name", "who_name", "label"]

_HOUSEHOLD, _OVERLAP = str(EntityKind.HOUSEHOLD), "cell_overlap"
_TOGETHER = "households"
_HOMES_OF = (str(EntityKind.CELL), str(EntityKind.VILLAGE))
"""Unit and targets of a row that stands for the households of a cell, or of a village without cell."""
_GROUPED_BY = ["kind", "aspect", "village_code", "cell_code"]
_SAME = ["township_code", "source", "needs", "who_kind", "who_code"]
"""Columns in which the gaps of one kind in one cell are alike."""


def seen_gaps(
    found: ScoredGaps,
    actor: Actor,
    territory: Collection[str],
    kinds: Collection[str],
    *,
    by_cell: bool = False,
) -> gpd.GeoDataFrame:
    """The gaps of a territory as an account may see them, the worst first; without names.

    Parameters
    ----------
    territory : collection of str
        Code prefixes, as `geo.answers.scope.readable` gives them.
    kinds : collection of str
        Only these; none means all.
    by_cell : bool
        Whether households are counted by cell even for an account that may see them one by one.
    """
    gaps = found.gaps
    if kinds:
        gaps = gaps[is_among(gaps["kind"], kinds).to_numpy()]
    if "" not in territory:
        gaps = gaps[lying_in(gaps, tuple(territory))]
    gaps = _without_cells_of_others(gaps.reset_index(drop=True), actor, found.evidence)
    return _without_households(gaps, found) if by_cell or not actor.sees_positions else gaps


def _without_cells_of_others(gaps: gpd.GeoDataFrame, actor: Actor, evidence: Evidence) -> gpd.GeoDataFrame:
    """Of an overlap with a cell that the actor may not see only that cell's village is named."""
    laps = np.flatnonzero((gaps["kind"] == _OVERLAP).to_numpy())
    hidden = [at for at in laps if not actor.can_read(gaps["aspect"].iloc[at])]
    if not hidden:
        return gaps
    names = _names_of(evidence)
    aspect, why = gaps["aspect"].copy(), gaps["why"].copy()
    for at in hidden:
        cell, village = aspect.iloc[at], village_of(aspect.iloc[at])
        said = named(EntityKind.CELL, cell, names.get(cell))
        instead = named(EntityKind.VILLAGE, village, names.get(village))
        aspect.iloc[at], why.iloc[at] = village, why.iloc[at].replace(said, instead)
    return gaps.assign(aspect=aspect, why=why)


def gaps_in(rows: pd.DataFrame) -> pd.Series:
    """How many gaps each row stands for: households of a cell that are listed together count one by one."""
    together = (rows["unit"] == _TOGETHER) & rows["target_kind"].isin(_HOMES_OF)
    return rows["value"].where(together, 1).fillna(1).astype(int)


def lying_in(gaps: pd.DataFrame, prefixes: tuple[str, ...]) -> np.ndarray:
    """Which gaps lie in territory with these codes: a flag for each."""
    place = gaps["village_code"].where(gaps["village_code"].notna(), gaps["township_code"])
    lies_in: np.ndarray = place.fillna("").astype("str").str.startswith(prefixes).to_numpy(dtype=bool)
    return lies_in


def _without_households(gaps: gpd.GeoDataFrame, found: ScoredGaps) -> gpd.GeoDataFrame:
    """Gaps of single households as one row a cell with their number; the others as they are."""
    single = (gaps["target_kind"] == _HOUSEHOLD).to_numpy()
    if not single.any():
        return gaps
    counted = _by_cell(gaps[single], found.evidence)
    ranked = scored(counted, found.evidence, found.rules, households=counted["value"].to_numpy(np.int64))
    both = pd.concat([gaps[~single], ranked], ignore_index=True)
    return worst_first(both)


def _by_cell(gaps: gpd.GeoDataFrame, evidence: Evidence) -> gpd.GeoDataFrame:
    homes = evidence.households[is_among(evidence.households["code"], gaps["target_code"]).to_numpy()]
    cell = homes.drop_duplicates("code").set_index("code")["cell_code"].astype(object)
    known = set(evidence.cells["code"])
    placed = gaps["target_code"].map(cell)
    rows = pd.DataFrame(gaps.drop(columns="geometry")).assign(
        cell_code=placed.where(placed.isin(known), None)
    )
    groups = rows.groupby(_GROUPED_BY, dropna=False, sort=True)
    counted = groups[_SAME].first().assign(value=groups.size()).reset_index()
    counted["since"] = [_first(days) for _key, days in groups["since"]]
    in_cell = counted["cell_code"].notna()
    counted["target_kind"] = np.where(in_cell, str(EntityKind.CELL), str(EntityKind.VILLAGE))
    counted["target_code"] = counted["cell_code"].where(in_cell, counted["village_code"])
    counted["threshold"], counted["unit"] = None, _TOGETHER
    counted["why"] = list(_sentences(counted, evidence))
    shapes = _shapes(evidence).reindex(counted["target_code"].astype(object))
    plain = counted[GAP_COLUMNS].astype(object)
    return gpd.GeoDataFrame(plain.where(plain.notna(), None), geometry=shapes.to_numpy(), crs=STORED_CRS)


def _first(days: pd.Series) -> Any:
    """The earliest day; None when one is not known."""
    return None if days.isna().any() else min(days)


def _sentences(counted: pd.DataFrame, evidence: Evidence) -> Iterable[str]:
    names = _names_of(evidence)
    columns = (counted[name] for name in ("kind", "target_kind", "target_code", "value", "since"))
    for kind, target_kind, code, number, since in zip(*columns, strict=True):
        place, label = named(EntityKind(target_kind), code, names.get(code)), _(gap_kinds()[kind].label)
        fact = _("{place} 内有 {count} 户属“{label}”").format(place=place, count=number, label=label)
        yield told(fact, since)


def _shapes(evidence: Evidence) -> gpd.GeoSeries:
    shapes = [
        frame.set_index(frame["code"].astype(object)).geometry
        for frame in (evidence.cells, evidence.villages)
    ]
    both = pd.concat(shapes)
    return both[~both.index.duplicated()]


def named_gaps(session: Session, gaps: gpd.GeoDataFrame, evidence: Evidence) -> gpd.GeoDataFrame:
    """Gaps with `NAME_COLUMNS`: what and who they concern, in words; codes where there is no name."""
    names = _names_of(evidence)
    wanted = gaps.loc[gaps["target_kind"] != _HOUSEHOLD, "target_code"]
    unknown = {*wanted, *gaps.loc[gaps["who_kind"] == "unit", "who_code"]} - names.keys()
    more = entity_names(session, unknown).drop_duplicates("code") if unknown else None
    if more is not None:  # who has left the register still has a name
        names = {**dict(zip(more["code"], more["name"], strict=True)), **names}
    columns = {
        "target_name": [names.get(code, code) for code in gaps["target_code"]],
        "village_name": [names.get(code) for code in gaps["village_code"]],
        "township_name": [names.get(code) for code in gaps["township_code"]],
        "who_name": [_who(*who, names) for who in zip(gaps["who_kind"], gaps["who_code"], strict=True)],
        "label": [_(gap_kinds()[kind].label) for kind in gaps["kind"]],
    }
    texts = {name: pd.Series(texts, index=gaps.index, dtype=object) for name, texts in columns.items()}
    return gaps.assign(**texts)


def _names_of(evidence: Evidence) -> dict[str, str]:
    """How everything in the register is called; a cell without a name and a household by their codes."""
    names: dict[str, str] = {}
    for frame in (
        evidence.units,
        evidence.cadres,
        evidence.branches,
        evidence.groups,
        evidence.cells,
        evidence.villages,
        evidence.townships,
    ):
        called = frame[["code", "name"]].dropna()
        names.update(zip(called["code"], called["name"], strict=True))
    names.update(zip(evidence.areas["area_code"], evidence.areas["area_name"], strict=True))
    return names


def _who(kind: str, code: str, names: Mapping[str, str]) -> str:
    if kind == "coordinator":
        return _("{township}网格协调员").format(township=names.get(code, code))
    if kind == "unit":
        return names.get(code, code)
    return _("县委组织部")


def gap_documents(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Named gaps as JSON has them; ``lon, lat`` of a point inside (None without a place)."""
    points = table.geometry.representative_point()
    shown = pd.DataFrame(table.drop(columns="geometry")).rename(columns={"who_name": "who"})
    shown = shown.assign(lon=points.x, lat=points.y).astype(object)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in shown.where(shown.notna(), None).to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def gap_features(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """Named gaps as one GeoJSON feature collection (RFC 7946); what has no place has a null geometry.

    Coordinates are those of the store, which the member ``datum`` names: RFC 7946 knows WGS 84 only, from
    which CGCS2000 differs by less than a metre.
    """
    shapes = shapely.orient_polygons(table.geometry.to_numpy())
    features = [
        {
            "type": "Feature",
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
            "properties": properties,
        }
        for shape, properties in zip(shapes, gap_documents(table), strict=True)
    ]
    return {"type": "FeatureCollection", "datum": STORED_CRS, "features": features}
