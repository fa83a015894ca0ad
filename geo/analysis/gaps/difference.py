"""What differs between two evidences, and which villages and holders that touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.analysis.gaps.descent import ancestors, descendants
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.periods import begun_by, is_missing, over_by
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
    "lineage": ("child_code", "parent_code"),
    "labels": ("village_code", "label"),
    "rectifications": ("code",),
}
"""What tells the rows of each frame of an `Evidence` apart."""

_IN_VILLAGE = ("cells", "households", "groups", "branches")
_GROUND = ("townships", "villages", "areas", "lineage", *_IN_VILLAGE)
_PEOPLE = ("cadres", "units")
_STRETCHES = 200
"""So many stretches of rows that lie alike are compared one by one; more are sooner copied together."""
_SPARSE = 20
_BETWEEN = "\x1f"

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """What is not the same in two evidences.

    Attributes
    ----------
    before, after : Evidence
    rows : dict of DataFrame
        By name of the frame the rows of either side that the other has not, or has otherwise; frames that
        are the same are left out. Of records also those that begin or end between the two days, of
        rectifications also those whose limit is over on the later one: how long has changed.
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

    @property
    def is_same_ground(self) -> bool:
        """Whether everything lies where it lay, so that one side tells where things are and came from."""
        return not any(name in self.rows for name in _GROUND)

    def _sides(self) -> tuple[Evidence, ...]:
        return (self.after,) if self.is_same_ground else (self.before, self.after)

    def _villages_of(self, name: str) -> set[str]:
        rows = self.rows[name]
        if name == "villages":
            return set(rows["code"])
        if name == "townships":
            return set().union(*(villages_in_townships(side, rows["code"]) for side in self._sides()))
        if name in _PEOPLE:
            return self._villages_held_by(self._holders_of(name))
        if name in ("records", "lineage"):
            codes = set(rows["target_code" if name == "records" else "child_code"])
            return set().union(*(_villages_after(side, codes) for side in self._sides()))
        return self._villages_of_ground(name)

    def _villages_of_ground(self, name: str) -> set[str]:
        """Of a household also the villages of its cell and group, of these also those of their households."""
        rows = self.rows[name]
        found = set(rows["village_code"].dropna())
        for side in self._sides():
            if name == "households":
                found |= villages_of_things(side, registered_in(rows))
            if name in ("cells", "groups"):
                found |= villages_registered_in(side, set(rows["code"]))
        return found

    def _villages_held_by(self, holders: set[str]) -> set[str]:
        found: set[str] = set()
        for side in (self.before, self.after):
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
        for side in (self.before, self.after):
            there = is_among(side.records["target_code"], things_in(side, villages))
            found |= set(side.records.loc[there, "holder_code"])
        return found

    def _people(self, name: str) -> set[str]:
        """Changed cadres and units, and everybody of their units: a unit is where its people are."""
        rows = self.rows[name]
        units = set(rows["code"] if name == "units" else rows["unit_code"].dropna())
        found = set(rows["code"])
        for side in (self.before, self.after):
            below = units_below(side.units, units)
            found |= below | set(side.cadres.loc[is_among(side.cadres["unit_code"], below), "code"])
        return found


def difference(before: Evidence, after: Evidence) -> Difference:
    """What is not the same in two evidences; frames that are the same object need not be looked at."""
    rows = {name: _differing(getattr(before, name), getattr(after, name), key) for name, key in KEYS.items()}
    if before.as_of != after.as_of:
        days = before.as_of, after.as_of
        for name, turned in _TURNED.items():
            more = turned(getattr(after, name), *days)
            rows[name] = pd.concat([rows[name], more]) if len(more) else rows[name]
    return Difference(before, after, {name: frame for name, frame in rows.items() if len(frame)})


def villages_of_things(evidence: Evidence, codes: Collection[str]) -> set[str]:
    """Villages that things with these codes are or lie in; of an area and a township all of them."""
    if not codes:
        return set()
    found = {*codes} & codes_in(evidence.villages["code"])
    found |= villages_in_townships(evidence, codes)
    for name in _IN_VILLAGE:
        frame = getattr(evidence, name)
        found |= codes_in(frame.loc[is_among(frame["code"], codes).to_numpy(), "village_code"])
    areas = evidence.areas
    return found | set(areas.loc[is_among(areas["area_code"], codes).to_numpy(), "village_code"])


