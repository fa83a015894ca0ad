"""Propose grid cells for a village: balanced, in one piece, compact, along given roads and rivers.

The village is cut in two again and again, each time by the best of many cuts, until every part is one cell;
then neighbours are joined and cut anew where that is better (docs/decisions/0006-proposing-cells.md).
"""

from __future__ import annotations

from math import log

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.analysis.choice import Wanted
from geo.analysis.division import Division
from geo.analysis.partition_quality import PartitionQuality, partition_quality
from geo.analysis.tiling import polygons_of
from geo.crs import STORED_CRS, require_stored_crs, to_metric
from geo.rules import Rules

__all__ = ["PartitionQuality", "partition_quality", "propose_cells"]

Positions = npt.NDArray[np.float64]


def propose_cells(
    village: BaseGeometry,
    households: gpd.GeoSeries,
    *,
    rules: Rules,
    target: float | None = None,
    count: int | None = None,
    lines: gpd.GeoSeries | None = None,
) -> gpd.GeoSeries:
    """Cells that cover a village exactly, each with about the same number of its households (domain §2).

    Parameters
    ----------
    village : Polygon or MultiPolygon in EPSG:4490
        May be concave, with holes, of several parts.
    households : GeoSeries of points in EPSG:4490
        Missing ones and those outside the village do not count.
    rules : Rules
    target : float, optional
        Households a cell; by default the rule ``cell_households_target``.
    count : int, optional
        How many cells; by default as many as come nearest to the target, and no more than there are places
        where households stand. Never so many that a cell would on average be smaller than the rule
        ``cell_area_min_m2``.
    lines : GeoSeries of lines in EPSG:4490, optional
        Roads and rivers that borders should follow.

    Returns
    -------
    GeoSeries
        MultiPolygons in EPSG:4490, a valid coverage whose union is the village. Each is one polygon, or one
        with the islands nearest to it. Equal input gives equal cells. An empty village has none. Where
        households stand at fewer places than there are cells, land is shared out instead.
    """
    parts = polygons_of(village)
    if not parts:
        return gpd.GeoSeries([], crs=STORED_CRS)
    homes = _homes_within(households, parts)
    wanted = Wanted(rules["cell_balance_ratio"].value, rules["cell_area_min_m2"].value)
    cells = count or cell_count(homes, target or rules["cell_households_target"].value)
    network = None if lines is None or lines.empty else require_stored_crs(lines).union_all()
    division = Division(parts, homes, wanted, network)
    division.divide(min(cells, _most_cells(parts, wanted)))
    division.improve()
    return gpd.GeoSeries(division.cells(), crs=STORED_CRS)


def cell_count(homes: Positions, target: float) -> int:
    """How many cells bring their households nearest to the target, by ratio; 1 for none."""
    few = max(int(len(homes) // target), 1)
    most = max(len(np.unique(homes, axis=0)), 1)
    # Twice too many is as far off as half of it.
    nearest = min((few, few + 1), key=lambda cells: abs(log(max(len(homes), 1) / cells / target)))
    return min(nearest, most)


def _homes_within(households: gpd.GeoSeries, parts: list[shapely.Polygon]) -> Positions:
    points = require_stored_crs(households).to_numpy()
    points = points[~(shapely.is_missing(points) | shapely.is_empty(points))]
    village = shapely.multipolygons(parts)
    shapely.prepare(village)
    homes: Positions = shapely.get_coordinates(points[shapely.intersects(village, points)])
    return homes


def _most_cells(parts: list[shapely.Polygon], wanted: Wanted) -> int:
    land = to_metric(gpd.GeoDataFrame(geometry=parts, crs=STORED_CRS)).area.sum()
    return max(int(land // wanted.area_min_m2), 1)
