"""A county whose every thing is marked by the village it lies in, so that a leak shows in any text."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.access import SYSTEM, Actor
from geo.answers.gap_plan import plan_for
from geo.errors import ConflictError
from geo.operations.county import init_county
from geo.operations.gap_drafts import save_plan
from geo.operations.gap_plan import PlanOptions
from geo.operations.journal import set_approval, submit
from geo.operations.load import load_frame
from geo.operations.requests import Assignment, AssignRequest
from geo.operations.thresholds import set_threshold
from geo.store.engine import Store, create_store
from geo.store.queries import responsibilities
from geo.vocabulary import Role
from tests.security.accounts import add_account

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = date(2026, 5, 1)
SET_RULE = "staff_households_max"
"""A threshold that is set for this county from today on."""
WEST, SOUTH, STEP = 117.0, 35.5, 0.02
COUNTY = "990101"
OWN_TOWNSHIP, OTHER_TOWNSHIP = "990101101", "990101102"
OWN, SISTER, OTHER = f"{OWN_TOWNSHIP}001", f"{OWN_TOWNSHIP}002", f"{OTHER_TOWNSHIP}001"
VILLAGES = (OWN, SISTER, OTHER)
NAMES = {OWN: "东庄", SISTER: "西庄", OTHER: "南庄"}
MARKS = {OWN: "密甲", SISTER: "密乙", OTHER: "密丙"}
"""Part of the name of everything in a village but the village itself, whose name is open to all."""
HOME_SHARES = ((0.2, 0.3), (0.3, 0.3), (0.7, 0.3))
"""Where the households of each village are, in shares of its width and height."""
BOTH = "o-both"
"""An officer who helps in a cell of each village."""
ACCOUNTS: dict[str, tuple[Role, list[str]]] = {
    "department": (Role.DEPARTMENT, [""]),
    "second": (Role.DEPARTMENT, [""]),
    "coordinator": (Role.COORDINATOR, [OWN_TOWNSHIP]),
    "neighbour": (Role.COORDINATOR, [OTHER_TOWNSHIP]),
    "village": (Role.COORDINATOR, [OWN]),
    "whole": (Role.COORDINATOR, [""]),
    "leader": (Role.LEADER, [""]),
    "resident": (Role.RESIDENT_CADRE, [OWN]),
    "auditor": (Role.AUDITOR, [""]),
    "closed": (Role.COORDINATOR, [OWN_TOWNSHIP]),
}


def actor_of(user: str, *, viewer: str = "") -> Actor:
    """The actor of an account."""
    role, scopes = ACCOUNTS[user]
    return Actor(user, role, frozenset(scopes), viewer=viewer)


def cell_of(village: str, number: int = 1) -> str:
    """The code of one of the two cells of a village."""
    return f"{village}{number:03}"


def home_of(village: str) -> str:
    """The code of a household of a village."""
    return f"{village}H1"


def square(village: str, west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in a village, in shares of its width and height."""
    left = WEST + STEP * VILLAGES.index(village)
    return shapely.box(left + STEP * west, SOUTH + STEP * south, left + STEP * east, SOUTH + STEP * north)


def make_matrix_county(path: Path) -> None:
    """Make the store, with the accounts and with changes that are done and that wait in each village."""
    store = create_store(str(path))
    try:
        init_county(store, SYSTEM, code=COUNTY, name="测试县", now=NOW)
        for user, (role, scopes) in ACCOUNTS.items():
            add_account(store, user, role, scopes)
        for layer, frame in _frames().items():
            load_frame(store, SYSTEM, layer, frame, now=NOW, source="test")
        for village in VILLAGES:
            _change_something(store, village)
            _let_something_wait(store, village)
        _change_everywhere(store)
        set_threshold(store, SYSTEM, SET_RULE, 2, valid_from=TODAY, reason="试行", now=NOW)
        for user in ("department", "coordinator", "neighbour"):
            _keep_draft(store, actor_of(user))
    finally:
        store.close()


def assistant(village: str, holder: str) -> AssignRequest:
    """A request that somebody is to help in the second cell of a village."""
    row = Assignment("grid_officer", holder, cell_of(village, 2), TODAY, "assistant")
    return AssignRequest((row,), f"{MARKS[village]}事由")


def _change_something(store: Store, village: str) -> None:
    submit(store, actor_of("department"), assistant(village, BOTH), now=NOW, today=TODAY, confirmed=True)


def _change_everywhere(store: Store) -> None:
    """One change that reaches into every village: what it did is nobody's business but the county's."""
    rows = tuple(
        Assignment("grid_officer", BOTH, cell_of(village), TODAY, "assistant")
        for village in reversed(VILLAGES)
    )
    request = AssignRequest(rows, "统一安排")
    submit(store, actor_of("department"), request, now=NOW, today=TODAY, confirmed=True)


def _let_something_wait(store: Store, village: str) -> None:
    maker = actor_of("neighbour" if village == OTHER else "coordinator")
    township = village[:9]
    for required in (True, False):
        set_approval(store, actor_of("department"), township, required, now=NOW, reason="试行")
        if required:
            done = submit(store, maker, assistant(village, "o-free"), now=NOW, today=TODAY, confirmed=True)
            assert done.state == "pending"


