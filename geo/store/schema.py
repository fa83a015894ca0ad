"""How a database gets its tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from geo.store.styles import add_styles

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is open already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def create_schema(connection: Connection) -> None:
    """Bring an empty database to the newest revision, inside the connection's transaction."""
    upgrade_schema(connection)
    if connection.dialect.name == "gpkg":
        add_styles(connection)


def upgrade_schema(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a later revision (the newest one), inside the connection's transaction."""
    command.upgrade(alembic_config(connection), revision)


def head_revision() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()
