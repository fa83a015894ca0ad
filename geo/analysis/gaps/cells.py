"""Grid cells without a primary officer, and with several at once (domain §4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.gaps.descent import lasting_since
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.since import Test
from geo.analysis.gaps.where import acting, townships_of
from geo.analysis.gaps.wording import named, told
from geo.analysis.ownership import cell_owners
from geo.i18n import _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import EntityKind, Rank, ResponsibilityKind

_OFFICER = ResponsibilityKind.GRID_OFFICER
_MOST = _LEAST = 1
_READS = ("cells", "households", "lineage", "records", "villages")
Fact = Callable[[str, int, int], str]
"""The sentence of a cell, the number of its officers and of its households."""


@gap_rule("cell_unowned", scope="village", reads=_READS)
def cell_unowned(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Cells that no officer answers for first; assistants don't count (S4)."""
    owners = cell_owners(evidence.cells, evidence.held_of(_OFFICER))
    bare = (owners < _LEAST).to_numpy()

    def fact(cell: str, _owners: int, households: int) -> str:
        return _("{cell} 没有主责网格员，涉及 {households} 户").format(cell=cell, households=households)

    return _cell_gaps("cell_unowned", evidence, owners, bare, lambda count: count < _LEAST, fact)


@gap_rule("cell_contested", scope="village", reads=_READS)
def cell_contested(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Cells that several officers answer for first at the same time (local)."""
    owners = cell_owners(evidence.cells, evidence.held_of(_OFFICER))
    several = (owners > _MOST).to_numpy()

    def fact(cell: str, owners: int, households: int) -> str:
        return _("{cell} 同时有 {owners} 名主责网格员（只应有 {most} 名），涉及 {households} 户").format(
            cell=cell, owners=owners, most=_MOST, households=households
        )

    return _cell_gaps("cell_contested", evidence, owners, several, lambda count: count > _MOST, fact)


def _cell_gaps(
    kind: str, evidence: Evidence, owners: pd.Series, chosen: np.ndarray, test: Test, fact: Fact
) -> gpd.GeoDataFrame:
    cells, counts = evidence.cells[chosen], owners.to_numpy()[chosen]
    since = _since(evidence, cells, test)
    homes = cells["code"].map(evidence.households_by_cell).fillna(0).astype(int)
    things = [named(EntityKind.CELL, *cell) for cell in zip(cells["code"], cells["name"], strict=True)]
    facts = zip(things, counts.tolist(), homes, since, strict=True)
    townships = townships_of(evidence, cells["village_code"].tolist())
    rows = {
        "kind": kind,
        "target_kind": str(EntityKind.CELL),
        "target_code": cells["code"],
        "village_code": cells["village_code"],
        "township_code": townships,
        "value": counts.tolist(),
        "threshold": _MOST,
        "unit": "officers",
        "source": gap_kinds()[kind].source,
        "needs": str(_OFFICER),
        "since": since,
        "why": [told(fact(thing, count, households), day) for thing, count, households, day in facts],
        **acting(kind, townships),
    }
    return gap_frame(rows, cells.geometry)


def _since(evidence: Evidence, cells: pd.DataFrame, test: Test) -> list[date | None]:
    begun = evidence.begun_of(_OFFICER)
    first = begun[(begun["rank"] != str(Rank.ASSISTANT)).to_numpy()]
    return lasting_since(evidence, first, cells["code"].tolist(), test)
