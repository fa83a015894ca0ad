"""One county: territory, people, responsibility, and the records kept about them."""

import sqlalchemy as sa
from alembic import op

from geo.store.gpkg import ddl
from geo.store.migrations import helpers as make

revision = "0001"
down_revision = None


def upgrade() -> None:
    if not make.is_gpkg():
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    make.create_version_function()
    _territory()
    _people()
    _records()
    _machinery()


def _name() -> sa.Column[str]:
    return make.text_column("name", 80, required=True)


def _territory() -> None:
    make.place_table("county", "MULTIPOLYGON", _name())
    make.place_table("township", "MULTIPOLYGON", _name())
    make.place_table(
        "village",
        "MULTIPOLYGON",
        _name(),
        make.reference("township_code", "township.code", required=True),
        make.text_column("kind", 20, required=True, server_default="village"),
        make.flag("old_revolutionary"),
        make.flag("ethnic_minority"),
    )
    make.coded_table("area", _name())
    make.plain_table(
        "area_village",
        make.reference("area_code", "area.code", required=True, index=False),
        make.reference("village_code", "village.code", required=True),
        sa.UniqueConstraint("area_code", "village_code"),
    )
    make.coded_table("villager_group", _name(), make.reference("village_code", "village.code", required=True))
    make.coded_table("branch", _name(), make.reference("village_code", "village.code"))
    make.place_table(
        "grid_cell",
        "MULTIPOLYGON",
        make.text_column("name", 80),
        make.reference("village_code", "village.code", required=True),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
    )


def _people() -> None:
    make.place_table(
        "household",
        "POINT",
        make.reference("village_code", "village.code", required=True),
        make.reference("cell_code", "grid_cell.code"),
        make.reference("group_code", "villager_group.code", index=False),
        make.text_column("head_name", 40),
        make.text_column("phone", 20),
        sa.Column("people", sa.Integer),
        make.flag("hardship"),
    )
    make.coded_table(
        "unit",
        make.text_column("name", 80, required=True),
        make.text_column("kind", 20, required=True, server_default="other"),
        make.reference("parent_code", "unit.code", index=False),
    )
    make.place_table(
        "cadre",
        "POINT",
        make.text_column("name", 40, required=True),
        make.reference("unit_code", "unit.code"),
        make.text_column("level", 20),
        make.text_column("duty", 60),
        make.text_column("phone", 20),
    )


def _records() -> None:
    make.plain_table(
        "responsibility",
        *make.recorded(),
        make.text_column("kind", 20, required=True),
        make.text_column("holder_code", 40, required=True, index=True),
        make.text_column("target_code", 40, required=True, index=True),
        make.text_column("rank", 20, required=True, server_default="primary"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("reason", sa.Text),
        make.text_column("batch", 40),
    )
    _indicators()
    make.plain_table(
        "designation",
        *make.recorded(),
        make.reference("village_code", "village.code", required=True),
        make.text_column("label", 30, required=True),
        make.text_column("cause", 40),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("reason", sa.Text, nullable=False),
        make.text_column("document_no", 80),
    )
    make.plain_table(
        "lineage",
        make.text_column("parent_code", 40, required=True, index=True),
        make.text_column("child_code", 40, required=True, index=True),
        make.text_column("event", 20, required=True),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )


def _indicators() -> None:
    counts = (
        "households people party_members new_members_3y reserve_cadres people_away people_farming "
        "assessment_rank disputes_open petitions"
    )
    make.plain_table(
        "village_indicator",
        *make.recorded(),
        make.reference("village_code", "village.code", required=True, index=False),
        sa.Column("year", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Integer) for name in counts.split()),
        sa.Column("candidate_list_ready", sa.Boolean),
        *(
            sa.Column(name, sa.Float)
            for name in ("income_total_yuan", "income_own_yuan", "satisfaction_ratio")
        ),
        sa.Column("secretary_vacant_since", sa.Date),
    )
    current = sa.text("superseded_at IS NULL")
    op.create_index(
        "village_indicator_current",
        "village_indicator",
        ["village_code", "year"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def _machinery() -> None:
    """Tables that QGIS has no business with are not listed."""
    make.plain_table(
        "account",
        make.text_column("user", 60, required=True, unique=True),
        make.text_column("role", 20, required=True),
        sa.Column("scopes", sa.JSON, nullable=False),
        make.text_column("password_hash", 200, required=True),
        make.flag("disabled"),
        sa.Column("session_epoch", sa.Integer, nullable=False, server_default="0"),
        make.version(),
        listed=False,
    )
    make.count_versions("account")
    make.plain_table(
        "audit",
        sa.Column("at", sa.DateTime, nullable=False),
        make.text_column("user", 60, required=True),
        make.text_column("os_user", 60),
        make.text_column("action", 40, required=True),
        make.text_column("subject", 60, index=True),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("reason", sa.Text),
        make.text_column("previous_hash", 64, required=True),
        make.text_column("hash", 64, required=True, unique=True),
    )
    make.forbid_changes("audit")
    op.create_table(
        "data_version",
        sa.Column("layer", sa.String(30), primary_key=True),
        sa.Column("township_code", sa.String(9), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _edits()
    if make.is_gpkg():
        _style_table()


def _edits() -> None:
    """What QGIS edits on the map: everything that has a place there."""
    make.create_edit_function()
    make.count_edits("township", "townships", "{row}.code")
    make.count_edits("village", "villages", "{row}.township_code")
    make.count_edits("grid_cell", "cells", "substr({row}.village_code, 1, 9)")
    make.count_edits("household", "households", "substr({row}.village_code, 1, 9)")
    make.count_edits("cadre", "cadres", "''")


def _style_table() -> None:
    """Where QGIS looks for the styles of a GeoPackage's layers; `geo.store.styles` fills it."""
    op.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
        "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
        "f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, "
        "useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
        "update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
    )
    ddl.register_attributes(make.sqlite_connection(), "layer_styles")
