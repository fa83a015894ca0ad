"""Rows of rectifications with the names of all that they mention, and where they lie."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import township_of
from geo.crs import STORED_CRS
from geo.store.queries import entity_names

TABLE_COLUMNS = [
    "code",
    "subject_kind",
    "subject_code",
    "subject_name",
    "village_code",
    "village_name",
    "township_code",
    "township_name",
    "cause",
    "round",
    "state",
    "status",
    "listed_on",
    "due_on",
    "closed_on",
    "days_left",
    "tasks",
    "tasks_done",
    "tasks_overdue",
    "responsible_code",
    "responsible_name",
    "leader_code",
    "leader_name",
]
PEOPLE = ("responsible", "leader")
_FEW_CASES = 500


def few_cases(listed: pd.DataFrame) -> list[str] | None:
    """The codes of the cases; None where all tasks are sooner read than those of so many cases."""
    return list(listed["code"]) if len(listed) <= _FEW_CASES else None


def placed_cases(session: Session, found: pd.DataFrame, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cases with names and the shape of their village."""
    village = found["village_code"].astype(object)
    registered = villages["township_code"].astype(object).to_dict()
    township = [None if pd.isna(code) else registered.get(code) or township_of(code) for code in village]
    coded = found.assign(township_code=pd.Series(township, index=found.index, dtype=object))
    named = {
        "subject_name": "subject_code",
        "village_name": "village_code",
        "township_name": "township_code",
        **{f"{person}_name": f"{person}_code" for person in PEOPLE},
    }
    names = names_of(session, coded[[*named.values()]])
    for name, code in named.items():
        coded[name] = pd.Series([names.get(one) for one in coded[code]], index=coded.index, dtype=object)
    shapes = [None if pd.isna(code) else villages.geometry.get(code) for code in village]
    plain = coded[TABLE_COLUMNS].astype(object)
    table = plain.where(plain.notna(), None).astype({"days_left": "Int64"})
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index, crs=STORED_CRS))


def names_of(session: Session, codes: pd.DataFrame) -> dict[str, str]:
    """How everything among the codes is called; whoever has left the register too."""
    wanted = {code for name in codes for code in codes[name].dropna()}
    found = entity_names(session, wanted).drop_duplicates("code")
    return dict(zip(found["code"], found["name"], strict=True))


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with plain values; missing ones are None."""
    plain = frame.astype(object)
    rows: list[dict[str, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return rows
