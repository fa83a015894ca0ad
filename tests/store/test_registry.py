"""Registers on both databases: what is typed on a form is written the same on each, and writers don't mix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import geopandas as gpd
import pytest
import shapely

from geo.access import SYSTEM
from geo.errors import ConflictError
from geo.operations.county import init_county
from geo.operations.load import load_frame
from geo.operations.registry import add_entry, correct_entry, retire_entry
from geo.operations.unmask import erase_personal, unmask
from geo.store.audit import verify
from geo.store.engine import Store
from geo.store.register import entry_row, free_code, register_rows, township_of_unit
from geo.store.rows import account_named

NOW, TODAY = datetime(2026, 5, 1, 8, tzinfo=UTC), date(2026, 5, 1)
TOWNSHIP, VILLAGE = "990101101", "990101101201"
WHEN = {"now": NOW, "today": TODAY, "reason": "新到岗"}
FIX = {"now": NOW, "reason": "更正"}


@pytest.fixture
def county(store: Store) -> Store:
    """One township of one village of two cells."""
    init_county(store, SYSTEM, code="990101", name="安和县", now=NOW)
    for layer, boxes, columns in (
        ("townships", [(0, 2)], {"code": [TOWNSHIP], "name": ["石桥镇"]}),
        ("villages", [(0, 2)], {"code": [VILLAGE], "name": ["石桥村"], "township_code": [TOWNSHIP]}),
        (
            "cells",
            [(0, 1), (1, 2)],
            {"code": [f"{VILLAGE}001", f"{VILLAGE}002"], "village_code": [VILLAGE] * 2},
        ),
    ):
        shapes = [
            shapely.MultiPolygon([shapely.box(117 + left / 10, 35, 117 + right / 10, 35.1)])
            for left, right in boxes
        ]
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")
        load_frame(store, SYSTEM, layer, frame, now=NOW, source="test")
    return store


def test_a_household_comes_moves_is_erased_and_goes(county: Store) -> None:
    values = {"village_code": VILLAGE, "head_name": "张三", "lon": 117.05, "lat": 35.05, "hardship": True}
    code = add_entry(county, SYSTEM, "households", values, **WHEN).code
    assert code == f"{VILLAGE}0001"
    done = correct_entry(county, SYSTEM, "households", code, {"lon": 117.15, "lat": 35.05}, version=1, **FIX)
    assert set(done.fields) >= {"geometry", "cell_code"}
    with county.read() as session:
        row = entry_row(session, "households", code)
    assert row is not None
    assert (row.values["cell_code"], row.values["hardship"]) == (f"{VILLAGE}002", True)
    assert unmask(county, SYSTEM, code, reason="走访", now=NOW)["head_name"] == "张三"
    erase_personal(county, SYSTEM, code, reason="申请", now=NOW)
    assert unmask(county, SYSTEM, code, reason="走访", now=NOW)["head_name"] is None
    leave = {"on": date(2026, 6, 1), "now": NOW, "today": TODAY, "reason": "迁出"}
    retire_entry(county, SYSTEM, "households", code, **leave)
    with county.read() as session:
        found = register_rows(session, "households", as_of=date(2026, 6, 1), limit=9)
        assert found.empty
        assert len(register_rows(session, "households", as_of=date(2026, 5, 31), limit=9)) == 1
        assert verify(session).is_whole


def test_an_area_a_unit_and_a_text_search(county: Store) -> None:
    area = add_entry(county, SYSTEM, "areas", {"name": "第一片", "village_codes": VILLAGE}, **WHEN).code
    unit = add_entry(county, SYSTEM, "units", {"name": "石桥镇人民政府"}, **WHEN).code
    other = add_entry(county, SYSTEM, "units", {"name": "50%_局"}, **WHEN).code
    with county.read() as session:
        row = entry_row(session, "areas", area)
        assert row is not None
        assert row.values["village_codes"] == VILLAGE
        assert township_of_unit(session, unit) == TOWNSHIP
        assert township_of_unit(session, other) is None
        found = register_rows(session, "units", as_of=TODAY, text="%_", limit=9)
        assert found["code"].tolist() == [other]
        assert free_code(session, "units") not in (unit, other)
        assert account_named(session, "nobody") is None


def test_of_many_at_once_one_is_first_and_new_codes_differ(county: Store) -> None:
    code = add_entry(county, SYSTEM, "cadres", {"name": "甲"}, **WHEN).code

    def change(number: int) -> bool:
        try:
            correct_entry(county, SYSTEM, "cadres", code, {"duty": str(number)}, version=1, **FIX)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(change, range(6))) == 1
        made = pool.map(lambda n: add_entry(county, SYSTEM, "cadres", {"name": f"乙{n}"}, **WHEN), range(6))
        codes = [done.code for done in made]
    assert len(set(codes)) == 6
    with county.read() as session:
        assert verify(session).is_whole
