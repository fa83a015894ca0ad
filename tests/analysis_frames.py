"""A tiny county as frames: two villages of one square kilometre or so, for tests of the analyses.

Village A has two cells side by side, groups, a branch and an area; village B has one cell, no groups.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
from shapely.geometry import MultiPolygon, Point, box

from geo.frames import LAYERS, conform

TOWNSHIP = "990101101"
A, B = "990101101201", "990101101202"
A1, A2, B1 = f"{A}001", f"{A}002", f"{B}001"
START = date(2026, 1, 1)


def square(west, south, east, north):
    """A multipolygon in hundredths of a degree from 117°E 35.5°N."""
    return MultiPolygon([box(117 + west / 100, 35.5 + south / 100, 117 + east / 100, 35.5 + north / 100)])


def layer(name, rows, geometry=None):
    """A conformed frame of a layer; no rows give an empty one."""
    columns = LAYERS[name].column_names
    frame = pd.DataFrame(rows, columns=columns if not rows else None)
    if LAYERS[name].geometry is not None:
        frame = gpd.GeoDataFrame(frame, geometry=geometry or [None] * len(frame), crs="EPSG:4490")
    return conform(frame, LAYERS[name])


def held(*rows):
    """Responsibilities from (kind, holder, target) or (kind, holder, target, rank)."""
    named = [
        {"kind": row[0], "holder_code": row[1], "target_code": row[2], "valid_from": START}
        | ({"rank": row[3]} if len(row) > 3 else {})
        for row in rows
    ]
    return layer("responsibilities", named)


def villages():
    rows = [
        {"code": A, "name": "甲村", "township_code": TOWNSHIP, "old_revolutionary": True},
        {"code": B, "name": "乙村", "township_code": TOWNSHIP},
    ]
    return layer("villages", rows, [square(0, 0, 2, 1), square(2, 0, 3, 1)])


def cells():
    rows = [
        {"code": A1, "village_code": A},
        {"code": A2, "village_code": A},
        {"code": B1, "village_code": B},
    ]
    return layer("cells", rows, [square(0, 0, 1, 1), square(1, 0, 2, 1), square(2, 0, 3, 1)])


def households():
    rows = [
        {"code": "h1", "village_code": A, "cell_code": A1, "group_code": f"{A}01"},
        {"code": "h2", "village_code": A, "cell_code": A2, "group_code": f"{A}01"},
        {"code": "h3", "village_code": B, "cell_code": B1},
        {"code": "h4", "village_code": B},
    ]
    return layer(
        "households", rows, [Point(117.005, 35.505), Point(117.015, 35.505), Point(117.025, 35.505), None]
    )


def groups():
    return layer("groups", [{"code": f"{A}01", "name": "一组", "village_code": A}])


def branches():
    rows = [
        {"code": "br-a", "name": "甲村党支部", "village_code": A},
        {"code": "br-b", "name": "乙村党支部", "village_code": B},
        {"code": "br-o", "name": "机关党支部"},
    ]
    return layer("branches", rows)


def area_villages():
    return pd.DataFrame({"area_code": ["ar1", "ar1"], "village_code": [A, B]})


def indicators(*rows):
    """Indicators from (village, year, own income) or (village, year, own, total)."""
    named = [
        {"village_code": row[0], "year": row[1], "income_own_yuan": row[2]}
        | ({"income_total_yuan": row[3]} if len(row) > 3 else {})
        for row in rows
    ]
    return layer("indicators", named)


def designations(*rows):
    """Designations from (village, label, valid_from, valid_to)."""
    columns = ["village_code", "label", "valid_from", "valid_to"]
    return pd.DataFrame(rows, columns=columns).astype(object).assign(reason="县委研究决定")
