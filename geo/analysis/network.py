"""Responsibilities as lines on the map: from where the holder is to what is covered.

Where a holder is: a cadre at its own point; a unit at the median point of its cadres; a cadre without a
point, or a unit without such cadres, at the next unit above that has a place. Where nothing is known
there is no line, only a row in the table of responsibilities.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORED_CRS, require_stored_crs, to_metric

LINE_COLUMNS = ["kind", "holder_code", "holder_name", "target_code", "target_name", "length_m"]


def responsibility_lines(
    responsibilities: pd.DataFrame, holders: gpd.GeoDataFrame, targets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """One straight line a responsibility whose two ends have a place.

    Parameters
    ----------
    responsibilities : frame in force
    holders, targets : GeoDataFrame ``code, name, geometry`` in EPSG:4490
        Points, as `holder_places` and `target_places` give them.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``kind, holder_code, holder_name, target_code, target_name, length_m, geometry`` (LineString),
        sorted by kind, target and holder; the length is measured in the Gauss–Krüger zone. Empty inputs
        give no lines.
    """
    ends = (
        responsibilities[["kind", "holder_code", "target_code"]]
        .drop_duplicates()
        .merge(_ends(holders, "holder"), on="holder_code")
        .merge(_ends(targets, "target"), on="target_code")
        .sort_values(["kind", "target_code", "holder_code"], ignore_index=True)
    )
    coordinates = ends[["holder_x", "holder_y", "target_x", "target_y"]].to_numpy(float).reshape(-1, 2, 2)
    lines = gpd.GeoDataFrame(ends, geometry=list(shapely.linestrings(coordinates)), crs=STORED_CRS)
    lines["length_m"] = to_metric(lines).length.round(1).to_numpy()
    return lines[[*LINE_COLUMNS, "geometry"]]


def holder_places(cadres: gpd.GeoDataFrame, units: pd.DataFrame) -> gpd.GeoDataFrame:
    """Where every cadre and unit is that has a place at all: ``code, name, geometry`` (points, EPSG:4490).

    Parameters
    ----------
    cadres, units : frames of these layers
    """
    require_stored_crs(cadres)
    own = pd.DataFrame({"x": cadres.geometry.x.to_numpy(), "y": cadres.geometry.y.to_numpy()})
    seats = _unit_seats(own.groupby(cadres["unit_code"].to_numpy())[["x", "y"]].median(), units)
    theirs = seats.reindex(cadres["unit_code"].to_numpy()).reset_index(drop=True)
    placed = own.fillna(theirs).assign(code=cadres["code"].to_numpy(), name=cadres["name"].to_numpy())
    of_units = seats.reindex(units["code"].to_numpy()).reset_index(drop=True)
    of_units = of_units.assign(code=units["code"].to_numpy(), name=units["name"].to_numpy())
    return _points(pd.concat([placed, of_units], ignore_index=True).dropna(subset=["x", "y"]))


def target_places(*layers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point inside (or at) every thing of the given layers: ``code, name, geometry`` in EPSG:4490.

    Rows without geometry are left out; a layer without names gives its codes as names.
    """
    parts = []
    for layer in layers:
        placed = require_stored_crs(layer)[layer.geometry.notna()]
        inside = placed.geometry.representative_point()
        name = placed["name"] if "name" in placed else placed["code"]
        parts.append(
            pd.DataFrame(
                {
                    "code": placed["code"],
                    "name": name.fillna(placed["code"]),
                    "x": inside.x,
                    "y": inside.y,
                }
            )
        )
    empty = pd.DataFrame({"code": [], "name": [], "x": [], "y": []})
    return _points(pd.concat(parts, ignore_index=True) if parts else empty)


def member_places(members: pd.DataFrame, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point for things that lie in villages and have no shape: the median of their villages' points.

    Parameters
    ----------
    members : DataFrame ``code, name, village_code``
        One row a village the thing lies in.

    Returns
    -------
    GeoDataFrame ``code, name, geometry`` in EPSG:4490; things without a placed village are left out.
    """
    inside = target_places(villages).set_index("code").geometry
    known = members[members["village_code"].isin(inside.index)]
    points = inside.reindex(known["village_code"].to_numpy())
    placed = known[["code", "name"]].assign(x=points.x.to_numpy(), y=points.y.to_numpy())
    middle = placed.groupby("code", as_index=False).agg({"name": "first", "x": "median", "y": "median"})
    return _points(middle)


def _unit_seats(medians: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """``x, y`` by unit code; units without cadres take the place of the nearest unit above that has one."""
    parents = units.set_index("code")["parent_code"]
    seats = medians.reindex(parents.index)
    for _step in range(len(parents)):  # a chain of parents is never longer than the number of units
        lacking = seats.index[seats["x"].isna() & parents.notna()]
        found = seats.reindex(parents[lacking]).set_axis(lacking).dropna()
        if found.empty:
            break
        seats.loc[found.index] = found
    return seats.dropna()


def _ends(places: gpd.GeoDataFrame, role: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            f"{role}_code": places["code"].to_numpy(),
            f"{role}_name": places["name"].to_numpy(),
            f"{role}_x": places.geometry.x.to_numpy(),
            f"{role}_y": places.geometry.y.to_numpy(),
        }
    ).drop_duplicates(f"{role}_code")


def _points(places: pd.DataFrame) -> gpd.GeoDataFrame:
    points = shapely.points(places["x"].to_numpy(float), places["y"].to_numpy(float))
    return gpd.GeoDataFrame(
        {"code": places["code"].astype("str"), "name": places["name"].astype("str")},
        geometry=np.asarray(points, dtype=object),
        crs=STORED_CRS,
    ).reset_index(drop=True)
