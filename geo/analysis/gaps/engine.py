"""All gaps of a county on a day: found from scratch, or brought up to date where something changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.analysis.gaps import cells, chains, ground, holders, households, rectifications, villages
from geo.analysis.gaps.difference import (
    Difference,
    areas_of,
    difference,
    registered_in,
    rows_in_villages,
    things_in,
    villages_of_things,
    villages_registered_in,
)
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.remembered import Remembered
from geo.analysis.gaps.rule import GAP_COLUMNS, GAP_RULES, GapRule, gap_frame
from geo.crs import STORED_CRS
from geo.frames import is_among
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds

RULE_MODULES = (cells, chains, ground, holders, households, rectifications, villages)
"""Importing a module registers its rules."""
_LARGE_PART = 0.5
"""From this share of the villages on the whole county is looked at: it costs no more."""
_CODES = ("village_code", "target_code", "aspect")
"""Columns of a gap that can name what it concerns."""
_LYING = ("cells", "households", "groups", "branches", "labels", "rectifications")


def find_gaps(evidence: Evidence, rules: Rules, *, kinds: Collection[str] | None = None) -> gpd.GeoDataFrame:
    """Every gap of the county.

    Parameters
    ----------
    kinds : collection of str or None
        Only these; None means all.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        `GAP_COLUMNS` and ``geometry``, sorted by kind (in the order of `gap_kinds`), village (None last),
        target and aspect, with a default index. No gaps give an empty frame with all columns.
    """
    return in_order(rule.find(evidence, rules) for rule in _rules(kinds))


def updated_gaps(gaps: gpd.GeoDataFrame, before: Evidence, after: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """The gaps of another state of the county, looked for only where the two states differ.

    Parameters
    ----------
    gaps : GeoDataFrame
        What `find_gaps` gives of ``before`` with the same rules, in the same language.

    Returns
    -------
    GeoDataFrame
        Exactly what ``find_gaps(after, rules)`` gives.
    """
    update = _Update(difference(before, after), rules)
    if not update.difference.rows:
        return gaps
    return in_order(update.of_rule(rule, gaps[gaps["kind"] == rule.kind]) for rule in _rules(None))


def in_order(parts: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Gaps of several rules in one frame, in the order in which lists show them."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return gap_frame()
    gaps = pd.concat(filled, ignore_index=True)
    rank = {kind: place for place, kind in enumerate(gap_kinds())}
    keys = pd.DataFrame(
        {
            "kind": gaps["kind"].map(rank),
            "village": gaps["village_code"].isna(),
            "village_code": gaps["village_code"].fillna(""),
            "target_code": gaps["target_code"],
            "aspect": gaps["aspect"],
        }
    )
    order = keys.sort_values(list(keys.columns), kind="stable").index
    ordered = gaps.loc[order, [*GAP_COLUMNS, "geometry"]].reset_index(drop=True)
    return gpd.GeoDataFrame(ordered, geometry="geometry", crs=STORED_CRS)


def _rules(kinds: Collection[str] | None) -> list[GapRule]:
    return [rule for kind, rule in GAP_RULES.items() if kinds is None or kind in kinds]


class _Update:
    """One run over the places where two states differ; what several rules look at is cut out once."""

    def __init__(self, found: Difference, rules: Rules) -> None:
        self.difference, self._rules, self._after = found, rules, found.after
        self._parts: dict[frozenset[str], tuple[Evidence, set[str]]] = {}
        self._holdings: dict[frozenset[str], Evidence] = {}

    def of_rule(self, rule: GapRule, gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The gaps of one rule, given those before."""
        if not any(name in self.difference.rows for name in rule.reads):
            return gaps
        if rule.scope == "village":
            return self._by_village(rule, gaps)
        if rule.scope == "holder":
            return self._by_holder(rule, gaps)
        return rule.find(self._after, self._rules)

    def _by_village(self, rule: GapRule, gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        touched = frozenset(self.difference.villages(rule.reads))
        if len(touched) >= _LARGE_PART * len(self._after.villages):
            return rule.find(self._after, self._rules)
        if touched not in self._parts:
            part = self._around(touched)
            self._parts[touched] = part, self._things(touched, part)
        part, things = self._parts[touched]
        return _replaced(
            gaps, rule.find(part, self._rules), things, ["village_code", "target_code", "aspect"]
        )

    def _by_holder(self, rule: GapRule, gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        touched = frozenset(self.difference.holders(rule.reads))
        if touched not in self._holdings:
            self._holdings[touched] = self._of_holders(touched)
        found = rule.find(self._holdings[touched], self._rules)
        return _replaced(gaps, found, touched, ["target_code"])

    def _things(self, villages: frozenset[str], part: Evidence) -> set[str]:
        """Codes of all that lies in the villages, now (``part`` has it all) or before."""
        now = things_in(part, villages)
        return now if self.difference.is_same_ground else now | things_in(self.difference.before, villages)

    def _around(self, touched: frozenset[str]) -> Evidence:
        """The villages with all that is needed to judge them: neighbours, the rest of their areas."""
        after, areas = self._after, self._after.areas
        homes = rows_in_villages(after.households, touched)
        cells, groups = rows_in_villages(after.cells, touched), rows_in_villages(after.groups, touched)
        shared = {*areas_of(self.difference.before, touched), *areas_of(after, touched)}
        around = {*touched}
        around |= villages_of_things(after, registered_in(homes))
        around |= villages_registered_in(after, {*cells["code"], *groups["code"]})
        around |= _neighbours(after.cells, cells)
        around |= set(areas.loc[is_among(areas["area_code"], shared).to_numpy(), "village_code"])
        part, records = _part(after, around), after.records
        there = is_among(records["target_code"], things_in(part, around)).to_numpy()
        return replace(part, records=records[there].reset_index(drop=True))

    def _of_holders(self, holders: frozenset[str]) -> Evidence:
        """What the holders hold or have held, with the villages it lies in."""
        after, records = self._after, self._after.records
        held = records[is_among(records["holder_code"], holders).to_numpy()]
        targets = set(held["target_code"])
        villages = villages_of_things(after, targets) | villages_registered_in(after, targets)
        return replace(_part(after, villages), records=held.reset_index(drop=True))


def _part(evidence: Evidence, villages: Collection[str]) -> Evidence:
    """The evidence of some villages; records, people, townships and areas stay."""
    parts = {name: rows_in_villages(getattr(evidence, name), villages) for name in _LYING}
    parts["villages"] = evidence.villages[is_among(evidence.villages["code"], villages).to_numpy()]
    return replace(evidence, **{name: frame.reset_index(drop=True) for name, frame in parts.items()})


def _replaced(
    gaps: gpd.GeoDataFrame, found: gpd.GeoDataFrame, codes: Collection[str], columns: Sequence[str]
) -> gpd.GeoDataFrame:
    """The gaps with those that concern the codes taken from what was found anew."""

    def concerned(rows: gpd.GeoDataFrame) -> Any:
        return np.any([is_among(rows[name], codes).to_numpy() for name in columns], axis=0)

    return pd.concat([gaps[~concerned(gaps)], found[concerned(found)]], ignore_index=True)


def _neighbours(cells: gpd.GeoDataFrame, mine: gpd.GeoDataFrame) -> set[str]:
    """Villages of the cells whose boxes touch one of these cells'."""
    _mine, others = _tree(cells).query(mine.geometry.to_numpy())
    return set(cells["village_code"].to_numpy(dtype=object)[np.unique(others)])


@Remembered
def _tree(cells: pd.DataFrame) -> shapely.STRtree:
    return shapely.STRtree(cells["geometry"].to_numpy())
