"""What is here: everything a leader asks about one point on the map, without anybody's household data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.ownership import CELL_STATES
from geo.answers.labels import labelled_villages
from geo.answers.levels import Holder, Level, first_missing, holder_of, village_levels
from geo.answers.scope import readable
from geo.answers.sheet import FIGURES
from geo.answers.villages import label_document
from geo.codes import township_of
from geo.i18n import current_language
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import Held, held_over, village_cells, village_pairing, village_parts
from geo.store.engine import Store
from geo.store.lookup import count_households_near
from geo.store.versions import data_version
from geo.vocabulary import Rank, ResponsibilityKind

_TEAM = tuple(
    str(kind)
    for kind in (
        ResponsibilityKind.TEAM_HEAD,
        ResponsibilityKind.RESIDENT_CADRE,
        ResponsibilityKind.TOWNSHIP_CADRE,
    )
)
_SHEETS_KEPT = 8


@dataclass(frozen=True)
class CellHere:
    """A grid cell at the point: its state (unowned, owned, contested) and all its officers."""

    code: str
    name: str
    state: str
    officers: tuple[Holder, ...]


@dataclass(frozen=True)
class Place:
    """Answer to 'what is here'; ``dataclasses.asdict`` gives plain JSON values.

    Attributes
    ----------
    restricted : bool
        The point lies outside the actor's scope: only the names of township and village are told.
    cells : tuple of CellHere
        Several where cells overlap.
    chain : tuple of Level
        The five levels above the village, from above; ``first_missing`` names the highest missing one.
    team : tuple of Holder
        Head, resident and township cadres of the village's work team.
    labels : tuple of dict
        ``label, since, value, threshold, reason``.
    facts : dict
        The village's figures of the latest completed year, with ``year``; None where unknown.
    households_due : int
        Households of the village that must be paired; ``households_paired`` counts those of them that are.
    households_near : int
        Households within ``near_m`` metres of the point, as far as they lie in the actor's scope.
    """

    lon: float
    lat: float
    as_of: str
    county_code: str | None = None
    township_code: str | None = None
    township_name: str | None = None
    village_code: str | None = None
    village_name: str | None = None
    restricted: bool = False
    cells: tuple[CellHere, ...] = ()
    chain: tuple[Level, ...] = ()
    first_missing: str | None = None
    team: tuple[Holder, ...] = ()
    labels: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    households: int = 0
    households_due: int = 0
    households_paired: int = 0
    cells_total: int = 0
    cells_unowned: int = 0
    households_near: int = 0
    near_m: float = 0


@dataclass(frozen=True)
class _Village:
    name: str
    labels: tuple[dict[str, Any], ...]
    facts: dict[str, Any]


def what_is_here(store: Store, actor: Actor, lon: float, lat: float, *, as_of: date) -> Place:
    """What lies at a point in EPSG:4490 on a day; outside the county a place with nothing in it.

    The names of townships and villages are open to every account, the rest only within its scope.
    """
    with store.read() as session:
        found = queries.place_at(session, lon, lat, as_of=as_of)
        version = data_version(session)
        townships, villages = _sheets(store, version, as_of, current_language())
        village_code = found["village_code"]
        known: dict[str, Any] = {
            "lon": lon,
            "lat": lat,
            "as_of": as_of.isoformat(),
            "county_code": found["county_code"],
            "township_code": found["township_code"],
            "township_name": townships.get(found["township_code"]),
            "village_code": village_code,
            "village_name": villages[village_code].name if village_code else None,
        }
        if village_code is None:
            return Place(**known)
        if not actor.can_read(village_code):
            return Place(**known, restricted=True)
        detail = _detail(session, village_code, found["cell_codes"], as_of)
        near_m = rules_on(session, as_of)["nearest_households_m"].value
        near = count_households_near(session, lon, lat, within_m=near_m, as_of=as_of, within=readable(actor))
    sheet = villages[village_code]
    return Place(
        **known, **detail, labels=sheet.labels, facts=sheet.facts, households_near=near, near_m=near_m
    )


def _detail(session: Session, village_code: str, here: list[str], as_of: date) -> dict[str, Any]:
    """Cells, chain and work team around a point of a village."""
    parts = village_parts(session, village_code, as_of=as_of)
    cells = village_cells(session, village_code, as_of=as_of)
    above = [village_code, township_of(village_code), *(code for codes in parts.values() for code in codes)]
    held = held_over(session, {*above, *cells, *here}, as_of=as_of)
    chain = village_levels(session, village_code, parts, held, as_of=as_of)
    officers = _officers(held)
    return {
        "cells": tuple(_cell(code, cells.get(code, code), officers.get(code, [])) for code in here),
        "chain": chain,
        "first_missing": first_missing(chain),
        "team": tuple(
            holder_of(one) for one in held if one.kind in _TEAM and one.target_code == village_code
        ),
        "households": village_pairing(session, village_code, as_of=as_of)[1],
        "households_due": chain[-1].total,
        "households_paired": chain[-1].covered,
        "cells_total": len(cells),
        "cells_unowned": sum(_owners(officers.get(code, [])) == 0 for code in cells),
    }


def _officers(held: list[Held]) -> dict[str, list[Held]]:
    by_cell: dict[str, list[Held]] = {}
    for one in held:
        if one.kind == str(ResponsibilityKind.GRID_OFFICER):
            by_cell.setdefault(one.target_code, []).append(one)
    return by_cell


def _owners(officers: list[Held]) -> int:
    return len({one.holder_code for one in officers if one.rank != str(Rank.ASSISTANT)})


def _cell(code: str, name: str, officers: list[Held]) -> CellHere:
    state = CELL_STATES[min(_owners(officers), 2)]
    return CellHere(code, name, state, tuple(holder_of(one) for one in officers))


@lru_cache(maxsize=_SHEETS_KEPT)
def _sheets(
    store: Store, version: int, as_of: date, language: str
) -> tuple[dict[str, str], dict[str, _Village]]:
    """Names of townships; names, labels and figures of villages: good for one version, day and language."""
    with store.read() as session:
        townships = queries.layer_frame(session, "townships")
        villages, indicators, labels = labelled_villages(session, as_of=as_of)
    names = dict(zip(townships["code"], townships["name"], strict=True))
    borne: dict[str, list[dict[str, Any]]] = {}
    for row in labels.to_dict("records"):
        borne.setdefault(row["village_code"], []).append(label_document(row))
    figures = indicators.set_index("village_code")[["year", *FIGURES]].astype(object)
    facts = figures.where(figures.notna(), None).to_dict("index")
    unknown = dict.fromkeys(("year", *FIGURES))
    return names, {
        code: _Village(name, tuple(borne.get(code, ())), facts.get(code, unknown))
        for code, name in zip(villages["code"], villages["name"], strict=True)
    }
