"""The responsibility network: lines from holders to the villages they cover."""

from __future__ import annotations

from datetime import date

from geo.answers.theme import village_lines
from geo.store.engine import Store
from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import project_geometries
from layers.part import Part, Territory, gather


def load_network(store: Store, *, as_of: date, township: str) -> Part:
    """Lines that end in a township (``""``: all of them) as a part."""
    lines = village_lines(store, as_of=as_of, township=township)
    columns = {column: lines[column].to_numpy(dtype=object) for column in ("kind", "target_code")}
    return Part(project_geometries(lines.geometry.array), columns, Territory(lines["target_code"]))


def encode_network(request: TileRequest) -> bytes:
    """Tile layer ``network`` with ``kind`` and ``target`` (village code)."""
    parts = request.everywhere(LAYER)  # a leader's lines cross townships that they do not end in
    shapes = [part.shapes for part in parts]
    lines, columns = gather(parts, shapes, bounds=request.reach, reads=request.view.reads)
    carried = {"kind": columns["kind"], "target": columns["target_code"]}
    return mvt.encode_lines("network", lines, carried, request.bounds)


LAYER = MapLayer(
    "network",
    ("responsibilities", "cadres", "units", "villages"),
    load_network,
    encode_network,
    crosses_townships=True,
)
