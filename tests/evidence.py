"""The evidence of the gap rules, made of a county's frames."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from shapely.geometry import Point

from geo.analysis.classify import LABEL_COLUMNS, village_labels
from geo.analysis.gaps.evidence import CASE_COLUMNS, Evidence, empty_like, no_cases
from geo.analysis.periods import in_force
from geo.rules import year_rules
from seeds.county import County
from tests import analysis_frames as tiny

AS_OF = date(2026, 5, 1)


def evidence_of(county: County, as_of: date) -> Evidence:
    """What the rules look at on a day of a made-up county."""
    return evidence_from(
        county.frames, county.designations, as_of, rectifications=county.cases.on(as_of)[CASE_COLUMNS]
    )


def evidence_from(
    frames: dict[str, pd.DataFrame],
    designations: pd.DataFrame,
    as_of: date,
    lineage: pd.DataFrame | None = None,
    rectifications: pd.DataFrame | None = None,
) -> Evidence:
    """The evidence of one frame for each layer, as `geo.frames.conform` gives them, and of designations.

    Without a lineage every cell is the first of its kind; without rectifications there are none.
    """
    labels = village_labels(
        frames["villages"], frames["indicators"], _dated(designations), year_rules, as_of=as_of
    )
    records = frames["responsibilities"].drop(columns="reason")
    return Evidence(
        as_of=as_of,
        townships=frames["townships"],
        villages=frames["villages"],
        cells=in_force(frames["cells"], as_of).reset_index(drop=True),
        households=frames["households"],
        groups=frames["groups"],
        branches=frames["branches"],
        areas=area_villages(frames["areas"]),
        cadres=frames["cadres"],
        units=frames["units"],
        records=records.assign(id=range(1, len(records) + 1)),
        lineage=lineage_frame() if lineage is None else lineage,
        labels=labels,
        rectifications=no_cases() if rectifications is None else rectifications,
    )


def area_villages(areas: pd.DataFrame) -> pd.DataFrame:
    """``area_code, area_name, village_code``: one row a village of an area."""
    villages = areas["village_codes"].str.split(";")
    listed = pd.DataFrame(
        {"area_code": areas["code"], "area_name": areas["name"], "village_code": villages}
    ).explode("village_code", ignore_index=True)
    return listed.astype("str")


def _dated(designations: pd.DataFrame) -> pd.DataFrame:
    """Designations with days as dates: made-up counties carry them as texts."""
    days = {
        name: designations[name]
        .astype(object)
        .map(lambda day: date.fromisoformat(day) if isinstance(day, str) else day)
        .astype(object)
        for name in ("valid_from", "valid_to")
    }
    return designations.assign(**days)


def tiny_evidence(
    *records: tuple[Any, ...],
    as_of: date = AS_OF,
    labels: tuple[tuple[Any, ...], ...] = (),
    cases: tuple[tuple[Any, ...], ...] = (),
    **frames: Any,
) -> Evidence:
    """The county of `tests.analysis_frames` with these responsibilities and labels.

    Parameters
    ----------
    *records
        Kind, holder, target, first day, and if wanted the day after the last and the rank.
    labels
        Village, label, since.
    cases
        Code, kind and code of the subject, village, state, listed on, due on.
    **frames
        Fields of `Evidence` in place of the tiny county's; ``None`` empties one. Cadres have codes ``a`` to
        ``d`` and stand in village A, units are ``u1`` and ``u2``, and ``a`` belongs to ``u1``.
    """
    here = [Point(117.005, 35.505)] * 4
    cadres = [{"code": code, "name": f"{code}某", "level": "township"} for code in "abcd"]
    cadres[0]["unit_code"] = "u1"
    given = {
        "townships": tiny.layer(
            "townships", [{"code": tiny.TOWNSHIP, "name": "石桥镇"}], [tiny.square(0, 0, 3, 1)]
        ),
        "villages": tiny.villages(),
        "cells": tiny.cells(),
        "households": tiny.households(),
        "groups": tiny.groups(),
        "branches": tiny.branches(),
        "areas": tiny.area_villages().assign(area_name="第一片"),
        "cadres": tiny.layer("cadres", cadres, here),
        "units": tiny.layer("units", [{"code": "u1", "name": "县一局"}, {"code": "u2", "name": "县二局"}]),
        "records": record_frame(*records),
        "lineage": lineage_frame(),
        "labels": label_frame(*labels),
        "rectifications": case_frame(*cases),
    }
    changed = {name: empty_like(given[name]) if new is None else new for name, new in frames.items()}
    return Evidence(as_of=as_of, **{**given, **changed})


def record_frame(*records: tuple[Any, ...]) -> pd.DataFrame:
    """Responsibilities as an evidence has them: kind, holder, target, from, and if wanted to and rank."""
    names = ["kind", "holder_code", "target_code", "valid_from", "valid_to", "rank"]
    rows = [dict(zip(names, row, strict=False)) for row in records]
    frame = tiny.layer("responsibilities", rows).drop(columns="reason")
    return frame.assign(id=range(1, len(frame) + 1))


def lineage_frame(*rows: tuple[str, str, date | None]) -> pd.DataFrame:
    """Which cells came from which: parent ("": none), child, day."""
    frame = pd.DataFrame(rows, columns=["parent_code", "child_code", "happened_on"], dtype=object)
    frame = frame.astype({"parent_code": "str", "child_code": "str"})
    return frame.assign(happened_on=frame["happened_on"].astype(object))


def case_frame(*cases: tuple[Any, ...]) -> pd.DataFrame:
    """Rectifications: code, kind and code of the subject, village or None, state, listed on, due on."""
    return pd.DataFrame(cases, columns=CASE_COLUMNS, dtype=object)


def label_frame(*labels: tuple[Any, ...]) -> pd.DataFrame:
    """Labels of villages: village, label, since."""
    rows = [(village, label, since, None, None, "") for village, label, since in labels]
    frame = (
        pd.DataFrame(rows, columns=LABEL_COLUMNS[:6])
        .reindex(columns=LABEL_COLUMNS)
        .astype({"village_code": "str", "label": "str"})
    )
    return frame.assign(since=frame["since"].astype(object).where(frame["since"].notna(), None))
