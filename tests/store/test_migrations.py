"""The revisions make exactly the tables that the models declare, on both databases."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, text

from geo.store.engine import REVISION, Store
from geo.store.migrations.gpkg_impl import GpkgImpl
from geo.store.models import Base
from geo.store.village_models import VillageText


def _is_ours(thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out what the GeoPackage and PostGIS need for themselves, and their spatial indexes."""
    if kind == "table":
        return name in Base.metadata.tables
    return not (kind == "index" and name is not None and name.startswith("idx_") and name.endswith("_geom"))


def _type_differs(_context: Any, _inspected: Any, _column: Any, _found: Any, declared: Any) -> bool | None:
    return False if isinstance(declared, JSON) else None


def test_models_and_revisions_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": _is_ours,
                "compare_type": _type_differs,
                "target_metadata": Base.metadata,
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    assert GpkgImpl.__dialect__ == "gpkg"
    assert VillageText.__tablename__ in Base.metadata.tables


def test_the_comparison_would_notice_a_missing_column(store: Store) -> None:
    with store.write() as session:
        session.execute(text("ALTER TABLE setting DROP COLUMN value"))
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": _is_ours, "target_metadata": Base.metadata}
        )
        found = compare_metadata(context, Base.metadata)
    assert [(change[0], change[3].name) for change in found if change[0] == "add_column"] == [
        ("add_column", "value")
    ]


def test_every_placed_table_has_a_spatial_index(store: Store) -> None:
    query = (
        "SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'"
        if store.is_gpkg
        else "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%USING gist%' AND schemaname = 'public'"
    )
    placed = [table for table in Base.metadata.tables.values() if "geom" in table.c]
    with store.read() as session:
        assert session.scalar(text(query)) == len(placed) == 7


def test_a_store_says_its_revision(store: Store) -> None:
    with store.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
