"""What opened, closed and stayed between two days."""

from __future__ import annotations

from typing import TypeVar, cast

import numpy as np
import pandas as pd

from geo.analysis.gaps.rule import GAP_KEY

OPENED, CLOSED, STAYED = "opened", "closed", "stayed"

Frame = TypeVar("Frame", bound=pd.DataFrame)


def compared(before: Frame, after: Frame) -> Frame:
    """The gaps of two days, each once, with what became of it.

    Parameters
    ----------
    before, after : frames of gaps
        The same gap has the same `GAP_KEY` in both.

    Returns
    -------
    DataFrame or GeoDataFrame, as they are
        The rows of ``after`` and then those that only ``before`` has, with a column ``state``: ``opened``,
        ``stayed`` or ``closed``.
    """
    then, now = _keys(before), _keys(after)
    was, gone = now.isin(then), ~then.isin(now)
    told = after.assign(state=np.where(was, STAYED, OPENED).astype(object))
    closed = before[gone].assign(state=CLOSED).reset_index(drop=True)
    if gone.any():
        return cast("Frame", pd.concat([told, closed], ignore_index=True) if len(told) else closed)
    return cast("Frame", told.reset_index(drop=True))


def _keys(gaps: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(gaps[GAP_KEY].astype(object))
