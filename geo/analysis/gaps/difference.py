"""What differs between two evidences, and which villages and holders that touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.remembered import Remembered
from geo.analysis.periods import is_missing
from geo.frames import is_among

KEYS: dict[str, tuple[str, ...]] = {
    "townships": ("code",),
    "villages": ("code",),
    "cells": ("code",),
    "households": ("code",),
    "groups": ("code",),
    "branches": ("code",),
    "areas": ("area_code", "village_code"),
    "cadres": ("code",),
    "units": ("code",),
    "records": ("id",),
    "labels": ("village_code", "label"),
}
"""What tells the rows of each frame of an `Evidence` apart."""

_IN_VILLAGE = ("cells", "households", "groups", "branches")
_PEOPLE = ("cadres", "units")
_NEVER = date.max.toordinal()

Flags = npt.NDArray[np.bool_]
Places = tuple[npt.NDArray[np.intp], pd.Index]
"""For each row the place of its code in the index; -1 for none."""


@dataclass(frozen=True)
class Difference:
    """What is not the same in two evidences.

    Attributes
    ----------
    before, after : Evidence
    rows : dict of DataFrame
        By name of the frame the rows of either side that the other has not, or has otherwise; frames that
        are the same are left out. Of records also those that begin or end between the two days.
    """

    before: Evidence
    after: Evidence
    rows: dict[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def _holders(self) -> dict[str, set[str]]:
        return {name: self._holders_of(name) for name in self.rows}

    @cached_property
    def _villages(self) -> dict[str, set[str]]:
        return {name: self._villages_of(name) for name in self.rows}

    def villages(self, reads: Collection[str]) -> set[str]:
        """Villages in which something can be otherwise for who looks at these frames."""
        return set().union(*(self._villages[name] for name in reads if name in self.rows))

    def holders(self, reads: Collection[str]) -> set[str]:
        """Holders of whom something can be otherwise for who looks at these frames."""
        return set().union(*(self._holders[name] for name in reads if name in self.rows))

    def _sides(self) -> tuple[Evidence, Evidence]:
        return self.before, self.after

    def _villages_of(self, name: str) -> set[str]:
        rows = self.rows[name]
        if name == "villages":
            return set(rows["code"])
        if name == "townships":
            return set().union(*(villages_in_townships(side, rows["code"]) for side in self._sides()))
        if name in _PEOPLE:
            return self._villages_held_by(self._holders_of(name))
        if name == "records":
            targets = set(rows["target_code"])
            return set().union(*(villages_of_things(side, targets) for side in self._sides()))
        return self._villages_of_ground(name)

    def _villages_of_ground(self, name: str) -> set[str]:
        """Of a household also the village of its cell, of a cell also those of its households."""
        found = set(self.rows[name]["village_code"].dropna())
        for side in self._sides():
            if name == "households":
                found |= villages_of_cells(side, set(self.rows[name]["cell_code"].dropna()))
            if name == "cells":
                found |= villages_registered_in(side, set(self.rows[name]["code"]))
        return found

    def _villages_held_by(self, holders: set[str]) -> set[str]:
        found: set[str] = set()
        for side in self._sides():
            held = side.records.loc[is_among(side.records["holder_code"], holders), "target_code"]
            found |= villages_of_things(side, set(held))
        return found

    def _holders_of(self, name: str) -> set[str]:
        if name == "records":
            return set(self.rows[name]["holder_code"])
        if name in _PEOPLE:
            return self._people(name)
        villages = self._villages[name]
        found: set[str] = set()
        for side in self._sides():
            there = is_among(side.records["target_code"], things_in(side, villages))
            found |= set(side.records.loc[there, "holder_code"])
        return found

    def _people(self, name: str) -> set[str]:
        """Changed cadres and units, and everybody of their units: a unit is where its people are."""
        rows = self.rows[name]
        units = set(rows["code"] if name == "units" else rows["unit_code"].dropna())
        found = set(rows["code"])
        for side in self._sides():
            below = units_below(side.units, units)
            found |= below | set(side.cadres.loc[is_among(side.cadres["unit_code"], below), "code"])
        return found


def difference(before: Evidence, after: Evidence) -> Difference:
    """What is not the same in two evidences; frames that are the same object need not be looked at."""
    rows = {name: _differing(getattr(before, name), getattr(after, name), key) for name, key in KEYS.items()}
    if before.as_of != after.as_of:
        turned = _turned_between(after.records, before.as_of, after.as_of)
        rows["records"] = pd.concat([rows["records"], turned]) if len(turned) else rows["records"]
    return Difference(before, after, {name: frame for name, frame in rows.items() if len(frame)})


def villages_of_things(evidence: Evidence, codes: Collection[str]) -> set[str]:
    """Villages that things with these codes are or lie in; of an area and a township all of them."""
    if not codes:
        return set()
    found = {*codes} & set(evidence.villages["code"])
    found |= villages_in_townships(evidence, codes)
    for name in _IN_VILLAGE:
        frame = getattr(evidence, name)
        found |= set(frame.loc[is_among(frame["code"], codes).to_numpy(), "village_code"].dropna())
    areas = evidence.areas
    return found | set(areas.loc[is_among(areas["area_code"], codes).to_numpy(), "village_code"])


def villages_in_townships(evidence: Evidence, codes: Iterable[str]) -> set[str]:
    """Codes of the villages in these townships."""
    villages = evidence.villages
    return set(villages.loc[is_among(villages["township_code"], {*codes}).to_numpy(), "code"])


def villages_of_cells(evidence: Evidence, codes: Collection[str]) -> set[str]:
    """Villages that the cells with these codes belong to."""
    cells = evidence.cells
    return set(cells.loc[is_among(cells["code"], codes).to_numpy(), "village_code"])


def villages_registered_in(evidence: Evidence, cells: Collection[str]) -> set[str]:
    """Villages of the households that are registered in these cells."""
    return set(_having(evidence.households, _cells_by_row, cells)["village_code"])


def things_in(evidence: Evidence, villages: Collection[str]) -> set[str]:
    """Codes of villages and of all that lies in them, with their townships and areas."""
    found = {*villages}
    mine = evidence.villages[is_among(evidence.villages["code"], found).to_numpy()]
    found |= set(mine["township_code"].dropna())
    for name in _IN_VILLAGE:
        found |= set(rows_in_villages(getattr(evidence, name), villages)["code"])
    areas = evidence.areas
    return found | set(areas.loc[is_among(areas["village_code"], villages).to_numpy(), "area_code"])


def units_below(units: pd.DataFrame, codes: Collection[str]) -> set[str]:
    """These units and all under them."""
    found, parent = {*codes}, units["parent_code"]
    while True:
        more = set(units.loc[is_among(parent, found).to_numpy(), "code"]) - found
        if not more:
            return found
        found |= more


def rows_in_villages(frame: pd.DataFrame, villages: Collection[str]) -> pd.DataFrame:
    """The rows of a frame with ``village_code`` that lie in these villages, in their order."""
    return _having(frame, _villages_by_row, villages)


def _having(frame: pd.DataFrame, by_row: Remembered[Places], codes: Collection[str]) -> pd.DataFrame:
    places, known = by_row(frame)
    wanted = np.zeros(len(known) + 1, dtype=bool)  # the last one stands for rows that have none
    wanted[:-1] = known.isin([*codes])
    return frame[wanted[places]]


def _places(codes: pd.Series) -> Places:
    places, known = pd.factorize(codes.astype(object))
    return places, pd.Index(known, dtype=object)


@Remembered
def _villages_by_row(frame: pd.DataFrame) -> Places:
    return _places(frame["village_code"])


@Remembered
def _cells_by_row(households: pd.DataFrame) -> Places:
    return _places(households["cell_code"])


@Remembered
def _turns(records: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First day of each record and the first day after it, as numbers."""
    return _ordinals(records["valid_from"], 0), _ordinals(records["valid_to"], _NEVER)


