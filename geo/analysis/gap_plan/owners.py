"""What holders give away: all of it, what is too far, or the fewest things of what is too much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd

from geo.analysis.gap_plan.wants import PRIMARY, Want, Wants
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.reach import NEAR_KINDS, distances_m
from geo.analysis.workload import limits
from geo.frames import is_among
from geo.rules import Rules
from geo.vocabulary import Rank, ResponsibilityKind

_OFFICER, _STAFF = str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.STAFF)
_ASSISTANT = str(Rank.ASSISTANT)
_LEFT = "left"
_COUNTED = {"cells": _OFFICER, "households": _OFFICER, "paired": _STAFF}
"""Which kind each aspect of an overload counts."""


def want_of_owners(wants: Wants, by_kind: dict[str, list[Any]], evidence: Evidence, rules: Rules) -> None:
    """Add what the gaps of holders and of contested cells want; rows have ``at`` and ``weight`` besides."""
    inactive = by_kind.get("owner_inactive", [])
    wants.barred |= {row.target_code for row in inactive}
    _end_claims(wants, by_kind.get("cell_contested", []), evidence)
    held = _held(evidence, {row.target_code for kind in by_kind for row in by_kind[kind]})
    for row in inactive:
        of_holder = held.get(row.target_code, [])
        gone = [each for each in of_holder if row.aspect == _LEFT or each.valid_from < row.since]
        _give_away(wants, row, gone)
    if far := by_kind.get("owner_remote", []):
        _move_nearer(wants, far, evidence, rules)
    overloads: dict[tuple[str, str], list[Any]] = {}
    for row in by_kind.get("owner_overloaded", []):
        overloads.setdefault((row.target_code, _COUNTED[row.aspect]), []).append(row)
    homes = evidence.households_by_cell
    for (holder, kind), rows in sorted(overloads.items()):
        things = sorted(
            {
                each.target_code
                for each in held.get(holder, [])
                if each.kind == kind and each.rank != _ASSISTANT
            }
        )
        loads = {code: int(homes.get(code, 0)) if kind == _OFFICER else 0 for code in things}
        _lighten(wants, kind, holder, rows, loads, rules)


def _held(evidence: Evidence, holders: set[str]) -> dict[str, list[Any]]:
    """What some holders hold, each thing once, by holder."""
    mine = evidence.held[is_among(evidence.held["holder_code"], holders).to_numpy()]
    once = mine.sort_values(["holder_code", "kind", "target_code", "rank", "valid_from"])
    once = once.drop_duplicates(["holder_code", "kind", "target_code"], keep="last")
    found: dict[str, list[Any]] = {}
    for each in once.itertuples(index=False):
        found.setdefault(each.holder_code, []).append(each)
    return found


def _give_away(wants: Wants, row: Any, things: list[Any]) -> None:
    for each in things:
        rank = _ASSISTANT if each.rank == _ASSISTANT else PRIMARY
        thing = (each.kind, each.target_code, rank, each.holder_code)
        wants.give_away(thing, row.at, row.weight / len(things))


def _move_nearer(wants: Wants, rows: list[Any], evidence: Evidence, rules: Rules) -> None:
    """Everything that is too far from its holder."""
    beyond_m = rules["holder_remote_km"].value * 1000
    holders = {row.target_code for row in rows}
    parts = []
    for kind in NEAR_KINDS:
        held = evidence.held_of(kind)
        mine = held[is_among(held["holder_code"], holders).to_numpy()]
        parts.append(mine[distances_m(evidence, kind, mine, beyond_m=beyond_m) > beyond_m])
    far = pd.concat(parts).drop_duplicates(["holder_code", "kind", "target_code"])
    by_holder = {
        str(holder): list(part.itertuples(index=False)) for holder, part in far.groupby("holder_code")
    }
    for row in rows:
        _give_away(wants, row, by_holder.get(row.target_code, []))


def _end_claims(wants: Wants, rows: list[Any], evidence: Evidence) -> None:
    """Of several first officers of a cell one keeps it: one who is there, and of these who bears least."""
    held = evidence.held_of(ResponsibilityKind.GRID_OFFICER)
    first = held[(held["rank"] != _ASSISTANT).to_numpy()].drop_duplicates(["holder_code", "target_code"])
    borne = Counter(first["holder_code"].tolist())
    contested = first[is_among(first["target_code"], {row.target_code for row in rows}).to_numpy()]
    officers = {str(cell): sorted(part) for cell, part in contested.groupby("target_code")["holder_code"]}
    for row in sorted(rows, key=lambda each: each.target_code):
        mine = officers[row.target_code]
        kept = min(mine, key=lambda code: (code in wants.barred, borne[code], code))
        others = [code for code in mine if code != kept]
        for code in others:
            borne[code] -= 1
            share = row.weight / len(others)
            wants.claims[_OFFICER, row.target_code, code] = kept, {row.at: share}


def _lighten(
    wants: Wants, kind: str, holder: str, rows: list[Any], loads: dict[str, int], rules: Rules
) -> None:
    """Give away as few things as bring a holder back to its limits, besides what it gives away anyway."""
    anyway = sorted(wants.gives_away(kind, holder) & set(loads))
    rest = {code: load for code, load in loads.items() if code not in anyway}
    choice = fewest(rest, most_things=_most(kind, rules), most_load=_most_load(kind, rules))
    parts = choice.number + len(anyway)
    for row in rows:
        for code in anyway:
            wants.give_away((kind, code, PRIMARY, holder), row.at, row.weight / parts)
        for code in choice.codes:
            group = f"{kind}:{holder}"
            want = Want(group=group, at_most=choice.number)
            want = wants.things.setdefault((kind, code, PRIMARY, holder, 0), want)
            want.shares[row.at] = row.weight / parts


def _most(kind: str, rules: Rules) -> int:
    return limits(rules)["cells" if kind == _OFFICER else "paired"]


def _most_load(kind: str, rules: Rules) -> float:
    return limits(rules)["households"] if kind == _OFFICER else float("inf")


@dataclass(frozen=True)
class Choice:
    """Of which things how many are to go."""

    codes: tuple[str, ...]
    number: int


def fewest(loads: dict[str, int], *, most_things: int, most_load: float) -> Choice:
    """The fewest things without which a holder keeps both limits, and which things these may be.

    Any of them, if that many of the lightest are enough; where one has to go, those that alone are enough;
    else the heaviest.

    >>> fewest({"a": 50, "b": 300, "c": 120}, most_things=3, most_load=400)
    Choice(codes=('b', 'c'), number=1)
    >>> fewest({"a": 50, "b": 60, "c": 70}, most_things=2, most_load=400)
    Choice(codes=('a', 'b', 'c'), number=1)
    >>> fewest({"a": 50}, most_things=3, most_load=400)
    Choice(codes=(), number=0)
    """
    by_load = sorted(loads, key=lambda code: (-loads[code], code))
    excess = sum(loads.values()) - most_load
    number = max(len(loads) - most_things, 0)
    while sum(loads[code] for code in by_load[:number]) < excess:
        number += 1
    if number == 0:
        return Choice((), 0)
    lightest = sum(loads[code] for code in by_load[-number:])
    if lightest >= excess:
        return Choice(tuple(sorted(loads)), number)
    if number == 1:
        return Choice(tuple(sorted(code for code in loads if loads[code] >= ceil(excess))), 1)
    return Choice(tuple(sorted(by_load[:number])), number)
