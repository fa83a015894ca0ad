"""Where a register entry lies: whose permission writing it needs.

Households, groups and branches lie in their village; a branch of no village, units and areas belong to the
county, so to the department alone. A cadre has no territory of its own. It lies wherever something ties it:

=====================================================  ============================================
what ties a cadre                                      where
=====================================================  ============================================
sent by province, city or county (``level``)           the county: the department alone
position inside a village                              that village
position in no village                                 the county
unit named after a township (安和镇人民政府)            that township
any other unit                                         the county
everything held now or later                           where the held things lie
nothing of all this                                    the county
=====================================================  ============================================

A coordinator writes a cadre when every tie lies in the own township: the officer who lodges there, works for
it or answers for its cells, but never one who answers for anything elsewhere as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_role, require_write
from geo.errors import PermissionError_
from geo.frames import LAYERS
from geo.operations.register_check import position
from geo.operations.territory import COUNTYWIDE, territories
from geo.store.lookup import place_at
from geo.store.register import holdings_from, township_of_unit
from geo.vocabulary import CadreLevel, Role

_OF_THE_COUNTY = ("units", "areas")
_TOWNSHIP_LEVELS = (None, str(CadreLevel.TOWNSHIP), str(CadreLevel.VILLAGE))


def entry_places(session: Session, layer: str, values: Mapping[str, Any], *, today: date) -> set[str]:
    """Territory codes an entry lies in; `COUNTYWIDE` for what belongs to no village."""
    if layer == "cadres":
        return _ties_of_cadre(session, values, today)
    if layer == "units":
        return {COUNTYWIDE}
    row = pd.DataFrame({name: [values.get(name)] for name in LAYERS[layer].column_names}, dtype=object)
    return territories(session, LAYERS[layer], row)


def _ties_of_cadre(session: Session, values: Mapping[str, Any], today: date) -> set[str]:
    ties: set[str] = set()
    if values.get("level") not in _TOWNSHIP_LEVELS:
        ties.add(COUNTYWIDE)
    lon, lat = position(values)
    if lon is not None and lat is not None:
        ties.add(place_at(session, float(lon), float(lat), as_of=today)["village_code"] or COUNTYWIDE)
    if unit := values.get("unit_code"):
        ties.add(township_of_unit(session, unit) or COUNTYWIDE)
    if code := values.get("code"):
        ties |= territories(session, LAYERS["responsibilities"], holdings_from(session, code, today))
    return ties or {COUNTYWIDE}


def require_entry(actor: Actor, layer: str, places: set[str]) -> None:
    """Raise `PermissionError_` unless the actor may write an entry that lies there."""
    if layer in _OF_THE_COUNTY:
        require_role(actor, Role.DEPARTMENT)
    for code in sorted(places):
        require_write(actor, code)


def may_write_entry(actor: Actor, layer: str, places: set[str]) -> bool:
    """Whether `require_entry` would let the actor pass."""
    try:
        require_entry(actor, layer, places)
    except PermissionError_:
        return False
    return True
