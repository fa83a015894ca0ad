"""Who must serve a village and who does: what the gap rules and the lists of priority villages share."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from geo.vocabulary import ATTRIBUTE_LABELS, PRIORITY_LABELS, ResponsibilityKind

RESIDENT, TOWNSHIP = ResponsibilityKind.RESIDENT_CADRE, ResponsibilityKind.TOWNSHIP_CADRE
TEAM_KINDS = (RESIDENT, TOWNSHIP, ResponsibilityKind.TEAM_HEAD)
"""Whoever is one of a village's work team (S0, S2)."""
MUST_STAFF_LABELS = (*PRIORITY_LABELS, *ATTRIBUTE_LABELS)
"""A village with one of these must have a resident cadre (S1: 全覆盖, 应派尽派)."""
RESIDENTS_MIN = 1
"""Nobody is not somebody: a fact, no threshold."""


def people_serving(held: pd.DataFrame, kinds: Collection[ResponsibilityKind]) -> pd.Series:
    """How many different people hold one of the kinds over each target, by its code; others are absent.

    Parameters
    ----------
    held : DataFrame ``kind, holder_code, target_code``
        Responsibilities in force.
    """
    serving = held[held["kind"].isin([str(kind) for kind in kinds])]
    return serving[["target_code", "holder_code"]].drop_duplicates()["target_code"].value_counts()
