"""Another evidence from one that is at hand: only what has changed since, or is otherwise on another day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.gaps.difference import rows_in_villages
from geo.analysis.gaps.evidence import Evidence
from geo.answers.evidence import FIELDS, Reader
from geo.codes import TOWNSHIP
from geo.store.periods import record_ids, turning_days

Versions = Mapping[tuple[str, str], int]
"""Version by layer and township, as `geo.store.versions.layer_versions` gives them."""

_FED_BY: dict[str, tuple[str, ...]] = {
    "townships": ("townships",),
    "villages": ("villages",),
    "cells": ("cells",),
    "households": ("households", "cells"),
    "groups": ("groups",),
    "branches": ("branches",),
    "areas": ("areas",),
    "cadres": ("cadres",),
    "units": ("units",),
    "lineage": ("cells",),
    # Where a record belongs is said by its target, so that moving a target moves the record.
    "records": ("responsibilities", "households", "groups", "branches"),
    "rectifications": ("rectifications",),
}
"""Which layers' versions tell whether a frame is still good; labels, which are few, are always read again."""
LAYERS_READ = sorted({layer for layers in _FED_BY.values() for layer in layers} | {"indicators"})
_BY_TOWNSHIP = ("cells", "households", "records")
_COUNTYWIDE = ""
_MANY = 20
"""So many townships are sooner read as a whole than one by one."""


@dataclass(frozen=True)
class Reading:
    """An evidence and what it was read from."""

    evidence: Evidence
    known_at: datetime | None
    versions: Versions


def brought_forward(session: Session, known: Reading, versions: Versions, *, as_of: date) -> Reading:
    """The evidence of a day and of the present data, sharing every frame that is the same."""
    step = _Step(session, known, versions, as_of)
    frames = {name: step.frame(name) for name in FIELDS}
    return Reading(Evidence(as_of=as_of, **frames), known.known_at, versions)


class _Step:
    def __init__(self, session: Session, known: Reading, versions: Versions, as_of: date) -> None:
        self._session, self._known, self._as_of = session, known, as_of
        keys = {*versions, *known.versions}
        self._changed = {key for key in keys if versions.get(key) != known.versions.get(key)}
        self._turning = turning_days(session) if as_of != known.evidence.as_of else {}

    def frame(self, name: str) -> pd.DataFrame:
        """One frame: the one at hand where it still holds."""
        old: pd.DataFrame = getattr(self._known.evidence, name)
        townships = {town for layer, town in self._changed if layer in _FED_BY.get(name, ())}
        if name == "labels" or self._is_otherwise(name):
            return self._reader().frame(name)
        if not townships:
            return old
        if name not in _BY_TOWNSHIP or len(townships) > _MANY or _COUNTYWIDE in townships:
            return self._reader().frame(name)
        return self._records(old, townships) if name == "records" else self._part(name, old, townships)

    def _reader(self, within: Collection[str] = ("",)) -> Reader:
        asked: dict[str, Any] = {"as_of": self._as_of, "known_at": self._known.known_at}
        return Reader(self._session, within=within, **asked)

    def _is_otherwise(self, name: str) -> bool:
        """Whether some entry of the layer came or went between the two days."""
        first, last = sorted((self._known.evidence.as_of, self._as_of))
        days = self._turning.get(name, [])
        return bisect_right(days, first) != bisect_right(days, last)

    def _part(self, name: str, old: pd.DataFrame, townships: set[str]) -> pd.DataFrame:
        villages = set(old["village_code"].unique())
        kept = rows_in_villages(old, {code for code in villages if code[:TOWNSHIP] not in townships})
        return _joined(kept, self._reader(townships).frame(name), "code")

    def _records(self, old: pd.DataFrame, townships: set[str]) -> pd.DataFrame:
        gone = old["id"].isin(record_ids(self._session, within=townships))
        return _joined(old[~gone.to_numpy(dtype=bool)], self._reader(townships).frame("records"), "id")


def _joined(kept: pd.DataFrame, read: pd.DataFrame, by: str) -> pd.DataFrame:
    if kept.empty or read.empty:
        return (read if kept.empty else kept).reset_index(drop=True)
    return pd.concat([kept, read], ignore_index=True).sort_values(by, ignore_index=True)
