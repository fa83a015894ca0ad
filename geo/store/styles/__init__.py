"""How QGIS draws the layers of a GeoPackage store: QML and SLD in the colours of the application's map."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

STYLED_TABLES = ("village", "grid_cell", "household")

_FOLDER = Path(__file__).parent
_INSERT = text(
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
    "styleQML, styleSLD, useAsDefault, description, owner) "
    "VALUES ('', '', :table, 'geom', :table, :qml, :sld, true, 'minqing', '')"
)


def add_styles(connection: Connection) -> None:
    """Put the styles into a new GeoPackage, as the defaults of their layers."""
    connection.execute(
        _INSERT,
        [
            {"table": table, "qml": _read(f"{table}.qml"), "sld": _read(f"{table}.sld")}
            for table in STYLED_TABLES
        ],
    )


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
