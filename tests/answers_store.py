"""The tiny county of `tests.analysis_frames` in a store, for tests of the answers."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geo.access import Actor
from geo.store import models
from geo.store.bulk import insert_frame
from geo.store.engine import create_store
from geo.vocabulary import Role
from tests import analysis_frames as tiny
from tests.analysis_frames import A1, A2, TOWNSHIP, A, B

DAY = date(2026, 5, 1)
RECORDED = datetime(2026, 1, 5, 8, tzinfo=UTC)
DEPARTMENT = Actor("department", Role.DEPARTMENT)
LEADER = Actor("leader", Role.LEADER)
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))
RESIDENT_OF_A = Actor("resident", Role.RESIDENT_CADRE, frozenset({A}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({"990101102"}))

HELD = (
    ("county_leader", "c1", TOWNSHIP),
    ("department", "u1", "ar1"),
    ("sub_office", "u2", f"{A}01"),
    ("org_cadre", "c2", "br-a"),
    ("org_cadre", "c2", "br-b"),
    ("resident_cadre", "c3", A),
    ("team_head", "c1", A),
    ("grid_officer", "c3", A1),
    ("grid_officer", "c4", A2),
    ("grid_officer", "c5", A2),
    ("staff", "c5", "h1"),
    ("staff", "c5", "h3"),
)


@pytest.fixture(scope="session", params=["gpkg", pytest.param("postgis", marks=pytest.mark.postgis)])
def tiny_store(request, tmp_path_factory):
    """The tiny county once on each database, shared by all tests: read only."""
    if request.param == "gpkg":
        cluster, url = None, str(tmp_path_factory.mktemp("tiny") / "county.gpkg")
    else:
        cluster = request.getfixturevalue("postgres")
        # Each module that imports this has its own, and several may be there at once.
        name = f"tiny_{uuid.uuid4().hex[:12]}"
        cluster.sql(f"CREATE DATABASE {name}")
        url = cluster.url(name)
    store = fill(create_store(url))
    yield store
    store.close()
    if cluster:  # pytest may want it again: tests are ordered by the parameters of several fixtures
        cluster.sql(f"DROP DATABASE {name}")


def fill(store, *, held=HELD):
    """Put the tiny county into an empty store; B is poor, A is weak since March."""
    with store.write() as session:
        for model, frame in _frames(tuple(held)):
            insert_frame(session, model, frame)
    return store


@cache
def _frames(held):
    township = gpd.GeoDataFrame(
        {"code": [TOWNSHIP], "name": ["安和镇"]}, geometry=[tiny.square(0, 0, 3, 1)], crs="EPSG:4490"
    )
    homes = tiny.households().assign(head_name="张三丰", phone="13812345678")
    return (
        (models.County, township.assign(code="990101", name="安和县")),
        (models.Township, township),
        (models.Village, tiny.villages()),
        (models.VillagerGroup, tiny.groups()),
        (models.Area, pd.DataFrame({"code": ["ar1"], "name": ["东片"]})),
        (models.AreaMember, tiny.area_villages().assign(recorded_at=RECORDED, recorded_by="test")),
        (models.Branch, tiny.branches()),
        (models.GridCell, tiny.cells()),
        (models.Unit, _units()),
        (models.Cadre, _cadres()),
        (models.Household, homes),
        (models.VillageIndicator, _recorded(tiny.indicators((A, 2025, 50_000), (B, 2025, 21_000)))),
        (models.Responsibility, _recorded(tiny.held(*held))),
        (models.Designation, _recorded(tiny.designations((A, "weak", date(2026, 3, 1), None)))),
    )


def _recorded(frame):
    return frame.assign(recorded_at=RECORDED, recorded_by="import")


def _units():
    return tiny.layer(
        "units", [{"code": "u1", "name": "农业局"}, {"code": "u2", "name": "种植股", "parent_code": "u1"}]
    )


def _cadres():
    names = ["张一", "李二", "王三", "赵四", "钱五"]
    rows = [{"code": f"c{at + 1}", "name": name, "unit_code": "u1"} for at, name in enumerate(names)]
    return tiny.layer("cadres", rows, [Point(117.001 + at / 1000, 35.52) for at in range(len(rows))])
