"""How much each holder carries, and whether that is more than its share (domain §4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.rules.loader import Rules, Threshold
from geo.vocabulary import Rank, ResponsibilityKind

LOAD_COLUMNS = ["cells", "households", "paired"]
_OFFICER, _STAFF = str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.STAFF)
_ASSISTANT = str(Rank.ASSISTANT)
LOAD_KINDS = (_OFFICER, _STAFF)
"""Kinds of responsibility whose holders have a limit."""
_LIMITS = {
    "cells": "officer_cells_max",
    "households": "officer_households_max",
    "paired": "staff_households_max",
}

Held = tuple[str, str, str, str]
"""Kind, holder, target and rank of a responsibility in force."""


@dataclass(frozen=True)
class LoadChange:
    """What holders carry without a change and with it: two frames as `holder_loads` gives them."""

    before: pd.DataFrame
    after: pd.DataFrame


def holder_loads(
    responsibilities: pd.DataFrame, households: Mapping[str, int], holders: Collection[str]
) -> pd.DataFrame:
    """What holders carry by the responsibilities given, which are those in force.

    Parameters
    ----------
    responsibilities : DataFrame ``kind, holder_code, target_code, rank``
    households : mapping
        Number of households by cell code; cells without any may be absent.
    holders : collection of str

    Returns
    -------
    DataFrame of int on the sorted holder codes
        ``cells`` and ``households`` (in them) and ``paired`` households that a holder answers for first.
        Assisting is not counted. A holder of nothing has zeros.
    """
    columns = (responsibilities[name].tolist() for name in ("kind", "holder_code", "target_code", "rank"))
    return loads_of(zip(*columns, strict=True), households, holders)


def loads_of(held: Iterable[Held], households: Mapping[str, int], holders: Collection[str]) -> pd.DataFrame:
    """`holder_loads` of rows."""
    # A thing on record twice counts once; assisting beside answering first takes nothing away.
    borne = dict.fromkeys(one[:3] for one in held if one[3] != _ASSISTANT)
    loads = {holder: [0, 0, 0] for holder in sorted(set(holders))}
    for kind, holder, target in borne:
        if holder not in loads:
            continue
        if kind == _OFFICER:
            loads[holder][0] += 1
            loads[holder][1] += households.get(target, 0)
        elif kind == _STAFF:
            loads[holder][2] += 1
    index = pd.Index(list(loads), dtype=object, name="holder_code")
    return pd.DataFrame(list(loads.values()), index=index, columns=LOAD_COLUMNS, dtype=int)


def overloaded(loads: pd.DataFrame, rules: Rules) -> pd.Series:
    """Who carries more than its share: a flag for each row of `holder_loads`."""
    return pd.Series((_figures(loads) > _most(rules)).any(axis=1), index=loads.index)


def newly_overloaded(loads: LoadChange, rules: Rules) -> pd.Series:
    """Who will carry more than its share and more than before: a flag for each row."""
    before, after = _figures(loads.before), _figures(loads.after)
    too_much = (after > _most(rules)) & (after > before)
    return pd.Series(too_much.any(axis=1), index=loads.after.index)


def _figures(loads: pd.DataFrame) -> np.ndarray:
    return np.asarray(loads[LOAD_COLUMNS])


def _most(rules: Rules) -> np.ndarray:
    return np.array([rules[_LIMITS[name]].value for name in LOAD_COLUMNS])


def limits(rules: Rules) -> dict[str, int]:
    """The most a holder should carry, by column of `holder_loads`."""
    return {name: int(limit.value) for name, limit in load_thresholds(rules).items()}


def load_thresholds(rules: Rules) -> dict[str, Threshold]:
    """The rule that limits each column of `holder_loads`."""
    return {name: rules[limit] for name, limit in _LIMITS.items()}
