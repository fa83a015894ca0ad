"""Every gap of a county, found the slow and obvious way: plain loops over rows and shapes.

Written from the domain (§3, §4), not from the rules of `geo.analysis.gaps`, which are tested against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geo.analysis.gaps.evidence import Evidence
from geo.rules import Rules

NEAR_KINDS = ("grid_officer", "staff", "resident_cadre", "township_cadre", "team_head", "org_cadre")
TEAM_KINDS = ("resident_cadre", "township_cadre", "team_head")
UNIT_KINDS = ("department", "sub_office")
MUST_BE_STAFFED = ("weak", "poor", "election_priority", "old_revolutionary", "ethnic_minority")
ALWAYS = date(1, 1, 1)

Key = tuple[str, str, str]
_METRES = Transformer.from_crs(4490, 4547, always_xy=True)


class Record(NamedTuple):
    """One responsibility that holds on at least one day."""

    kind: str
    holder: str
    target: str
    start: date
    stop: date | None
    rank: str

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.stop is None or day < self.stop)


@dataclass(frozen=True)
class Found:
    """What a gap says; ``shape`` is where it is, in metres."""

    target_kind: str
    value: float | None
    threshold: float | None
    since: date | None
    needs: str = ""
    shape: BaseGeometry | None = None


def reference_gaps(evidence: Evidence, rules: Rules) -> dict[Key, Found]:
    """Every gap of the day by kind, target and aspect."""
    county = County(evidence, rules)
    finders = (
        _cells,
        _unpaired,
        _misplaced,
        _bare_land,
        _overlaps,
        _unstaffed,
        _teams,
        _chains,
        _inactive,
        _overloaded,
        _remote,
        _past_their_limit,
    )
    return {key: found for find in finders for key, found in find(county)}


class County:
    """The evidence as plain lists and dictionaries."""

    def __init__(self, evidence: Evidence, rules: Rules) -> None:
        self.day = evidence.as_of
        self.limit: Callable[[str], float] = lambda name: rules[name].value
        for name in ("villages", "cells", "households", "groups", "branches", "cadres", "units", "areas"):
            setattr(self, name, list(_rows(getattr(evidence, name))))
        self.shapes = {
            row["code"]: in_metres(row["geometry"])
            for rows in (self.villages, self.cells, self.households, self.cadres)
            for row in rows
            if row["geometry"] is not None and not row["geometry"].is_empty
        }
        self.cases = list(_rows(evidence.rectifications))
        self.labels: dict[str, dict[str, date]] = defaultdict(dict)
        for row in _rows(evidence.labels):
            self.labels[row["village_code"]][row["label"]] = row["since"] or ALWAYS
        self.of_target: dict[str, list[Record]] = defaultdict(list)
        self.of_holder: dict[str, list[Record]] = defaultdict(list)
        for row in _rows(evidence.records):
            if row["valid_to"] is None or row["valid_from"] < row["valid_to"]:
                record = Record(
                    row["kind"],
                    row["holder_code"],
                    row["target_code"],
                    row["valid_from"],
                    row["valid_to"],
                    row["rank"],
                )
                self.of_target[record.target].append(record)
                self.of_holder[record.holder].append(record)
        self.first_day = {cell["code"]: cell["valid_from"] for cell in self.cells}
        self.parents: dict[str, list[str]] = defaultdict(list)
        self._trace(list(_rows(evidence.lineage)))

    def _trace(self, lineage: list[dict[str, Any]]) -> None:
        """When each cell was first there, and the cells it came from on that day."""
        for row in lineage:
            code, day = row["child_code"], row["happened_on"]
            if day is None:
                self.first_day[code] = ALWAYS
            elif day <= self.day:
                self.first_day[code] = min(day, self.first_day.get(code) or day)
        for row in lineage:
            if row["parent_code"] and row["happened_on"] == self.first_day.get(row["child_code"]):
                self.parents[row["child_code"]].append(row["parent_code"])

    def holders(self, target: str, kinds: Iterable[str], day: date) -> set[str]:
        return {
            record.holder for record in self.of_target[target] if record.kind in kinds and record.holds(day)
        }

    def primaries(self, cell: str, day: date) -> set[str]:
        return {
            record.holder
            for record in self.of_target[cell]
            if record.kind == "grid_officer" and record.rank != "assistant" and record.holds(day)
        }

    def was(self, is_gap: Callable[[str, date], bool], cell: str, day: date) -> bool:
        """Whether a cell, or before its time one that it came from, was a gap on a day."""
        begun = self.first_day.get(cell)
        if begun is not None and day < begun:
            eve = begun - timedelta(days=1)
            return any(self.was(is_gap, parent, eve) for parent in self.parents[cell])
        return is_gap(cell, day)

    def inherited_since(self, is_gap: Callable[[str, date], bool], cell: str, day: date) -> date | None:
        """Since when a cell has been a gap without a break, counting the time of those it came from."""
        begun = self.first_day.get(cell)
        own = None
        if begun is None or begun <= day:
            own = self.since(lambda day: is_gap(cell, day), self.of_target[cell], last=day)
        if begun in (None, ALWAYS) or (own is not None and own > begun):
            return own
        eve = begun - timedelta(days=1)
        before = [parent for parent in self.parents[cell] if self.was(is_gap, parent, eve)]
        if not before:
            return own or begun
        days = [self.inherited_since(is_gap, parent, eve) for parent in before]
        return min((day for day in days if day), default=None)

    def since(
        self,
        is_gap: Callable[[date], bool],
        records: Iterable[Record],
        more: Iterable[date] = (),
        last: date | None = None,
    ) -> date | None:
        """The first day of the present run of days that are gaps; None where the run never began.

        Nothing changes but on a day on which a record begins or ends (or on one of ``more``).
        """
        turns = {day for record in records for day in (record.start, record.stop) if day} | {*more}
        last = last or self.day
        for turn in sorted((turn for turn in turns if ALWAYS < turn <= last), reverse=True):
            if not is_gap(turn - timedelta(days=1)):
                return turn
        return None


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for values in frame.itertuples(index=False, name=None):
        yield {
            name: None if _is_nothing(value) else value
            for name, value in zip(frame.columns, values, strict=True)
        }


def _is_nothing(value: object) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
    )


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    """A shape of EPSG:4490 in metres, mended where its line crosses itself."""
    return shapely.make_valid(
        shapely.transform(shape, lambda places: np.column_stack(_METRES.transform(*places.T)))
    )


def _cells(county: County) -> Iterator[tuple[Key, Found]]:
    for cell in county.cells:
        code = cell["code"]
        owners = len(county.primaries(code, county.day))
        shape = county.shapes.get(code)
        if owners == 0:
            since = county.inherited_since(lambda *when: not county.primaries(*when), code, county.day)
            yield ("cell_unowned", code, ""), Found("cell", 0, 1, since, "grid_officer", shape)
        if owners > 1:
            since = county.inherited_since(lambda *when: len(county.primaries(*when)) > 1, code, county.day)
            yield ("cell_contested", code, ""), Found("cell", owners, 1, since, "grid_officer", shape)


def _unpaired(county: County) -> Iterator[tuple[Key, Found]]:
    for household in county.households:
        code = household["code"]
        if county.limit("pairing_hardship_only") and not household["hardship"]:
            continue
        if not county.holders(code, ["staff"], county.day):
            since = county.since(
                lambda day, code=code: not county.holders(code, ["staff"], day), county.of_target[code]
            )
            yield (
                ("household_unpaired", code, ""),
                Found("household", 0, 1, since, "staff", county.shapes.get(code)),
            )


def _misplaced(county: County) -> Iterator[tuple[Key, Found]]:
    limit, cells = county.limit("gap_misplaced_m"), {cell["code"] for cell in county.cells}
    for household in county.households:
        code, cell = household["code"], household["cell_code"]
        point = county.shapes.get(code)
        if point is None:
            yield ("household_unlocated", code, ""), Found("household", 0, 1, None)
        elif cell in cells and cell in county.shapes:
            off = point.distance(county.shapes[cell])
            if off > limit:
                yield (
                    ("household_misplaced", code, ""),
                    Found("household", off, limit, None, "", point),
                )


def opened(land: BaseGeometry, margin: float) -> BaseGeometry:
    """Some land without what is nowhere wider than twice the margin, but with all its corners."""
    core = land.buffer(-margin, join_style="mitre")
    return core.buffer(margin, join_style="mitre").intersection(land.buffer(0))  # areas only


def _bare_land(county: County) -> Iterator[tuple[Key, Found]]:
    margin, limit = county.limit("gap_tolerance_m") / 2, county.limit("gap_uncovered_m2")
    cells_of, homes_of = defaultdict(list), defaultdict(list)
    for cell in county.cells:
        cells_of[cell["village_code"]].append(cell)
    for household in county.households:
        homes_of[household["village_code"]].append(county.shapes.get(household["code"]))
    for village in county.villages:
        code = village["code"]
        if code not in county.shapes:
            continue
        shapes = [county.shapes[cell["code"]] for cell in cells_of[code] if cell["code"] in county.shapes]
        land = county.shapes[code].difference(shapely.union_all(shapes))
        bare, deep = opened(land, margin), land.buffer(-margin)
        inhabited = any(point is not None and deep.contains(point) for point in homes_of[code])
        if bare.area >= limit or inhabited:
            yield (
                ("land_uncovered", code, ""),
                Found("village", bare.area, limit, _youngest(cells_of[code]), "", bare),
            )


def _overlaps(county: County) -> Iterator[tuple[Key, Found]]:
    margin, limit = county.limit("gap_tolerance_m") / 2, county.limit("gap_overlap_m2")
    drawn = sorted(
        (cell for cell in county.cells if cell["code"] in county.shapes), key=lambda row: row["code"]
    )
    places = shapely.STRtree([county.shapes[cell["code"]] for cell in drawn])
    for first, cell in enumerate(drawn):
        for second in places.query(county.shapes[cell["code"]]):
            if first >= second:
                continue
            other = drawn[second]
            shared = county.shapes[cell["code"]].intersection(county.shapes[other["code"]])
            shared = opened(shared, margin)
            if shared.area >= limit:
                yield (
                    ("cell_overlap", cell["code"], other["code"]),
                    Found("cell", shared.area, limit, _youngest([cell, other]), "", shared),
                )


def _youngest(cells: list[dict[str, Any]]) -> date | None:
    return max((cell["valid_from"] for cell in cells if cell["valid_from"]), default=None)


def _unstaffed(county: County) -> Iterator[tuple[Key, Found]]:
    for village in county.villages:
        code = village["code"]
        first = [since for label, since in county.labels[code].items() if label in MUST_BE_STAFFED]

        def is_gap(day: date, code: str = code, first: list[date] = first) -> bool:
            must = any(since <= day for since in first)
            return must and not county.holders(code, ["resident_cadre"], day)

        if is_gap(county.day):
            since = county.since(is_gap, county.of_target[code], first)
            yield (
                ("village_unstaffed", code, ""),
                Found("village", 0, 1, since, "resident_cadre", county.shapes.get(code)),
            )


def _teams(county: County) -> Iterator[tuple[Key, Found]]:
    least, least_local = county.limit("team_cadres_min"), county.limit("team_township_cadres_min")
    for village in county.villages:
        code = village["code"]
        poor = county.labels[code].get("poor", date.max)
        shape = county.shapes.get(code)

        def is_small(day: date, code: str = code, poor: date = poor) -> bool:
            return poor <= day and len(county.holders(code, TEAM_KINDS, day)) < least

        def lacks_local(day: date, code: str = code) -> bool:
            return len(county.holders(code, ["township_cadre"], day)) < least_local

        if is_small(county.day):
            size = len(county.holders(code, TEAM_KINDS, county.day))
            since = county.since(is_small, county.of_target[code], [poor])
            yield (
                ("team_understaffed", code, "size"),
                Found("village", size, least, since, "resident_cadre", shape),
            )
        if lacks_local(county.day):
            size = len(county.holders(code, ["township_cadre"], county.day))
            since = county.since(lacks_local, county.of_target[code])
            yield (
                ("team_understaffed", code, "township_cadre"),
                Found("village", size, least_local, since, "township_cadre", shape),
            )


def _chains(county: County) -> Iterator[tuple[Key, Found]]:
    yield from _led(county)
    areas = {row["area_code"] for row in county.areas}
    within = {row["village_code"] for row in county.areas}
    yield from _held(county, "department", "area", areas)
    yield from _held(county, "sub_office", "group", [row["code"] for row in county.groups])
    own = [row for row in county.branches if row["village_code"] is not None]
    yield from _held(county, "org_cadre", "branch", [row["code"] for row in own])
    for village in county.villages:
        code = village["code"]
        if code not in within:
            yield _broken("department", "village", code)
        if code not in {branch["village_code"] for branch in own}:
            yield _broken("org_cadre", "village", code)
    grouped, known = {row["village_code"] for row in county.groups}, {row["code"] for row in county.groups}
    for household in county.households:
        if household["village_code"] in grouped and household["group_code"] not in known:
            yield _broken("sub_office", "household", household["code"])


def _led(county: County) -> Iterator[tuple[Key, Found]]:
    for village in county.villages:
        either = (village["code"], village["township_code"])

        def is_gap(day: date, either: tuple[str, str] = either) -> bool:
            return not any(county.holders(target, ["county_leader"], day) for target in either)

        if is_gap(county.day):
            since = county.since(is_gap, [one for target in either for one in county.of_target[target]])
            yield _broken("county_leader", "village", village["code"], since)


def _held(county: County, kind: str, target_kind: str, codes: Iterable[str]) -> Iterator[tuple[Key, Found]]:
    for code in codes:
        if not county.holders(code, [kind], county.day):
            since = county.since(
                lambda day, code=code: not county.holders(code, [kind], day), county.of_target[code]
            )
            yield _broken(kind, target_kind, code, since)


def _broken(kind: str, target_kind: str, code: str, since: date | None = None) -> tuple[Key, Found]:
    return ("chain_broken", code, kind), Found(target_kind, 0, 1, since, kind)


def _inactive(county: County) -> Iterator[tuple[Key, Found]]:
    cadres, units = {row["code"] for row in county.cadres}, {row["code"] for row in county.units}
    for holder, records in list(county.of_holder.items()):
        held = [record for record in records if record.holds(county.day)]
        for kind, register in (("cadre", cadres), ("unit", units)):
            things = {(one.kind, one.target) for one in held if (one.kind in UNIT_KINDS) == (kind == "unit")}
            if things and holder not in register:
                yield ("owner_inactive", holder, "left"), Found(kind, len(things), 0, None)
        terms = [record for record in records if record.kind == "resident_cadre"]
        over = [one.stop for one in terms if one.stop is not None and one.stop <= county.day]
        if not over or any(one.holds(county.day) for one in terms):
            continue
        kept = {(one.kind, one.target) for one in held if one.start < max(over)}
        if kept and holder in cadres:
            yield (
                ("owner_inactive", holder, "term"),
                Found("cadre", len(kept), 0, max(over), "", county.shapes.get(holder)),
            )


def _overloaded(county: County) -> Iterator[tuple[Key, Found]]:
    homes = Counter(household["cell_code"] for household in county.households)
    for holder, records in list(county.of_holder.items()):

        def targets(kind: str, day: date, records: list[Record] = records) -> set[str]:
            return {
                one.target
                for one in records
                if one.kind == kind and one.rank != "assistant" and one.holds(day)
            }

        for aspect, name, measure in (
            ("cells", "officer_cells_max", lambda day, of=targets: len(of("grid_officer", day))),
            (
                "households",
                "officer_households_max",
                lambda day, of=targets: sum(homes[cell] for cell in of("grid_officer", day)),
            ),
            ("paired", "staff_households_max", lambda day, of=targets: len(of("staff", day))),
        ):
            limit = county.limit(name)
            if measure(county.day) > limit:
                since = county.since(lambda day, measure=measure, limit=limit: measure(day) > limit, records)
                yield (
                    ("owner_overloaded", holder, aspect),
                    Found("cadre", measure(county.day), limit, since, "", county.shapes.get(holder)),
                )


def _remote(county: County) -> Iterator[tuple[Key, Found]]:
    limit = county.limit("holder_remote_km")
    places = {
        row["code"]: county.shapes[row["code"]]
        for rows in (county.villages, county.cells, county.households)
        for row in rows
        if row["code"] in county.shapes
    }
    for branch in county.branches:
        if branch["village_code"] in places:
            places[branch["code"]] = places[branch["village_code"]]
    for cadre in county.cadres:
        base = county.shapes.get(cadre["code"])
        if base is None:
            continue
        near = [
            record
            for record in county.of_holder[cadre["code"]]
            if record.kind in NEAR_KINDS and record.target in places
        ]

        def farthest(day: date, near: list[Record] = near, base: BaseGeometry = base) -> float:
            ways = (base.distance(places[record.target]) for record in near if record.holds(day))
            return max(ways, default=0.0) / 1000

        if farthest(county.day) > limit:
            since = county.since(lambda day, farthest=farthest: farthest(day) > limit, near)
            yield (
                ("owner_remote", cadre["code"], ""),
                Found("cadre", farthest(county.day), limit, since, "", base),
            )


def _past_their_limit(county: County) -> Iterator[tuple[Key, Found]]:
    for case in county.cases:
        days = (county.day - case["due_on"]).days
        if days > 0 and case["state"] not in ("closed", "withdrawn"):
            shape = county.shapes.get(case["village_code"])
            since = case["due_on"] + timedelta(days=1)
            yield (
                ("rectification_overdue", case["subject_code"], case["code"]),
                Found(case["subject_kind"], days, 0, since, "", shape),
            )
