"""What the gap rules look at, read from the store: the county as it was on a day, as far as was known."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.gaps.evidence import CASE_COLUMNS, Evidence
from geo.answers.labels import labels_of
from geo.store import queries
from geo.store.periods import cell_lineage, record_periods
from geo.store.rectifications import cases

FIELDS = (
    "townships",
    "villages",
    "cells",
    "households",
    "groups",
    "branches",
    "areas",
    "cadres",
    "units",
    "records",
    "lineage",
    "labels",
    "rectifications",
)
"""Frames of an `Evidence`."""
_NAMES = ["head_name", "phone"]
"""Personal columns that no rule looks at: they are not kept."""


def read_evidence(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = ("",)
) -> Evidence:
    """The evidence of a day.

    Parameters
    ----------
    known_at : datetime or None
        As far as was known at that moment; None: as is known now. Registers tell only what is known now.
    within : collection of str
        Code prefixes of the territories wanted; townships, people, units and areas come whole.

    Returns
    -------
    Evidence
        Cells in their shape and households in their cell of the day; register entries that were there;
        responsibilities of every period.
    """
    read = Reader(session, as_of=as_of, known_at=known_at, within=within)
    return Evidence(as_of=as_of, **{name: read.frame(name) for name in FIELDS})


class Reader:
    """Reads the frames of an evidence, each when it is asked for; parameters as of `read_evidence`."""

    def __init__(
        self,
        session: Session,
        *,
        as_of: date,
        known_at: datetime | None = None,
        within: Collection[str] = ("",),
    ) -> None:
        self._session = session
        self._as_of, self._known_at, self._within = as_of, known_at, within

    def frame(self, name: str) -> pd.DataFrame:
        """One of the `FIELDS`."""
        if name == "records":
            return record_periods(self._session, known_at=self._known_at, within=self._within)
        if name == "lineage":
            return cell_lineage(self._session, known_at=self._known_at, within=self._within)
        if name == "areas":
            return self._areas()
        if name == "labels":
            return self._labels()
        if name == "rectifications":
            return self._cases()
        frame = queries.layer_frame(
            self._session,
            name,
            as_of=self._as_of,
            known_at=self._known_at,
            within=("",) if name == "townships" else self._within,
        )
        return frame.drop(columns=_NAMES) if name == "households" else frame

    def _areas(self) -> pd.DataFrame:
        """``area_code, area_name, village_code`` of the areas that there were on the day."""
        there = queries.layer_frame(self._session, "areas", as_of=self._as_of, known_at=self._known_at)
        members = queries.area_villages(self._session, as_of=self._as_of, known_at=self._known_at)
        names = there[["code", "name"]].set_axis(["area_code", "area_name"], axis=1)
        named = members.merge(names, on="area_code", how="inner")
        return named[["area_code", "area_name", "village_code"]]

    def _cases(self) -> pd.DataFrame:
        listed = cases(self._session, as_of=self._as_of, known_at=self._known_at, within=self._within)
        return listed[CASE_COLUMNS]

    def _labels(self) -> pd.DataFrame:
        villages = queries.layer_frame(self._session, "villages", within=self._within)
        indicators = queries.indicators(self._session, as_of=self._as_of, known_at=self._known_at)
        return labels_of(self._session, villages, indicators, as_of=self._as_of, known_at=self._known_at)
