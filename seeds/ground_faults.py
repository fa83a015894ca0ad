"""Faults in the ground: a strip no cell covers, a bulge two cells cover, households off their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seeds.bench import Bench
from seeds.outline import DECIMALS, DEGREE_M

_UNCOVERED, _OVERLAPS = 9, 6
_MISPLACED, _UNLOCATED = 45, 160
_MISPLACED_DEG = 0.0002  # some 20 m
_METRE_DEG = 1e-5  # about a metre, everywhere in the sample county
_WIDTHS = (0.10, 0.14, 0.19, 0.25)
_LEAST_STRIP_M2, _MOST_STRIP_M2 = 4000.0, 120_000.0
_CLEAR_M, _BULGE_M, _LEAST_BULGE_M2 = 6, 75, 1500.0
_CLEARANCE_DEG = 2e-6
_SQUARE_DEG_M2 = float(DEGREE_M.prod())


def uncovered_land(bench: Bench) -> None:
    """Strips of villages that lie in no cell and hold no household."""
    cells, found = bench.frames["cells"].copy(), []
    places = shapely.STRtree(bench.frames["households"].geometry.to_numpy())
    for row in bench.rng.permutation(len(cells)):
        village = cells["village_code"].iloc[row]
        whole = cells.geometry.iloc[row]
        rest = None if village in bench.taken else _with_gap(whole, places)
        if rest is not None:
            cells.loc[row, "geometry"] = shapely.normalize(shapely.multipolygons([rest]))
            bench.taken.add(village)
            found.append((village, cells["code"].iloc[row], whole.difference(rest)))
        if len(found) == bench.size.share(_UNCOVERED):
            break
    bench.frames["cells"] = cells
    villages, codes, strips = ([fault[place] for fault in found] for place in range(3))
    shapes = _geojson(strips)
    bench.note("land_uncovered", "网格缺了一条，村域未盖满", villages, cells=codes, geometry=shapes)


def overlapping_cells(bench: Bench) -> None:
    """Cells that bulge into their neighbour in the same village."""
    cells, found = bench.frames["cells"].copy(), []
    for village in bench.rng.permutation(cells["village_code"].unique()):
        rows = np.flatnonzero(cells["village_code"] == village)
        if village in bench.taken or len(rows) < 2:
            continue
        grown = _with_bulge(cells.geometry.iloc[rows[0]], cells.geometry.iloc[rows[1]])
        if grown is None:
            continue
        cells.loc[rows[0], "geometry"] = shapely.normalize(shapely.multipolygons([grown]))
        bench.taken.add(village)
        shared = grown.intersection(cells.geometry.iloc[rows[1]])
        found.append((cells["code"].iloc[rows[0]], cells["code"].iloc[rows[1]], shared))
        if len(found) == bench.size.share(_OVERLAPS):
            break
    bench.frames["cells"] = cells
    pairs = [sorted([first, second]) for first, second, _ in found]
    codes, shared = [smaller for smaller, _ in pairs], [area for _, _, area in found]
    bench.note("cell_overlap", "与邻格重叠", codes, pairs=pairs, geometry=_geojson(shared))


def _geojson(shapes: list[Any]) -> list[Any]:
    return [shapely.geometry.mapping(shape) for shape in shapes]


def misplaced_households(bench: Bench) -> None:
    """Households booked on another cell of their village than the one they stand in."""
    households, cells = bench.frames["households"].copy(), bench.frames["cells"]
    several = cells.groupby("village_code").filter(lambda rows: len(rows) > 1)
    several = several[~several["village_code"].isin(bench.taken)]
    free = np.flatnonzero(households["village_code"].isin(several["village_code"]))
    by_village = dict(list(several.groupby("village_code")))
    moved = []
    for row in bench.rng.permutation(free):
        others = by_village[households["village_code"].iloc[row]]
        far = others[
            shapely.distance(others.geometry.to_numpy(), households.geometry.iloc[row]) > _MISPLACED_DEG
        ]
        if len(far):
            households.loc[row, "cell_code"] = far["code"].iloc[0]
            moved.append(row)
        if len(moved) == bench.size.share(_MISPLACED):
            break
    bench.frames["households"] = households
    bench.note("household_misplaced", "点位不在所登记的网格内", sorted(households["code"].iloc[moved]))


def unlocated_households(bench: Bench) -> None:
    """Households without a position."""
    households = bench.frames["households"].copy()
    odd = {code for note in bench.notes if note["kind"] == "household_misplaced" for code in note["codes"]}
    free = households.loc[~households["code"].isin(odd), "code"].to_numpy()
    chosen = bench.draw(free, bench.size.share(_UNLOCATED))
    households.loc[households["code"].isin(chosen), "geometry"] = None
    bench.frames["households"] = households
    bench.note("household_unlocated", "没有坐标", list(chosen))


def _with_gap(cell: BaseGeometry, places: shapely.STRtree) -> BaseGeometry | None:
    """The cell without a strip on one side that holds no household; None where there is no such strip."""
    west, south, east, north = cell.bounds
    for width in _WIDTHS:
        across, up = width * (east - west), width * (north - south)
        for band in (
            (west, south, west + across, north),
            (east - across, south, east, north),
            (west, south, east, south + up),
            (west, north - up, east, north),
        ):
            rest = _tidied(cell.difference(shapely.box(*band)), cell)
            if rest is not None and _is_empty_strip(cell.difference(rest), places):
                return rest
    return None


def _is_empty_strip(strip: BaseGeometry, places: shapely.STRtree) -> bool:
    if not _LEAST_STRIP_M2 < strip.area * _SQUARE_DEG_M2 < _MOST_STRIP_M2:
        return False
    return not len(places.query(strip.buffer(_CLEAR_M * _METRE_DEG), predicate="intersects"))


def _with_bulge(cell: BaseGeometry, neighbour: BaseGeometry) -> BaseGeometry | None:
    """The cell grown into its neighbour around the middle of their border; None if they don't share one."""
    border = cell.intersection(neighbour)
    if not border.length:
        return None
    disc = border.interpolate(0.5, normalized=True).buffer(_BULGE_M * _METRE_DEG, quad_segs=3)
    bulge = disc.intersection(neighbour)
    if bulge.area * _SQUARE_DEG_M2 < _LEAST_BULGE_M2:
        return None
    return _tidied(shapely.union(cell, bulge), cell)


def _tidied(shape: BaseGeometry, cell: BaseGeometry) -> BaseGeometry | None:
    """The shape on its cell's fine grid; None unless it is one sound polygon, also when projected."""
    rounded = shapely.transform(shape, lambda places: places.round(DECIMALS))
    clearance = min(shapely.minimum_clearance(cell), _CLEARANCE_DEG)
    if rounded.geom_type != "Polygon" or not rounded.is_valid:
        return None
    return rounded if shapely.minimum_clearance(rounded) >= clearance else None