def _keep_draft(store: Store, actor: Actor) -> None:
    """A plan that closes the gaps which an account sees."""
    options = PlanOptions(time_limit_s=2.0)
    plan = plan_for(store, actor, as_of=TODAY, options=options)
    save_plan(store, actor, plan, name=f"{actor.user}的草案", now=NOW)


def _frames() -> dict[str, pd.DataFrame]:
    towns = {OWN_TOWNSHIP: (0, 2, "东镇"), OTHER_TOWNSHIP: (2, 3, "西镇")}
    officers = [f"o-{village}" for village in VILLAGES]
    spare = [f"k-{village}" for village in VILLAGES]
    held = [("grid_officer", f"o-{village}", cell_of(village, n)) for village in VILLAGES for n in (1, 2)]
    held += [("staff", "o-free", home_of(village)) for village in VILLAGES]
    held += [("org_cadre", "o-free", f"b-{village}") for village in VILLAGES]
    return {
        "townships": _frame(
            [
                _whole(shapely.box(WEST + STEP * a, SOUTH, WEST + STEP * b, SOUTH + STEP))
                for a, b, _ in towns.values()
            ],
            code=list(towns),
            name=[name for _a, _b, name in towns.values()],
        ),
        "villages": _frame(
            [_whole(square(village, 0, 0, 1, 1)) for village in VILLAGES],
            code=list(VILLAGES),
            name=[NAMES[village] for village in VILLAGES],
            township_code=[village[:9] for village in VILLAGES],
        ),
        "groups": _each(lambda village: (f"{village}01", f"{MARKS[village]}组", village)),
        "branches": _each(lambda village: (f"b-{village}", f"{MARKS[village]}支部", village)),
        "areas": pd.DataFrame(
            [
                *((f"a-{village}", f"{MARKS[village]}片", village) for village in VILLAGES),
                ("a-both", "跨乡镇片", f"{SISTER};{OTHER}"),
            ],
            columns=["code", "name", "village_codes"],
        ),
        "cells": _frame(
            [_whole(square(village, left, 0, left + 0.5, 0.8)) for village in VILLAGES for left in (0, 0.5)],
            code=[cell_of(village, n) for village in VILLAGES for n in (1, 2)],
            village_code=[village for village in VILLAGES for _n in (1, 2)],
            name=[f"{MARKS[village]}格{n}" for village in VILLAGES for n in (1, 2)],
        ),
        "units": pd.DataFrame({"code": ["u1", "u2"], "name": ["农业局", "东镇人民政府"]}),
        "cadres": _frame(
            [
                *(square(village, 0.4, 0.4, 0.5, 0.5).centroid for village in (*VILLAGES, *VILLAGES)),
                square(OWN, 0.4, 0.4, 0.5, 0.5).centroid,
                square(OWN, 0.4, 0.4, 0.5, 0.5).centroid,
            ],
            code=[*officers, *spare, "o-free", BOTH],
            name=[*("甲乙丙"), *("丁戊己"), "庚", "辛"],
            phone=["13800000000"] * 8,
        ),
        "households": _frame(
            [square(village, x, y, x, y).centroid for village in VILLAGES for x, y in HOME_SHARES],
            code=[f"{village}H{n}" for village in VILLAGES for n in (1, 2, 3)],
            village_code=[village for village in VILLAGES for _n in (1, 2, 3)],
            cell_code=[cell_of(village, n) for village in VILLAGES for n in (1, 1, 2)],
            head_name=["某户主"] * 9,
            phone=["13900000000"] * 9,
            people=[3] * 9,
        ),
        "responsibilities": pd.DataFrame(held, columns=["kind", "holder_code", "target_code"]).assign(
            valid_from=date(2026, 1, 1)
        ),
    }


def _each(row: Any) -> pd.DataFrame:
    return pd.DataFrame([row(village) for village in VILLAGES], columns=["code", "name", "village_code"])


def _whole(shape: shapely.Polygon) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shape])


def _frame(geometry: list[shapely.Geometry], **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4490")


def record_over(store: Store, target: str) -> int:
    """The id of the first standing record over a thing."""
    with store.read() as session:
        return int(responsibilities(session, targets=[target])["id"].iloc[0])


def fingerprint(path: Path) -> str:
    """Everything that is in the store's tables, as a digest: any write shows."""
    digest = sha256()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for name in sorted(names):
            digest.update(name.encode())
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                digest.update(repr(row).encode())
    finally:
        connection.close()
    return digest.hexdigest()


def said(value: Any) -> str:
    """Everything that an answer, a preview or an error tells, as one text."""
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return str(pd.DataFrame(value).to_csv())
    if isinstance(value, ConflictError):
        return f"{value} {said(value.others)}"
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(said(one) for one in value)
    return str(value)


def leaked(text: str, hidden: Collection[str], *, given: Collection[str] = ()) -> list[str]:
    """What a text tells of things in villages that are hidden, but for codes that the asker gave."""
    for code in sorted(given, key=len, reverse=True):
        text = text.replace(code, "")
    found = []
    for village in hidden:
        found += re.findall(rf"{village}[0-9H]\w*|{MARKS[village]}\w*|[abko]-{village}\b", text)
    # How officers and villages are called is open to all; what lies in a village is not.
    return [each for each in found if not each.startswith(("o-", "k-"))]
