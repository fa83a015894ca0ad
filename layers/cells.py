"""Grid cells and whether each has an owner, none, or more than one."""

from __future__ import annotations

from datetime import date

from geo.answers.theme import cell_attributes
from geo.store.engine import Store
from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.part import Part, Territory, area_shapes, gather


def load_cells(store: Store, *, as_of: date, township: str) -> Part:
    """The cells of a township as a part."""
    frame = cell_attributes(store, as_of=as_of, township=township)
    columns = {column: frame[column].to_numpy(dtype=object) for column in ("code", "state")}
    return Part(area_shapes(frame), columns, Territory(frame["village_code"]))


def encode_cells(request: TileRequest) -> bytes:
    """Tile layer ``cells`` with ``code`` and ``state`` (unowned, owned, contested)."""
    shapes, columns = gather(
        request.touched, request.shapes_apart(), bounds=request.reach, reads=request.view.reads
    )
    return mvt.encode_polygons("cells", shapes, columns, request.bounds)


LAYER = MapLayer("cells", ("cells", "responsibilities"), load_cells, encode_cells)
