"""What a revision needs and the two databases do differently.

Append to this module, never change what a published revision used.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo.store.gpkg import ddl

SRID = 4490


def is_gpkg() -> bool:
    """Whether this run changes a GeoPackage."""
    return op.get_bind().dialect.name == "gpkg"


def sqlite_connection() -> sqlite3.Connection:
    """The driver's connection of a GeoPackage."""
    connection: Any = op.get_bind().connection.driver_connection
    return connection  # type: ignore[no-any-return]


def geometry(kind: str) -> sa.Column[Any]:
    """The geometry column; `place_table` makes its index."""
    return sa.Column("geom", Geometry(kind, srid=SRID, spatial_index=False))


def text_column(name: str, length: int, *, required: bool = False, **options: Any) -> sa.Column[Any]:
    """A text of limited length."""
    return sa.Column(name, sa.String(length), nullable=not required, **options)


def reference(name: str, target: str, *, required: bool = False, index: bool = True) -> sa.Column[Any]:
    """A code that must exist in another table."""
    return sa.Column(name, sa.String(40), sa.ForeignKey(target), nullable=not required, index=index)


def flag(name: str) -> sa.Column[Any]:
    """True or false, false unless said."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("false"))


def version() -> sa.Column[Any]:
    """How often a row was changed."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def recorded() -> list[sa.Column[Any]]:
    """When and by whom a statement was made, and when it was superseded."""
    return [
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        text_column("recorded_by", 60, required=True),
        sa.Column("superseded_at", sa.DateTime),
    ]


def plain_table(name: str, *columns: Any, listed: bool = True) -> None:
    """A table without place; ``listed`` tables are offered by QGIS."""
    op.create_table(name, sa.Column("id", sa.Integer, primary_key=True), *columns)
    if listed and is_gpkg():
        ddl.register_attributes(sqlite_connection(), name)


def coded_table(name: str, *columns: Any) -> None:
    """A table of things with a code and a version, without place."""
    plain_table(name, text_column("code", 40, required=True, unique=True), version(), *columns)
    count_versions(name)


def place_table(name: str, kind: str, *columns: Any) -> None:
    """A table of things with a code, a version and a place."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        text_column("code", 40, required=True, unique=True),
        version(),
        *columns,
        geometry(kind),
    )
    _index_place(name, kind)
    count_versions(name)


def plain_place_table(name: str, kind: str, *columns: Any) -> None:
    """A table of records with a place, which have no code or version of their own."""
    op.create_table(name, sa.Column("id", sa.Integer, primary_key=True), *columns, geometry(kind))
    _index_place(name, kind)


def drop_plain_table(name: str) -> None:
    """Remove a table that `plain_table` made."""
    op.drop_table(name)
    if is_gpkg():
        ddl.unregister(sqlite_connection(), name)


def _index_place(name: str, kind: str) -> None:
    if is_gpkg():
        ddl.register_features(sqlite_connection(), name, "geom", geometry_type=kind, srid=SRID)
    else:
        op.create_index(f"idx_{name}_geom", name, ["geom"], postgresql_using="gist")


def count_versions(table: str) -> None:
    """A trigger that counts a row's changes when who changed it did not (QGIS, psql)."""
    if is_gpkg():
        op.execute(
            f'CREATE TRIGGER "{table}_version" AFTER UPDATE ON "{table}" WHEN NEW.version = OLD.version '
            f'BEGIN UPDATE "{table}" SET version = OLD.version + 1 WHERE id = NEW.id; END'
        )
    else:
        op.execute(
            f'CREATE TRIGGER "{table}_version" BEFORE UPDATE ON "{table}" FOR EACH ROW '
            "WHEN (NEW.version = OLD.version) EXECUTE FUNCTION count_version()"
        )


def count_edits(table: str, layer: str, township: str) -> None:
    """Triggers that count every write to a table in ``data_version``, so that caches notice QGIS's edits too.

    Parameters
    ----------
    township : str
        SQL expression over the table's columns, each written as ``{row}.name``.
    """
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        name = f"{table}_edit_{event}_{row}".lower()
        if is_gpkg():
            op.execute(
                f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" BEGIN '
                f"INSERT INTO data_version VALUES ('{layer}', {township.format(row=row)}, 1) "
                "ON CONFLICT (layer, township_code) DO UPDATE SET version = version + 1; END"
            )
            continue
        quoted = township.format(row="changed").replace("'", "''")
        op.execute(
            f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" REFERENCING {row} TABLE AS changed '
            f"FOR EACH STATEMENT EXECUTE FUNCTION count_edit('{layer}', '{quoted}')"
        )


def create_edit_function() -> None:
    """What PostgreSQL's edit triggers call; sorted, so that two writers never wait for each other."""
    if not is_gpkg():
        op.execute(
            "CREATE FUNCTION count_edit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN EXECUTE format("
            "'INSERT INTO data_version SELECT DISTINCT %L, %s, 1 FROM changed ORDER BY 2 "
            "ON CONFLICT (layer, township_code) DO UPDATE SET version = data_version.version + 1', "
            "TG_ARGV[0], TG_ARGV[1]); RETURN NULL; END$$"
        )


def create_version_function() -> None:
    """What PostgreSQL's version triggers call."""
    if not is_gpkg():
        op.execute(
            "CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.version := OLD.version + 1; RETURN NEW; END$$"
        )


def forbid_changes(table: str) -> None:
    """Triggers that refuse to change or delete a row."""
    if is_gpkg():
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER "{table}_no_{change.lower()}" BEFORE {change} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{table} is append-only'; END$$"
    )
    op.execute(
        f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
