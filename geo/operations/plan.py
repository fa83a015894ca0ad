"""What a request would do to the records, worked out before anything is written.

A `Plan` is made by one of `geo.operations.planners.PLANNERS`, shown by `geo.operations.journal.preview` and
written by `geo.operations.apply.apply_plan`: what was previewed is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.analysis.topology import CellFault
from geo.analysis.workload import LoadChange

RECORD_COLUMNS = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to", "reason"]


def no_records() -> pd.DataFrame:
    """A frame of no responsibilities to open."""
    return pd.DataFrame(columns=RECORD_COLUMNS, dtype=object)


@dataclass(frozen=True)
class CellChange:
    """What becomes of cells on a day.

    Attributes
    ----------
    on : date
    event : str
        ``split``, ``merge``, ``replace`` …, for the lineage.
    created : GeoDataFrame ``code, village_code, name, geometry`` or None
    retired : tuple of str
    reshaped : GeoDataFrame ``code, geometry`` (and ``name``) or None
    lineage : DataFrame ``parent_code, child_code`` or None
    """

    on: date
    event: str
    created: gpd.GeoDataFrame | None = None
    retired: tuple[str, ...] = ()
    reshaped: gpd.GeoDataFrame | None = None
    lineage: pd.DataFrame | None = None


@dataclass(frozen=True)
class Plan:
    """What a request would do.

    Attributes
    ----------
    action : str
    on : date
        The day on which before and after are compared: the last one on which something starts or ends.
    places : frozenset of str
        Territory codes that are written; the actor must be allowed to write each (``""``: the county).
    townships : frozenset of str
        Whose maps change.
    summary : str
        One Chinese sentence.
    reason : str
    closed : DataFrame
        The responsibility records that are superseded: ``id`` and `RECORD_COLUMNS`.
    opened : DataFrame
        The records that take their place or are new: `RECORD_COLUMNS`.
    unchanged : int
        How many wanted things are so already.
    cells : CellChange or None
    moves : DataFrame ``household_code, cell_code`` or None
        Households that change their cell on ``on``.
    consequences : tuple of str
        What must be confirmed before it is written.
    notes : tuple of str
        What is worth knowing.
    faults : tuple of CellFault
        What forbids it; nothing is written while there are any.
    seen : mapping of str to str
        State of everything the plan rests on, so that a later plan can tell whether it changed meanwhile:
        ``<kind>:<target>`` → record ids, ``cell:<code>`` → version.
    reverses : str or None
        Code of the change it takes back.
    loads : LoadChange or None
        What the holders concerned carry on ``on``, where the planner worked it out already.
    """

    action: str
    on: date
    places: frozenset[str]
    townships: frozenset[str]
    summary: str
    reason: str
    closed: pd.DataFrame = field(default_factory=lambda: no_records().assign(id=[]))
    opened: pd.DataFrame = field(default_factory=no_records)
    unchanged: int = 0
    cells: CellChange | None = None
    moves: pd.DataFrame | None = None
    consequences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[CellFault, ...] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
    reverses: str | None = None
    loads: LoadChange | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everything is so already."""
        return self.closed.empty and self.opened.empty and self.cells is None and not has_rows(self.moves)


def has_rows(frame: pd.DataFrame | None) -> bool:
    """Whether there is a frame with something in it."""
    return frame is not None and not frame.empty
