"""Gaps counted: household by household, whether they are listed one by one or cell by cell."""

from __future__ import annotations

import pandas as pd

from geo.vocabulary import EntityKind

_OF_HOUSEHOLDS = "household_"


def things(gaps: pd.DataFrame) -> pd.Series:
    """How many gaps each row stands for: households of a cell that are listed together count one by one."""
    together = gaps["kind"].str.startswith(_OF_HOUSEHOLDS) & (
        gaps["target_kind"] != str(EntityKind.HOUSEHOLD)
    )
    return gaps["value"].where(together, 1).fillna(1).astype(int)


def by_who(gaps: pd.DataFrame) -> pd.DataFrame:
    """Who must act on how much, the heaviest first.

    Returns
    -------
    DataFrame
        ``who_name, gaps, priority, days, score``: gaps, those in priority villages, days the oldest has been
        open (<NA> unknown), and the highest score.
    """
    counted = gaps.assign(gaps=things(gaps), of_priority=things(gaps).where(gaps["priority"], 0))
    groups = counted.groupby("who_name", sort=False).agg(
        gaps=("gaps", "sum"),
        priority=("of_priority", "sum"),
        days=("open_days", "max"),
        score=("score", "max"),
    )
    return groups.sort_values(["score", "gaps"], ascending=False).reset_index()


def by_township(gaps: pd.DataFrame) -> pd.DataFrame:
    """``gaps, priority`` by township code; gaps without a township are left out."""
    counted = gaps.assign(gaps=things(gaps), of_priority=things(gaps).where(gaps["priority"], 0))
    return (
        counted.groupby("township_code")[["gaps", "of_priority"]]
        .sum()
        .rename(columns={"of_priority": "priority"})
    )
