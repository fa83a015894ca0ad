"""Ownership that stays true: changes with their records, former states of cells, dated registers."""

import sqlalchemy as sa
from alembic import op

from geo.store.migrations import helpers as make

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _records_of_changes()
    _former_cells()
    _dated_registers()
    _dated_areas()
    _changes()
    op.add_column("account", make.flag("must_change"))


def _period(*, index: bool = False) -> list[sa.Column[object]]:
    return [sa.Column("valid_from", sa.Date), sa.Column("valid_to", sa.Date, index=index)]


def _batched() -> list[sa.Column[object]]:
    return [
        *make.recorded(),
        make.text_column("batch", 40, index=True),
        make.text_column("closed_by", 40, index=True),
    ]


def _records_of_changes() -> None:
    op.add_column("responsibility", make.text_column("closed_by", 40))
    op.create_index("ix_responsibility_closed_by", "responsibility", ["closed_by"])
    op.create_index("ix_responsibility_batch", "responsibility", ["batch"])
    op.drop_index("ix_responsibility_target_code", "responsibility")
    op.create_index(
        "responsibility_target_kind",
        "responsibility",
        ["target_code", "kind", "superseded_at", "valid_from", "valid_to"],
    )
    # Nothing has ever written the first table of this name.
    make.drop_plain_table("lineage")
    make.plain_table(
        "lineage",
        *_batched(),
        make.text_column("parent_code", 40, required=True, index=True),
        make.text_column("child_code", 40, required=True, index=True),
        make.text_column("event", 20, required=True),
        sa.Column("happened_on", sa.Date, nullable=False),
    )


def _former_cells() -> None:
    op.add_column("grid_cell", sa.Column("recorded_at", sa.DateTime))
    make.plain_place_table(
        "cell_record",
        "MULTIPOLYGON",
        *_batched(),
        make.reference("code", "grid_cell.code", required=True),
        make.reference("village_code", "village.code", required=True),
        make.text_column("name", 80),
        *_period(index=True),
        make.flag("current"),
    )
    make.plain_table(
        "household_cell",
        *_batched(),
        make.reference("household_code", "household.code", required=True),
        make.reference("cell_code", "grid_cell.code", index=False),
        *_period(index=True),
        make.flag("current"),
    )


def _dated_registers() -> None:
    for table in ("household", "cadre", "unit", "area", "villager_group", "branch"):
        for column in _period():
            op.add_column(table, column)
    op.drop_index("ix_household_cell_code", "household")
    op.drop_index("ix_household_village_code", "household")
    op.create_index("household_cell_period", "household", ["cell_code", "valid_from", "valid_to"])
    counted = ["village_code", "cell_code", "valid_from", "valid_to", "code"]
    op.create_index("household_village_cell", "household", counted)


def _dated_areas() -> None:
    make.plain_table(
        "area_member",
        *_batched(),
        make.reference("area_code", "area.code", required=True),
        make.reference("village_code", "village.code", required=True),
        *_period(),
    )
    op.execute(
        "INSERT INTO area_member (recorded_at, recorded_by, area_code, village_code) "
        "SELECT '2000-01-01T00:00:00.000Z', 'system', area_code, village_code FROM area_village"
    )
    make.drop_plain_table("area_village")


def _changes() -> None:
    make.plain_table(
        "change",
        make.text_column("code", 40, required=True, unique=True),
        make.text_column("action", 40, required=True),
        make.text_column("state", 20, required=True),
        make.text_column("user", 60, required=True, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("townships", sa.JSON, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("request", sa.JSON),
        make.text_column("reverses", 40, index=True),
        make.text_column("decided_by", 60),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("decision", sa.Text),
        make.version(),
        listed=False,
    )
    make.count_versions("change")
    op.create_table(
        "edit_lock",
        sa.Column("code", sa.String(40), primary_key=True),
        make.text_column("user", 60, required=True),
        sa.Column("taken_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
