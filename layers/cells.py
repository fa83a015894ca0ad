"""Grid cells: whether each has an owner, none, or more than one, and how many households it has."""

from __future__ import annotations

from datetime import date

from geo.answers.theme import cell_attributes
from geo.codes import VILLAGE
from geo.store.engine import Store
from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.part import Part, Territory, area_shapes, gather, inner_points, rooms_around


def load_cells(store: Store, *, as_of: date, township: str) -> Part:
    """The cells of a township as a part; ``name`` is a cell's number in its village.

    ``n`` counts its households, ``unpaired`` those that must be paired and are not.
    """
    frame = cell_attributes(store, as_of=as_of, township=township)
    shapes = area_shapes(frame)
    places = inner_points(shapes)
    columns = {
        "code": frame["code"].to_numpy(dtype=object),
        "name": frame["code"].str[VILLAGE:].to_numpy(dtype=object),
        "state": frame["state"].to_numpy(dtype=object),
        "n": frame["households"].to_numpy(dtype=int),
        "unpaired": (frame["households_due"] - frame["households_paired"]).to_numpy(dtype=int),
    }
    return Part(shapes, columns, Territory(frame["village_code"]), places, rooms_around(shapes, places))


def encode_cells(request: TileRequest) -> bytes:
    """Tile layer ``cells`` with ``code`` and ``state`` (unowned, owned, contested)."""
    parts, shapes = request.touched(LAYER), request.shapes_apart(LAYER)
    shapes, columns = gather(parts, shapes, bounds=request.reach, reads=request.view.reads)
    carried = {name: columns[name] for name in ("code", "state")}
    return mvt.encode_polygons("cells", shapes, carried, request.bounds)


LAYER = MapLayer("cells", ("cells", "households", "responsibilities", "rules"), load_cells, encode_cells)
