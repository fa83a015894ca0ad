"""Households follow the land when cells change (domain §2, §3).

A change of cells says which codes end, which begin, which get another shape and which came from which. What
that means for those who answer for the cells is in `geo.analysis.inheritance`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import STORED_CRS, to_metric
from geo.frames import is_among

MOVE_COLUMNS = ["household_code", "cell_code", "from_code", "how"]
INSIDE, ONLY, NEAREST, UNPLACED = "inside", "only", "nearest", "unplaced"
WITH_LAND, TAKEN, NOWHERE = "with_land", "taken", "nowhere"
"""How a household came to its new cell: by its point, as the only one that follows, as the nearest, without a
position, with its land, taken by new or grown land; or into no cell at all."""


def cells_after(
    cells: gpd.GeoDataFrame,
    *,
    created: gpd.GeoDataFrame | None = None,
    reshaped: gpd.GeoDataFrame | None = None,
    retired: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """A village's cells after a change: ``code, geometry``, ordered by code.

    Parameters
    ----------
    cells : GeoDataFrame in EPSG:4490 with ``code``
        Before the change.
    created, reshaped : GeoDataFrame with ``code``, or None
        New cells, and cells that keep their code and get another shape.
    retired : collection of str
        Codes that end.
    """
    fresh = [part[["code", "geometry"]] for part in (created, reshaped) if part is not None and len(part)]
    gone = {*retired, *(code for part in fresh for code in part["code"])}
    kept = cells.loc[~is_among(cells["code"], gone), ["code", "geometry"]]
    united = pd.concat([kept, *fresh], ignore_index=True) if fresh else kept
    return gpd.GeoDataFrame(united, geometry="geometry", crs=STORED_CRS).sort_values(
        "code", ignore_index=True
    )


def household_moves(
    households: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    *,
    created: gpd.GeoDataFrame | None = None,
    reshaped: gpd.GeoDataFrame | None = None,
    retired: Sequence[str] = (),
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Which households change their cell with the land, and how the new one was found.

    - Of a retired cell: to the child its point lies in, else to the nearest child; without a position to the
      child with most households; to no cell where nothing follows.
    - Of a reshaped cell: only those that stood in it and now stand in another. One that stood elsewhere stays
      where it is on record, as a finding that everybody can see.
    - In no cell: those standing on land that was in no cell and now is. Who stood in a cell without being on
      record in it stays a finding: a change of cells does not raise the number of those covered.

    Parameters
    ----------
    households : GeoDataFrame in EPSG:4490 with ``code, cell_code``; points may be missing
    cells, created, reshaped, retired
        As for `cells_after`.
    lineage : DataFrame ``parent_code, child_code``, or None
        Which cells follow which of the retired.

    Returns
    -------
    DataFrame
        ``household_code, cell_code, from_code, how``; ``cell_code`` is None for no cell. Empty when nobody
        moves.
    """
    homes = _Homes.of(households)
    before = cells_after(cells)
    after = cells_after(cells, created=created, reshaped=reshaped, retired=retired)
    new, grown = (set() if part is None else set(part["code"]) for part in (created, reshaped))
    moves = [
        *_with_lineage(homes, after, retired, lineage),
        *_with_land(homes.of_cells(grown), before, after),
        *_taken(homes.of_none(), before, after[is_among(after["code"], new | grown)]),
    ]
    moves.sort(key=lambda move: move[0])
    return pd.DataFrame(moves, columns=MOVE_COLUMNS, dtype=object)


_Move = tuple[str, str | None, str | None, str]


