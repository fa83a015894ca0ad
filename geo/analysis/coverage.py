"""How much of the county is covered: the named ratios of domain §4.

Ending a responsibility never raises a ratio, and what is not covered stays in the denominator.
The responsibilities and cells given are those in force; see `geo.analysis.periods.in_force`.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.classify import priority_codes
from geo.analysis.ownership import cell_owners, household_pairing, of_kind
from geo.crs import to_metric
from geo.frames import is_among
from geo.vocabulary import ResponsibilityKind

RATIO_COLUMNS = ["name", "numerator", "denominator", "ratio", "unit"]
COUNTED, MEASURED = "count", "m2"


def coverage_ratios(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    households: pd.DataFrame,
    responsibilities: pd.DataFrame,
    labels: pd.DataFrame,
) -> pd.DataFrame:
    """Every coverage ratio with its numerator and denominator.

    Parameters
    ----------
    villages, cells : frames of these layers in EPSG:4490
    households : frame of the layer ``households``; a household counts by the ``cell_code`` on record
    responsibilities : frame in force
    labels : frame of `geo.analysis.classify.village_labels`

    Returns
    -------
    DataFrame
        ``name, numerator, denominator, ratio, unit`` (``count`` or ``m2``). A ratio over nothing is None. The
        ``…_live`` twins count only holders who are really there; without attendance nobody can say,
        so numerator and ratio are None.
    """
    counts = household_counts(households, responsibilities)
    return ratios_of_counts(villages, cells, counts, responsibilities, labels)


def household_counts(households: pd.DataFrame, responsibilities: pd.DataFrame) -> pd.DataFrame:
    """Households by village and cell: ``village_code, cell_code, households, paired``."""
    paired = household_pairing(households, responsibilities) > 0
    by_cell = pd.DataFrame(
        {"village_code": households["village_code"], "cell_code": households["cell_code"], "paired": paired}
    ).groupby(["village_code", "cell_code"], dropna=False)["paired"]
    return by_cell.agg(households="size", paired="sum").reset_index()


def ratios_of_counts(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    responsibilities: pd.DataFrame,
    labels: pd.DataFrame,
) -> pd.DataFrame:
    """`coverage_ratios` for households already counted by `household_counts` (or by the store)."""
    owned = cell_owners(cells, responsibilities) > 0
    in_owned = is_among(counts["cell_code"], cells.loc[owned, "code"])
    households = int(counts["households"].sum())
    priority = priority_codes(labels)
    residents = of_kind(responsibilities, ResponsibilityKind.RESIDENT_CADRE)["target_code"]
    land, in_cells, in_owned_cells = _land_m2(villages, cells, owned)
    return _with_live_twins(
        [
            ("cells_owned", int(owned.sum()), len(cells), COUNTED),
            ("households_in_owned_cells", int(counts.loc[in_owned, "households"].sum()), households, COUNTED),
            ("households_paired", int(counts["paired"].sum()), households, COUNTED),
            ("priority_villages_staffed", int(priority.isin(residents).sum()), len(priority), COUNTED),
            ("land_in_cells", in_cells, land, MEASURED),
            ("land_in_owned_cells", in_owned_cells, land, MEASURED),
        ]
    )


def _with_live_twins(measured: Iterable[tuple[str, float, float, str]]) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for name, numerator, denominator, unit in measured:
        ratio = min(numerator / denominator, 1.0) if denominator > 0 else None
        rows.append((name, numerator, denominator, ratio, unit))
        rows.append((f"{name}_live", None, denominator, None, unit))
    return pd.DataFrame(rows, columns=RATIO_COLUMNS, dtype=object)


def _land_m2(
    villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, owned: pd.Series
) -> tuple[float, float, float]:
    """Village land, the part in the village's own cells, and the part in owned ones, in m² of one zone."""
    metric = to_metric(villages)
    land = shapely.make_valid(metric.geometry.to_numpy())
    village_at = pd.Series(np.arange(len(metric)), index=metric["code"].to_numpy())
    at = cells["village_code"].map(village_at)
    here = (at.notna() & cells.geometry.notna()).to_numpy()
    places = at[here].to_numpy(dtype=int)
    shapes = shapely.make_valid(cells.geometry[here].to_crs(metric.crs).to_numpy())
    kept = owned.to_numpy()[here]
    covered = _covered_areas(shapes, places, land)
    # Only villages with an unowned cell are measured a second time.
    partly = np.isin(places, places[~kept])
    of_owned = np.where(np.isin(np.arange(len(land)), places[partly]), 0.0, covered)
    of_owned += _covered_areas(shapes[partly & kept], places[partly & kept], land)
    total, within, owned_land = (round(float(a.sum()), 1) for a in (shapely.area(land), covered, of_owned))
    return total, within, owned_land


def _covered_areas(
    shapes: npt.NDArray[np.object_], places: npt.NDArray[np.int_], land: npt.NDArray[np.object_]
) -> npt.NDArray[np.float64]:
    """Area of each village that its shapes cover together; overlapping shapes count once."""
    areas = np.zeros(len(land))
    if len(shapes) == 0:
        return areas
    order = np.argsort(places, kind="stable")
    villages, sizes = np.unique(places[order], return_counts=True)
    row = np.repeat(np.arange(len(villages)), sizes)
    column = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(villages), sizes.max()), None, dtype=object)
    table[row, column] = shapes[order]
    united = shapely.union_all(table, axis=1)
    areas[villages] = shapely.area(shapely.intersection(united, land[villages]))
    return areas
