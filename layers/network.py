"""The responsibility network: lines from holders to the villages they cover."""

from __future__ import annotations

from datetime import date

from geo.access import SYSTEM
from geo.answers.network import network
from geo.store.engine import Store
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind
from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import project_geometries
from layers.part import Part, Territory, gather

KINDS = tuple(kind for kind, rule in RESPONSIBILITY_RULES.items() if EntityKind.VILLAGE in rule.targets)
"""Kinds that cover villages: county leader, team head, resident and township cadres."""


def load_network(store: Store, *, as_of: date, township: str) -> Part:
    """Lines that end in a township, as a part. What an account may see is decided when a tile is made."""
    lines, _table = network(store, SYSTEM, as_of=as_of, township=township, kinds=KINDS)
    columns = {column: lines[column].to_numpy(dtype=object) for column in ("kind", "target_code")}
    return Part(project_geometries(lines.geometry.array), columns, Territory(lines["target_code"]))


def encode_network(request: TileRequest) -> bytes:
    """Tile layer ``network`` with ``kind`` and ``target`` (village code)."""
    shapes = [part.shapes for part in request.touched]
    lines, columns = gather(request.touched, shapes, bounds=request.reach, reads=request.view.reads)
    carried = {"kind": columns["kind"], "target": columns["target_code"]}
    return mvt.encode_lines("network", lines, carried, request.bounds)


LAYER = MapLayer(
    "network",
    ("responsibilities", "cadres", "units", "villages", "townships"),
    load_network,
    encode_network,
    is_whole=True,
    crosses_townships=True,
)
