"""The gaps of a day as the map draws them: which places, which villages, how many households where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.analysis.coverage import pairs_hardship_only
from geo.analysis.gaps.evidence import Evidence
from geo.answers.gap_book import ScoredGaps
from geo.codes import TOWNSHIP
from geo.frames import is_among
from geo.vocabulary import EntityKind
from layers.mercator import project_geometries
from layers.part import Part, Territory, area_shapes, inner_points

AREA_KINDS = ("land_uncovered", "cell_overlap")
OWNER_KINDS = ("owner_inactive", "owner_overloaded", "owner_remote")
PLACE_KINDS = (*AREA_KINDS, *OWNER_KINDS)
POINT_KINDS = ("household_unpaired", "household_misplaced")
VILLAGE_FLAGS = {
    "unstaffed": "village_unstaffed",
    "understaffed": "team_understaffed",
    "chain": "chain_broken",
    "overdue": "rectification_overdue",
}
"""Attributes of villages on the map, each with the kind of gap that it tells."""
_HOUSEHOLD, _AREA = str(EntityKind.HOUSEHOLD), str(EntityKind.AREA)
_UNPAIRED = "household_unpaired"


@dataclass(frozen=True)
class GapPicture:
    """What there is to draw of the gaps of a day, in Web Mercator.

    Attributes
    ----------
    areas : Part
        Polygons with ``kind``, of `AREA_KINDS`.
    places : Part
        A point with ``kind`` for each gap of `PLACE_KINDS`: in the middle of an area, or where a holder is;
        of one who is outside the township concerned, in the middle of the village or township.
    villages : Part
        ``code`` of the villages that have a gap, with a flag each of `VILLAGE_FLAGS`; no geometry.
    homes : Part
        Points with ``kind``, of `POINT_KINDS`. Where only households in hardship must be paired, the points
        of unpaired ones would tell who is in hardship: there are none then (domain §9).
    counts : Part
        A point for each cell with gaps of households, or each village for those without a cell: ``n``
        households, of them ``unpaired``.
    """

    areas: Part
    places: Part
    villages: Part
    homes: Part
    counts: Part

    def digests(self, townships: Sequence[str]) -> dict[str, bytes]:
        """For each township a digest of all there is to draw in it; none where there is nothing."""
        hashes = {code: blake2b(digest_size=16) for code in townships}
        filled = set()
        for field in fields(self):
            for code, part in getattr(self, field.name).by_township(townships).items():
                if len(part.territory.number):
                    filled.add(code)
                    hashes[code].update(field.name.encode() + _content(part))
        return {code: hashes[code].digest() for code in sorted(filled)}


def _content(part: Part) -> bytes:
    shapes = [] if part.shapes is None else [part.fingerprint]
    points = [] if part.points is None else [np.ascontiguousarray(part.points).tobytes()]
    columns = [repr(column.tolist()).encode() for column in part.columns.values()]
    return b"".join([*shapes, *points, *columns])


def gap_picture(found: ScoredGaps) -> GapPicture:
    """What there is to draw of the gaps that were found."""
    gaps, evidence = found.gaps, found.evidence
    areas = gaps[gaps["kind"].isin(AREA_KINDS).to_numpy(bool) & gaps.geometry.notna().to_numpy()]
    shapes = area_shapes(areas)
    owners = _placed_owners(gaps)
    points = np.vstack([inner_points(shapes), _owner_points(owners, evidence)])
    both = pd.concat([areas, owners])
    single = gaps[(gaps["target_kind"] == _HOUSEHOLD).to_numpy(bool) & gaps["kind"].ne("chain_broken")]
    return GapPicture(
        areas=Part(shapes, {"kind": _texts(areas["kind"])}, _territory(areas)),
        places=Part(None, {"kind": _texts(both["kind"])}, _territory(both), points),
        villages=_villages(gaps, evidence.areas),
        homes=_homes(single, hides_unpaired=pairs_hardship_only(found.rules)),
        counts=_counts(single, evidence),
    )


def nothing() -> GapPicture:
    """A picture without anything in it."""
    nowhere, no_points = Territory([]), np.empty((0, 2))
    kinds = {"kind": _none()}
    flags = {"code": _none(), **{flag: _none() for flag in VILLAGE_FLAGS}}
    numbers = {name: np.empty(0, dtype=int) for name in ("n", "unpaired")}
    return GapPicture(
        areas=Part(_none(), kinds, nowhere),
        places=Part(None, kinds, nowhere, no_points),
        villages=Part(None, flags, nowhere),
        homes=Part(None, kinds, nowhere, no_points),
        counts=Part(None, numbers, nowhere, no_points),
    )


def _none() -> Any:
    return np.empty(0, dtype=object)


def _texts(column: pd.Series) -> Any:
    return column.to_numpy(dtype=object)


def _territory(gaps: pd.DataFrame) -> Territory:
    """Where gaps lie: in a village, else in a township."""
    village = gaps["village_code"].astype(object)
    return Territory(village.where(village.notna(), gaps["township_code"].astype(object)))


def _villages(gaps: pd.DataFrame, area_villages: pd.DataFrame) -> Part:
    """The villages with a gap of their own or of something in them; of an area, all its villages."""
    bearers = {flag: gaps[gaps["kind"] == kind] for flag, kind in VILLAGE_FLAGS.items()}
    codes = {flag: {*rows["village_code"].dropna()} for flag, rows in bearers.items()}
    broken = bearers["chain"]
    areas = broken.loc[broken["target_kind"] == _AREA, "target_code"]
    codes["chain"] |= {*area_villages.loc[is_among(area_villages["area_code"], areas), "village_code"]}
    every = np.array(sorted(set().union(*codes.values())), dtype=object)
    flags = {flag: _flag(every, bearing) for flag, bearing in codes.items()}
    return Part(None, {"code": every, **flags}, Territory(every))


def _flag(codes: Any, bearing: set[str]) -> Any:
    """True for the codes that bear something, None for the others: tiles don't carry that."""
    return np.array([True if code in bearing else None for code in codes], dtype=object)


