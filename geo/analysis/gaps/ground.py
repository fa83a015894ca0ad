"""Gaps on the ground: land of a village in none of its cells, and cells that overlap.

Both are measured in metres, and what is nowhere wider than the tolerance is nothing: half the tolerance is
taken off the rim, and what is left grows back. Villages that `geo.analysis.tessellation` proves to be tiled
need no measuring.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.faces import Shapes, areal, projected
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.where import acting, townships_of
from geo.analysis.gaps.wording import named, told
from geo.analysis.gaps.zone import county_srid, metric_areas
from geo.analysis.periods import is_missing
from geo.analysis.tessellation import Flags, Ints, overlap_nowhere, united_by, wider_than
from geo.crs import STORED_CRS
from geo.frames import places_among
from geo.i18n import _
from geo.rules import Rules, Threshold
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import EntityKind

_M2_PER_HECTARE, _M2_PER_KM2 = 1e4, 1e6
_AROUND_DEG = 1e-3
"""A hundred metres, farther than borders straight in metres leave the frame of their corners in degrees."""


@gap_rule("land_uncovered", scope="village", reads=("villages", "cells", "households", "townships"))
def land_uncovered(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Villages with land in none of their cells: so much of it, or any with a household of the village in it.

    ``geometry`` and ``value`` are that land without its slivers. A household within half the tolerance of its
    rim is not in it. A village without cells is bare as a whole; of one without a shape nobody can tell.
    Since the youngest of its cells began, as far as that is known.
    """
    limit, tolerance = rules["gap_uncovered_m2"], rules["gap_tolerance_m"].value
    srid = county_srid(evidence)
    asked = wider_than(evidence.untiled, tolerance, srid=srid)
    land = _bare_land(evidence, asked, srid)
    homes = _homes_in(evidence, asked, _without_rim(land, tolerance), srid)
    bare = _without_slivers(land, tolerance)
    area = np.nan_to_num(shapely.area(bare))
    is_gap = (area > 0) & ((area >= limit.value) | (homes > 0))
    villages, cells = evidence.villages.iloc[asked[is_gap]], evidence.cells
    own = [cells[evidence.village_of_cell == at] for at in asked[is_gap]]
    since = [_youngest(some) for some in own]
    measures = zip(area[is_gap].tolist(), homes[is_gap].tolist(), strict=True)
    facts = [
        _bare_fact(named(EntityKind.VILLAGE, village.code, village.name_), len(some), m2, count, limit)
        for village, some, (m2, count) in zip(_named_rows(villages), own, measures, strict=True)
    ]
    columns = _columns("land_uncovered", evidence, villages["code"], area[is_gap], limit, since, facts)
    target = {"target_kind": str(EntityKind.VILLAGE), "target_code": villages["code"]}
    return gap_frame({**columns, **target}, _stored(bare[is_gap], srid))


