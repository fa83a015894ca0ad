"""The rows of a plan for people: who takes what from whom, with names, loads and distances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.analysis.gap_plan.propose import TaskPlan
from geo.analysis.gap_plan.tasks import Tasks
from geo.analysis.network import holder_places
from geo.crs import STORED_CRS, to_metric
from geo.i18n import _
from geo.operations.holders import target_points, villages_by_target
from geo.store import queries
from geo.store.subjects import entries_of
from geo.vocabulary import Rank

GIVE, END = "give", "end"
ROW_COLUMNS = [
    "row",
    "action",
    "kind",
    "target_code",
    "target_name",
    "target_kind",
    "rank",
    "village_code",
    "village_name",
    "gap_kinds",
    "from_code",
    "from_name",
    "to_code",
    "to_name",
    "to_unit",
    "distance_before_km",
    "distance_km",
    "load_before",
    "load_after",
    "limit",
    "households_before",
    "households_after",
    "fit",
    "weight",
    "why",
    "base_lon",
    "base_lat",
    "lon",
    "lat",
    "seen",
]
"""One row of a plan.

row, action
    What tells it from others; ``give`` to somebody, or ``end`` a claim because somebody else keeps the thing.
gap_kinds
    Kinds of the gaps it closes, wholly or in part, separated by ``;``.
from_code, to_code
    Who holds it now (None: nobody) and who takes it, or keeps it.
load_before, load_after, limit
    Things of the kind that the taker answers for, with the whole plan, and the most.
base_lon, base_lat, lon, lat
    Where the taker and the thing are; None where that is not known.
seen
    The records over the thing when the plan was made.
"""


def plan_rows(
    session: Session,
    gaps: pd.DataFrame,
    tasks: Tasks,
    wanted: gpd.GeoDataFrame,
    solution: TaskPlan,
    *,
    claims: Collection[int],
    as_of: date,
) -> pd.DataFrame:
    """`ROW_COLUMNS` of what is given and of the claims that end; ``seen`` is still missing.

    Parameters
    ----------
    wanted : GeoDataFrame
        What the solution's tasks are positions in; ``task`` is the position among the tasks' ``wanted``.
    claims : collection of int
        Which of the tasks' ``ended`` are meant.
    """
    given = _given(tasks, wanted, solution, gaps)
    ended = _ended(tasks, sorted(claims), gaps)
    rows = pd.concat([part for part in (given, ended) if len(part)] or [given], ignore_index=True)
    rows = _named(session, rows, as_of)
    rows = _placed(session, rows, as_of)
    rows["row"] = [f"r{at + 1}" for at in range(len(rows))]
    plain = rows.reindex(columns=ROW_COLUMNS).astype(object)
    return plain.where(plain.notna(), None)


def _given(tasks: Tasks, wanted: gpd.GeoDataFrame, solution: TaskPlan, gaps: pd.DataFrame) -> pd.DataFrame:
    given = solution.given
    things = pd.DataFrame(wanted.drop(columns="geometry")).loc[given["task"]].reset_index(drop=True)
    columns = ["kind", "target_code", "rank", "weight"]
    rows = things[columns].assign(action=GIVE, from_code=things["holder_code"])
    kinds = _kinds_by(tasks.closes, "task", gaps)
    return rows.assign(
        gap_kinds=things["task"].map(kinds).to_numpy(dtype=object),
        **{
            name: given[name].to_numpy(dtype=object)
            for name in given.columns
            if name not in ("task", "cost_km")
        },
    )


def _ended(tasks: Tasks, claims: list[int], gaps: pd.DataFrame) -> pd.DataFrame:
    some = tasks.ended.iloc[claims]
    kinds = _kinds_by(tasks.closes, "claim", gaps)
    return pd.DataFrame(
        {
            "action": END,
            "kind": some["kind"],
            "target_code": some["target_code"],
            "rank": str(Rank.PRIMARY),
            "from_code": some["holder_code"],
            "to_code": some["kept_code"],
            "weight": some["weight"],
            "gap_kinds": [kinds.get(claim) for claim in claims],
            "why": None,
        }
    )


def _kinds_by(closes: pd.DataFrame, by: str, gaps: pd.DataFrame) -> dict[int, str]:
    known = closes[closes[by].notna()]
    kinds = gaps["kind"].to_numpy(dtype=object)[known["gap"].to_numpy()]
    pairs = pd.DataFrame({"at": known[by].astype(int).to_numpy(), "kind": kinds}).drop_duplicates()
    joined: dict[int, str] = pairs.groupby("at")["kind"].agg(";".join).to_dict()
    return joined


def _named(session: Session, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    villages = villages_by_target(session, set(rows["target_code"]))
    lying = [next(iter(villages[code]), None) for code in rows["target_code"]]
    codes = {code for name in ("target_code", "from_code", "to_code") for code in rows[name].dropna()}
    codes |= {code for code in lying if code is not None}
    entries = entries_of(session, codes).drop_duplicates("code").set_index("code")
    cadres = queries.layer_frame(session, "cadres", as_of=as_of).set_index("code")["unit_code"]
    units = queries.layer_frame(session, "units", as_of=as_of).set_index("code")["name"]
    called = entries["name"]
    named = {
        name.replace("code", "name"): [called.get(code, code) for code in rows[name]]
        for name in ("target_code", "from_code", "to_code")
    }
    words = _("同一网格有多名主责人：由{kept}继续负责，结束此人的责任。")
    why = [
        words.format(kept=name) if action == END else said
        for said, name, action in zip(rows["why"], named["to_name"], rows["action"], strict=True)
    ]
    return rows.assign(
        **named,
        why=why,
        target_kind=rows["target_code"].map(entries["kind"]).to_numpy(dtype=object),
        to_unit=rows["to_code"].map(cadres).map(units).to_numpy(dtype=object),
        village_code=lying,
        village_name=[called.get(code) for code in lying],
    )


def _placed(session: Session, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Where takers and things are, and how far a thing is from who holds it now."""
    cadres = queries.layer_frame(session, "cadres", as_of=as_of)
    units = queries.layer_frame(session, "units", as_of=as_of)
    bases = holder_places(cadres, units).drop_duplicates("code").set_index("code").geometry
    things = target_points(session, villages_by_target(session, set(rows["target_code"])))
    points = {
        name: gpd.GeoSeries(places.reindex(rows[column]).to_numpy(), crs=STORED_CRS)
        for name, places, column in (
            ("base", bases, "to_code"),
            ("thing", things, "target_code"),
            ("before", bases, "from_code"),
        )
    }
    far = _apart_km(points["before"], points["thing"])
    distance = rows["distance_km"] if "distance_km" in rows else pd.Series([None] * len(rows), dtype=object)
    is_end = (rows["action"] == END).to_numpy()
    return rows.assign(
        distance_before_km=far,
        distance_km=np.where(is_end, _apart_km(points["base"], points["thing"]), distance),
        base_lon=shapely.get_x(points["base"].to_numpy()),
        base_lat=shapely.get_y(points["base"].to_numpy()),
        lon=shapely.get_x(points["thing"].to_numpy()),
        lat=shapely.get_y(points["thing"].to_numpy()),
    )


def _apart_km(one: gpd.GeoSeries, other: gpd.GeoSeries) -> np.ndarray:
    both = to_metric(gpd.GeoDataFrame(geometry=[*one, *other], crs=STORED_CRS)).geometry
    count = len(one)
    ends = [both.iloc[:count].reset_index(drop=True), both.iloc[count:].reset_index(drop=True)]
    return np.asarray((ends[0].distance(ends[1]) / 1000).round(3), dtype=float)
