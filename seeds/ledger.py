"""Responsibilities as they are collected, and the land they are about."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from seeds.terrain import Floats

FROM, TERM_FROM, TERM_TO, CHANGED_ON = "2025-09-01", "2026-03-01", "2027-03-01", "2026-01-12"
_COLUMNS = ["kind", "holder_code", "target_code", "valid_from", "valid_to", "rank", "reason"]


@dataclass(frozen=True)
class Land:
    """The frames that responsibilities are about."""

    townships: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    groups: pd.DataFrame
    areas: pd.DataFrame
    branches: pd.DataFrame
    units: pd.DataFrame
    indicators: pd.DataFrame
    designations: pd.DataFrame
    seats: Floats


@dataclass
class Ledger:
    """Collects responsibilities kind by kind."""

    rows: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self,
        kind: str,
        holders: object,
        targets: object,
        *,
        start: object = FROM,
        stop: object = None,
        rank: str = "primary",
        reason: str = "年度包联安排",
    ) -> None:
        """Add one row for each holder and target; single values are repeated."""
        columns = (kind, holders, targets, start, stop, rank, reason)
        self.rows.append(pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))))

    def frame(self) -> pd.DataFrame:
        """All responsibilities, ordered by kind, target and start."""
        whole = pd.concat([rows for rows in self.rows if len(rows)], ignore_index=True)
        return whole.sort_values(
            ["kind", "target_code", "valid_from", "holder_code"], kind="stable", ignore_index=True
        )


def a_house_in(villages: np.ndarray, households: gpd.GeoDataFrame, rng: np.random.Generator) -> Floats:
    """Some house of each village named: where a resident cadre or an officer lives."""
    codes = households["village_code"].to_numpy()
    low, high = np.searchsorted(codes, villages, "left"), np.searchsorted(codes, villages, "right")
    chosen = low + (rng.random(len(villages)) * (high - low)).astype(int)
    return shapely.get_coordinates(households.geometry.to_numpy()[chosen])
