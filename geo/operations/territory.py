"""Where the rows of a layer lie: for permission and for the versions that tile caches are keyed by."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import COUNTY, TOWNSHIP, VILLAGE
from geo.frames import Layer
from geo.store.merging import villages_of_things
from geo.store.queries import area_villages, layer_frame
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, ResponsibilityKind

_CODED = ("townships", "villages")
_IN_VILLAGE = ("cells", "households", "groups", "branches", "indicators")
_DIVISIONS = {EntityKind.TOWNSHIP, EntityKind.VILLAGE, EntityKind.CELL}
COUNTYWIDE = ""
"""Territory of what lies in no village: units, cadres, branches of offices."""


def territories(session: Session, layer: Layer, frame: pd.DataFrame) -> set[str]:
    """Codes of the townships and villages the rows lie in; `COUNTYWIDE` for rows that lie in none."""
    if layer.name in _CODED:
        return set(frame["code"])
    if layer.name in _IN_VILLAGE:
        return set(frame["village_code"].fillna(COUNTYWIDE).unique().tolist())
    if layer.name == "areas":
        return {code for codes in frame["village_codes"].dropna() for code in codes.split(";")}
    if layer.name == "responsibilities":
        return _of_targets(session, frame)
    return {COUNTYWIDE} if len(frame) else set()


def _of_targets(session: Session, frame: pd.DataFrame) -> set[str]:
    found: set[str] = set()
    lookup: dict[str, list[str]] | None = None
    for kind, part in frame.groupby("kind"):
        targets = set(part["target_code"])
        allowed = set(RESPONSIBILITY_RULES[ResponsibilityKind(str(kind))].targets)
        if allowed <= _DIVISIONS:
            found |= {code[:VILLAGE] for code in targets}
            continue
        lookup = _places(session) if lookup is None else lookup
        for code in targets:
            found.update(lookup.get(code, [COUNTYWIDE]))
    return found


def _places(session: Session) -> dict[str, list[str]]:
    """Villages of everything that has a code of its own and lies in some; a missing one means none."""
    things = villages_of_things(session).fillna(COUNTYWIDE)
    places = {code: [village] for code, village in zip(things["code"], things["village_code"], strict=True)}
    for code, part in area_villages(session).groupby("area_code"):
        places[str(code)] = list(part["village_code"])
    return places


def townships_of(session: Session, places: Collection[str]) -> set[str]:
    """Townships of territory codes; `COUNTYWIDE` stays as it is."""
    villages = layer_frame(session, "villages")
    known = dict(zip(villages["code"], villages["township_code"], strict=True))
    return {known.get(code, code[:TOWNSHIP] if len(code) > COUNTY else COUNTYWIDE) for code in places}
