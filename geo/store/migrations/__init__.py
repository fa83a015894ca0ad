"""Alembic's revisions of the store; they run on GeoPackage and PostGIS alike."""
