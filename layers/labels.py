"""Names as points: sent only where the map has room to write them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from layers import mvt
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import pixel_m
from layers.part import Part, joined, picked

LEAST_ROOM_PX = 18
"""Narrower places get no name: not even two characters fit."""
NAME_MARGIN = 640
"""Names whose middle lies up to so many units outside are sent too: their ends reach into the tile."""
SIGN_MARGIN = 320
"""Signs whose middle lies up to so many units outside a tile are sent too: they reach into it."""


def encode_names(
    name: str, request: TileRequest, layer: MapLayer, *, columns: Sequence[str], reads: Collection[str]
) -> bytes:
    """A tile layer of name points with the given properties and ``room``, the pixels for the text."""
    return encode_names_of(name, request, request.touched(layer), columns=columns, reads=reads)


def encode_names_of(
    name: str, request: TileRequest, parts: Sequence[Part], *, columns: Sequence[str], reads: Collection[str]
) -> bytes:
    """`encode_names` of given parts."""
    least_m = LEAST_ROOM_PX * pixel_m(request.z)
    chosen = [(part.rooms_m >= least_m) & part.territory.within(reads) for part in parts]
    properties = picked(parts, chosen)
    rooms_m = joined([part.rooms_m[rows] for part, rows in zip(parts, chosen, strict=True)])
    carried = {column: properties[column] for column in columns}
    carried["room"] = np.rint(rooms_m / pixel_m(request.z)).astype(int)
    xy = joined([part.points[rows] for part, rows in zip(parts, chosen, strict=True)])
    return mvt.encode_points(name, xy, carried, request.bounds, margin=NAME_MARGIN)
