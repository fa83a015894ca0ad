"""Gaps that cannot hide: thresholds a county has set for itself, and drafts of plans that close gaps."""

import sqlalchemy as sa
from alembic import op

from geo.store.migrations import helpers as make

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _rule_values()
    _gap_drafts()


def _rule_values() -> None:
    # Not offered by QGIS: a threshold is set with a reason, by the department, and audited.
    make.plain_table(
        "rule_value",
        *make.recorded(),
        make.text_column("name", 60, required=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        listed=False,
    )
    op.create_index(
        "rule_value_current",
        "rule_value",
        ["name", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def _gap_drafts() -> None:
    make.plain_table(
        "gap_draft",
        make.text_column("code", 40, required=True, unique=True),
        make.text_column("name", 80, required=True),
        make.text_column("user", 60, required=True, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        make.text_column("township", 9, required=True, server_default=""),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        make.version(),
        listed=False,
    )
    make.count_versions("gap_draft")
