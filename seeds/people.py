"""Units and the people who serve: every cadre with a unit, a level, a duty and a base."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORED_CRS
from seeds import names
from seeds.size import Size
from seeds.terrain import Floats

PROVINCE_UNIT, CITY_UNIT = "U9001", "U9002"
_MOST_DEPARTMENTS = 48
_OFFICE_SPREAD_DEG = 0.0016  # offices stand within some 150 m of a seat


@dataclass
class Roster:
    """Collects cadres batch by batch and hands out their codes."""

    batches: list[pd.DataFrame] = field(default_factory=list)
    count: int = 0

    def add(self, points: Floats, *, unit_code: object, level: object, duty: object) -> np.ndarray:
        """Add one cadre a point (longitude, latitude); the other arguments are one value or one for each."""
        codes = np.array(
            [f"C{number:06d}" for number in range(self.count + 1, self.count + len(points) + 1)], object
        )
        self.count += len(points)
        columns = {"code": codes, "unit_code": unit_code, "level": level, "duty": duty}
        self.batches.append(pd.DataFrame({**columns, "lon": points[:, 0], "lat": points[:, 1]}))
        return codes

    def frame(self, rng: np.random.Generator) -> gpd.GeoDataFrame:
        """All cadres, named."""
        everyone = pd.concat(self.batches, ignore_index=True)
        everyone.insert(1, "name", names.person_names(len(everyone), rng))
        everyone["phone"] = names.phone_numbers(len(everyone), rng)
        points = shapely.points(everyone.pop("lon"), everyone.pop("lat"))
        return gpd.GeoDataFrame(everyone, geometry=points, crs=STORED_CRS)


def unit_frame(townships: gpd.GeoDataFrame, size: Size) -> pd.DataFrame:
    """County departments with their sub-offices, township governments, and the senders from above."""
    rows = []
    for number, (name, kind) in enumerate(names.departments(_department_count(size)), 1):
        code = f"U{number:04d}"
        rows.append((code, name, kind, None))
        offices = names.words("offices")
        rows += [(f"{code}{place:02d}", name + office, kind, code) for place, office in enumerate(offices, 1)]
    for town in townships.itertuples():
        rows.append((government_of(town.code), f"{town.name}人民政府", "other", None))
    rows += [
        (PROVINCE_UNIT, "省派驻村工作总队", "party", None),
        (CITY_UNIT, "市派驻村工作总队", "party", None),
    ]
    return pd.DataFrame(rows, columns=["code", "name", "kind", "parent_code"])


def _department_count(size: Size) -> int:
    return min(_MOST_DEPARTMENTS, max(8, size.villages // 15))


def department_codes(units: pd.DataFrame) -> np.ndarray:
    """Codes of the county's departments: units that have sub-offices."""
    return np.sort(units["parent_code"].dropna().unique())


def sub_office_codes(units: pd.DataFrame, department: str) -> np.ndarray:
    """Codes of a department's sub-offices."""
    return units.loc[units["parent_code"] == department, "code"].to_numpy()


def government_of(township_code: str) -> str:
    """Code of the unit that governs a township."""
    return f"U8{township_code[6:9]}"


def office_points(seats: Floats, rng: np.random.Generator) -> Floats:
    """A desk near each seat given (longitude, latitude)."""
    return (seats + rng.uniform(-_OFFICE_SPREAD_DEG, _OFFICE_SPREAD_DEG, seats.shape)).round(7)
