"""What the map shows of a change before it is saved: the cells to be, and where something is wrong."""

from __future__ import annotations

import pandas as pd

from geo.i18n import _
from geo.operations.journal import Preview
from layers.marks import Mark

MOST_MARKS = 60


def marks_of(found: Preview | None) -> list[Mark]:
    """Dashed outlines of new and changed cells, hatched faults with what is wrong."""
    if found is None:
        return []
    faults = [Mark("fault", fault.geometry, fault.message) for fault in found.faults if fault.geometry]
    return (faults + _cells_to_be(found))[:MOST_MARKS]


def _cells_to_be(found: Preview) -> list[Mark]:
    change = found.plan.cells
    if change is None:
        return []
    parts = (change.created, _("新")), (change.reshaped, _("改"))
    return [
        Mark("preview", row.geometry, f"{word} {str(row.code)[-3:]}")
        for frame, word in parts
        if isinstance(frame, pd.DataFrame)
        for row in frame.itertuples(index=False)
    ]
