"""SQLAlchemy's view of a GeoPackage: types, r-tree use, connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import shapely
from geoalchemy2 import Geometry, WKBElement
from geoalchemy2 import functions as spatial
from sqlalchemy import Table
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler, SQLiteTypeCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import DateTime

from geo.crs import STORED_SRID
from geo.store.gpkg import blob as blobs
from geo.store.gpkg import ddl, functions

_PRAGMAS = (
    "foreign_keys = ON",
    "synchronous = FULL",
    "recursive_triggers = OFF",
    "cache_size = -65536",
)


_parse_text = lru_cache(maxsize=64)(blobs.parse)


class BlobGeometry(Geometry):
    """Geometry that travels as a GeoPackage blob, without conversion in SQL."""

    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        """Bind the blob as it is."""
        return bindvalue

    def column_expression(self, col: Any) -> Any:
        """Select the blob as it is."""
        return col

    def bind_processor(self, dialect: Any) -> Callable[[Any], bytes | None]:
        """Blob of whatever the application passes; None stays None."""

        def process(value: Any) -> bytes | None:
            if value is None:
                return None
            # A text is most often a query's constant, which SQLAlchemy binds once for each of its places.
            blob = _parse_text(value, self.srid) if isinstance(value, str) else blobs.parse(value, self.srid)
            if shapely.has_z(blobs.decode(blob)):
                raise ValueError("geometry has a Z dimension, the column has none")
            return blob

        return process

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], WKBElement | None]:
        """GeoAlchemy2 element of a blob."""

        def process(value: Any) -> WKBElement | None:
            return None if value is None else WKBElement(blobs.as_ewkb(value), srid=self.srid, extended=True)

        return process


class GpkgDateTime(DateTime):
    """A moment in the one form a GeoPackage DATETIME allows: ``2026-05-01T08:00:00.000Z``."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], str | None]:
        """Text with milliseconds."""

        def process(value: datetime | None) -> str | None:
            return None if value is None else value.isoformat(timespec="milliseconds") + "Z"

        return process

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], datetime | None]:
        """Moment without a zone."""

        def process(value: str | None) -> datetime | None:
            return None if value is None else datetime.fromisoformat(value).replace(tzinfo=None)

        return process


def _rtree_test(compiler: SQLiteCompiler, column: Any, other: Any, **kw: Any) -> str | None:
    """``id IN (SELECT id FROM rtree_…)`` when ``column`` is a stored geometry column, else None."""
    base = next(iter(getattr(column, "base_columns", ())), None)
    table = getattr(base, "table", None)
    if base is None or not isinstance(table, Table) or not isinstance(base.type, Geometry):
        return None
    key = compiler.process(column.table.c.id, **kw)
    box = compiler.process(other, **kw)
    return (
        f'{key} IN (SELECT id FROM "rtree_{table.name}_{base.name}" WHERE minx <= ST_MaxX({box})'
        f" AND maxx >= ST_MinX({box}) AND miny <= ST_MaxY({box}) AND maxy >= ST_MinY({box}))"
    )


def _either_rtree_test(compiler: SQLiteCompiler, left: Any, right: Any, **kw: Any) -> str | None:
    return _rtree_test(compiler, left, right, **kw) or _rtree_test(compiler, right, left, **kw)


def _compile_predicate(element: Any, compiler: SQLiteCompiler, **kw: Any) -> str:
    """A predicate on a stored column asks the r-tree first and is exact afterwards."""
    left, right = element.clauses
    exact = f"{element.identifier}({compiler.process(element.clauses, **kw)})"
    test = _either_rtree_test(compiler, left, right, **kw)
    return f"({test} AND {exact})" if test else exact


for _name in functions.INDEXED_PREDICATES:
    compiles(getattr(spatial, f"ST_{_name}"), "gpkg")(_compile_predicate)


class GpkgCompiler(SQLiteCompiler):
    """SQL that lets SQLite use the r-tree."""

    def visit_is_true_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        """Leave out SQLAlchemy's ``= 1`` behind a predicate: with it SQLite could not use the index."""
        if isinstance(element.element, FunctionElement):
            return str(self.process(element.element, **kw))
        return str(super().visit_is_true_unary_operator(element, operator, **kw))  # type: ignore[no-untyped-call]

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> str:
        """Bounding boxes meet: ``geom && box``, one side of which is a stored column."""
        if operator.opstring != "&&":
            return str(super().visit_custom_op_binary(element, operator, **kw))  # type: ignore[no-untyped-call]
        test = _either_rtree_test(self, element.left, element.right, **kw)
        if test is None:
            raise NotImplementedError("&& needs a stored geometry column on one side")
        return test


class GpkgTypeCompiler(SQLiteTypeCompiler):
    """GeoPackage knows few type names, and GDAL drops columns of any other."""

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        """Text of a length."""
        return f"TEXT({type_.length})" if type_.length else "TEXT"

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Every number with a fraction."""
        return "DOUBLE"

    def visit_JSON(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """JSON is text."""
        return "TEXT"

    def visit_user_defined(self, type_: Any, **kw: Any) -> str:
        """Geometry columns are declared by their geometry's type."""
        if isinstance(type_, Geometry):
            return str(type_.geometry_type)
        return str(super().visit_user_defined(type_, **kw))


class ShapelyGpkg(SQLiteDialect_pysqlite):
    """``gpkg+shapely:////path/to/file.gpkg``."""

    name = "gpkg"
    driver = "shapely"
    supports_statement_cache = True
    statement_compiler = GpkgCompiler
    type_compiler_cls = GpkgTypeCompiler
    colspecs = {**SQLiteDialect_pysqlite.colspecs, Geometry: BlobGeometry, DateTime: GpkgDateTime}
    ischema_names: dict[str, Any] = {
        **SQLiteDialect_pysqlite.ischema_names,
        "MULTIPOLYGON": partial(Geometry, "MULTIPOLYGON", srid=STORED_SRID),
        "POINT": partial(Geometry, "POINT", srid=STORED_SRID),
    }

    def on_connect(self) -> Callable[[Any], None]:
        """Prepare a connection: base tables in a new file, settings, functions."""
        prepare = super().on_connect()

        def connect(connection: Any) -> None:
            if prepare is not None:
                prepare(connection)
            connection.isolation_level = None  # the store begins transactions itself
            if ddl.is_blank(connection):
                ddl.create_base_tables(connection, STORED_SRID)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            functions.register(connection)

        return connect
