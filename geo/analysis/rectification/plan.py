"""A plan to begin with: the measures of a cause, planned backward from the limit (倒排工期, S3)."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from geo.rules.measures import LEADER, measures
from geo.vocabulary import WeakCause

PLAN_COLUMNS = ("number", "title", "owner_code", "starts_on", "due_on")


def planned_tasks(
    cause: WeakCause | str,
    *,
    listed_on: date,
    due_on: date,
    responsible_code: str,
    leader_code: str | None = None,
) -> pd.DataFrame:
    """The tasks of a cause between two days, the last of which ends on the limit.

    Parameters
    ----------
    listed_on : date
        First day of the work.
    due_on : date
        The limit. Fewer days shorten every task alike; none has less than one day.
    leader_code : str or None
        Who is linked to the case; without anybody the tasks of a leader are the responsible cadre's.

    Returns
    -------
    DataFrame ``number, title, owner_code, starts_on, due_on``
        In the order of the work, numbered from 1; ``due_on`` is the last day (inclusive).

    Raises
    ------
    ValueError
        The limit is before the first day.
    """
    if due_on < listed_on:
        raise ValueError("the limit is before the first day")
    days = (due_on - listed_on).days
    rows = []
    for number, measure in enumerate(measures()[WeakCause(cause)], start=1):
        # From the limit back: what rounding leaves over goes to the beginning.
        last = due_on - timedelta(days=round((1 - measure.share_to) * days))
        before = due_on - timedelta(days=round((1 - measure.share_from) * days))
        first = before if measure.share_from == 0 else min(before + timedelta(days=1), last)
        owner = leader_code if measure.who == LEADER and leader_code else responsible_code
        rows.append((number, measure.title, owner, first, last))
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
