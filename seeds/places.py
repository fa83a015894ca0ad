"""Frames of territory with their codes: townships, villages, cells, households, groups, areas, branches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORED_CRS
from geo.exchange.numbering import number_cells
from seeds import names
from seeds.settlement import Houses
from seeds.terrain import Ints

CELLS_FROM = "2025-09-01"
_FIRST_TOWN, _FIRST_RURAL_TOWNSHIP = 100, 200
_FIRST_COMMUNITY, _FIRST_VILLAGE = 1, 200
_AREA_VILLAGES = 9
_GROUP_HOUSEHOLDS = 38
_GROUPLESS_SHARE = 0.04
_HARDSHIP_SHARE = 3237 / 120_000  # S4
_PEOPLE_PER_HOUSEHOLD = 400_000 / 120_000  # S0


def township_frame(outlines: np.ndarray) -> gpd.GeoDataFrame:
    """Townships in the order of their numbers; the county town comes first."""
    endings = names.township_endings(len(outlines))
    plain = names.township_names(len(outlines))
    rural = np.cumsum([ending == "乡" for ending in endings])
    numbers = [
        _FIRST_RURAL_TOWNSHIP + rural[n] - 1 if ending == "乡" else _FIRST_TOWN + n
        for n, ending in enumerate(endings)
    ]
    codes = [f"{names.COUNTY_CODE}{number:03d}" for number in numbers]
    columns = {"code": codes, "name": [name + ending for name, ending in zip(plain, endings, strict=True)]}
    return gpd.GeoDataFrame(columns, geometry=list(outlines), crs=STORED_CRS)


def village_frame(
    outlines: np.ndarray,
    township: Ints,
    is_community: np.ndarray,
    townships: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Villages in the order of their numbers; codes run from north to south in each township."""
    codes = townships["code"].to_numpy()[township]
    frame = gpd.GeoDataFrame(
        {
            "name": names.village_names(is_community, township, rng),
            "township_code": codes,
            "kind": np.where(is_community, "community", "village"),
            "old_revolutionary": _hill_villages(outlines, is_community),
            "ethnic_minority": rng.random(len(codes)) < 0.02,
        },
        geometry=list(outlines),
        crs=STORED_CRS,
    )
    north = pd.DataFrame(
        {"town": codes, "kind": is_community, "lat": -shapely.get_y(shapely.centroid(outlines))}
    )
    place = north.sort_values("lat", kind="stable").groupby(["town", "kind"]).cumcount().sort_index()
    number = place + np.where(is_community, _FIRST_COMMUNITY, _FIRST_VILLAGE)
    frame.insert(0, "code", frame["township_code"] + number.astype(str).str.zfill(3))
    return frame


def _hill_villages(outlines: np.ndarray, is_community: np.ndarray) -> np.ndarray:
    """Old-revolutionary villages: the north-western corner, where the hills would be."""
    middle = shapely.centroid(outlines)
    corner = shapely.get_y(middle) - shapely.get_x(middle)
    return (corner > np.quantile(corner, 0.92)) & ~is_community


def cell_frame(outlines: np.ndarray, village_codes: np.ndarray) -> gpd.GeoDataFrame:
    """Cells in the order of their numbers; codes as import gives them, in reading order (CJ/T 213)."""
    frame = gpd.GeoDataFrame({"village_code": village_codes}, geometry=list(outlines), crs=STORED_CRS)
    frame.insert(0, "code", number_cells(frame, used=()))
    frame["name"] = [f"第{int(code[-3:])}网格" for code in frame["code"]]
    frame["valid_from"], frame["valid_to"] = CELLS_FROM, None
    return frame


def household_frame(
    houses: Houses, cell: Ints, villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Households with their heads, sizes and hardship, in the order of village and cell."""
    count = len(houses.village)
    village_code = villages["code"].to_numpy()[houses.village]
    people = 1 + rng.binomial(6, (_PEOPLE_PER_HOUSEHOLD - 1) / 6, count)
    hardship = np.zeros(count, bool)
    hardship[rng.choice(count, max(1, round(count * _HARDSHIP_SHARE)), replace=False)] = True
    frame = gpd.GeoDataFrame(
        {
            "village_code": village_code,
            "cell_code": cells["code"].to_numpy()[cell],
            "group_code": _group_codes(houses, villages, rng),
            "head_name": names.person_names(count, rng),
            "phone": names.phone_numbers(count, rng),
            "people": people,
            "hardship": hardship,
        },
        geometry=shapely.points(houses.points),
        crs=STORED_CRS,
    )
    frame = frame.iloc[np.lexsort([np.arange(count), frame["cell_code"]])].reset_index(drop=True)
    number = frame.groupby("village_code").cumcount() + 1
    frame.insert(0, "code", frame["village_code"] + number.astype(str).str.zfill(4))
    return frame


def _group_codes(houses: Houses, villages: gpd.GeoDataFrame, rng: np.random.Generator) -> np.ndarray:
    """Villager groups by hamlet; communities and a few villages have none."""
    counts = np.bincount(houses.village, minlength=len(villages))
    groups = np.clip(counts // _GROUP_HOUSEHOLDS, 2, 20)
    without = (villages["kind"] == "community").to_numpy() | (rng.random(len(villages)) < _GROUPLESS_SHARE)
    rank = np.arange(len(houses.village)) - (np.cumsum(counts) - counts)[houses.village]
    number = rank * groups[houses.village] // counts[houses.village] + 1
    codes = np.char.add(
        villages["code"].to_numpy()[houses.village].astype(str), np.char.zfill(number.astype(str), 2)
    )
    return np.where(without[houses.village], None, codes.astype(object))


def group_frame(households: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every villager group that some household belongs to."""
    codes = np.sort(households["group_code"].dropna().unique())
    numbers = [int(code[-2:]) for code in codes]
    columns = {
        "code": codes,
        "name": [f"第{_chinese(number)}村民小组" for number in numbers],
        "village_code": [code[:12] for code in codes],
    }
    return pd.DataFrame(columns)


def _chinese(number: int) -> str:
    """A number from 1 in Chinese numerals; above 99, where they grow long, in digits."""
    if number > 99:
        return str(number)
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")


def area_frame(villages: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> pd.DataFrame:
    """Areas (片): about nine villages of a township each; every village lies in exactly one."""
    rows = []
    for town in townships.itertuples():
        members = np.sort(villages.loc[villages["township_code"] == town.code, "code"].to_numpy())
        parts = np.array_split(members, max(1, round(len(members) / _AREA_VILLAGES)))
        rows += [(f"{town.name}第{_chinese(n)}片", ";".join(part)) for n, part in enumerate(parts, 1)]
    codes = [f"A{number:04d}" for number in range(1, len(rows) + 1)]
    return pd.DataFrame({"code": codes, "name": [r[0] for r in rows], "village_codes": [r[1] for r in rows]})


def branch_frame(villages: gpd.GeoDataFrame, others: int) -> pd.DataFrame:
    """Party branches: one in every village, and so many of offices, schools and firms without one (S4)."""
    ordered = villages.sort_values("code")
    kinds = names.words("organizations")
    name = [f"{name}党支部" for name in ordered["name"]]
    name += [
        f"{names.COUNTY_TOWN}{kinds[n % len(kinds)]}第{_chinese(n // len(kinds) + 1)}党支部"
        for n in range(others)
    ]
    codes = [f"B{number:05d}" for number in range(1, len(name) + 1)]
    return pd.DataFrame({"code": codes, "name": name, "village_code": [*ordered["code"], *[None] * others]})
