"""A county of two townships, made by the real operations, for a server to guard."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.access import SYSTEM
from geo.operations.county import init_county
from geo.operations.load import load_frame
from geo.store.engine import create_store
from geo.vocabulary import Role
from tests.security.accounts import NOW, add_account

WEST, SOUTH, STEP = 117.0, 35.5, 0.02
TOWNSHIPS = ("990101101", "990101102")
OWN_TOWNSHIP, OTHER_TOWNSHIP = TOWNSHIPS
OWN_VILLAGE = "990101101001"
ACCOUNTS = {
    "department": (Role.DEPARTMENT, [""]),
    "coordinator": (Role.COORDINATOR, [OWN_TOWNSHIP]),
    "leader": (Role.LEADER, [""]),
    "resident": (Role.RESIDENT_CADRE, [OWN_VILLAGE]),
    "auditor": (Role.AUDITOR, [""]),
}


def make_county(path: Path) -> None:
    """Make the store: townships side by side, each of two villages of one cell and four households."""
    store = create_store(str(path))
    try:
        init_county(store, SYSTEM, code="990101", name="测试县", now=NOW)
        for user, (role, scopes) in ACCOUNTS.items():
            add_account(store, user, role, scopes)
        for layer, frame in _frames().items():
            load_frame(store, SYSTEM, layer, frame, now=NOW, source="test")
    finally:
        store.close()


def _frames() -> dict[str, gpd.GeoDataFrame]:
    villages = [f"{township}{number:03}" for township in TOWNSHIPS for number in (1, 2)]
    lefts = WEST + STEP * np.arange(len(villages))
    boxes = [_square(left) for left in lefts]
    points = [
        (village, shapely.Point(left + STEP * dx, SOUTH + STEP * dy))
        for village, left in zip(villages, lefts, strict=True)
        for dx, dy in ((0.3, 0.3), (0.6, 0.3), (0.3, 0.6), (0.6, 0.6))
    ]
    names = ["东庄", "西庄", "南庄", "北庄"]
    return {
        "townships": _frame(
            [
                shapely.MultiPolygon(
                    [shapely.box(WEST + 2 * STEP * i, SOUTH, WEST + 2 * STEP * (i + 1), SOUTH + STEP)]
                )
                for i in (0, 1)
            ],
            code=list(TOWNSHIPS),
            name=["东镇", "西镇"],
        ),
        "villages": _frame(boxes, code=villages, name=names, township_code=[code[:9] for code in villages]),
        "cells": _frame(boxes, code=[f"{code}001" for code in villages], village_code=villages, name=names),
        "households": _frame(
            [point for _village, point in points],
            code=[f"{village}H{number}" for number, (village, _point) in enumerate(points)],
            village_code=[village for village, _point in points],
            cell_code=[f"{village}001" for village, _point in points],
            head_name=["某户"] * len(points),
            hardship=[True] * len(points),
        ),
    }


def _square(left: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(left, SOUTH, left + STEP, SOUTH + STEP)])


def _frame(geometry: list[shapely.Geometry], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4490")
