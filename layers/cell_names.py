"""Short numbers of cells and their household counts, sent only where the map has room to write them."""

from __future__ import annotations

from layers import cells
from layers.labels import encode_names
from layers.maplayer import MapLayer, TileRequest

COLUMNS = ("code", "name", "n")


def encode_cell_names(request: TileRequest) -> bytes:
    """Tile layer ``cell_names``: ``code``, ``name`` (the last three digits), ``n`` households, ``room``."""
    return encode_names("cell_names", request, cells.LAYER, columns=COLUMNS, reads=request.view.reads)


LAYER = MapLayer("cell_names", cells.LAYER.watches, cells.load_cells, encode_cell_names)
"""Drawn from the parts of the cells themselves."""
