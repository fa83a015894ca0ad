"""How much of the county is covered: the named ratios of domain §4, by village and by what villages make up.

Ending a responsibility never raises a ratio of a territory; what is not covered stays in the denominator.
There is one definition, the *ledger*: numerator and denominator of every ratio for each village. The ratios
of the county, a township, a holder or a unit are those of the sums over its villages.

A holder's ratios are those of the villages it answers for as a leader (`LEADING_KINDS`): of the villages, or
of all villages of the townships and areas. Ending such a responsibility changes in whose ratios a village
counts, so a holder's own ratios may then rise; those of a territory never do.

The responsibilities and cells given are those in force; see `geo.analysis.periods.in_force`.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.analysis.classify import priority_codes
from geo.analysis.ownership import cell_owners, household_pairing, of_kind
from geo.analysis.tessellation import mended, united_by, untiled_edges
from geo.crs import to_metric
from geo.frames import is_among
from geo.i18n import N_
from geo.rules import Rules
from geo.vocabulary import ResponsibilityKind

RATIO_COLUMNS = ["name", "numerator", "denominator", "ratio", "unit"]
COUNTED, MEASURED = "count", "m2"
RATIO_UNITS = {
    "cells_owned": COUNTED,
    "households_in_owned_cells": COUNTED,
    "households_paired": COUNTED,
    "priority_villages_staffed": COUNTED,
    "land_in_cells": MEASURED,
    "land_in_owned_cells": MEASURED,
}
"""The ratios in the order of domain §4, with the unit of numerator and denominator."""
RATIO_LABELS = {
    "cells_owned": N_("网格有主"),
    "households_in_owned_cells": N_("有主网格内的户"),
    "households_paired": N_("户结对"),
    "priority_villages_staffed": N_("重点村有人"),
    "land_in_cells": N_("网格覆盖土地"),
    "land_in_owned_cells": N_("有主网格覆盖土地"),
}
"""What the ratios are called (untranslated)."""
LEADING_KINDS = (
    ResponsibilityKind.COUNTY_LEADER,
    ResponsibilityKind.UNIT_HEAD,
    ResponsibilityKind.DEPARTMENT,
    ResponsibilityKind.TOWN_LEADER,
    ResponsibilityKind.TEAM_HEAD,
)
"""Whoever holds one of these answers for all that is in the villages concerned."""


def pairs_hardship_only(rules: Rules) -> bool:
    """Whether only households in hardship must be paired (S4 leaves it to the county)."""
    return rules["pairing_hardship_only"].value != 0


def coverage_ratios(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    households: pd.DataFrame,
    responsibilities: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    hardship_only: bool = False,
) -> pd.DataFrame:
    """Every coverage ratio of all villages together, with its numerator and denominator.

    Parameters
    ----------
    villages, cells : frames of these layers in EPSG:4490
    households : frame of the layer ``households``; a household counts by the ``cell_code`` on record
    responsibilities : frame in force
    labels : frame of `geo.analysis.classify.village_labels`
    hardship_only : bool
        Whether only households in hardship must be paired.

    Returns
    -------
    DataFrame
        As of `ratios_of`.
    """
    counts = household_counts(households, responsibilities, hardship_only=hardship_only)
    return ratios_of(coverage_ledger(villages, cells, counts, responsibilities, labels))


def household_counts(
    households: pd.DataFrame, responsibilities: pd.DataFrame, *, hardship_only: bool = False
) -> pd.DataFrame:
    """Households by village and cell: ``village_code, cell_code, households, due, paired``.

    ``due`` are those that must be paired, ``paired`` those of them that are.
    """
    due = households["hardship"].fillna(False).astype(bool) if hardship_only else True
    paired = household_pairing(households, responsibilities) > 0
    marked = households[["village_code", "cell_code"]].assign(due=due, paired=paired & due)
    by_cell = marked.groupby(["village_code", "cell_code"], dropna=False)
    return by_cell.agg(households=("due", "size"), due=("due", "sum"), paired=("paired", "sum")).reset_index()


def coverage_ledger(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    responsibilities: pd.DataFrame,
    labels: pd.DataFrame,
) -> pd.DataFrame:
    """Numerator and denominator of every ratio for each village.

    Parameters
    ----------
    villages, cells, responsibilities, labels : as for `coverage_ratios`
    counts : frame of `household_counts`, here or of the store

    Returns
    -------
    DataFrame
        On the sorted village codes, for every name of `RATIO_UNITS` the columns ``<name>_n`` and
        ``<name>_of``: counts, or square metres rounded to 0.1. Villages that only cells or households name
        have a row, too: nothing leaves the denominators.
    """
    owned = cell_owners(cells, responsibilities) > 0
    homes, in_owned = counts["households"], is_among(counts["cell_code"], cells.loc[owned, "code"])
    codes = pd.Index(_distinct(villages["code"], cells["village_code"], counts["village_code"]))

    def summed(values: pd.Series, village: pd.Series) -> pd.Series:
        sums = values.astype(int).groupby(village.to_numpy(dtype=object)).sum()
        return sums.reindex(codes, fill_value=0)

    residents = of_kind(responsibilities, ResponsibilityKind.RESIDENT_CADRE)["target_code"]
    is_priority = codes.isin(priority_codes(labels))
    all_homes = summed(homes, counts["village_code"])
    land = _land_m2(villages, cells, owned).reindex(codes, fill_value=0.0)
    pairs = {
        "cells_owned": (summed(owned, cells["village_code"]), summed(owned | True, cells["village_code"])),
        "households_in_owned_cells": (summed(homes.where(in_owned, 0), counts["village_code"]), all_homes),
        "households_paired": [summed(counts[name], counts["village_code"]) for name in ("paired", "due")],
        "priority_villages_staffed": (is_priority & codes.isin(residents), is_priority),
        "land_in_cells": (land["in_cells"], land["all"]),
        "land_in_owned_cells": (land["in_owned_cells"], land["all"]),
    }
    columns = {
        f"{name}_{part}": np.asarray(column) * 1  # flags become counts
        for name in RATIO_UNITS
        for part, column in zip(("n", "of"), pairs[name], strict=True)
    }
    return pd.DataFrame(columns, index=codes.rename("village_code"))


def summed_ledger(ledger: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The ledger of whatever is made up of villages.

    Parameters
    ----------
    ledger : frame of `coverage_ledger`
    members : DataFrame ``code, village_code``
        A village may belong to several codes; named twice it counts once. One without a row is left out.

    Returns
    -------
    DataFrame
        The ledger's columns on the sorted codes; codes without any village are left out.
    """
    pairs = members[["code", "village_code"]].drop_duplicates()
    joined = pairs.merge(ledger, left_on="village_code", right_index=True).drop(columns="village_code")
    sums = joined.groupby("code").sum()
    land = [name for name in sums.columns if RATIO_UNITS[_ratio_of(name)] == MEASURED]
    return sums.assign(**{name: sums[name].round(1) for name in land})


