"""Where what holders hold lies, and so where a gap of a holder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.where import acting, at_codes, townships_of, village_points
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind


def holder_columns(
    evidence: Evidence, kind: str, holders: Sequence[str], held: pd.DataFrame
) -> tuple[dict[str, Any], Any]:
    """Columns ``village_code, township_code, who_kind, who_code`` and the geometry of gaps of holders.

    A holder's gap lies in the village of what it holds, if that is one village; else in the township with
    most of it. It is shown at the cadre's own point; where that is not known, in a village of what it holds.

    Parameters
    ----------
    held : DataFrame
        The holders' responsibilities that are in force.
    """
    places = _places(evidence, held)
    by_holder = places.groupby("holder_code")
    villages = by_holder["village_code"].agg(_only).dropna()
    shown = by_holder["village_code"].first()
    townships = by_holder["township_code"].agg(_commonest)
    towns = at_codes(townships, holders).tolist()
    columns = {
        "village_code": at_codes(villages, holders),
        "township_code": towns,
        **acting(kind, towns),
    }
    own = evidence.cadres[evidence.cadres["code"].isin(holders).to_numpy()]
    points = at_codes(own.set_index("code").geometry, holders)
    instead = village_points(evidence, at_codes(shown, holders).tolist())
    return columns, np.where([point is None for point in points], instead, points)


def _places(evidence: Evidence, held: pd.DataFrame) -> pd.DataFrame:
    """``holder_code, village_code, township_code``: a row for each village of each thing that is held."""
    parts = []
    for entity, lying in _lying(evidence, held).items():
        kinds = [str(kind) for kind, rule in RESPONSIBILITY_RULES.items() if entity in rule.targets]
        mine = held[held["kind"].isin(kinds).to_numpy()]
        found = mine[["holder_code", "target_code"]].merge(lying, left_on="target_code", right_on="code")
        parts.append(found[["holder_code", "village_code", "township_code"]])
    return pd.concat(parts, ignore_index=True).astype(object).sort_values(["holder_code", "village_code"])


def _lying(evidence: Evidence, held: pd.DataFrame) -> dict[EntityKind, pd.DataFrame]:
    """``code, village_code, township_code`` of the things that are held, by what they are."""
    areas = evidence.areas.rename(columns={"area_code": "code"})
    villages = pd.DataFrame({"code": evidence.villages["code"], "village_code": evidence.villages["code"]})
    in_villages = {
        EntityKind.VILLAGE: villages,
        EntityKind.CELL: evidence.cells,
        EntityKind.HOUSEHOLD: evidence.households,
        EntityKind.GROUP: evidence.groups,
        EntityKind.BRANCH: evidence.branches,
        EntityKind.AREA: areas,
    }
    lying, targets = {}, held["target_code"].unique()
    for entity, frame in in_villages.items():
        there = frame[["code", "village_code"]][frame["code"].isin(targets).to_numpy()]
        there = pd.DataFrame(there).dropna(subset=["village_code"])
        lying[entity] = there.assign(township_code=townships_of(evidence, there["village_code"].tolist()))
    towns = evidence.townships["code"]
    lying[EntityKind.TOWNSHIP] = pd.DataFrame({"code": towns, "village_code": None, "township_code": towns})
    return lying


def _only(values: pd.Series) -> str | None:
    """The one value there is; None where there are several, or something lies in no village."""
    first = values.iloc[0]
    return str(first) if values.nunique(dropna=False) == 1 and pd.notna(first) else None


def _commonest(values: pd.Series) -> str | None:
    """The value that most have, of several the smallest."""
    counts = values.value_counts()
    return min(counts.index[counts == counts.max()], default=None)
