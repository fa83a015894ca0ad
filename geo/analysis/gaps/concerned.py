"""How many households a gap concerns."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.gaps.difference import rows_in_villages
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.remembered import Remembered
from geo.analysis.periods import in_force
from geo.frames import is_among
from geo.vocabulary import EntityKind

Ints = npt.NDArray[np.int64]
_GROUND = ("land_uncovered", "cell_overlap")
"""Kinds that concern who lives on the piece of land in question."""


def households_concerned(gaps: gpd.GeoDataFrame, evidence: Evidence) -> Ints:
    """The households that each gap concerns.

    Of a cell, group, village, area or township those that live there; of a branch those of its village; of
    bare or doubly covered land those whose points lie on it; of a cadre or unit those of everything it holds,
    each once; of a household itself.

    Returns
    -------
    array of int, one a gap
    """
    counts = np.zeros(len(gaps), dtype=np.int64)
    kinds = gaps["target_kind"].to_numpy(dtype=object)
    on_ground = is_among(gaps["kind"], _GROUND).to_numpy()
    for kind, count in _COUNTS.items():
        chosen = (kinds == str(kind)) & ~on_ground
        if chosen.any():
            counts[chosen] = count(gaps["target_code"].to_numpy(dtype=object)[chosen], evidence)
    if on_ground.any():
        counts[on_ground] = _on_land(gaps[on_ground], evidence)
    return counts


@Remembered
def _by_cell(households: pd.DataFrame) -> pd.Series:
    return _numbers(households["cell_code"])


@Remembered
def _by_village(households: pd.DataFrame) -> pd.Series:
    return _numbers(households["village_code"])


@Remembered
def _by_group(households: pd.DataFrame) -> pd.Series:
    return _numbers(households["group_code"])


def _numbers(codes: pd.Series) -> pd.Series:
    places, known = pd.factorize(codes.astype(object))
    counts = np.bincount(places[places >= 0], minlength=len(known))
    return pd.Series(counts, index=pd.Index(known, dtype=object), dtype=np.int64)


def _at(counts: pd.Series, codes: npt.NDArray[np.object_]) -> Ints:
    found: Ints = counts.reindex(codes, fill_value=0).to_numpy(np.int64)
    return found


def _of_cells(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    return _at(_by_cell(evidence.households), codes)


def _of_villages(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    return _at(_by_village(evidence.households), codes)


def _of_groups(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    return _at(_by_group(evidence.households), codes)


def _of_branches(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    villages = evidence.branches.drop_duplicates("code").set_index("code")["village_code"].astype(object)
    return _of_villages(villages.reindex(codes).to_numpy(), evidence)


def _of_areas(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    areas = evidence.areas
    homes = _of_villages(areas["village_code"].to_numpy(dtype=object), evidence)
    return _at(pd.Series(homes).groupby(areas["area_code"].to_numpy(dtype=object)).sum(), codes)


def _of_townships(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    villages = evidence.villages
    homes = _of_villages(villages["code"].to_numpy(dtype=object), evidence)
    return _at(pd.Series(homes).groupby(villages["township_code"].to_numpy(dtype=object)).sum(), codes)


def _of_households(codes: npt.NDArray[np.object_], _evidence: Evidence) -> Ints:
    return np.ones(len(codes), dtype=np.int64)


def _of_holders(codes: npt.NDArray[np.object_], evidence: Evidence) -> Ints:
    """Households of everything that each holder holds, whatever it holds it as."""
    records = evidence.records
    held = in_force(records[is_among(records["holder_code"], {*codes}).to_numpy()], evidence.as_of)
    pairs = held[["holder_code", "target_code"]].astype(object).drop_duplicates()
    homes = _homes_of(evidence, pairs["target_code"])
    lived = pairs.merge(homes, on="target_code")[["holder_code", "code"]].drop_duplicates()
    return _at(lived["holder_code"].value_counts(), codes)


def _homes_of(evidence: Evidence, targets: pd.Series) -> pd.DataFrame:
    """The households of each thing: ``target_code, code``."""
    wanted = {*targets}
    parts = [_pairs(evidence.households, name, wanted) for name in ("code", "cell_code", "group_code")]
    villages = [
        _pairs(evidence.villages, "code", wanted),
        _pairs(evidence.villages, "township_code", wanted),
        _pairs(evidence.branches, "code", wanted, code="village_code"),
        _pairs(evidence.areas, "area_code", wanted, code="village_code"),
    ]
    lying = pd.concat(villages, ignore_index=True)
    homes = rows_in_villages(evidence.households, set(lying["code"].dropna()))
    there = pd.DataFrame(
        {"village": homes["village_code"].astype(object), "code": homes["code"].astype(object)}
    )
    in_villages = lying.rename(columns={"code": "village"}).merge(there, on="village")
    return pd.concat([*parts, in_villages[["target_code", "code"]]], ignore_index=True)


def _pairs(frame: pd.DataFrame, by: str, wanted: set[str], *, code: str = "code") -> pd.DataFrame:
    rows = frame[is_among(frame[by], wanted).to_numpy()]
    return pd.DataFrame({"target_code": rows[by].astype(object), "code": rows[code].astype(object)})


def _on_land(gaps: gpd.GeoDataFrame, evidence: Evidence) -> Ints:
    """Households whose point lies on the land of each gap."""
    homes = rows_in_villages(evidence.households, _villages_around(gaps, evidence)).geometry.to_numpy()
    tree = shapely.STRtree(homes)
    gap, _home = tree.query(gaps.geometry.to_numpy(), predicate="intersects")
    return np.bincount(gap, minlength=len(gaps)).astype(np.int64)


def _villages_around(gaps: gpd.GeoDataFrame, evidence: Evidence) -> set[str]:
    """The villages that gaps on the ground lie in; of an overlap also that of the other cell."""
    cells = evidence.cells
    others = cells.loc[is_among(cells["code"], set(gaps["aspect"])).to_numpy(), "village_code"]
    return set(gaps["village_code"].dropna()) | set(others)


_COUNTS: dict[EntityKind, Callable[[npt.NDArray[np.object_], Evidence], Ints]] = {
    EntityKind.HOUSEHOLD: _of_households,
    EntityKind.CELL: _of_cells,
    EntityKind.GROUP: _of_groups,
    EntityKind.BRANCH: _of_branches,
    EntityKind.VILLAGE: _of_villages,
    EntityKind.AREA: _of_areas,
    EntityKind.TOWNSHIP: _of_townships,
    EntityKind.CADRE: _of_holders,
    EntityKind.UNIT: _of_holders,
}