def _villages_after(evidence: Evidence, codes: Collection[str]) -> set[str]:
    """Villages of these things and of the cells that came from them."""
    return villages_of_things(evidence, {*codes, *descendants(evidence.lineage, codes)})


def villages_in_townships(evidence: Evidence, codes: Iterable[str]) -> set[str]:
    """Codes of the villages in these townships."""
    villages = evidence.villages
    return set(villages.loc[is_among(villages["township_code"], {*codes}).to_numpy(), "code"])


def registered_in(households: pd.DataFrame) -> set[str]:
    """Codes of the cells and groups in which these households are on record."""
    return codes_in(households["cell_code"]) | codes_in(households["group_code"])


def villages_registered_in(evidence: Evidence, codes: Collection[str]) -> set[str]:
    """Villages of the households that are on record in these cells and groups."""
    homes = evidence.households
    inside = is_among(homes["cell_code"], codes) | is_among(homes["group_code"], codes)
    return codes_in(homes.loc[inside.to_numpy(), "village_code"])


def things_in(evidence: Evidence, villages: Collection[str]) -> set[str]:
    """Codes of villages and of all that lies in them, of former cells too, with their townships and areas."""
    found = {*villages}
    mine = evidence.villages[is_among(evidence.villages["code"], found).to_numpy()]
    found |= set(mine["township_code"].dropna())
    for name in _IN_VILLAGE:
        found |= codes_in(rows_in_villages(getattr(evidence, name), villages)["code"])
    cells = codes_in(rows_in_villages(evidence.cells, villages)["code"])
    return found | ancestors(evidence.lineage, cells) | areas_of(evidence, villages)


def areas_of(evidence: Evidence, villages: Collection[str]) -> set[str]:
    """Codes of the areas that one of the villages belongs to."""
    areas = evidence.areas
    return set(areas.loc[is_among(areas["village_code"], villages).to_numpy(), "area_code"])


def units_below(units: pd.DataFrame, codes: Collection[str]) -> set[str]:
    """These units and all under them."""
    found, parent = {*codes}, units["parent_code"]
    while True:
        more = set(units.loc[is_among(parent, found).to_numpy(), "code"]) - found
        if not more:
            return found
        found |= more


def codes_in(codes: pd.Series) -> set[str]:
    """The codes of a column, each once, without missing ones."""
    return set(
        codes.dropna().to_numpy(dtype=object)
    )  # going through texts one by one in Arrow takes far longer


def rows_in_villages(frame: pd.DataFrame, villages: Collection[str]) -> pd.DataFrame:
    """The rows of a frame with ``village_code`` that lie in these villages, in their order."""
    return frame[is_among(frame["village_code"], villages).to_numpy()]


def _turned_between(records: pd.DataFrame, one: date, other: date) -> pd.DataFrame:
    """Records that are in force on one day and not on the other, or that come and go in between."""
    first, last = sorted((one, other))
    begin = begun_by(records, last) & ~begun_by(records, first)
    end = over_by(records, last) & ~over_by(records, first)
    return records[begin | end]


def _happened_between(lineage: pd.DataFrame, one: date, other: date) -> pd.DataFrame:
    """Rows of the lineage that count on one day and not on the other."""
    first, last = sorted((one, other))
    between = [not is_missing(day) and first < day <= last for day in lineage["happened_on"]]
    return lineage[np.array(between, dtype=bool)]


def _over_on(cases: pd.DataFrame, one: date, other: date) -> pd.DataFrame:
    """Rectifications whose limit is over on one of the days or both."""
    return cases[np.array([due < max(one, other) for due in cases["due_on"]], dtype=bool)]


_TURNED = {"records": _turned_between, "lineage": _happened_between, "rectifications": _over_on}
"""By frame the rows that say something else on one day than on another."""


def turning_days(records: pd.DataFrame, start: date, end: date) -> set[date]:
    """Days after ``start`` up to ``end`` on which some record begins or has just ended."""
    found = {day for name in ("valid_from", "valid_to") for day in pd.unique(records[name].to_numpy(object))}
    return {day for day in found if not is_missing(day) and start < day <= end}


