"""What the gap rules look at: the county, or a part of it, as it was on one day.

Frames are those of `geo.frames.LAYERS`. An evidence is never changed: another day, another state or a part of
the county is another evidence, which shares the frames that are the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.faces import Shapes
from geo.analysis.periods import Flags, begun_by, over_by
from geo.analysis.tessellation import Edges, mended, untiled_edges
from geo.frames import is_among, places_among
from geo.vocabulary import ResponsibilityKind

CASE_COLUMNS = ["code", "subject_kind", "subject_code", "village_code", "state", "listed_on", "due_on"]
"""What the rules know of a rectification."""


def no_cases() -> pd.DataFrame:
    """Rectifications where there are none."""
    return pd.DataFrame(columns=CASE_COLUMNS, dtype=object)


@dataclass(frozen=True)
class Evidence:
    """Everything the rules may look at.

    Attributes
    ----------
    as_of : date
    townships, villages, cells, households, groups, branches, cadres, units : frames of these layers
        As they were on the day: cells in their shape then, households in their cell then, cadres and units
        that were in the register then. EPSG:4490.
    areas : DataFrame ``area_code, area_name, village_code``
        One row a village of an area on the day.
    records : DataFrame
        Responsibilities of every period, as they were known: ``id, kind, holder_code, target_code,
        valid_from, valid_to, rank``. Those that begin later are allowed and count for nothing.
    lineage : DataFrame ``parent_code, child_code, happened_on``
        Which cells came from which. A row without a parent ("") says when a cell that has been touched was
        first there, in whatever shape; no day: nobody knows.
    labels : DataFrame
        `geo.analysis.classify.village_labels` of the day.
    rectifications : DataFrame
        `CASE_COLUMNS` of every case that was listed by the day, in its state then; ``village_code`` is
        missing for a branch that belongs to no village.
    """

    as_of: date
    townships: pd.DataFrame
    villages: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    groups: pd.DataFrame
    branches: pd.DataFrame
    areas: pd.DataFrame
    cadres: gpd.GeoDataFrame
    units: pd.DataFrame
    records: pd.DataFrame
    lineage: pd.DataFrame
    labels: pd.DataFrame
    rectifications: pd.DataFrame = field(default_factory=no_cases)

    @cached_property
    def held(self) -> pd.DataFrame:
        """The records in force on the day: from inclusive, to exclusive."""
        return self.records[self._holding]

    @cached_property
    def _holding(self) -> Flags:
        return self._begun & ~over_by(self.records, self.as_of)

    @cached_property
    def township_of_village(self) -> dict[str, str]:
        """Township of each village whose township the register tells, by the village's code."""
        known: dict[str, str] = self.villages.set_index("code")["township_code"].dropna().to_dict()
        return known

    @cached_property
    def household_places(self) -> npt.NDArray[np.float64]:
        """Longitude and latitude of each household, two rows; NaN for one without a point."""
        points = self.households.geometry.to_numpy()
        return np.vstack([shapely.get_x(points), shapely.get_y(points)])

    @cached_property
    def households_by_cell(self) -> pd.Series:
        """How many households are on record in each cell, by its code; cells without any are absent."""
        return self.households["cell_code"].value_counts()

    @cached_property
    def household_of_pairing(self) -> npt.NDArray[np.intp]:
        """Position among the households of what each staff responsibility in force covers; -1 for none."""
        return places_among(self.held_of(ResponsibilityKind.STAFF)["target_code"], self.households["code"])

    @cached_property
    def village_of_cell(self) -> npt.NDArray[np.intp]:
        """Position of each cell's village among the villages; -1 where it is not there."""
        return places_among(self.cells["village_code"], self.villages["code"])

    @cached_property
    def cell_areas(self) -> Shapes:
        """The cells' shapes, valid."""
        return mended(self.cells.geometry)

    @cached_property
    def village_areas(self) -> Shapes:
        """The villages' shapes, valid."""
        return mended(self.villages.geometry)

    @cached_property
    def untiled(self) -> Edges:
        """Where cells do not tile their village: what `tessellation.untiled_edges` leaves, by village."""
        return untiled_edges(self.village_areas, self.cell_areas, self.village_of_cell)

    @cached_property
    def _kinds(self) -> tuple[npt.NDArray[np.intp], dict[str, int]]:
        codes, kinds = pd.factorize(self.records["kind"])
        return codes, {str(kind): at for at, kind in enumerate(kinds)}

    @cached_property
    def _begun(self) -> Flags:
        return begun_by(self.records, self.as_of)

    @cached_property
    def _parts(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def held_of(self, kind: ResponsibilityKind) -> pd.DataFrame:
        """The records of one kind in force on the day; the kinds are told apart once for all of them."""
        return self._part("held", kind, self._holding)

    def begun_of(self, kind: ResponsibilityKind) -> pd.DataFrame:
        """The records of one kind that have begun by the day, over or not."""
        return self._part("begun", kind, self._begun)

    def _part(self, name: str, kind: ResponsibilityKind, which: Flags) -> pd.DataFrame:
        key = name, str(kind)
        if key not in self._parts:
            codes, kinds = self._kinds
            self._parts.setdefault(key, self.records[which & (codes == kinds.get(str(kind), len(kinds)))])
        return self._parts[key]


def within_villages(evidence: Evidence, codes: Collection[str]) -> Evidence:
    """The same evidence with the villages of these codes and what lies in them; people and records stay.

    Areas keep all their villages, so that what is said of an area does not depend on the part looked at.
    """
    kept = {*codes}

    def here(frame: pd.DataFrame, column: str = "village_code") -> pd.DataFrame:
        return frame[is_among(frame[column], kept).to_numpy()].reset_index(drop=True)

    return replace(
        evidence,
        villages=here(evidence.villages, "code"),
        cells=here(evidence.cells),
        households=here(evidence.households),
        groups=here(evidence.groups),
        branches=here(evidence.branches),
        labels=here(evidence.labels),
        rectifications=here(evidence.rectifications),
    )


def empty_like(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without its rows."""
    return frame[np.zeros(len(frame), dtype=bool)]
