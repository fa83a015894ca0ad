"""Who answers for what in a county in order: the five levels, the towns' leaders, the grid officers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from seeds.ledger import CHANGED_ON, FROM, Land, Ledger, a_house_in
from seeds.outline import DEGREE_M
from seeds.people import CITY_UNIT, Roster, department_codes, government_of, office_points, sub_office_codes
from seeds.size import Size
from seeds.teams import assign_teams
from seeds.terrain import Floats

OFFICER_CELLS, OFFICER_HOUSEHOLDS = 3, 380  # the rule allows 400
REACH_M = 8500.0
_LEADERS, _LED_VILLAGES = 37, 60


def assign_everything(
    land: Land, size: Size, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Cadres and responsibilities of a county in which, so far, everything is in order."""
    roster, ledger = Roster(), Ledger()
    town_heads = _assign_townships(land, roster, ledger, size, rng)
    _assign_areas_and_groups(land, ledger)
    _assign_branches(land, roster, ledger, rng)
    assign_teams(land, town_heads, roster, ledger, size, rng)
    _assign_cells(land, roster, ledger, rng)
    _assign_households(land, roster, ledger, size, rng)
    return roster.frame(rng), ledger.frame()


def _assign_townships(
    land: Land, roster: Roster, ledger: Ledger, size: Size, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """County leaders, unit heads and town leaders; returns each township's own leading cadres."""
    towns, departments = land.townships["code"].to_numpy(), department_codes(land.units)
    centre = np.repeat(land.seats[:1], max(3, size.share(_LEADERS)), axis=0)
    leaders = roster.add(
        office_points(centre, rng), unit_code=departments[0], level="county", duty="县级领导"
    )
    ledger.add("county_leader", leaders[np.arange(len(towns)) % len(leaders)], towns, reason="县级领导包镇")
    weak = land.designations.loc[
        (land.designations["label"] == "weak") & land.designations["valid_to"].isna(), "village_code"
    ].to_numpy()
    others = np.setdiff1d(land.villages["code"], weak)
    led = np.concatenate(
        [weak, rng.choice(others, min(len(others), size.share(_LED_VILLAGES)), replace=False)]
    )
    ledger.add("county_leader", leaders[rng.integers(0, len(leaders), len(led))], led, reason="县级领导包村")
    heads = roster.add(
        office_points(np.repeat(land.seats[:1], len(departments), axis=0), rng),
        unit_code=departments,
        level="county",
        duty="单位主要负责人",
    )
    for turn in range(2):
        ledger.add(
            "unit_head", heads[(2 * np.arange(len(towns)) + turn) % len(heads)], towns, reason="挂钩乡镇"
        )
    return {
        town: _assign_one_township(town, land.seats[number], roster, ledger, rng)
        for number, town in enumerate(towns)
    }


def _assign_one_township(
    town: str, seat: Floats, roster: Roster, ledger: Ledger, rng: np.random.Generator
) -> np.ndarray:
    """Town leader with two deputies; the township's secretary, mayor and deputy secretary are returned."""
    desks = office_points(np.repeat(seat[None], 6, axis=0), rng)
    leaders = roster.add(
        desks[:3], unit_code=CITY_UNIT, level="city", duty=["联络组组长", *["联络组副组长"] * 2]
    )
    ledger.add("town_leader", leaders[:1], town, reason="驻村联络组")
    ledger.add("town_leader", leaders[1:], town, rank="assistant", reason="驻村联络组")
    duties = ["乡镇党委书记", "乡镇长", "党委副书记"]
    return roster.add(desks[3:], unit_code=government_of(town), level="township", duty=duties)


def _assign_areas_and_groups(land: Land, ledger: Ledger) -> None:
    """A department for every area, and its sub-offices for the groups of the area's villages."""
    departments = department_codes(land.units)
    holder = departments[np.arange(len(land.areas)) % len(departments)]
    ledger.add("department", holder, land.areas["code"].to_numpy(), reason="机关企事业单位包片")
    offices = {department: sub_office_codes(land.units, department) for department in departments}
    by_village = {
        village: department
        for villages, department in zip(land.areas["village_codes"], holder, strict=True)
        for village in villages.split(";")
    }
    covering = [by_village[village] for village in land.groups["village_code"]]
    turn = pd.Series(covering, dtype=object).groupby(covering).cumcount() if covering else []
    holders = [offices[unit][place % len(offices[unit])] for unit, place in zip(covering, turn, strict=True)]
    ledger.add("sub_office", holders, land.groups["code"].to_numpy(), reason="股所级单位包组")


def _assign_branches(land: Land, roster: Roster, ledger: Ledger, rng: np.random.Generator) -> None:
    """Organization cadres: about one for twelve branches, in the township's office or the county's."""
    branches = land.branches.assign(town=land.branches["village_code"].str[:9])
    seats = dict(zip(land.townships["code"], land.seats, strict=True))
    for town, members in branches.groupby("town", dropna=False, sort=True):
        seat = seats.get(town, land.seats[0])
        unit = government_of(town) if town in seats else department_codes(land.units)[0]
        count = -(-len(members) // 12)
        desks = office_points(np.repeat(seat[None], count, axis=0), rng)
        level = "township" if town in seats else "county"
        codes = roster.add(desks, unit_code=unit, level=level, duty="组工干部")
        ledger.add(
            "org_cadre", np.resize(codes, len(members)), members["code"].to_numpy(), reason="组工干部包支部"
        )


def _assign_cells(land: Land, roster: Roster, ledger: Ledger, rng: np.random.Generator) -> None:
    """A grid officer for one to three cells of a village with not too many households; one in nine is new."""
    load = land.households["cell_code"].value_counts()
    cells = land.cells[["code", "village_code"]].sort_values("code", ignore_index=True)
    cells["load"] = cells["code"].map(load).fillna(0).astype(int)
    cells["officer"] = _officer_numbers(cells)
    first = cells.drop_duplicates("officer")
    homes = a_house_in(first["village_code"].to_numpy(), land.households, rng)
    unit = [government_of(code) for code in first["village_code"]]
    codes = roster.add(homes, unit_code=unit, level="village", duty="网格员")
    is_new = np.zeros(len(codes), bool)
    is_new[rng.choice(len(codes), -(-len(codes) // 9), replace=False)] = True
    new, number = is_new[cells["officer"]], cells["officer"].to_numpy()
    targets = cells["code"].to_numpy()
    ledger.add(
        "grid_officer", codes[number], targets, start=np.where(new, CHANGED_ON, FROM), reason="网格责任到人"
    )
    former = roster.add(
        homes[is_new], unit_code=np.array(unit)[is_new], level="village", duty="网格员（离任）"
    )
    place = np.cumsum(is_new) - 1
    ledger.add(
        "grid_officer", former[place[number[new]]], targets[new], stop=CHANGED_ON, reason="网格责任到人"
    )


def _officer_numbers(cells: pd.DataFrame) -> np.ndarray:
    """Neighbouring cells (in code order) share an officer while the load allows."""
    numbers = np.empty(len(cells), int)
    officer, village, count, load = -1, "", 0, 0
    for row, (home, houses) in enumerate(zip(cells["village_code"], cells["load"], strict=True)):
        full = count == OFFICER_CELLS or load + houses > OFFICER_HOUSEHOLDS
        if home != village or full:
            officer, village, count, load = officer + 1, home, 0, 0
        numbers[row], count, load = officer, count + 1, load + houses
    return numbers


def _assign_households(
    land: Land, roster: Roster, ledger: Ledger, size: Size, rng: np.random.Generator
) -> None:
    """Every household has a member of staff, who has about twenty-four close to the desk; a few are new."""
    households = land.households
    towns = households["village_code"].str[:9].to_numpy()
    each = len(households) / size.staff
    seats = dict(zip(land.townships["code"], land.seats, strict=True))
    numbers, desks, begin = np.empty(len(households), int), [], 0
    for town in np.unique(towns):
        rows = np.flatnonzero(towns == town)
        count = max(-(-len(rows) // 30), round(len(rows) / each))
        numbers[rows] = begin + np.arange(len(rows)) * count // len(rows)
        desks.append(np.repeat(seats[town][None], count, axis=0))
        begin += count
    places = shapely.get_coordinates(households.geometry.to_numpy())
    bases = _within_reach(office_points(np.vstack(desks), rng), numbers, places)
    units = department_codes(land.units)[rng.integers(0, len(department_codes(land.units)), begin)]
    staff = roster.add(bases, unit_code=units, level="county", duty="干部职工")
    start = rng.choice([FROM, "2025-10-15", "2025-12-01"], begin, p=[0.7, 0.2, 0.1])
    changed = np.zeros(begin, bool)
    changed[rng.choice(begin, -(-begin // 40), replace=False)] = True
    start[changed] = CHANGED_ON
    targets = households["code"].to_numpy()
    ledger.add("staff", staff[numbers], targets, start=start[numbers], reason="干部职工包户")
    former = roster.add(bases[changed], unit_code=units[changed], level="county", duty="干部职工（已调离）")
    gone = changed[numbers]
    place = np.cumsum(changed) - 1
    ledger.add("staff", former[place[numbers[gone]]], targets[gone], stop=CHANGED_ON, reason="干部职工包户")


def _within_reach(bases: Floats, numbers: np.ndarray, places: Floats) -> Floats:
    """Desks, moved amid the households where the township's office is too far away."""
    far = np.hypot(*((places - bases[numbers]) * DEGREE_M).T)
    farthest = pd.Series(far).groupby(numbers).max().to_numpy()
    middle = pd.DataFrame(places).groupby(numbers).mean().to_numpy()
    moved = farthest > REACH_M
    bases[moved] = middle[moved].round(7)
    return bases