@dataclass(frozen=True)
class _Homes:
    """Households as arrays; a missing or empty point stands nowhere."""

    codes: npt.NDArray[np.object_]
    cells: npt.NDArray[np.object_]
    points: npt.NDArray[np.object_]

    @classmethod
    def of(cls, households: gpd.GeoDataFrame) -> _Homes:
        points = households.geometry.to_numpy().copy()
        points[shapely.is_empty(points)] = None
        cells = households["cell_code"].astype(object)
        return cls(
            households["code"].to_numpy(dtype=object), cells.where(cells.notna(), None).to_numpy(), points
        )

    def of_cells(self, codes: Collection[str | None]) -> _Homes:
        return self._where(np.fromiter((code in codes for code in self.cells), bool, len(self.cells)))

    def of_none(self) -> _Homes:
        return self.of_cells({None})

    def placed(self, *, at_all: bool = True) -> _Homes:
        """Those with a position; ``at_all=False``: those without."""
        return self._where(shapely.is_missing(self.points) != at_all)

    def _where(self, chosen: npt.NDArray[np.bool_]) -> _Homes:
        return _Homes(self.codes[chosen], self.cells[chosen], self.points[chosen])

    def within(self, shapes: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
        """Table of households by shapes: who stands where; on a border in both."""
        geometries = shapes.geometry.to_numpy()
        shapely.prepare(geometries)
        table: npt.NDArray[np.bool_] = shapely.intersects(self.points[:, None], geometries[None, :])
        return table

    def in_own(self, shapes: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
        """Who stands in the cell on record."""
        own = shapes["code"].to_numpy(dtype=object)[None, :] == self.cells[:, None]
        found: npt.NDArray[np.bool_] = (self.within(shapes) & own).any(axis=1)
        return found


def _with_lineage(
    homes: _Homes, after: gpd.GeoDataFrame, retired: Sequence[str], lineage: pd.DataFrame | None
) -> list[_Move]:
    """Those of retired cells; who has no position waits until it is known how many live where."""
    pairs = {} if lineage is None else lineage.groupby("parent_code")["child_code"].agg(set).to_dict()
    moves: list[_Move] = []
    for parent in retired:
        children = after[is_among(after["code"], pairs.get(parent, ()))].reset_index(drop=True)
        leaving = homes.of_cells({parent})
        if len(children) < 2:
            only, how = (None, NOWHERE) if children.empty else (children["code"].iloc[0], ONLY)
            moves += [(code, only, parent, how) for code in leaving.codes]
        else:
            moves += _by_position(leaving.placed(), children)
    lives = Counter([*homes.cells, *(move[1] for move in moves)])
    for parent in retired:
        children_of = pairs.get(parent, set())
        if len(children_of) > 1:
            fullest = min(children_of, key=lambda code: (-lives[code], code))
            unplaced = homes.of_cells({parent}).placed(at_all=False)
            moves += [(code, fullest, parent, UNPLACED) for code in unplaced.codes]
    return moves


def _by_position(homes: _Homes, children: gpd.GeoDataFrame) -> list[_Move]:
    codes = children["code"].to_numpy(dtype=object)
    inside = homes.within(children)
    at, strayed = inside.argmax(axis=1), np.flatnonzero(~inside.any(axis=1))
    if len(strayed):
        at[strayed] = _nearest(homes.points[strayed], children)
    how = np.where(inside.any(axis=1), INSIDE, NEAREST).tolist()
    return list(zip(homes.codes, codes[at], homes.cells, how, strict=True))


def _nearest(points: npt.NDArray[np.object_], shapes: gpd.GeoDataFrame) -> npt.NDArray[np.intp]:
    """Position of the shape that is the fewest metres away."""
    metric = to_metric(shapes)
    places = gpd.GeoSeries(points, crs=shapes.crs).to_crs(metric.crs).to_numpy()
    away = shapely.distance(places[:, None], metric.geometry.to_numpy()[None, :])
    found: npt.NDArray[np.intp] = np.nan_to_num(away, nan=np.inf).argmin(axis=1)
    return found


def _with_land(touched: _Homes, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[_Move]:
    """Those who stood in their reshaped cell and now stand in another."""
    stands = touched.within(after)
    leaves: npt.NDArray[np.bool_] = touched.in_own(before) & ~touched.in_own(after) & stands.any(axis=1)
    codes = after["code"].to_numpy(dtype=object)
    return [
        (touched.codes[n], codes[stands[n].argmax()], touched.cells[n], WITH_LAND)
        for n in np.flatnonzero(leaves)
    ]


def _taken(free: _Homes, before: gpd.GeoDataFrame, gaining: gpd.GeoDataFrame) -> list[_Move]:
    """Those in no cell who stand on land that was in none and that a new or a reshaped cell gained."""
    was_bare = np.logical_not(free.within(before).any(axis=1))
    takes: npt.NDArray[np.bool_] = free.within(gaining) & was_bare[:, None]
    codes = gaining["code"].to_numpy(dtype=object)
    return [(free.codes[n], codes[takes[n].argmax()], None, TAKEN) for n in np.flatnonzero(takes.any(axis=1))]
