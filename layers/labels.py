"""Names as points: sent only where the map has room to write them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from layers import mvt
from layers.maplayer import TileRequest
from layers.mercator import pixel_m
from layers.part import joined, picked

LEAST_ROOM_PX = 18
"""Narrower places get no name: not even two characters fit."""
NAME_MARGIN = 640
"""Names whose middle lies up to so many units outside are sent too: their ends reach into the tile."""


def encode_names(
    layer: str, request: TileRequest, *, columns: Sequence[str], reads: Collection[str]
) -> bytes:
    """A tile layer of name points with the given properties and ``room``, the pixels for the text."""
    reach_m = NAME_MARGIN / mvt.EXTENT * (request.bounds.east - request.bounds.west)
    near = request.bounds.grown(reach_m)
    least_m = LEAST_ROOM_PX * pixel_m(request.z)
    chosen = [
        part.touching(near) & (part.rooms_m >= least_m) & part.territory.within(reads)
        for part in request.touched
    ]
    properties = picked(request.touched, chosen)
    rooms_m = joined([part.rooms_m[rows] for part, rows in zip(request.touched, chosen, strict=True)])
    carried = {name: properties[name] for name in columns}
    carried["room"] = np.rint(rooms_m / pixel_m(request.z)).astype(int)
    xy = joined([part.names[rows] for part, rows in zip(request.touched, chosen, strict=True)])
    return mvt.encode_points(layer, xy, carried, request.bounds, margin=NAME_MARGIN)
