"""How good a division of a village into cells is: proposals and today's cells by one measure."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.analysis.choice import roundness
from geo.crs import STORED_CRS, to_metric

_WITHIN = 0.2  # what within_20 says
_ON_LINE_M = 1.0


@dataclass(frozen=True)
class PartitionQuality:
    """Figures of a set of cells of one village. Shares over no cell are 0.

    Attributes
    ----------
    cells : int
    target : float
        Households a cell should have.
    within_20 : float
        Share of cells whose households are within 20 % of the target.
    worst_ratio : float
        The largest relative distance of a cell's households from the target: 0.1 is 10 % too many or too few.
    contiguous : float
        Share of cells that are one piece.
    compactness : float
        Mean Polsby–Popper.
    uncovered_m2, overlap_m2 : float
        Village land in no cell; land that several cells claim, counted once for each too many.
    border_on_lines : float
        Share of the borders between cells that lies on the given lines; 0 without lines or borders.
    """

    cells: int
    target: float
    within_20: float
    worst_ratio: float
    contiguous: float
    compactness: float
    uncovered_m2: float
    overlap_m2: float
    border_on_lines: float


def partition_quality(
    cells: gpd.GeoSeries,
    village: BaseGeometry,
    households: gpd.GeoSeries,
    *,
    target: float,
    lines: gpd.GeoSeries | None = None,
) -> PartitionQuality:
    """Measure any set of cells of one village, in metres of the county's zone.

    Parameters
    ----------
    cells : GeoSeries of (Multi)Polygons in EPSG:4490
        May overlap, leave land out, or be none.
    village : (Multi)Polygon in EPSG:4490
    households : GeoSeries of points in EPSG:4490
        Each counts in the first cell that it touches; missing ones and those in no cell don't count.
    target : float
        Households a cell should have, more than 0.
    lines : GeoSeries of lines in EPSG:4490, optional
    """
    land, sound = shapely.make_valid(village), shapely.make_valid(cells.to_numpy())
    united = shapely.union_all(sound)
    ground = to_metric(gpd.GeoDataFrame(geometry=[land, *sound], crs=STORED_CRS))
    drawn, shapes = ground.geometry.iloc[0], ground.geometry.to_numpy()[1:]
    # Compared in degrees: projected, an edge with a corner on it is not quite the same edge without it.
    m2_per_degree2 = drawn.area / land.area if land.area else 0.0
    off = np.abs(_households_in(cells, households) / target - 1)
    return PartitionQuality(
        cells=len(cells),
        target=target,
        within_20=_mean(off <= _WITHIN),
        worst_ratio=float(off.max(initial=0.0)),
        contiguous=_mean(shapely.get_num_geometries(shapes) == 1),
        compactness=_mean(roundness(shapely.area(shapes), shapely.length(shapes))),
        uncovered_m2=float(shapely.difference(land, united).area * m2_per_degree2),
        overlap_m2=max(float(shapely.area(sound).sum() - united.area), 0.0) * m2_per_degree2,
        border_on_lines=_on_lines(shapes, drawn, lines, ground.crs),
    )


def _mean(values: npt.NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _households_in(cells: gpd.GeoSeries, households: gpd.GeoSeries) -> npt.NDArray[np.int_]:
    at_home, at_cell = shapely.STRtree(cells.to_numpy()).query(households.to_numpy(), predicate="intersects")
    first = np.full(len(households), len(cells))
    np.minimum.at(first, at_home, at_cell)
    counts: npt.NDArray[np.int_] = np.bincount(first, minlength=len(cells) + 1)[: len(cells)]
    return counts


def _on_lines(
    shapes: npt.NDArray[np.object_], land: BaseGeometry, lines: gpd.GeoSeries | None, crs: object
) -> float:
    if lines is None or lines.empty:
        return 0.0
    borders = shapely.union_all(shapely.boundary(shapes))
    inner = shapely.difference(borders, shapely.buffer(land.boundary, _ON_LINE_M))
    near = shapely.intersection(inner, shapely.buffer(lines.to_crs(crs).union_all(), _ON_LINE_M))
    return float(near.length / inner.length) if inner.length else 0.0
