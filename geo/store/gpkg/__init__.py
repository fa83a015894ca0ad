"""The ``gpkg+shapely`` dialect: a GeoPackage as an SQL database, answered by shapely.

Plain Python's sqlite3 is enough: no SpatiaLite, no native extension. ``blob`` knows the geometry format,
``functions`` what SQL may ask of a geometry, ``ddl`` the GeoPackage's own tables, and ``dialect`` ties them
to SQLAlchemy under the names that PostGIS uses.
"""

from sqlalchemy.dialects import registry

from geo.store.gpkg.dialect import ShapelyGpkg

registry.register("gpkg.shapely", "geo.store.gpkg.dialect", "ShapelyGpkg")

__all__ = ["ShapelyGpkg"]
