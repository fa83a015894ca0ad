"""Give grid cells their codes and households their cells.

A cell's code is its village's 12 digits and three more, in reading order: rows from north to south, each from
west to east (CJ/T 213, GB/T 30428.1). A code that was ever used is not used again.
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.codes import VILLAGE
from geo.errors import RuleError
from geo.i18n import _

_MOST_CELLS = 999


def reading_order(shapes: gpd.GeoSeries) -> list[int]:
    """Positions of the shapes in reading order; a row lies within half a typical height of its first."""
    bounds = shapely.bounds(shapes.to_numpy())
    points = shapely.get_coordinates(shapely.centroid(shapes.to_numpy()))
    half = np.nanmedian(bounds[:, 3] - bounds[:, 1]) / 2 if len(shapes) else 0.0
    order: list[int] = []
    row: list[int] = []
    for at in np.argsort(-points[:, 1], kind="stable"):
        if row and points[row[0], 1] - points[at, 1] > half:
            order += sorted(row, key=lambda position: points[position, 0])
            row = []
        row.append(int(at))
    return order + sorted(row, key=lambda position: points[position, 0])


def number_cells(cells: gpd.GeoDataFrame, *, used: Collection[str]) -> pd.Series:
    """Codes for cells that have none, following the highest number their village ever used.

    Parameters
    ----------
    cells : GeoDataFrame with ``village_code``
    used : collection of str
        Every cell code there is or was.

    Returns
    -------
    Series of str on the index of ``cells``.

    Raises
    ------
    RuleError
        A village would have more than 999 cells.
    """
    highest = pd.Series(sorted(used), dtype=object)
    last = (
        {}
        if highest.empty
        else highest.str[VILLAGE:].astype(int).groupby(highest.str[:VILLAGE]).max().to_dict()
    )
    codes = pd.Series(None, index=cells.index, dtype=object)
    for village, part in cells.groupby("village_code"):
        first = last.get(village, 0) + 1
        if first + len(part) - 1 > _MOST_CELLS:
            raise RuleError(
                _("村 {code} 的网格超过 {most} 个，编不出代码。").format(code=village, most=_MOST_CELLS)
            )
        for number, at in enumerate(reading_order(part.geometry), first):
            codes[part.index[at]] = f"{village}{number:03d}"
    return codes


def same_cells(cells: gpd.GeoDataFrame, stored: gpd.GeoDataFrame) -> pd.Series:
    """Codes of stored cells with exactly the shape and village of the given ones; None for the others."""
    if cells.empty or stored.empty:
        return pd.Series(None, index=cells.index, dtype=object)
    held = dict(zip(_shape_keys(stored), stored["code"], strict=True))
    return pd.Series([held.get(key) for key in _shape_keys(cells)], index=cells.index, dtype=object)


def _shape_keys(cells: gpd.GeoDataFrame) -> list[tuple[str, bytes]]:
    shapes = shapely.to_wkb(shapely.normalize(cells.geometry.to_numpy()))
    return list(zip(cells["village_code"], shapes, strict=True))


def cells_at(households: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> pd.Series:
    """Code of the cell of its own village that each household stands in; None if there is none.

    On a shared border, or where cells overlap, it is the lowest code.
    """
    found = pd.Series(None, index=households.index, dtype=object)
    placed = np.flatnonzero(~(households.geometry.isna() | households.geometry.is_empty))
    if not len(placed) or cells.empty:
        return found
    cells = cells.sort_values("code", ignore_index=True)
    tree = shapely.STRtree(households.geometry.to_numpy()[placed])
    at_cell, at_point = tree.query(cells.geometry.to_numpy(), predicate="intersects")
    at_point = placed[at_point]
    village_of_cell = pd.factorize(pd.concat([cells["village_code"], households["village_code"]]))[0]
    own = village_of_cell[at_cell] == village_of_cell[len(cells) + at_point]
    hits = pd.Series(at_cell[own]).groupby(at_point[own]).min()
    found.iloc[hits.index.to_numpy()] = cells["code"].to_numpy()[hits.to_numpy()]
    return found
