"""Tasks and candidates, weighed and put into numbers for the solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.assignment import Floats, Room
from geo.analysis.gap_plan.problem import ENDLESS, Flags, Integers, Problem
from geo.analysis.gaps.reach import NEAR_KINDS
from geo.analysis.matching import HOLDING_COLUMNS, POOR, Match, match_of, room_of
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
BLOCK = 500
"""How many things are weighed at a time."""
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
class Weighed:
    """Some things of a kind against its candidates.

    Attributes
    ----------
    match : Match
    near, fits : bool array (n, m)
        Whether distance and unit allow a pair.
    """

    match: Match
    near: Flags
    fits: Flags


@dataclass(frozen=True)
class KindGround:
    """All things of one kind and all candidates for it; they are weighed a block at a time.

    Attributes
    ----------
    slots : int array
        Which slots the holdings are, ascending.
    first : int
        Number of its first taker among the takers of all kinds.
    """

    kind: str
    holdings: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    beside: pd.DataFrame
    rules: Rules
    limits: PlanLimits
    slots: Integers
    first: int

    @cached_property
    def room(self) -> Room:
        """What the candidates can still take."""
        return room_of(self.kind, self.candidates, len(self.holdings), self.rules)[0]

    def blocks(self, rows: Integers) -> Iterator[tuple[Integers, Weighed]]:
        """So many of the holdings at a time that they can be weighed without much memory."""
        for start in range(0, len(rows), BLOCK):
            part = rows[start : start + BLOCK]
            yield part, self._weighed(part)

    def _weighed(self, rows: Integers) -> Weighed:
        some = self.holdings.iloc[rows].reset_index(drop=True)
        match = match_of(some, self.candidates, self.beside, self.rules)
        everything = np.ones(match.allowed.shape, dtype=bool)
        near = ~(match.distance_km > self.limits.most_km(self.rules)) if self.kind in _NEAR else everything
        return Weighed(match, near, match.suits > POOR if self.limits.strict_units else everything)

    def nearest(self, most: int) -> tuple[Integers, Integers, Integers]:
        """Slots, takers and costs in metres of the pairs among the ``most`` cheapest of each thing.

        Others cannot matter: all other people wanted together occupy one candidate fewer than that. Whoever
        has no room for a thing is left out before.
        """
        found = [
            _cheapest(weighed, self.room, most) for _rows, weighed in self.blocks(np.arange(len(self.slots)))
        ]
        rows = np.concatenate([at * BLOCK + rows for at, (rows, _columns, _costs) in enumerate(found)])
        return (
            self.slots[rows],
            self.first + np.concatenate([columns for _rows, columns, _costs in found]),
            _whole(np.concatenate([costs for _rows, _columns, costs in found]) * METRES),
        )


def _cheapest(weighed: Weighed, room: Room, most: int) -> tuple[Integers, Integers, Floats]:
    """Rows, columns and costs of the pairs that are allowed, of each row the ``most`` cheapest."""
    match = weighed.match
    load = match.holdings["households"].fillna(0).to_numpy(float)
    can = match.allowed & weighed.near & weighed.fits
    can &= (room.places > 0)[None, :] & (load[:, None] <= room.weight[None, :])
    costs = np.where(can, match.costs, np.inf)
    if most < costs.shape[1]:
        chosen = np.zeros(costs.shape, dtype=bool)
        np.put_along_axis(chosen, np.argpartition(costs, most - 1, axis=1)[:, :most], True, axis=1)
        can &= chosen
    rows, columns = np.nonzero(can)
    return rows.astype(np.int64), columns.astype(np.int64), costs[rows, columns]


@dataclass(frozen=True)
class Ground:
    """Tasks and candidates; slots are the distinct things of the tasks, ``unit_slot`` those of each task."""

    tasks: gpd.GeoDataFrame
    slots: gpd.GeoDataFrame
    unit_slot: Integers
    kinds: Sequence[KindGround]

    @classmethod
    def of(
        cls,
        tasks: gpd.GeoDataFrame,
        candidates: gpd.GeoDataFrame,
        beside: pd.DataFrame,
        rules: Rules,
        limits: PlanLimits,
    ) -> Ground:
        """The ground of `geo.analysis.gap_plan.propose.propose`, which says what the frames are."""
        thing = tasks[["kind", "target_code", "rank", "holder_code"]].fillna("")
        unit_slot = thing.groupby(list(thing.columns), sort=True).ngroup().to_numpy(np.int64)
        slots = tasks.iloc[np.unique(unit_slot, return_index=True)[1]].reset_index(drop=True)
        kinds, first = [], 0
        for kind, part in slots.groupby("kind"):
            mine = candidates[candidates["kind"] == kind].sort_values("code", ignore_index=True)
            theirs = beside[beside["kind"] == kind]
            things, at = part.reset_index(drop=True), part.index.to_numpy(np.int64)
            kinds.append(KindGround(str(kind), things, mine, theirs, rules, limits, at, first))
            first += len(mine)
        return cls(tasks, slots, unit_slot, kinds)

    @cached_property
    def problem(self) -> Problem:
        """The plan in numbers."""
        groups = pd.Index(sorted(set(self.slots["group"]) - {""}))
        most = self.slots.drop_duplicates("group").set_index("group")["at_most"]
        places = pd.Index(sorted(set(self.slots["place"]) - {""}))
        pairs = [kind.nearest(len(self.tasks)) for kind in self.kinds]
        rooms = [kind.room for kind in self.kinds]
        people = [code for kind in self.kinds for code in kind.candidates["code"]]
        return Problem(
            unit_slot=self.unit_slot,
            unit_weight=_whole(self.tasks["weight"].to_numpy(float) * TENTHS),
            slot_move=self.slots["holder_code"].notna().to_numpy(bool),
            slot_load=_whole(self.slots["households"].fillna(0)),
            slot_group=groups.get_indexer(self.slots["group"]).astype(np.int64),
            group_most=_whole(most.reindex(groups)),
            slot_place=places.get_indexer(self.slots["place"]).astype(np.int64),
            pair_slot=_joined([slots for slots, _takers, _costs in pairs]),
            pair_taker=_joined([takers for _slots, takers, _costs in pairs]),
            pair_cost=_joined([costs for _slots, _takers, costs in pairs]),
            places=_joined([room.places for room in rooms]),
            step=_joined([room.steps * METRES for room in rooms]),
            room=_joined([np.where(np.isfinite(room.weight), room.weight, ENDLESS) for room in rooms]),
            person=pd.factorize(np.array(people, dtype=object))[0].astype(np.int64),
        )


def _whole(values: pd.Series | np.ndarray) -> Integers:
    whole: Integers = np.rint(np.asarray(values, dtype=float)).astype(np.int64)
    return whole


def _joined(parts: Sequence[np.ndarray]) -> Integers:
    return _whole(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
