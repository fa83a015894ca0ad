"""Alembic's operations for the ``gpkg+shapely`` dialect are SQLite's; importing this makes them known."""

from alembic.ddl.sqlite import SQLiteImpl


class GpkgImpl(SQLiteImpl):
    """SQLite's operations under the dialect's own name."""

    __dialect__ = "gpkg"
