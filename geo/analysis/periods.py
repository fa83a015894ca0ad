"""Which records are in force on a day: ``valid_from`` inclusive, ``valid_to`` exclusive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Flags = npt.NDArray[np.bool_]


def in_force(frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The rows whose period holds a day; a missing start means always, a missing end means still.

    Parameters
    ----------
    frame : DataFrame with ``valid_from`` and ``valid_to``
        Dates as ``datetime.date`` or None.

    Returns
    -------
    DataFrame
        The same columns and index labels; empty for an empty frame.
    """
    return frame[holds_on(frame, as_of)]


def holds_on(frame: pd.DataFrame, as_of: date) -> Flags:
    """Which rows of a frame, as for `in_force`, have a period that holds a day."""
    return begun_by(frame, as_of) & ~over_by(frame, as_of)


def begun_by(frame: pd.DataFrame, as_of: date) -> Flags:
    """Which rows of a frame, as for `in_force`, have a period that has begun by a day, over or not."""
    return _missing_or(frame["valid_from"], lambda days: days <= as_of, missing=True)


def over_by(frame: pd.DataFrame, as_of: date) -> Flags:
    """Which rows of a frame, as for `in_force`, have a period that is over by a day, if it ever began."""
    return _missing_or(frame["valid_to"], lambda days: days <= as_of, missing=False)


def _missing_or(days: pd.Series, test: Callable[[Any], Any], *, missing: bool) -> Flags:
    """The test's answer for each day that is given, and for every other one the same."""
    values = days.to_numpy(dtype=object)
    given = ~pd.isna(values)
    answers = np.full(len(values), missing)
    answers[given] = test(values[given])
    return answers


def is_missing(value: object) -> bool:
    """Whether a scalar is None, NaN, NaT or NA."""
    if value is None or type(value) is date:  # by far the commonest; asking pandas takes twenty times as long
        return value is None
    return bool(pd.isna(value))
