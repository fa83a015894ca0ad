"""What a gap rule is: a pure function of the evidence and the thresholds, with an entry in a YAML file.

``geo/rules/gap_kinds/gaps.yaml`` says for each kind what it is called, whose rule it is and who acts;
the function registered here finds the gaps. CONTRIBUTING.md shows how a rule is added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.crs import STORED_CRS
from geo.rules import Rules

GAP_COLUMNS = [
    "kind",
    "target_kind",
    "target_code",
    "aspect",
    "village_code",
    "township_code",
    "value",
    "threshold",
    "unit",
    "source",
    "needs",
    "who_kind",
    "who_code",
    "since",
    "why",
]
"""Attributes of a gap; beside them ``geometry`` in EPSG:4490 says where it is.

kind, target_kind, target_code
    What is wrong with what. ``target_kind`` is an `EntityKind`.
aspect
    Tells gaps of one kind at one target apart: the level of a broken chain, the measure that is too high, the
    other cell of an overlap; "" where there can be only one.
village_code, township_code
    Where; None when the thing lies in no single village, or nowhere.
value, threshold, unit
    What was measured, the limit, and the unit of both; None where nothing is measured.
source
    S0–S4, STD, PUB or local.
needs
    The `ResponsibilityKind` that would close it; "" where none would.
who_kind, who_code
    Who should act: ``coordinator`` and a township's code, ``department`` and "", or ``unit`` and its code.
since
    The first day of the present gap (a date); None when nobody knows.
why
    One sentence.
"""

GAP_KEY = ["kind", "target_code", "aspect"]
"""What makes two gaps of different days the same gap."""

Scope = Literal["village", "holder", "county"]
GapFinder = Callable[[Evidence, Rules], gpd.GeoDataFrame]


@dataclass(frozen=True)
class GapRule:
    """One registered rule.

    Attributes
    ----------
    kind : str
        Code of the gap, as in the YAML file.
    scope : str
        What has to be looked at again when something changes. ``village``: a gap in a village depends on that
        village, what lies in it, and who holds any of that. ``holder``: a gap of a holder depends on what
        that holder holds. ``county``: few rows, always looked at as a whole.
    reads : tuple of str
        The frames of `Evidence` it looks at; unless one of them has changed it need not run again.
    find : callable
    """

    kind: str
    scope: Scope
    reads: tuple[str, ...]
    find: GapFinder


GAP_RULES: dict[str, GapRule] = {}
"""Every registered rule by kind, in the order of registration."""


def gap_rule(kind: str, *, scope: Scope, reads: Sequence[str]) -> Callable[[GapFinder], GapFinder]:
    """Register a function as the rule of a kind of gap."""

    def register(find: GapFinder) -> GapFinder:
        GAP_RULES[kind] = GapRule(kind, scope, tuple(reads), find)
        return find

    return register


def gap_frame(rows: dict[str, Any] | None = None, geometry: Any = ()) -> gpd.GeoDataFrame:
    """A frame of gaps from columns; what is not given is None ("" for ``aspect`` and ``needs``).

    Single values are repeated. Without rows an empty frame with all columns.
    """
    given = {"aspect": "", "needs": "", **(rows or {})}
    count = len(geometry)
    data = {name: pd.Series(_filled(given.get(name), count), dtype=object, name=name) for name in GAP_COLUMNS}
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(list(geometry), crs=STORED_CRS), crs=STORED_CRS)


def _filled(value: Any, count: int) -> Any:
    if isinstance(value, pd.Series):
        return value.to_numpy(dtype=object)
    return [value] * count if value is None or isinstance(value, str | int | float) else list(value)
