"""Tasks and candidates, weighed and put into numbers for the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.gap_plan.problem import ENDLESS, Flags, Integers, Problem
from geo.analysis.gaps.reach import NEAR_KINDS
from geo.analysis.matching import HOLDING_COLUMNS, POOR, Match, match_of
from geo.rules import Rules

TASK_COLUMNS = [*HOLDING_COLUMNS, "holder_code", "weight", "group", "at_most", "place"]
"""One row for each person wanted.

kind, target_code, rank, township_code, wants, households, geometry
    What is to be held, as `geo.analysis.matching` takes it. Several rows that say the same want as many
    different people.
holder_code
    Who holds it and gives it away; None where nobody does.
weight
    Points that are won, to a tenth.
group, at_most
    Of the rows of a group at most so many are to be filled; "" and missing for rows in no group.
place
    Nobody is to have two things with the same place, whatever they are; "" where that does not matter.
"""
TENTHS, METRES = 10, 1000
"""The solver counts weight in tenths of points and cost in metres."""
_NEAR = frozenset(map(str, NEAR_KINDS))


@dataclass(frozen=True)
class PlanLimits:
    """What a plan must keep to beyond the limits of load.

    Attributes
    ----------
    max_km : float or None
        How far a taker may be, for kinds whose holders must be near; None: as far as the rule
        ``holder_remote_km`` says. Who has no place may take anything.
    strict_units : bool
        Whether only the right kind of unit may send somebody; else it is preferred.
    """

    max_km: float | None = None
    strict_units: bool = False

    def most_km(self, rules: Rules) -> float:
        """The distance that counts."""
        return rules["holder_remote_km"].value if self.max_km is None else self.max_km


@dataclass(frozen=True)
class KindGround:
    """One kind: its things against its candidates, and which pairs may be.

    Attributes
    ----------
    slots : int array
        Which slots its things are, by row of the match.
    first : int
        Number of its first taker among the takers of all kinds.
    """

    match: Match
    near: Flags
    fits: Flags
    slots: Integers
    first: int

    @property
    def may(self) -> Flags:
        """Pairs that distance, township and unit allow."""
        return self.match.allowed & self.near & self.fits


@dataclass(frozen=True)
class Ground:
    """Tasks and candidates, weighed; slots are the distinct things of the tasks."""

    tasks: gpd.GeoDataFrame
    slots: gpd.GeoDataFrame
    unit_slot: Integers
    kinds: Sequence[KindGround]
    limits: PlanLimits

    @classmethod
    def of(
        cls,
        tasks: gpd.GeoDataFrame,
        candidates: gpd.GeoDataFrame,
        beside: pd.DataFrame,
        rules: Rules,
        limits: PlanLimits,
    ) -> Ground:
        """Weigh tasks against candidates; both frames as for `geo.analysis.gap_plan.propose.propose`."""
        thing = tasks[["kind", "target_code", "rank", "holder_code"]].fillna("")
        unit_slot = thing.groupby(list(thing.columns), sort=True).ngroup().to_numpy(np.int64)
        slots = tasks.iloc[np.unique(unit_slot, return_index=True)[1]].reset_index(drop=True)
        kinds, first = [], 0
        for kind, part in slots.groupby("kind"):
            mine = candidates[candidates["kind"] == kind].sort_values("code", ignore_index=True)
            theirs = beside[beside["kind"] == kind]
            match = match_of(part.reset_index(drop=True), mine, theirs, rules)
            kinds.append(_weighed(match, part.index.to_numpy(np.int64), first, rules, limits))
            first += len(mine)
        return cls(tasks, slots, unit_slot, kinds, limits)

    @cached_property
    def takers(self) -> pd.DataFrame:
        """All takers: the candidates of one kind after those of another."""
        if not self.kinds:
            return pd.DataFrame({"code": pd.Series(dtype=object)})
        return pd.concat([kind.match.candidates[["kind", "code"]] for kind in self.kinds], ignore_index=True)

    @cached_property
    def problem(self) -> Problem:
        """The plan in numbers."""
        groups = pd.Index(sorted(set(self.slots["group"]) - {""}))
        most = self.slots.drop_duplicates("group").set_index("group")["at_most"]
        places = pd.Index(sorted(set(self.slots["place"]) - {""}))
        slot, taker, cost = self._pairs()
        rooms = [kind.match.room for kind in self.kinds]
        return Problem(
            unit_slot=self.unit_slot,
            unit_weight=_whole(self.tasks["weight"].to_numpy(float) * TENTHS),
            slot_move=self.slots["holder_code"].notna().to_numpy(bool),
            slot_load=_whole(self.slots["households"].fillna(0)),
            slot_group=groups.get_indexer(self.slots["group"]).astype(np.int64),
            group_most=_whole(most.reindex(groups)),
            slot_place=places.get_indexer(self.slots["place"]).astype(np.int64),
            pair_slot=slot,
            pair_taker=taker,
            pair_cost=cost,
            places=_joined([room.places for room in rooms]),
            step=_joined([room.steps * METRES for room in rooms]),
            room=_joined([np.where(np.isfinite(room.weight), room.weight, ENDLESS) for room in rooms]),
            person=pd.factorize(self.takers["code"])[0].astype(np.int64),
        )

    def _pairs(self) -> tuple[Integers, Integers, Integers]:
        """Slots, takers and costs in metres of the pairs that can matter."""
        found = [_nearest(kind, len(self.tasks)) for kind in self.kinds]
        return (
            _joined([kind.slots[rows] for kind, (rows, _takers) in zip(self.kinds, found, strict=True)]),
            _joined([kind.first + takers for kind, (_rows, takers) in zip(self.kinds, found, strict=True)]),
            _joined(
                [
                    kind.match.costs[rows, takers] * METRES
                    for kind, (rows, takers) in zip(self.kinds, found, strict=True)
                ]
            ),
        )

    def kind_of(self, taker: int) -> KindGround:
        """The kind that a taker is a candidate for."""
        return next(kind for kind in reversed(self.kinds) if kind.first <= taker)


def _weighed(match: Match, slots: Integers, first: int, rules: Rules, limits: PlanLimits) -> KindGround:
    """One kind with what distance and units allow."""
    kind = match.holdings["kind"].iloc[0]
    near = (
        ~(match.distance_km > limits.most_km(rules))
        if kind in _NEAR
        else np.ones(match.allowed.shape, dtype=bool)
    )
    fits = match.suits > POOR if limits.strict_units else np.ones(match.allowed.shape, dtype=bool)
    return KindGround(match, near, fits, slots, first)


def _nearest(kind: KindGround, most: int) -> tuple[Integers, Integers]:
    """Rows and columns of the pairs among the ``most`` cheapest of each thing, of those with room for it.

    Others cannot matter: all other people wanted together occupy one candidate fewer than that.
    """
    room = kind.match.room
    load = kind.match.holdings["households"].fillna(0).to_numpy(float)
    can = kind.may & (room.places > 0)[None, :] & (load[:, None] <= room.weight[None, :])
    costs = np.where(can, kind.match.costs, np.inf)
    if most < costs.shape[1]:
        order = np.argpartition(costs, most - 1, axis=1)[:, :most]
        chosen = np.zeros(costs.shape, dtype=bool)
        np.put_along_axis(chosen, order, True, axis=1)
        can &= chosen
    rows, columns = np.nonzero(can)
    return rows.astype(np.int64), columns.astype(np.int64)


def _whole(values: pd.Series | np.ndarray) -> Integers:
    whole: Integers = np.rint(np.asarray(values, dtype=float)).astype(np.int64)
    return whole


def _joined(parts: Sequence[np.ndarray]) -> Integers:
    return _whole(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
