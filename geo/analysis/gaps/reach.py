"""How far holders are from what they hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.faces import Shapes, projected
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.where import places_of, village_shapes
from geo.analysis.gaps.zone import county_srid
from geo.vocabulary import EntityKind, ResponsibilityKind

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

NEAR_KINDS = {
    ResponsibilityKind.GRID_OFFICER: EntityKind.CELL,
    ResponsibilityKind.STAFF: EntityKind.HOUSEHOLD,
    ResponsibilityKind.RESIDENT_CADRE: EntityKind.VILLAGE,
    ResponsibilityKind.TOWNSHIP_CADRE: EntityKind.VILLAGE,
    ResponsibilityKind.TEAM_HEAD: EntityKind.VILLAGE,
    ResponsibilityKind.ORG_CADRE: EntityKind.BRANCH,
}
"""Kinds of responsibility whose holder has to be near, and what they cover; leaders and units need not be."""
_DEGREE_M = 111_700.0
"""No degree of latitude, and none of longitude at the equator, is longer on the ellipsoid."""
_STRETCH = 1.01
"""Lengths in a Gauss–Krüger zone are longer than on the ground by less than this, 850 km off its meridian."""


def distances_m(
    evidence: Evidence, kind: ResponsibilityKind, records: pd.DataFrame, *, beyond_m: float
) -> Floats:
    """How far the holder of each record is from its target, in metres of the county's zone.

    Parameters
    ----------
    kind : ResponsibilityKind
        One of `NEAR_KINDS`; all records are of it.
    beyond_m : float
        Only greater distances are measured.

    Returns
    -------
    array of float
        One for each record: from the cadre's own point to the household, to the edge of the cell or village
        (0 inside), or to the branch's village. NaN where a place is not known, or where the distance is
        surely not greater than ``beyond_m``.
    """
    if records.empty:
        return np.zeros(0)
    layer, shapes = _targets(evidence, NEAR_KINDS[kind])
    base = places_of(evidence.cadres, records["holder_code"])
    if records is evidence.held_of(ResponsibilityKind.STAFF):
        target = evidence.household_of_pairing  # a million codes: looked up once for all rules
    else:
        target = places_of(layer, records["target_code"])
    points = evidence.cadres.geometry.to_numpy()
    known = np.flatnonzero((base >= 0) & (target >= 0))
    far = _at_most_m(points, shapes, base[known], target[known]) > beyond_m
    found = np.full(len(records), np.nan)
    found[known[far]] = _measured(points, shapes, base[known[far]], target[known[far]], county_srid(evidence))
    return found


def _at_most_m(points: Shapes, shapes: Shapes, base: Places, target: Places) -> Floats:
    """What the distance of each pair cannot exceed; NaN where a place is missing. Nothing is projected.

    The farthest corner of the box around the target, reached along a straight line in degrees.
    """
    lon, lat = shapely.get_x(points)[base], shapely.get_y(points)[base]
    west, south, east, north = shapely.bounds(shapes[target]).T
    across = np.maximum(np.abs(west - lon), np.abs(east - lon))
    up = np.maximum(np.abs(south - lat), np.abs(north - lat))
    # A degree of longitude is longest where the line is nearest to the equator.
    lowest = np.maximum(np.minimum(np.abs(south), np.abs(lat)) - up, 0)
    bound: Floats = _STRETCH * _DEGREE_M * np.hypot(up, across * np.cos(np.radians(lowest)))
    return bound


def _measured(points: Shapes, shapes: Shapes, base: Places, target: Places, srid: int) -> Floats:
    """Exact distances; every place is projected once."""
    bases, base_at = np.unique(base, return_inverse=True)
    targets, target_at = np.unique(target, return_inverse=True)
    from_m, to_m = projected(points[bases], srid=srid), projected(shapes[targets], srid=srid)
    measured: Floats = shapely.distance(from_m[base_at], to_m[target_at])
    return measured


def _targets(evidence: Evidence, entity: EntityKind) -> tuple[pd.DataFrame, Shapes]:
    """The frame of what is covered, and where its things are."""
    if entity is EntityKind.BRANCH:
        return evidence.branches, village_shapes(evidence, evidence.branches["village_code"].tolist())
    layers: dict[EntityKind, gpd.GeoDataFrame] = {
        EntityKind.CELL: evidence.cells,
        EntityKind.HOUSEHOLD: evidence.households,
        EntityKind.VILLAGE: evidence.villages,
    }
    return layers[entity], layers[entity].geometry.to_numpy()