def _homes(single: gpd.GeoDataFrame, *, hides_unpaired: bool) -> Part:
    shown = [kind for kind in POINT_KINDS if not (hides_unpaired and kind == _UNPAIRED)]
    homes = single[single["kind"].isin(shown).to_numpy(bool) & single.geometry.notna().to_numpy()]
    xy = shapely.get_coordinates(project_geometries(homes.geometry.array))
    return Part(None, {"kind": _texts(homes["kind"])}, _territory(homes), xy)


def _counts(single: pd.DataFrame, evidence: Evidence) -> Part:
    """Households with gaps by cell, or by village where they are in no cell; one with several counts once."""
    homes = evidence.households
    concerned = homes[is_among(homes["code"], single["target_code"]).to_numpy()].set_index("code")
    known = is_among(concerned["cell_code"], evidence.cells["code"])
    where = concerned["cell_code"].astype(object).where(known, concerned["village_code"].astype(object))
    unpaired = single.loc[single["kind"] == _UNPAIRED, "target_code"]
    marked = pd.DataFrame({"where": where, "unpaired": concerned.index.isin(unpaired)})
    counted = marked.groupby("where")["unpaired"].agg(n="size", unpaired="sum")
    points = _middles(counted.index, evidence)
    columns: Mapping[str, Any] = {name: counted[name].to_numpy(dtype=int) for name in ("n", "unpaired")}
    return Part(None, columns, Territory(counted.index.astype(object)), points)


def _placed_owners(gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gaps of holders that have a place and a township: of things not there on that day nobody knows one."""
    is_owner = gaps["kind"].isin(OWNER_KINDS) & gaps["township_code"].notna()
    return gaps[is_owner.to_numpy(bool) & gaps.geometry.notna().to_numpy()]


def _owner_points(owners: gpd.GeoDataFrame, evidence: Evidence) -> Any:
    """Where holders are, or what they hold where that is not in the same township: tiles go by township."""
    village = owners["village_code"].astype(object)
    at = pd.Index(village.where(village.notna(), owners["township_code"].astype(object)))
    whole = evidence.villages.geometry.bounds.groupby(evidence.villages["code"].str[:TOWNSHIP].to_numpy())
    west, south, east, north = (
        whole[side].agg(side[:3]).reindex(owners["township_code"]).to_numpy()
        for side in ("minx", "miny", "maxx", "maxy")
    )
    x, y = owners.geometry.x.to_numpy(), owners.geometry.y.to_numpy()
    is_there = (west <= x) & (x <= east) & (south <= y) & (y <= north)
    own = inner_points(project_geometries(owners.geometry.array))
    return np.where(is_there[:, None], own, _middles(at, evidence))


def _middles(codes: pd.Index, evidence: Evidence) -> Any:
    """A point inside each of these cells, villages and townships."""
    frames = [evidence.cells, evidence.villages, evidence.townships]
    chosen = [frame[is_among(frame["code"], codes).to_numpy()] for frame in frames]
    shapes = pd.Series(
        np.concatenate([frame.geometry.to_numpy() for frame in chosen]),
        index=pd.concat([frame["code"].astype(object) for frame in chosen]),
        dtype=object,
    )
    return inner_points(project_geometries(shapes[~shapes.index.duplicated()].reindex(codes).to_numpy()))
