"""Whole frames into tables, fast on both databases.

GeoPackage: the table's insert triggers and indexes are set aside, and the r-tree is filled from numpy bounds;
all are back before the transaction ends. PostGIS: COPY. Either way the caller's transaction decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geoalchemy2 import Geometry
from sqlalchemy import Column, Connection, Date, Table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from geo.crs import STORED_SRID, require_stored_crs
from geo.errors import FrameError
from geo.i18n import _
from geo.store.faults import in_words
from geo.store.gpkg import blob as blobs
from geo.store.gpkg import rtree
from geo.store.models import Base
from geo.store.reading import read_statement
from geo.store.types import UtcDateTime

_CHUNK_ROWS = 50_000
_WORTH_SETTING_ASIDE = 500
_GEOMETRY_TYPES = {"POINT": shapely.GeometryType.POINT, "MULTIPOLYGON": shapely.GeometryType.MULTIPOLYGON}
_MISSING = shapely.GeometryType.MISSING
_FEW_VALUES = (Date, UtcDateTime)
"""Types of columns that hold few different values in many rows, so that each is made ready once."""

__all__ = ["insert_frame", "read_statement", "update_frame"]


def insert_frame(session: Session, model: type[Base], frame: pd.DataFrame) -> int:
    """Insert every row of a frame.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame in EPSG:4490
        Columns named like the model's; ``geometry`` goes to ``geom``. A missing value is stored as NULL,
        or as the column's default where it may not be NULL.

    Returns
    -------
    int
        Number of rows; 0 for an empty frame.

    Raises
    ------
    FrameError
        An unknown column, another CRS, or another geometry type than the table's.
    """
    table, connection = _table_of(model), session.connection()
    columns = _columns_of(table, frame)
    if frame.empty:
        return 0
    session.flush()
    if connection.dialect.name == "gpkg":
        _insert_gpkg(connection, table, columns, frame)
    else:
        _copy(connection, f'"{table.name}"', columns, frame)
    return len(frame)


def update_frame(session: Session, model: type[Base], frame: pd.DataFrame, *, key: str = "code") -> int:
    """Set a frame's columns on the rows that its key names; the version trigger counts the change.

    Returns
    -------
    int
        Number of rows changed; keys that no row has are passed over.
    """
    table, connection = _table_of(model), session.connection()
    columns = _columns_of(table, frame)
    if frame.empty:
        return 0
    session.flush()
    changed = [column for column in columns if column.name != key]
    if connection.dialect.name == "gpkg":
        assignments = ", ".join(f'"{column.name}" = ?' for column in changed)
        rows = _rows([*changed, table.c[key]], frame, connection.dialect)
        return _execute_many(connection, f'UPDATE "{table.name}" SET {assignments} WHERE "{key}" = ?', rows)
    return _update_postgis(connection, table, columns, frame, key=key)


def _table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _columns_of(table: Table, frame: pd.DataFrame) -> list[Column[Any]]:
    """The table's columns that a frame brings, checked."""
    names = ["geom" if name == "geometry" else name for name in frame.columns]
    if unknown := [name for name in names if name not in table.c]:
        raise FrameError(_("表中没有这些列：{names}。").format(names="、".join(unknown)))
    if "geometry" in frame.columns:
        require_stored_crs(frame)
        stored: Any = table.c.geom.type
        present = np.unique(shapely.get_type_id(np.asarray(frame.geometry.array)))
        if not set(present.tolist()) <= {_MISSING, _GEOMETRY_TYPES[stored.geometry_type]}:
            raise FrameError(_("几何类型应全部为 {expected}。").format(expected=stored.geometry_type))
    return [table.c[name] for name in names]


def _rows(columns: list[Column[Any]], frame: pd.DataFrame, dialect: Dialect) -> Iterator[tuple[Any, ...]]:
    return zip(*(_driver_values(column, frame, dialect) for column in columns), strict=True)


def _driver_values(column: Column[Any], frame: pd.DataFrame, dialect: Dialect) -> list[Any]:
    """One column as the driver wants it: plain Python values, None for missing."""
    if isinstance(column.type, Geometry):
        return _geometry_values(frame, dialect)
    values: list[Any] = frame[column.name].to_numpy(dtype=object, na_value=None).tolist()
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is not None:
        values = _processed(column, values, process)
    if column.nullable:
        return values
    default = _default_of(column)
    return [default if value is None else value for value in values]


def _processed(column: Column[Any], values: list[Any], process: Callable[[Any], Any]) -> list[Any]:
    """Each value as the driver wants it."""
    if not isinstance(column.type, _FEW_VALUES):
        return [None if value is None else process(value) for value in values]
    made = {value: process(value) for value in set(values) if value is not None}
    return [None if value is None else made[value] for value in values]


