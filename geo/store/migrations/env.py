"""Alembic's entry: runs the revisions on a connection that the store hands over, inside its transaction."""

from alembic import context

import geo.store.migrations.gpkg_impl  # noqa: F401 - makes the dialect known to Alembic

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
