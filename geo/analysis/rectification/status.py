"""How urgent each rectification is on a day, and how far its tasks are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geo.analysis.rectification.transitions import OPEN
from geo.rules import Rules
from geo.vocabulary import CaseState, CaseStatus

STATUS_COLUMNS = ("status", "days_left", "tasks", "tasks_done", "tasks_overdue")


def case_status(cases: pd.DataFrame, tasks: pd.DataFrame, rules: Rules, *, as_of: date) -> pd.DataFrame:
    """Add to each case its status and the counts of its tasks.

    Parameters
    ----------
    cases : DataFrame ``code, state, due_on`` and more
        Cases as they were on ``as_of``.
    tasks : DataFrame ``case_code, due_on, done_on``
        A task done later than ``as_of`` is still open on it.
    rules : Rules
        ``rectification_pressing_days``.

    Returns
    -------
    DataFrame
        ``cases`` on its index with ``status`` (`CaseStatus`), ``days_left`` (Int64: 0 on the limit itself,
        negative after it, missing once the case is off the list), ``tasks, tasks_done, tasks_overdue``.
        Overdue: open after the limit. Pressing: the limit is near, or a task is past its day.
    """
    found = cases.assign(**_task_counts(cases, tasks, as_of))
    is_open = found["state"].isin([str(state) for state in OPEN]).to_numpy(bool)
    left = np.array([(due - as_of).days for due in found["due_on"]], dtype=np.int64)
    found["tasks_overdue"] = found["tasks_overdue"].where(is_open, 0)
    pressing = (left <= rules["rectification_pressing_days"].value) | (found["tasks_overdue"] > 0).to_numpy()
    found["days_left"] = pd.array(left, dtype="Int64")
    found.loc[~is_open, "days_left"] = pd.NA
    is_closed = (found["state"] == str(CaseState.CLOSED)).to_numpy(bool)
    status = pd.Series(str(CaseStatus.ON_TIME), index=found.index, dtype=object)
    # Each goes before what was said above it.
    for kind, holds in (
        (CaseStatus.PRESSING, pressing),
        (CaseStatus.OVERDUE, left < 0),
        (CaseStatus.WITHDRAWN, ~is_open),
        (CaseStatus.CLOSED, is_closed),
    ):
        status[holds] = str(kind)
    found["status"] = status
    return found


def is_done(tasks: pd.DataFrame, as_of: date) -> pd.Series:
    """Whether each task was done by a day."""
    done = [not pd.isna(day) and day <= as_of for day in tasks["done_on"]]
    return pd.Series(done, index=tasks.index, dtype=bool)


def _task_counts(cases: pd.DataFrame, tasks: pd.DataFrame, as_of: date) -> dict[str, pd.Series]:
    done = is_done(tasks, as_of)
    late = ~done & pd.Series([day < as_of for day in tasks["due_on"]], index=tasks.index, dtype=bool)
    counted = {"tasks": done | True, "tasks_done": done, "tasks_overdue": late}
    by_case = {name: flags.groupby(tasks["case_code"]).sum() for name, flags in counted.items()}
    return {
        name: pd.Series(cases["code"].map(counts).fillna(0).astype(int), index=cases.index)
        for name, counts in by_case.items()
    }