@gap_rule("cell_overlap", scope="county", reads=("cells", "villages", "townships"))
def cell_overlap(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Pairs of cells, of the same village or of two, that have so much land in common.

    The target is the one with the smaller code, ``aspect`` the other. ``geometry`` and ``value`` are the land
    they share without its slivers. Since the younger of the two began, as far as that is known.
    """
    limit, tolerance = rules["gap_overlap_m2"], rules["gap_tolerance_m"].value
    srid, cells = county_srid(evidence), evidence.cells
    shapes = evidence.cell_areas
    first, second = _pairs(shapes, _doubtful_cells(evidence, limit.value, tolerance, srid), cells["code"])
    shared = _shared(shapes, first, second, tolerance, srid)
    area = shapely.area(shared)
    large = (area > 0) & (area >= limit.value)
    one, other = cells.iloc[first[large]], cells.iloc[second[large]]
    since = [_youngest(cells.iloc[[*pair]]) for pair in zip(first[large], second[large], strict=True)]
    text = _("{one} 与 {other} 重叠 {area}（达到 {limit}即为重叠）")
    facts = [
        text.format(
            one=named(EntityKind.CELL, left.code, left.name_),
            other=named(EntityKind.CELL, right.code, right.name_),
            area=_area_text(m2),
            limit=_area_text(limit.value),
        )
        for left, right, m2 in zip(_named_rows(one), _named_rows(other), area[large].tolist(), strict=True)
    ]
    columns = _columns("cell_overlap", evidence, one["village_code"], area[large], limit, since, facts)
    target = {"target_kind": str(EntityKind.CELL), "target_code": one["code"], "aspect": other["code"]}
    return gap_frame({**columns, **target}, _stored(shared[large], srid))


def _columns(
    kind: str,
    evidence: Evidence,
    villages: pd.Series,
    area_m2: npt.NDArray[np.float64],
    limit: Threshold,
    since: list[Any],
    facts: list[str],
) -> dict[str, Any]:
    townships = townships_of(evidence, villages.tolist())
    return {
        "kind": kind,
        "village_code": villages,
        "township_code": townships,
        "value": np.round(area_m2, 1).tolist(),
        "threshold": limit.value,
        "unit": limit.unit,
        "source": gap_kinds()[kind].source,
        "since": since,
        "why": [told(fact, day) for fact, day in zip(facts, since, strict=True)],
        **acting(kind, townships),
    }


def _bare_fact(village: str, cells: int, area_m2: float, homes: int, limit: Threshold) -> str:
    if not cells:
        fact = _("{village} 没有网格，全村 {area}都是空白").format(village=village, area=_area_text(area_m2))
    else:
        fact = _("{village} 有 {area}土地不属于本村任何网格（达到 {limit}即为空白区）").format(
            village=village, area=_area_text(area_m2), limit=_area_text(limit.value)
        )
    return _("{fact}，其中有 {homes} 户").format(fact=fact, homes=homes) if homes else fact


def _area_text(area_m2: float) -> str:
    if area_m2 < _M2_PER_HECTARE:
        return _("{area:,.0f} 平方米").format(area=area_m2)
    if area_m2 < _M2_PER_KM2:
        return _("{area:.1f} 公顷").format(area=area_m2 / _M2_PER_HECTARE)
    return _("{area:.2f} 平方公里").format(area=area_m2 / _M2_PER_KM2)


def _named_rows(rows: gpd.GeoDataFrame) -> Any:
    return rows[["code", "name"]].rename(columns={"name": "name_"}).itertuples(index=False)


def _youngest(cells: pd.DataFrame) -> Any:
    return max((day for day in cells["valid_from"] if not is_missing(day)), default=None)


def _stored(shapes: Shapes, srid: int) -> list[Any]:
    """Shapes in metres as multipolygons in EPSG:4490."""
    stored = gpd.GeoSeries(shapes, crs=srid).to_crs(STORED_CRS)
    return [areal(shape) for shape in stored]


def _without_slivers(land: Shapes, tolerance_m: float) -> Shapes:
    """Shapes in metres without what is nowhere wider than the tolerance; the rest keeps its corners."""
    grown = shapely.buffer(_without_rim(land, tolerance_m), tolerance_m / 2, join_style="mitre")
    # Where areas also touch, they have lines in common too, which overlay cannot take; buffering leaves none.
    rest: Shapes = shapely.intersection(grown, shapely.buffer(land, 0))
    return rest


def _without_rim(land: Shapes, tolerance_m: float) -> Shapes:
    core: Shapes = shapely.buffer(land, -tolerance_m / 2, join_style="mitre")
    return core


# --- bare land --------------------------------------------------------------------------------------------


def _bare_land(evidence: Evidence, asked: Ints, srid: int) -> Shapes:
    """The land of some villages, by position, that lies in none of their cells, in metres."""
    place = np.full(len(evidence.villages) + 1, -1)  # the last stands for the village of a stray cell
    place[asked] = np.arange(len(asked))
    place = place[evidence.village_of_cell]
    there = (place >= 0) & evidence.cells.geometry.notna().to_numpy()
    areas = metric_areas(evidence.cell_areas[there], srid=srid)
    land = metric_areas(evidence.village_areas[asked], srid=srid)
    bare: Shapes = shapely.difference(land, united_by(areas, place[there], len(asked)))
    return bare


def _homes_in(evidence: Evidence, asked: Ints, bare: Shapes, srid: int) -> npt.NDArray[np.intp]:
    """How many households of each of the villages lie in its bare land."""
    if shapely.is_empty(bare).all():
        return np.zeros(len(asked), dtype=np.intp)
    households = evidence.households
    village = places_among(households["village_code"], evidence.villages["code"].iloc[asked])
    there = np.flatnonzero(village >= 0)
    village, (x, y) = village[there], evidence.household_places[:, there]
    west, south, east, north = gpd.GeoSeries(bare, crs=srid).to_crs(STORED_CRS).bounds.to_numpy()[village].T
    near = (x >= west - _AROUND_DEG) & (x <= east + _AROUND_DEG)
    near &= (y >= south - _AROUND_DEG) & (y <= north + _AROUND_DEG)
    shapely.prepare(bare)
    points = households.geometry.to_numpy()[there[near]]
    inside = shapely.contains(bare[village[near]], projected(points, srid=srid))
    return np.bincount(village[near][inside], minlength=len(asked))


# --- overlaps ---------------------------------------------------------------------------------------------


def _doubtful_cells(evidence: Evidence, limit_m2: float, tolerance_m: float, srid: int) -> Flags:
    """The cells that may overlap others: their village is not known, is not tiled, or overlaps another.

    Cells that tile their village overlap neither each other nor, where the villages do not overlap, those of
    another one.
    """
    lands = evidence.village_areas
    doubtful = np.zeros(len(lands) + 1, dtype=bool)
    doubtful[-1] = True  # the village of a stray cell
    doubtful[wider_than(evidence.untiled, tolerance_m, srid=srid)] = True
    sure = np.flatnonzero(~doubtful[:-1])
    if not overlap_nowhere(lands[sure], srid=srid):
        doubtful[evidence.untiled.group] = True  # a hair's breadth may add to what villages have in common
        doubtful[_overlapping(lands, sure, limit_m2, tolerance_m, srid)] = True
    return doubtful[evidence.village_of_cell]


def _overlapping(lands: Shapes, some: Ints, limit_m2: float, tolerance_m: float, srid: int) -> Ints:
    """Positions of those of some villages that have so much land in common with another of them."""
    first, second = _candidates(lands, some, some)
    large = shapely.area(_shared(lands, first, second, tolerance_m, srid)) >= limit_m2
    return np.unique(np.concatenate([first[large], second[large]]))


def _pairs(shapes: Shapes, doubtful: Flags, codes: pd.Series) -> tuple[Ints, Ints]:
    """Positions of the pairs of shapes of which one is doubtful, the smaller code first."""
    one, other = _candidates(shapes, np.flatnonzero(doubtful), np.arange(len(shapes)))
    names = codes.to_numpy(dtype=object)
    swapped = names[one] > names[other]
    return np.where(swapped, other, one), np.where(swapped, one, other)


def _candidates(shapes: Shapes, some: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Positions of pairs of different shapes that meet in more than a border, each pair once."""
    first, second = shapely.STRtree(shapes[others]).query(shapes[some], predicate="intersects")
    pairs = np.column_stack([some[first], others[second]])
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    meeting = ~shapely.touches(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    return pairs[meeting, 0], pairs[meeting, 1]


def _shared(shapes: Shapes, first: Ints, second: Ints, tolerance_m: float, srid: int) -> Shapes:
    """What the pairs of stored shapes have in common, in metres, without slivers."""
    needed, at = np.unique(np.concatenate([first, second]), return_inverse=True)
    metric = metric_areas(shapes[needed], srid=srid)
    common = shapely.intersection(metric[at[: len(first)]], metric[at[len(first) :]])
    return _without_slivers(common, tolerance_m)
