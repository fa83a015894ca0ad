"""The file is a valid GeoPackage that GDAL and QGIS can read and edit, and its blobs are right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box
from sqlalchemy import select, text

from geo.access import SYSTEM
from geo.crs import STORED_SRID
from geo.errors import StoreError
from geo.store import styles
from geo.store.audit import record
from geo.store.backup import backup_store
from geo.store.engine import Store
from geo.store.gpkg import blob as blobs
from geo.store.models import Account, Household, Township, Village
from geo.store.queries import layer_frame, place_at
from geo.store.versions import bump
from layers import styles as map_styles
from tests.store import gdal, small_county

HOLED = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
SHAPES = {
    "point": Point(117.25, 35.5),
    "empty point": Point(),
    "multipolygon": MultiPolygon([box(0, 0, 1, 1), HOLED]),
    "empty multipolygon": MultiPolygon(),
    "polygon": box(-1, -2, 3, 4),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_blob_gives_back_its_geometry(shape: shapely.Geometry) -> None:
    blob = blobs.encode(shape, STORED_SRID)
    assert blobs.decode(blob).equals_exact(shape) or shape.is_empty
    assert blobs.decode(blob).is_empty == shape.is_empty == blobs.is_empty(blob)
    assert blobs.srid_of(blob) == STORED_SRID
    assert blobs.type_name(blob) == shape.geom_type.upper()
    assert shapely.from_wkb(blobs.as_ewkb(blob)).geom_type == shape.geom_type


@pytest.mark.parametrize("shape", [shape for shape in SHAPES.values() if not shape.is_empty])
def test_a_blob_tells_its_bounds(shape: shapely.Geometry) -> None:
    minx, miny, maxx, maxy = shape.bounds
    blob = blobs.encode(shape, STORED_SRID)
    assert [blobs.bound(blob, which) for which in range(4)] == [minx, maxx, miny, maxy]


def test_many_blobs_are_the_single_ones_together() -> None:
    mixed = [*SHAPES.values(), None]
    assert blobs.encode_many(mixed, STORED_SRID) == [
        None if shape is None else blobs.encode(shape, STORED_SRID) for shape in mixed
    ]
    assert blobs.encode_many([], STORED_SRID) == []


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)) | st.none(), max_size=8))
def test_points_survive_the_way_through_blobs(places: list[tuple[float, float] | None]) -> None:
    points = [None if place is None else Point(place) for place in places]
    decoded = blobs.decode_many(blobs.encode_many(points, STORED_SRID))
    assert [None if point is None else (point.x, point.y) for point in decoded] == places


@pytest.mark.parametrize(
    "given_as",
    [
        "SRID=4490;POINT (117 35)",
        "POINT (117 35)",
        Point(117, 35),
        from_shape(Point(117, 35), srid=STORED_SRID),
        shapely.to_wkb(Point(117, 35)),
        shapely.to_wkb(Point(117, 35), hex=True),
        memoryview(shapely.to_wkb(shapely.set_srid(Point(117, 35), STORED_SRID), include_srid=True)),
    ],
)
def test_a_geometry_may_be_given_in_many_forms(given_as: object) -> None:
    assert blobs.parse(given_as, STORED_SRID) == blobs.encode(Point(117, 35), STORED_SRID)


def test_something_else_is_no_geometry() -> None:
    with pytest.raises(TypeError):
        blobs.parse(7)


def test_the_orm_gives_geometry_back(store: Store) -> None:
    small_county.load(store)
    with store.read() as session:
        village = session.scalars(select(Village).order_by(Village.code)).first()
        assert village is not None
        assert to_shape(village.geom).equals(small_county.villages().geometry[0])
        assert village.geom.srid == STORED_SRID


@pytest.mark.parametrize(
    "wrong",
    ["SRID=4490;POINT(1 1)", "SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"],
    ids=["another type", "another SRID"],
)
def test_a_geometry_that_does_not_fit_its_column_is_refused(store: Store, wrong: str) -> None:
    with pytest.raises(StoreError), store.write() as session:
        session.add(Township(code="990101101", name="x", geom=wrong))


def _fill(store: Store) -> None:
    small_county.load(store)
    with store.write() as session:
        session.add(Account(user="a", role="leader", scopes=[""], password_hash="x"))
        bump(session, "cells", ["990101101"])
        record(session, SYSTEM, "test", now=small_county.NOW, after={"a": 1})


def test_a_store_with_data_is_a_valid_geopackage(gpkg_store: Store, tmp_path: Path) -> None:
    _fill(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    assert gdal.faults_of(tmp_path / "copy.gpkg") == []


def test_gdal_lists_the_layers_and_their_styles(gpkg_store: Store, tmp_path: Path) -> None:
    _fill(gpkg_store)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    described = gdal.description_of(tmp_path / "copy.gpkg")
    layers = described["layers"]
    assert described["styles"] == dict.fromkeys(styles.STYLED_TABLES, True)
    assert {"county", "township", "village", "grid_cell", "household", "cadre"} <= set(layers)
    assert {"responsibility", "village_indicator", "unit", "audit"} <= set(layers)
    assert not {"account", "setting", "data_version"} & set(layers)
    assert layers["household"]["rows"] == 40
    assert layers["household"]["crs"] == "EPSG:4490"
    assert {"code", "village_code", "head_name", "hardship"} <= set(layers["household"]["fields"])
    assert layers["village"]["geometry"] == "MultiPolygon"


def test_an_edit_by_gdal_shows_up_and_is_counted(gpkg_store: Store) -> None:
    small_county.load(gpkg_store)
    with gpkg_store.read() as session:
        fid = session.scalars(select(Household.id).where(Household.code == "H000003")).one()
    assert gpkg_store.path is not None
    accepted = gdal.edit(
        gpkg_store.path, "household", fid, field="head_name", value="张三", wkt="POINT (118.5 36.5)"
    )
    assert accepted
    with gpkg_store.read() as session:
        household = session.scalars(select(Household).where(Household.code == "H000003")).one()
        found = layer_frame(session, "households", bbox=(118.4, 36.4, 118.6, 36.6))
    assert (household.head_name, household.version) == ("张三", 2)
    assert found["code"].tolist() == ["H000003"]


def test_gdal_cannot_put_another_geometry_type_in(gpkg_store: Store) -> None:
    small_county.load(gpkg_store)
    assert gpkg_store.path is not None
    accepted = gdal.edit(gpkg_store.path, "village", 1, field="name", value="x", wkt="POINT (117 35)")
    assert not accepted
    with gpkg_store.read() as session:
        assert place_at(session, 117.01, 35.01, as_of=small_county.TODAY)["village_code"] is not None


def test_commits_survive_gdal_closing_the_file(gpkg_store: Store) -> None:
    small_county.load(gpkg_store)
    assert gpkg_store.path is not None
    gdal.edit(gpkg_store.path, "household", 1, field="head_name", value="张三", wkt="POINT (118.5 36.5)")
    with gpkg_store.write() as session:
        session.execute(text("UPDATE household SET people = 9 WHERE code = 'H000001'"))
    with closing(sqlite3.connect(gpkg_store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT people FROM household WHERE code = 'H000001'").fetchone() == (9,)


@pytest.mark.parametrize("table", styles.STYLED_TABLES)
@pytest.mark.parametrize("kind", ["qml", "sld"])
def test_styles_are_well_formed(table: str, kind: str) -> None:
    ElementTree.parse(Path(styles.__file__).parent / f"{table}.{kind}")


@pytest.mark.parametrize(
    ("table", "colours"),
    [
        ("village", (map_styles.PAPER, map_styles.VILLAGE_LINE.stroke)),
        ("grid_cell", (map_styles.OWNED.fill, map_styles.CELL_LINE.stroke)),
        ("household", (map_styles.PAIRED.fill,)),
    ],
)
def test_qgis_shows_the_colours_of_the_map(table: str, colours: tuple[str, ...]) -> None:
    folder = Path(styles.__file__).parent
    sld = (folder / f"{table}.sld").read_text(encoding="utf-8")
    qml = (folder / f"{table}.qml").read_text(encoding="utf-8")
    for colour in colours:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert colour in sld
        assert f'"{red},{green},{blue},' in qml
