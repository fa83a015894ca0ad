"""The GeoPackage's own tables, its spatial index and its checks (OGC 12-128r19, GeoPackage 1.4).

``create_base_tables`` must run on an empty file before it is switched to WAL: GDAL reads the application id
from the file itself. The other functions take a table that exists already and run inside the caller's
transaction.
"""

from __future__ import annotations

import sqlite3

_APPLICATION_ID = 0x47504B47  # "GPKG"
_VERSION = 10400
_WGS84 = 4326

_BASE_TABLES = f"""
PRAGMA application_id={_APPLICATION_ID};
PRAGMA user_version={_VERSION};
BEGIN IMMEDIATE;
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', ''),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', '');
COMMIT;
"""

# The triggers of the standard's r-tree extension, by the suffixes it gives them.
_RTREE_TRIGGERS = {
    "insert": """AFTER INSERT ON "{t}" WHEN {new} BEGIN
        INSERT OR REPLACE INTO "{r}" VALUES (NEW."{k}", {box}); END""",
    "update6": """AFTER UPDATE OF "{g}" ON "{t}" WHEN OLD."{k}" = NEW."{k}" AND {new} AND {old} BEGIN
        UPDATE "{r}" SET minx = ST_MinX(NEW."{g}"), maxx = ST_MaxX(NEW."{g}"),
            miny = ST_MinY(NEW."{g}"), maxy = ST_MaxY(NEW."{g}") WHERE id = NEW."{k}"; END""",
    "update7": """AFTER UPDATE OF "{g}" ON "{t}" WHEN OLD."{k}" = NEW."{k}" AND {new} AND NOT {old} BEGIN
        INSERT INTO "{r}" VALUES (NEW."{k}", {box}); END""",
    "update2": """AFTER UPDATE OF "{g}" ON "{t}" WHEN OLD."{k}" = NEW."{k}" AND NOT {new} BEGIN
        DELETE FROM "{r}" WHERE id = OLD."{k}"; END""",
    "update5": """AFTER UPDATE ON "{t}" WHEN OLD."{k}" != NEW."{k}" AND {new} BEGIN
        DELETE FROM "{r}" WHERE id = OLD."{k}";
        INSERT OR REPLACE INTO "{r}" VALUES (NEW."{k}", {box}); END""",
    "update4": """AFTER UPDATE ON "{t}" WHEN OLD."{k}" != NEW."{k}" AND NOT {new} BEGIN
        DELETE FROM "{r}" WHERE id IN (OLD."{k}", NEW."{k}"); END""",
    "delete": """AFTER DELETE ON "{t}" WHEN OLD."{g}" NOT NULL BEGIN
        DELETE FROM "{r}" WHERE id = OLD."{k}"; END""",
}
_PRESENT = '({row}."{g}" NOTNULL AND NOT ST_IsEmpty({row}."{g}"))'


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing at all yet."""
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def create_base_tables(connection: sqlite3.Connection, srid: int) -> None:
    """Make an empty file a GeoPackage that knows one coordinate system, and WGS 84 as it must."""
    import pyproj  # only a new file needs it

    connection.executescript(_BASE_TABLES)
    for known in (_WGS84, srid):
        crs = pyproj.CRS.from_epsg(known)
        connection.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, 'EPSG', ?, ?, '')",
            (crs.name, known, known, crs.to_wkt("WKT1_GDAL")),
        )


def register_attributes(connection: sqlite3.Connection, table: str) -> None:
    """List a table without geometry, so that QGIS and GDAL offer it."""
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        (table, table),
    )


def unregister(connection: sqlite3.Connection, table: str) -> None:
    """Take a table without geometry off the list again."""
    connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (table,))


def register_features(
    connection: sqlite3.Connection, table: str, column: str, *, geometry_type: str, srid: int
) -> None:
    """List a table with its geometry column, and give it type checks and an r-tree."""
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, ?)",
        (table, table, srid),
    )
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", (table, column, geometry_type, srid)
    )
    _add_type_checks(connection, table, column, geometry_type=geometry_type, srid=srid)
    _add_rtree(connection, table, column)


def _add_type_checks(
    connection: sqlite3.Connection, table: str, column: str, *, geometry_type: str, srid: int
) -> None:
    """Refuse another type or SRID, as PostGIS's ``geometry(type, srid)`` does; GDAL runs this too."""
    # GDAL answers ST_GeometryType with 'ST_Point' or 'POINT' by version, hence upper() and replace().
    wrong = (
        f'ST_SRID(NEW."{column}") <> {srid} OR '
        f"upper(replace(ST_GeometryType(NEW.\"{column}\"), 'ST_', '')) <> '{geometry_type}'"
    )
    for event, name in (("INSERT", "insert"), (f'UPDATE OF "{column}"', "update")):
        connection.execute(
            f'CREATE TRIGGER "geomcheck_{table}_{column}_{name}" BEFORE {event} ON "{table}" '
            f'WHEN NEW."{column}" NOTNULL AND ({wrong}) BEGIN '
            f"SELECT RAISE(ABORT, 'geometry of {table}.{column} must be {geometry_type}, SRID {srid}'); END"
        )


def _add_rtree(connection: sqlite3.Connection, table: str, column: str) -> None:
    rtree = f"rtree_{table}_{column}"
    connection.execute(f'CREATE VIRTUAL TABLE "{rtree}" USING rtree(id, minx, maxx, miny, maxy)')
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (table, column),
    )
    names = {
        "t": table,
        "g": column,
        "k": "id",
        "r": rtree,
        "new": _PRESENT.format(row="NEW", g=column),
        "old": _PRESENT.format(row="OLD", g=column),
        "box": ", ".join(f'ST_{bound}(NEW."{column}")' for bound in ("MinX", "MaxX", "MinY", "MaxY")),
    }
    for suffix, body in _RTREE_TRIGGERS.items():
        connection.execute(f'CREATE TRIGGER "{rtree}_{suffix}" {body.format(**names)}')
