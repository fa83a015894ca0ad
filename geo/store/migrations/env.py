"""Alembic's entry: runs the revisions on a connection that the store hands over, inside its transaction."""

from alembic import context
from alembic.ddl.sqlite import SQLiteImpl


class GpkgImpl(SQLiteImpl):
    """Alembic's operations for the ``gpkg+shapely`` dialect are SQLite's."""

    __dialect__ = "gpkg"


context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
