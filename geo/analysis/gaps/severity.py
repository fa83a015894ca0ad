"""Which gaps come first, and why: declared weights for priority villages, households and time (domain §4)."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.classify import priority_codes
from geo.analysis.gaps.concerned import households_concerned
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.periods import is_missing
from geo.frames import is_among
from geo.i18n import _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds

SEVERITY_COLUMNS = ["priority", "households", "open_days", "score", "score_why"]

Floats = npt.NDArray[np.float64]


def scored(
    gaps: gpd.GeoDataFrame,
    evidence: Evidence,
    rules: Rules,
    *,
    households: npt.NDArray[np.int64] | None = None,
) -> gpd.GeoDataFrame:
    """Gaps with how bad they are, the worst first.

    Parameters
    ----------
    gaps : frame of gaps of the evidence's day
    households : array of int or None
        How many households each gap concerns; None: as `households_concerned` counts them.

    Returns
    -------
    GeoDataFrame
        The columns of ``gaps`` and ``priority`` (in a weak, poor or election-priority village),
        ``households`` (concerned), ``open_days`` (missing when nobody knows since when), ``score`` and
        ``score_why``, which says what the score is made of. Sorted by score, then kind (in the order of
        `gap_kinds`), target and aspect.

    Notes
    -----
    score = ``severity_priority_village`` in a priority village + ``severity_households`` × households ÷
    ``severity_households_full`` + ``severity_open`` × days ÷ ``severity_open_full_days``, each share at most
    1. What is not known counts for nothing.
    """
    homes = households_concerned(gaps, evidence) if households is None else households
    priority = is_among(gaps["village_code"], priority_codes(evidence.labels)).to_numpy(dtype=bool)
    days = _open_days(gaps["since"], evidence)
    points = (
        np.where(priority, rules["severity_priority_village"].value, 0.0).round(1),
        _share(homes.astype(float), rules, "severity_households", "severity_households_full"),
        _share(days.fillna(0).to_numpy(float), rules, "severity_open", "severity_open_full_days"),
    )
    measured = gaps.assign(
        priority=priority,
        households=homes,
        open_days=days,
        score=np.round(sum(points, np.zeros(len(gaps))), 1),
        score_why=pd.Series(list(_reasons(points, homes, days)), index=gaps.index, dtype=object),
    )
    return worst_first(measured)


def _open_days(since: pd.Series, evidence: Evidence) -> pd.Series:
    days = [None if is_missing(day) else (evidence.as_of - day).days for day in since]
    return pd.Series(pd.array(days, dtype="Int64"), index=since.index)


def _share(values: Floats, rules: Rules, weight: str, full: str) -> Floats:
    # Rounded one by one, so that the parts that are told add up to the score.
    return np.round(np.minimum(values / rules[full].value, 1.0) * rules[weight].value, 1)


def _reasons(
    points: tuple[Floats, Floats, Floats], households: npt.NDArray[np.int64], days: pd.Series
) -> Iterator[str]:
    first, many, long = _("重点村 +{points}"), _("涉及 {count} 户 +{points}"), _("已 {count} 天 +{points}")
    unknown, comma = _("起始日期不详 +0"), _("；")
    for priority, by_homes, by_days, count, open_days in zip(
        *(part.tolist() for part in points), households.tolist(), days.tolist(), strict=True
    ):
        parts = [first.format(points=_short(priority))] if priority else []
        parts.append(many.format(count=count, points=_short(by_homes)))
        known = not is_missing(open_days)
        parts.append(long.format(count=open_days, points=_short(by_days)) if known else unknown)
        yield comma.join(parts)


def _short(points: float) -> str:
    return f"{points:g}"


def worst_first(gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Scored gaps by score, then kind (in the order of `gap_kinds`), target and aspect."""
    rank = {kind: place for place, kind in enumerate(gap_kinds())}
    keys = gaps[["target_code", "aspect"]].assign(worst=-gaps["score"], kind=gaps["kind"].map(rank))
    order = keys.sort_values(["worst", "kind", "target_code", "aspect"], kind="stable").index
    return gaps.loc[order].reset_index(drop=True)