def _geometry_values(frame: pd.DataFrame, dialect: Dialect) -> list[Any]:
    geometries = np.asarray(frame.geometry.array)
    if shapely.has_z(geometries).any():
        geometries = shapely.force_2d(geometries)
    if dialect.name == "gpkg":
        return blobs.encode_many(geometries, STORED_SRID)
    return list(shapely.to_wkb(shapely.set_srid(geometries, STORED_SRID), hex=True, include_srid=True))


def _default_of(column: Column[Any]) -> Any:
    """What the database itself would put in for a missing value."""
    default = getattr(column.server_default, "arg", None)
    written = getattr(default, "text", default)
    return False if written == "false" else written


def _execute_many(connection: Connection, sql: str, rows: Iterator[tuple[Any, ...]]) -> int:
    """Run a statement for all rows, some at a time; the number of rows touched."""
    touched = 0
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK_ROWS:
            touched += connection.exec_driver_sql(sql, chunk).rowcount
            chunk = []
    if chunk:
        touched += connection.exec_driver_sql(sql, chunk).rowcount
    return touched


def _insert_gpkg(
    connection: Connection, table: Table, columns: list[Column[Any]], frame: pd.DataFrame
) -> None:
    # A frame may bring children before their parents (units); keys are checked when the transaction ends.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    rows = _rows(columns, frame, connection.dialect)
    names = [column.name for column in columns]
    if "geom" not in names or len(frame) < _WORTH_SETTING_ASIDE:
        _execute_many(connection, _insert_sql(table, names), rows)
        return
    first = 1 + (connection.scalar(text(f'SELECT coalesce(max(id), 0) FROM "{table.name}"')) or 0)
    ids = range(first, first + len(frame))
    with _set_aside(connection, table, indexes=len(frame) >= first):
        numbered = ((id_, *row) for id_, row in zip(ids, rows, strict=True))
        _execute_many(connection, _insert_sql(table, ["id", *names]), numbered)
        _index_places(
            connection, table, np.arange(first, first + len(frame)), np.asarray(frame.geometry.array)
        )


def _insert_sql(table: Table, names: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join("?" * len(names))})'


@contextmanager
def _set_aside(connection: Connection, table: Table, *, indexes: bool) -> Iterator[None]:
    """Do without insert triggers for a while, and without indexes too if making them anew is quicker."""
    query = (
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND "
        "(type = 'trigger' AND sql LIKE '% INSERT ON %' OR type = 'index' AND sql IS NOT NULL AND ?)"
    )
    parts = connection.exec_driver_sql(query, (table.name, indexes)).all()
    for kind, name, _sql in parts:
        connection.exec_driver_sql(f'DROP {kind} "{name}"')
    yield
    for _kind, _name, sql in parts:
        connection.exec_driver_sql(sql)


def _index_places(connection: Connection, table: Table, ids: np.ndarray, geometries: np.ndarray) -> None:
    bounds = shapely.bounds(geometries)
    placed = ~np.isnan(bounds[:, 0])
    driver: Any = connection.connection.driver_connection
    name = f"rtree_{table.name}_geom"
    if rtree.is_empty(driver, name):
        rtree.fill(driver, name, ids[placed], bounds[placed])
        return
    rows = zip(ids[placed].tolist(), *bounds[placed][:, [0, 2, 1, 3]].T.tolist(), strict=True)
    _execute_many(connection, f'INSERT INTO "{name}" VALUES (?, ?, ?, ?, ?)', rows)


def _copy(connection: Connection, target: str, columns: list[Column[Any]], frame: pd.DataFrame) -> None:
    import psycopg  # a GeoPackage user may not have its libraries

    driver: Any = connection.connection.driver_connection
    listed = ", ".join(f'"{column.name}"' for column in columns)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {target} ({listed}) FROM STDIN") as copy:
            for row in _rows(columns, frame, connection.dialect):
                copy.write_row(row)
    except psycopg.Error as fault:
        raise in_words(fault) from fault


def _update_postgis(
    connection: Connection, table: Table, columns: list[Column[Any]], frame: pd.DataFrame, *, key: str
) -> int:
    listed = ", ".join(f'"{column.name}"' for column in columns)
    assignments = ", ".join(f'"{c.name}" = fresh."{c.name}"' for c in columns if c.name != key)
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS SELECT {listed} FROM "{table.name}" WITH NO DATA'
    )
    _copy(connection, "fresh", columns, frame)
    done = connection.exec_driver_sql(
        f'UPDATE "{table.name}" AS kept SET {assignments} FROM fresh WHERE kept."{key}" = fresh."{key}"'
    )
    connection.exec_driver_sql("DROP TABLE fresh")
    return done.rowcount