def with_ratios(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger with its ratios: beside each ``<name>_n`` and ``<name>_of`` ``<name>`` and ``<name>_live``.

    A ratio over nothing is None. The live twins count only holders who are really there; while no attendance
    is kept nobody can say, so they are None.
    """
    columns: dict[str, pd.Series] = {}
    for name in RATIO_UNITS:
        numerator, denominator = ledger[f"{name}_n"], ledger[f"{name}_of"]
        ratio = (numerator / denominator.where(denominator > 0)).clip(upper=1.0).astype(object)
        columns[name] = ratio.where(ratio.notna(), None)
        columns[f"{name}_live"] = pd.Series(None, index=ledger.index, dtype=object)
        columns |= {f"{name}_n": numerator, f"{name}_of": denominator}
    return pd.DataFrame(columns, index=ledger.index)


def ratios_of(ledger: pd.DataFrame) -> pd.DataFrame:
    """Every ratio of all villages of a ledger together.

    Returns
    -------
    DataFrame
        ``name, numerator, denominator, ratio, unit`` (``count`` or ``m2``), each name followed by its
        ``…_live`` twin, whose numerator and ratio are None (`with_ratios`). A ratio over nothing is None.
    """
    whole = with_ratios(ledger.sum().to_frame().T)
    rows: list[tuple[object, ...]] = []
    for name, unit in RATIO_UNITS.items():
        number = int if unit == COUNTED else lambda value: round(float(value), 1)
        numerator, denominator = (number(whole[f"{name}_{part}"].iloc[0]) for part in ("n", "of"))
        rows.append((name, numerator, denominator, whole[name].iloc[0], unit))
        rows.append((f"{name}_live", None, denominator, None, unit))
    return pd.DataFrame(rows, columns=RATIO_COLUMNS, dtype=object)


def _ratio_of(column: str) -> str:
    return column.rsplit("_", 1)[0]


def _distinct(*columns: pd.Series) -> npt.NDArray[np.object_]:
    return np.unique(np.concatenate([column.dropna().unique().astype(object) for column in columns]))


def _land_m2(villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, owned: pd.Series) -> pd.DataFrame:
    """Of each village all land, the part in its own cells and the part in owned ones, in m² of one zone.

    Villages that their cells are proved to tile exactly need no overlay: areas are added up.
    """
    metric = to_metric(villages)
    land = mended(metric.geometry.to_numpy())
    village_at = pd.Series(np.arange(len(metric)), index=metric["code"].to_numpy())
    found = cells["village_code"].map(village_at).fillna(-1)
    places = found.where(cells.geometry.notna(), -1).to_numpy(dtype=np.intp)
    sound, here = mended(cells.geometry.to_numpy()), places >= 0
    rest = untiled_edges(mended(villages.geometry.to_numpy()), sound, places)
    is_tiled = ~np.isin(np.arange(len(land)), rest.group)
    shapes = gpd.GeoSeries(sound[here], crs=cells.crs).to_crs(metric.crs).to_numpy()
    places, kept = places[here], owned.to_numpy(bool)[here]
    in_cells = _covered_areas(shapes, places, land, is_tiled)
    # Only villages with an unowned cell are measured a second time.
    partly = np.isin(np.arange(len(land)), places[~kept])
    again = kept & partly[places]
    in_owned = np.where(partly, _covered_areas(shapes[again], places[again], land, is_tiled), in_cells)
    columns = {"all": np.nan_to_num(shapely.area(land)), "in_cells": in_cells, "in_owned_cells": in_owned}
    return pd.DataFrame(columns, index=metric["code"].to_numpy(dtype=object)).round(1)


def _covered_areas(
    shapes: npt.NDArray[np.object_],
    places: npt.NDArray[np.intp],
    land: npt.NDArray[np.object_],
    is_tiled: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Area of each village that its shapes cover together; overlapping shapes count once."""
    sure = is_tiled[places]
    areas = np.zeros(len(land))
    np.add.at(areas, places[sure], shapely.area(shapes[sure]))
    united = united_by(shapes[~sure], places[~sure], len(land))
    there = ~shapely.is_empty(united)
    areas[there] = np.nan_to_num(shapely.area(shapely.intersection(united[there], land[there])))
    return areas