def _ordinals(days: pd.Series, missing: int) -> npt.NDArray[np.int64]:
    numbers = (missing if is_missing(day) else day.toordinal() for day in days)
    return np.fromiter(numbers, np.int64, len(days))


def _turned_between(records: pd.DataFrame, one: date, other: date) -> pd.DataFrame:
    """Records that are in force on one day and not on the other, or that come and go in between."""
    first, last = sorted((one.toordinal(), other.toordinal()))
    begins, ends = _turns(records)
    return records[((begins > first) & (begins <= last)) | ((ends > first) & (ends <= last))]


def turning_days(records: pd.DataFrame, start: date, end: date) -> set[date]:
    """Days after ``start`` up to ``end`` on which some record begins or has just ended."""
    days = np.unique(np.concatenate(_turns(records)))
    chosen = days[(days > start.toordinal()) & (days <= end.toordinal())]
    return {date.fromordinal(int(day)) for day in chosen}


def _differing(before: pd.DataFrame, after: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    if before is after:
        return before.iloc[:0]
    old_at, new_at, gone, added = _matched(_keys(before, key), _keys(after, key))
    changed = np.zeros(len(old_at), dtype=bool)
    for name in after.columns:
        changed |= _unequal(before[name], after[name], old_at, new_at)
    old = before.iloc[np.concatenate([old_at[changed], gone])]
    new = after.iloc[np.concatenate([new_at[changed], added])]
    return pd.concat([old, new], ignore_index=True) if len(old) or len(new) else after.iloc[:0]


def _keys(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.Index:
    columns = [frame[name].to_numpy(np.int64) if name == "id" else frame[name].astype(object) for name in key]
    if len(columns) == 1:
        index = pd.Index(columns[0])
        if index.is_unique:
            return index
    # Rows with the same key are told apart by their order.
    again = frame.groupby(list(key), sort=False, dropna=False).cumcount().to_numpy()
    return pd.MultiIndex.from_arrays([*columns, again])


def _matched(old: pd.Index, new: pd.Index) -> tuple[npt.NDArray[np.intp], ...]:
    """Places in both of the rows with the same key, places of those gone and of those added."""
    if old.nlevels != new.nlevels:
        old, new = _told_apart(old), _told_apart(new)
    if len(old) == len(new) and old.equals(new):
        places = np.arange(len(old))
        return places, places, places[:0], places[:0]
    at = new.get_indexer(old)
    kept = at >= 0
    is_new = np.ones(len(new), dtype=bool)
    is_new[at[kept]] = False
    return np.flatnonzero(kept), at[kept], np.flatnonzero(~kept), np.flatnonzero(is_new)


def _told_apart(index: pd.Index) -> pd.Index:
    if isinstance(index, pd.MultiIndex):
        return index
    return pd.MultiIndex.from_arrays([index, np.zeros(len(index), dtype=int)])


def _unequal(before: pd.Series, after: pd.Series, old_at: Any, new_at: Any) -> Flags:
    if isinstance(before, gpd.GeoSeries):
        one, other = before.to_numpy()[old_at], after.to_numpy()[new_at]
        both_missing = shapely.is_missing(one) & shapely.is_missing(other)
        return np.asarray(~(shapely.equals_identical(one, other) | both_missing), dtype=bool)
    one_side, other_side = _plain(before, old_at), _plain(after, new_at)
    unequal = np.asarray(one_side != other_side, dtype=bool)
    at = np.flatnonzero(unequal)  # missing values are not equal to each other
    unequal[at] = ~(pd.isna(one_side[at]) & pd.isna(other_side[at]))
    return unequal


def _plain(values: pd.Series, at: Any) -> npt.NDArray[Any]:
    numbers = isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf"
    plain: npt.NDArray[Any] = values.to_numpy() if numbers else values.to_numpy(dtype=object, na_value=None)
    return plain[at]
