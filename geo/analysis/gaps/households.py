"""Gaps of households: nobody is paired with one, its point lies outside its cell, or it has no point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.analysis.faces import Shapes, projected
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.since import state_since
from geo.analysis.gaps.where import acting, townships_of
from geo.analysis.gaps.wording import told
from geo.analysis.gaps.zone import county_srid, metric_areas
from geo.frames import places_among
from geo.i18n import _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import EntityKind, ResponsibilityKind

_NONE, _LEAST = 0, 1
"""What a household without a cadre or a position has of it, and what every household should have."""
_BEND_M_PER_DEG2 = 500.0
"""How far a border that is straight in degrees and one that is straight in metres can be apart, by the square
of its length in degrees: an eighth of the projection's second derivative along it, which is below two earth
radii by radian² anywhere in China within 3° of the zone's meridian; 6,378,137 / 4 · (π/180)² is 486. Half a
metre for three kilometres."""


@gap_rule("household_unpaired", scope="village", reads=("households", "records", "villages"))
def household_unpaired(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Households that no cadre is paired with on the day; by rule all of them, or only those in hardship.

    Since the day on which the last pairing ended; None where there never was one.
    """
    households = evidence.households
    alone = np.ones(len(households) + 1, dtype=bool)  # the last one stands for what is no household
    alone[evidence.household_of_pairing] = False
    alone = alone[:-1]
    if rules["pairing_hardship_only"].value:
        alone &= households["hardship"].fillna(False).to_numpy(dtype=bool)
    unpaired = households.iloc[np.flatnonzero(alone)]
    codes = unpaired["code"].to_numpy(dtype=object).tolist()
    begun = evidence.begun_of(ResponsibilityKind.STAFF)
    # What goes on is no record of a household that nobody holds.
    over = begun[begun["valid_to"].notna().to_numpy()]
    since = state_since(over, codes, evidence.as_of, lambda count: count == 0)
    texts = {day: told(_("户 {code} 没有结对干部"), day) for day in set(since)}
    return _gaps(
        "household_unpaired",
        evidence,
        unpaired,
        (texts[day].format(code=code) for code, day in zip(codes, since, strict=True)),
        needs=str(ResponsibilityKind.STAFF),
        since=since,
        value=_NONE,
        threshold=_LEAST,
        unit="holders",
    )


@gap_rule("household_misplaced", scope="village", reads=("households", "cells", "townships", "villages"))
def household_misplaced(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Households whose point is farther outside the cell on record than the limit.

    A household without a cell, or whose cell is not there on the day or has no shape, lies outside nothing:
    its point is not misplaced.
    """
    limit = rules["gap_misplaced_m"]
    households, cells = evidence.households, evidence.cells
    at = places_among(households["cell_code"], cells["code"])
    outside = ~_surely_inside(evidence.cell_areas, at, evidence.household_places, limit.value)
    asked = np.flatnonzero(outside & (at >= 0) & ~np.isnan(evidence.household_places[0]))
    points = households.geometry.to_numpy()[asked]
    off = _distances_m(evidence.cell_areas, at[asked], points, county_srid(evidence))
    far = off > limit.value
    misplaced = households.iloc[asked[far]]
    values = np.round(off[far], 1).tolist()
    measured = zip(misplaced["code"], misplaced["cell_code"], values, strict=True)
    text = _("户 {code} 的点位在所登记网格 {cell} 以外 {value} 米（允许 {limit:g} 米）。")
    return _gaps(
        "household_misplaced",
        evidence,
        misplaced,
        (text.format(code=code, cell=cell, value=value, limit=limit.value) for code, cell, value in measured),
        value=values,
        threshold=limit.value,
        unit=limit.unit,
    )


@gap_rule("household_unlocated", scope="village", reads=("households", "villages"))
def household_unlocated(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Households without a position."""
    households = evidence.households
    nowhere = households[np.isnan(evidence.household_places[0])]
    text = _("户 {code} 没有坐标，未落图。")
    return _gaps(
        "household_unlocated",
        evidence,
        nowhere,
        (text.format(code=code) for code in nowhere["code"]),
        value=_NONE,
        threshold=_LEAST,
        unit="positions",
    )


def _gaps(
    kind: str, evidence: Evidence, households: gpd.GeoDataFrame, why: Iterable[str], **measured: Any
) -> gpd.GeoDataFrame:
    """One gap for each of the households, with its point."""
    villages = households["village_code"].tolist()
    townships = townships_of(evidence, villages)
    rows = {
        "kind": kind,
        "target_kind": str(EntityKind.HOUSEHOLD),
        "target_code": households["code"],
        "village_code": villages,
        "township_code": townships,
        "source": gap_kinds()[kind].source,
        "why": why,
        **acting(kind, townships),
        **measured,
    }
    points = households.geometry.to_numpy()
    points[shapely.is_empty(points)] = None
    return gap_frame(rows, points)


def _surely_inside(
    cells: Shapes, at: npt.NDArray[np.intp], places: npt.NDArray[np.float64], limit_m: float
) -> npt.NDArray[np.bool_]:
    """Which places lie in their cell in degrees, where metres cannot say otherwise by more than the limit.

    Nothing is projected: of a county's points few are left to measure. -1 is no cell.
    """
    bend_m = np.append(_longest_edges_deg(cells) ** 2 * _BEND_M_PER_DEG2, np.inf)
    own = np.full(len(cells) + 1, None, dtype=object)
    own[:-1] = shapely.force_2d(cells)  # copies: others may be reading the shapes of the frame
    shapely.prepare(own)
    inside: npt.NDArray[np.bool_] = shapely.intersects_xy(own[at], *places)
    return inside & (bend_m <= limit_m)[at]


def _longest_edges_deg(shapes: Shapes) -> npt.NDArray[np.float64]:
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    edges = np.hypot(*np.diff(coords, axis=0).T)
    longest = np.zeros(len(shapes))
    # From the end of a ring to the start of the next is no edge; a cell where that is long is just measured.
    own = owner[1:] == owner[:-1]
    np.maximum.at(longest, owner[1:][own], edges[own])
    return longest


def _distances_m(
    cells: Shapes, at: npt.NDArray[np.intp], points: Shapes, srid: int
) -> npt.NDArray[np.float64]:
    needed, which = np.unique(at, return_inverse=True)
    areas = metric_areas(cells[needed], srid=srid)
    distances: npt.NDArray[np.float64] = shapely.distance(areas[which], projected(points, srid=srid))
    return distances
