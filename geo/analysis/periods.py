"""Which records are in force on a day: ``valid_from`` inclusive, ``valid_to`` exclusive."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


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
    started = np.fromiter((is_missing(day) or day <= as_of for day in frame["valid_from"]), bool, len(frame))
    open_still = np.fromiter((is_missing(day) or day > as_of for day in frame["valid_to"]), bool, len(frame))
    return frame[started & open_still]


def is_missing(value: object) -> bool:
    """Whether a scalar is None, NaN, NaT or NA."""
    if value is None or type(value) is date:  # by far the commonest; asking pandas takes twenty times as long
        return value is None
    return bool(pd.isna(value))
