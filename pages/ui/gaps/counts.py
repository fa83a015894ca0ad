"""Gaps counted: household by household, whether they are listed one by one or cell by cell."""

from __future__ import annotations

import pandas as pd

from geo.answers.gap_rows import gaps_in


def by_who(gaps: pd.DataFrame) -> pd.DataFrame:
    """Who must act on how much, the heaviest first.

    Returns
    -------
    DataFrame
        ``who_name, gaps, priority, days, score``: gaps, those in priority villages, days the oldest has been
        open (<NA> unknown), and the highest score.
    """
    counted = gaps.assign(gaps=gaps_in(gaps), of_priority=gaps_in(gaps).where(gaps["priority"], 0))
    groups = counted.groupby("who_name", sort=False).agg(
        gaps=("gaps", "sum"),
        priority=("of_priority", "sum"),
        days=("open_days", "max"),
        score=("score", "max"),
    )
    return groups.sort_values(["score", "gaps"], ascending=False).reset_index()


def by_township(gaps: pd.DataFrame) -> pd.DataFrame:
    """``gaps, priority`` by township code; gaps without a township are left out."""
    counted = gaps.assign(gaps=gaps_in(gaps), of_priority=gaps_in(gaps).where(gaps["priority"], 0))
    return (
        counted.groupby("township_code")[["gaps", "of_priority"]]
        .sum()
        .rename(columns={"of_priority": "priority"})
    )
