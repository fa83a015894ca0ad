"""The evidence of the gap rules, made of a county's frames."""

from __future__ import annotations

from datetime import date

import pandas as pd

from geo.analysis.classify import village_labels
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.periods import in_force
from geo.rules import load_rules
from seeds.county import County


def evidence_of(county: County, as_of: date) -> Evidence:
    """What the rules look at on a day of a made-up county."""
    return evidence_from(county.frames, county.designations, as_of)


def evidence_from(frames: dict[str, pd.DataFrame], designations: pd.DataFrame, as_of: date) -> Evidence:
    """The evidence of one frame for each layer, as `geo.frames.conform` gives them, and of designations."""
    labels = village_labels(
        frames["villages"], frames["indicators"], _dated(designations), load_rules(as_of), as_of=as_of
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
        labels=labels,
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