def _differing(before: pd.DataFrame, after: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    if before is after:
        return before.iloc[:0]
    old_at, new_at = _matched(before, after, key)
    changed = np.zeros(len(old_at), dtype=bool)
    for name in after.columns.difference(list(key), sort=False):
        changed |= _unequal(before[name], after[name], old_at, new_at)
    old = before.iloc[np.union1d(old_at[changed], _others(old_at, len(before)))]
    new = after.iloc[np.union1d(new_at[changed], _others(new_at, len(after)))]
    return pd.concat([old, new], ignore_index=True) if len(old) or len(new) else after.iloc[:0]


def _others(places: Ints, count: int) -> Ints:
    """The places up to ``count`` that are not among these."""
    left = np.ones(count, dtype=bool)
    left[places] = False
    return np.flatnonzero(left)


def _matched(before: pd.DataFrame, after: pd.DataFrame, key: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Places in both of the rows with the same key, in the order of ``before``."""
    if key == ("id",):
        at = _looked_up(before["id"].to_numpy(np.int64), after["id"].to_numpy(np.int64))
    else:
        found = pc.index_in(_key_texts(before, key), value_set=_key_texts(after, key))
        at = found.fill_null(-1).to_numpy(zero_copy_only=False)
    kept = at >= 0
    return np.flatnonzero(kept), at[kept].astype(np.int64)


def _looked_up(old: Ints, new: Ints) -> Ints:
    """The place of each number in the second array, or -1."""
    if not len(old) or not len(new):
        return np.full(len(old), -1)
    low, high = min(old.min(), new.min()), max(old.max(), new.max())
    if high - low > _SPARSE * len(new):
        return np.asarray(pd.Index(new).get_indexer(old), dtype=np.int64)
    places = np.full(high - low + 1, -1)  # ids lie close together: a table of all is the quickest index
    places[new - low] = np.arange(len(new))
    found: Ints = places[old - low]
    return found


def _key_texts(frame: pd.DataFrame, key: tuple[str, ...]) -> pa.Array:
    """One text a row that no other row has: rows with the same key are told apart by their order."""
    texts = frame[key[0]].astype("str")
    for name in key[1:]:
        texts = texts + _BETWEEN + frame[name].astype("str")
    if not texts.is_unique:
        again = frame.groupby(list(key), sort=False, dropna=False).cumcount()
        texts = texts.where(again == 0, texts + _BETWEEN + again.astype("str"))
    found = pa.array(texts.array)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _unequal(before: pd.Series, after: pd.Series, old_at: Ints, new_at: Ints) -> Flags:
    """Which of the matched rows differ in a column; stretches that lie alike are compared without copying."""
    ends = np.flatnonzero((np.diff(old_at) != 1) | (np.diff(new_at) != 1)) + 1
    if len(ends) > _STRETCHES:
        return _unlike(before.iloc[old_at], after.iloc[new_at])
    parts = [np.zeros(0, dtype=bool)]
    for first, last in pairwise(sorted({0, *ends.tolist(), len(old_at)})):
        old, new, size = int(old_at[first]), int(new_at[first]), last - first
        parts.append(_unlike(before.iloc[old : old + size], after.iloc[new : new + size]))
    return np.concatenate(parts)


def _unlike(one: pd.Series, other: pd.Series) -> Flags:
    """Which values differ, place by place; missing ones are alike."""
    if isinstance(one, gpd.GeoSeries):
        shapes, others = one.to_numpy(), other.to_numpy()
        both_missing = shapely.is_missing(shapes) & shapely.is_missing(others)
        return np.asarray(~(shapely.equals_identical(shapes, others) | both_missing), dtype=bool)
    if isinstance(one.dtype, pd.StringDtype) and isinstance(other.dtype, pd.StringDtype):
        unlike = pc.not_equal(pa.array(one.array), pa.array(other.array)).fill_null(False)
        missing = np.asarray(one.isna() != other.isna().to_numpy(), dtype=bool)
        unlike_or_missing: Flags = np.logical_or(np.asarray(unlike, dtype=bool), missing)
        return unlike_or_missing
    values, against = _plain(one), _plain(other)
    different = np.asarray(values != against, dtype=bool)
    at = np.flatnonzero(different)  # missing values are not equal to each other
    different[at] = ~(pd.isna(values[at]) & pd.isna(against[at]))
    return different


def _plain(values: pd.Series) -> npt.NDArray[Any]:
    if pd.api.types.is_numeric_dtype(values.dtype):  # flags too
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(values.to_numpy(dtype=object))
