"""What the store already holds, asked for only when a check needs it."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from geo.store.lookup import codes_by_kind
from geo.store.models import CellRecord
from geo.store.queries import county_code, layer_frame
from geo.store.records import records_of
from geo.vocabulary import EntityKind


class Known:
    """The store as the checks of one import see it.

    Parameters
    ----------
    session : Session
        An open read session.
    as_of : date
        Today, for what has a period.
    """

    def __init__(self, session: Session, *, as_of: date) -> None:
        self.county = county_code(session)
        self.as_of = as_of
        self._session = session
        self._frames: dict[str, pd.DataFrame] = {}

    def frame(self, layer: str) -> pd.DataFrame:
        """All rows of a layer, retired ones too."""
        if layer not in self._frames:
            self._frames[layer] = layer_frame(self._session, layer)
        return self._frames[layer]

    def codes(self, layer: str) -> frozenset[str]:
        """All codes of a layer, retired ones too."""
        return frozenset(self.frame(layer)["code"])

    def by_kind(self) -> dict[EntityKind, pd.Series]:
        """All codes by what has them, retired ones too."""
        return codes_by_kind(self._session)

    def current_cells(self) -> pd.DataFrame:
        """Grid cells in use on ``as_of``."""
        cells = self.frame("cells")
        started = cells["valid_from"].isna() | (cells["valid_from"] <= self.as_of).fillna(False)
        going_on = cells["valid_to"].isna() | (cells["valid_to"] > self.as_of).fillna(False)
        return cells[started & going_on].reset_index(drop=True)

    def retired_cells(self) -> frozenset[str]:
        """Codes of the cells that were split, merged or otherwise retired here by ``as_of``."""
        ended = self.codes("cells") - {*self.current_cells()["code"]}
        records = records_of(self._session, CellRecord, targets=ended, in_force=True)
        return frozenset(records["code"])
