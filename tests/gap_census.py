"""The faults of a county, counted without the application's own analyses: plain loops over plain frames."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

METRIC, TOLERANCE_M = 4547, 1.0
NEAR_KINDS = ("grid_officer", "staff", "resident_cadre", "township_cadre", "team_head", "org_cadre")


def current(frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Rows whose period holds the day."""
    starts = frame["valid_from"].map(lambda day: day <= as_of)
    ends = frame["valid_to"].map(lambda day: not isinstance(day, date) or day > as_of)
    return frame[starts & ends]


def census(frames: dict[str, pd.DataFrame], designations: pd.DataFrame, as_of: date) -> dict[str, set[str]]:
    """Codes of everything that is a gap, by kind; chains by ``chain_broken:level:target``."""
    held = current(frames["responsibilities"], as_of)
    return {
        **_of_cells(frames, held),
        **_of_households(frames, held),
        **_of_teams(frames, held, designations, as_of),
        **_of_owners(frames, held),
        **_of_chains(frames, held),
        **_of_ground(frames),
    }


def planted_codes(faults: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The manifest in the census' terms."""
    found: dict[str, set[str]] = {}
    for note in faults:
        key = note["kind"]
        if key == "chain_broken":
            key = f"chain_broken:{note['level']}:{note['target']}"
        codes = set(note["codes"])
        if key == "cell_overlap":
            codes = {"+".join(sorted(pair)) for pair in note["pairs"]}
        found.setdefault(key, set()).update(codes)
    return found


def _of_cells(frames: dict[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, set[str]]:
    officers = held[(held["kind"] == "grid_officer") & (held["rank"] == "primary")]
    count = officers.groupby("target_code")["holder_code"].nunique()
    cells = set(frames["cells"]["code"])
    return {"cell_unowned": cells - set(count.index), "cell_contested": set(count[count > 1].index)}


def _of_households(frames: dict[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, set[str]]:
    households = frames["households"].to_crs(METRIC)
    cells = frames["cells"].to_crs(METRIC).set_index("code").geometry
    paired = set(held.loc[held["kind"] == "staff", "target_code"])
    placed = households[households.geometry.notna()]
    off = shapely.distance(placed.geometry.to_numpy(), cells.loc[placed["cell_code"]].to_numpy())
    return {
        "household_unpaired": set(households["code"]) - paired,
        "household_unlocated": set(households.loc[households.geometry.isna(), "code"]),
        "household_misplaced": set(placed.loc[off > TOLERANCE_M, "code"]),
    }


def _of_teams(
    frames: dict[str, pd.DataFrame], held: pd.DataFrame, designations: pd.DataFrame, as_of: date
) -> dict[str, set[str]]:
    villages, figures = frames["villages"], frames["indicators"]
    poor = set(figures.loc[(figures["year"] == 2025) & (figures["income_own_yuan"] < 30_000), "village_code"])
    day = as_of.isoformat()
    runs = (designations["valid_from"] <= day) & ~(designations["valid_to"] <= day)
    special = villages.loc[villages["old_revolutionary"] | villages["ethnic_minority"], "code"]
    first = poor | set(designations.loc[runs, "village_code"]) | set(special)
    by_kind = dict(list(held.groupby("kind")))
    staffed = set(by_kind["resident_cadre"]["target_code"])
    serving = pd.concat([by_kind[kind] for kind in ("resident_cadre", "township_cadre", "team_head")])
    sizes = serving.groupby("target_code")["holder_code"].nunique()
    local = set(by_kind["township_cadre"]["target_code"])
    small = {code for code in poor if sizes.get(code, 0) < 3}
    return {
        "village_unstaffed": first - staffed,
        "team_understaffed": small | (set(villages["code"]) - local),
    }


def _of_owners(frames: dict[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, set[str]]:
    staff = held[held["kind"] == "staff"]["holder_code"].value_counts()
    officers = held[held["kind"] == "grid_officer"]
    homes = officers["target_code"].map(frames["households"]["cell_code"].value_counts()).fillna(0)
    load = (
        officers.assign(homes=homes)
        .groupby("holder_code")
        .agg(n=("target_code", "nunique"), homes=("homes", "sum"))
    )
    ended = frames["responsibilities"]
    ended = set(ended.loc[ended["kind"] == "resident_cadre", "holder_code"])
    living = set(held.loc[held["kind"] == "resident_cadre", "holder_code"])
    return {
        "owner_overloaded": set(staff[staff > 30].index)
        | set(load[(load["n"] > 3) | (load["homes"] > 400)].index),
        "owner_remote": _remote(frames, held),
        "owner_inactive": (ended - living) & set(held["holder_code"]),
    }


def _remote(frames: dict[str, pd.DataFrame], held: pd.DataFrame) -> set[str]:
    places = {
        name: frames[name].to_crs(METRIC).set_index("code").geometry
        for name in ("villages", "cells", "households", "cadres")
    }
    branches = frames["branches"].dropna(subset=["village_code"]).set_index("code")["village_code"]
    where = pd.concat([*places.values(), branches.map(places["villages"])])
    near = held[held["kind"].isin(NEAR_KINDS) & held["target_code"].isin(where.index)]
    bases = places["cadres"].loc[near["holder_code"]].to_numpy()
    gap = shapely.distance(bases, where.loc[near["target_code"]].to_numpy())
    return set(near.loc[np.nan_to_num(gap) > 10_000, "holder_code"])


def _of_chains(frames: dict[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, set[str]]:
    targets = {kind: set(rows["target_code"]) for kind, rows in held.groupby("kind")}
    villages, branches = frames["villages"], frames["branches"]
    own = branches.dropna(subset=["village_code"])
    led = villages["code"].isin(targets["county_leader"]) | villages["township_code"].isin(
        targets["county_leader"]
    )
    in_area = {code for codes in frames["areas"]["village_codes"] for code in codes.split(";")}
    assert led.all()
    assert in_area == set(villages["code"])
    return {
        "chain_broken:department:area": set(frames["areas"]["code"]) - targets["department"],
        "chain_broken:org_cadre:village": set(villages["code"]) - set(own["village_code"]),
        "chain_broken:org_cadre:branch": set(own["code"]) - targets["org_cadre"],
        "chain_broken:sub_office:group": set(frames["groups"]["code"]) - targets["sub_office"],
    }


def _of_ground(frames: dict[str, pd.DataFrame]) -> dict[str, set[str]]:
    cells, villages = frames["cells"].to_crs(METRIC), frames["villages"].to_crs(METRIC)
    return {"land_uncovered": _uncovered(cells, villages), "cell_overlap": _overlaps(cells)}


def _uncovered(cells: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> set[str]:
    parts = cells.groupby("village_code")["geometry"].agg(lambda some: shapely.union_all(some.to_numpy()))
    bare = shapely.difference(villages.geometry.to_numpy(), parts.reindex(villages["code"]).to_numpy())
    left = shapely.area(shapely.buffer(bare, -TOLERANCE_M / 2))
    return set(villages.loc[left >= 1_000, "code"])


def _overlaps(cells: gpd.GeoDataFrame) -> set[str]:
    shapes, codes = cells.geometry.to_numpy(), cells["code"].to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.buffer(shapely.intersection(shapes[first], shapes[second]), -TOLERANCE_M / 2)
    large = shapely.area(shared) >= 100
    return {"+".join(sorted((codes[a], codes[b]))) for a, b in zip(first[large], second[large], strict=True)}
