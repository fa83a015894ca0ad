"""Villages that come first: their profile, goals and checklists, pictures, and getting them off the list."""

import sqlalchemy as sa
from alembic import op

from geo.store.migrations import helpers as make

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _indicators_and_designations()
    _profiles()
    _rectifications()
    _attachments()


def _one_standing(table: str, *columns: str) -> None:
    op.create_index(
        f"{table}_current",
        table,
        list(columns),
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def _village(*, required: bool = True, index: bool = False) -> sa.Column[str]:
    return make.reference("village_code", "village.code", required=required, index=index)


def _indicators_and_designations() -> None:
    op.add_column("village_indicator", sa.Column("organization_complete", sa.Boolean))
    op.add_column("village_indicator", make.text_column("source", 120))
    op.add_column("village_indicator", sa.Column("reported_on", sa.Date))
    op.add_column("designation", sa.Column("end_reason", sa.Text))
    op.add_column("designation", make.text_column("end_document_no", 80))


def _profiles() -> None:
    make.plain_table(
        "village_text",
        *make.recorded(),
        _village(),
        make.text_column("kind", 30, required=True),
        sa.Column("year", sa.Integer, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False),
        listed=False,
    )
    _one_standing("village_text", "village_code", "kind", "year")
    make.plain_table(
        "village_goal",
        *make.recorded(),
        _village(),
        sa.Column("year", sa.Integer, nullable=False),
        make.text_column("goal", 30, required=True),
        sa.Column("value", sa.Float),
        sa.Column("target", sa.Float),
        sa.Column("note", sa.Text),
        listed=False,
    )
    _one_standing("village_goal", "village_code", "year", "goal")
    make.plain_table(
        "checklist_entry",
        *make.recorded(),
        _village(),
        make.text_column("checklist", 30, required=True),
        make.text_column("item", 40, required=True),
        sa.Column("done_on", sa.Date),
        sa.Column("note", sa.Text),
        listed=False,
    )
    _one_standing("checklist_entry", "village_code", "checklist", "item")


def _rectifications() -> None:
    make.plain_table(
        "rectification",
        make.text_column("code", 40, required=True, unique=True),
        make.version(),
        make.text_column("subject_kind", 20, required=True),
        make.text_column("subject_code", 40, required=True, index=True),
        _village(required=False, index=True),
        make.text_column("cause", 40, required=True),
        sa.Column("round", sa.Integer, nullable=False, server_default="1"),
        make.reference("previous_code", "rectification.code", index=False),
        sa.Column("listed_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        make.text_column("recorded_by", 60, required=True),
        listed=False,
    )
    make.count_versions("rectification")
    make.plain_table(
        "rectification_event",
        make.reference("case_code", "rectification.code", required=True),
        make.text_column("action", 20, required=True),
        make.text_column("state", 20, required=True),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        make.text_column("recorded_by", 60, required=True),
        make.text_column("role", 20, required=True),
        sa.Column("due_on", sa.Date),
        make.text_column("responsible_code", 40),
        make.text_column("leader_code", 40),
        make.text_column("checker_code", 40),
        sa.Column("note", sa.Text),
        make.text_column("document_no", 80),
        listed=False,
    )
    make.forbid_changes("rectification_event")
    make.plain_table(
        "rectification_task",
        *make.recorded(),
        make.reference("case_code", "rectification.code", required=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        make.text_column("owner_code", 40),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("done_on", sa.Date),
        sa.Column("note", sa.Text),
        listed=False,
    )
    _one_standing("rectification_task", "case_code", "number")


def _attachments() -> None:
    make.plain_table(
        "attachment",
        *make.recorded(),
        make.text_column("code", 40, required=True, unique=True),
        _village(required=False, index=True),
        make.reference("case_code", "rectification.code"),
        sa.Column("task_number", sa.Integer),
        make.text_column("use", 20, required=True),
        make.text_column("title", 120, required=True),
        sa.Column("taken_on", sa.Date),
        make.text_column("media_type", 40, required=True),
        make.text_column("sha256", 64, required=True, index=True),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("pages", sa.Integer),
        make.text_column("removed_by", 60),
        listed=False,
    )
    make.plain_table(
        "attachment_content",
        make.text_column("sha256", 64, required=True, unique=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("preview", sa.LargeBinary),
        listed=False,
    )
