"""Frames into tables and back, on both databases."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import MultiPolygon, Point, box
from sqlalchemy import select, text

from geo.crs import STORED_CRS
from geo.errors import FrameError, StoreError
from geo.frames import LAYERS, conform
from geo.store.bulk import insert_frame, update_frame
from geo.store.engine import Store
from geo.store.models import GridCell, Household, Unit, Village
from geo.store.queries import layer_frame
from tests.store import small_county

ENOUGH_FOR_THE_FAST_WAY = 1200


def _read(store: Store, layer: str) -> pd.DataFrame:
    with store.read() as session:
        return layer_frame(session, layer)


def test_what_goes_in_comes_out(store: Store) -> None:
    small_county.load(store)
    expected = conform(small_county.households(), LAYERS["households"])
    expected["hardship"] = expected["hardship"].fillna(False)
    assert_geodataframe_equal(_read(store, "households"), expected)
    assert_geodataframe_equal(_read(store, "cells"), conform(small_county.cells(), LAYERS["cells"]))


def test_many_rows_take_the_fast_way_with_the_same_result(store: Store) -> None:
    small_county.load(store)
    many = small_county.households(ENOUGH_FOR_THE_FAST_WAY).assign(
        code=[f"M{n:06d}" for n in range(ENOUGH_FOR_THE_FAST_WAY)]
    )
    with store.write() as session:
        assert insert_frame(session, Household, many) == ENOUGH_FOR_THE_FAST_WAY
    expected = conform(many, LAYERS["households"])
    expected["hardship"] = expected["hardship"].fillna(False)
    found = _read(store, "households")
    assert_geodataframe_equal(found[found["code"].str.startswith("M")].reset_index(drop=True), expected)


@pytest.mark.parametrize("first", [0, ENOUGH_FOR_THE_FAST_WAY], ids=["onto nothing", "onto many"])
def test_the_spatial_index_holds_every_placed_row(gpkg_store: Store, first: int) -> None:
    with gpkg_store.write() as session:
        insert_frame(session, small_county.Township, small_county.townships())
        insert_frame(session, Village, small_county.villages())
        for batch, count in (("A", first), ("B", ENOUGH_FOR_THE_FAST_WAY)):
            frame = small_county.households(count) if count else small_county.households(1).head(0)
            insert_frame(session, Household, frame.assign(code=batch + frame["code"]))
    with gpkg_store.read() as session:
        assert session.scalar(text("SELECT rtreecheck('rtree_household_geom')")) == "ok"
        indexed = session.execute(
            text(
                "SELECT count(*) FROM household h JOIN rtree_household_geom r ON r.id = h.id "
                "WHERE r.minx <= ST_X(h.geom) AND r.maxx >= ST_X(h.geom) "
                "AND r.miny <= ST_Y(h.geom) AND r.maxy >= ST_Y(h.geom)"
            )
        ).scalar_one()
        placed = session.scalar(text("SELECT count(*) FROM household WHERE geom IS NOT NULL"))
    assert indexed == placed == (first + ENOUGH_FOR_THE_FAST_WAY) * 9 // 10


def test_triggers_and_indexes_are_back_after_the_fast_way(gpkg_store: Store) -> None:
    parts = text("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'household' ORDER BY name")
    with gpkg_store.read() as session:
        before = session.execute(parts).all()
    small_county.load(gpkg_store)
    many = small_county.households(ENOUGH_FOR_THE_FAST_WAY)
    with gpkg_store.write() as session:
        insert_frame(session, Household, many.assign(code="M" + many["code"]))
    with gpkg_store.read() as session:
        assert session.execute(parts).all() == before


def test_a_failed_fast_insert_leaves_nothing(store: Store) -> None:
    small_county.load(store)
    many = small_county.households(ENOUGH_FOR_THE_FAST_WAY)  # the first forty codes are taken
    with pytest.raises(StoreError), store.write() as session:
        insert_frame(session, Household, many)
    assert len(_read(store, "households")) == 40


def test_parents_may_come_after_their_children(store: Store) -> None:
    small_county.load(store)
    assert _read(store, "units")["parent_code"].isna().tolist() == [True, False]


def test_a_missing_value_becomes_the_columns_default(store: Store) -> None:
    small_county.load(store)
    assert _read(store, "villages")["kind"].tolist() == ["village", "village", "community", "village"]


def test_a_reference_to_nothing_is_refused(store: Store) -> None:
    small_county.load(store)
    stray = small_county.households(1).assign(code="X", village_code="990101101999")
    with pytest.raises(StoreError, match="约束"), store.write() as session:
        insert_frame(session, Household, stray)
    assert len(_read(store, "households")) == 40


def test_an_empty_frame_inserts_nothing(store: Store) -> None:
    with store.write() as session:
        assert insert_frame(session, Household, small_county.households().head(0)) == 0
        assert update_frame(session, Household, small_county.households().head(0)) == 0


@pytest.mark.parametrize(
    "frame",
    [
        small_county.units().assign(colour="red"),
        small_county.villages().to_crs(4326),
        small_county.villages().set_geometry([Point(117, 35)] * 4, crs=STORED_CRS),
    ],
    ids=["unknown column", "another CRS", "another geometry type"],
)
def test_a_frame_that_does_not_fit_is_refused(store: Store, frame: pd.DataFrame) -> None:
    model = Village if isinstance(frame, gpd.GeoDataFrame) else Unit
    with pytest.raises(FrameError), store.write() as session:
        insert_frame(session, model, frame)


def test_heights_are_left_out(store: Store) -> None:
    small_county.load(store)
    high = gpd.GeoDataFrame(
        {"code": ["H3D"], "village_code": small_county.VILLAGES[0]},
        geometry=[Point(117, 35, 90)],
        crs=STORED_CRS,
    )
    with store.write() as session:
        insert_frame(session, Household, high)
    assert not _read(store, "households").geometry.has_z.any()


def test_an_update_changes_what_it_names_and_counts_it(store: Store) -> None:
    small_county.load(store)
    moved = MultiPolygon([box(118, 36, 118.1, 36.1)])
    change = gpd.GeoDataFrame(
        {"code": [small_county.VILLAGES[1], "990101101999"], "name": ["新村", "无此村"]},
        geometry=[moved, moved],
        crs=STORED_CRS,
    )
    with store.write() as session:
        assert update_frame(session, Village, change) == 1
    with store.read() as session:
        row = session.execute(
            select(Village.name, Village.kind, Village.version).where(
                Village.code == small_county.VILLAGES[1]
            )
        ).one()
        found = layer_frame(session, "villages", bbox=(118.0, 36.0, 118.01, 36.01))
    assert tuple(row) == ("新村", "village", 2)
    assert found["code"].tolist() == [small_county.VILLAGES[1]]
    assert shapely.equals(found.geometry[0], moved)


def test_an_update_may_empty_a_value(store: Store) -> None:
    small_county.load(store)
    with store.write() as session:
        update_frame(
            session, GridCell, pd.DataFrame({"code": [small_county.VILLAGES[0] + "001"], "name": ["一格"]})
        )
        update_frame(
            session, GridCell, pd.DataFrame({"code": [small_county.VILLAGES[0] + "001"], "name": [None]})
        )
    assert _read(store, "cells")["name"].isna().all()
