"""The five levels of responsibility by village: whole, or the first level that is missing."""

from __future__ import annotations

from datetime import date

import numpy as np

from geo.answers.theme import chain_attributes
from geo.operations.thresholds import LAYER as RULES
from geo.store.engine import Store
from layers.maplayer import MapLayer, TileRequest
from layers.part import Part, Territory
from layers.village_shapes import encode_marked, encode_marked_names, marked_villages

WHOLE = "whole"
"""What ``first`` says of a village whose chain lacks nothing."""
_ON_SHAPES, _ON_NAMES = ("first",), ("first", "n", "complete")


def load_chain(store: Store, *, as_of: date, township: str) -> Part:
    """The villages of a township as a part without shapes.

    ``first`` is the first missing level, ``n`` counts households and ``complete`` those whose own chain is.
    """
    frame = chain_attributes(store, as_of=as_of, township=township)
    first = frame["first_missing"]
    columns = {
        "code": frame["code"].to_numpy(dtype=object),
        "first": np.where(first.isna(), WHOLE, first).astype(object),
        "n": frame["households"].to_numpy(dtype=int),
        "complete": frame["households_whole"].to_numpy(dtype=int),
    }
    return Part(None, columns, Territory(frame["code"]))


def encode_chain(request: TileRequest) -> bytes:
    """Tile layers ``chains`` (``first``) and ``chain_names`` (also ``n``, ``complete``)."""
    reads = request.view.reads
    villages = marked_villages(request, request.touched(LAYER), _ON_NAMES)
    return encode_marked("chains", request, villages, _ON_SHAPES, reads=reads) + encode_marked_names(
        "chain_names", request, villages, _ON_NAMES, reads=reads
    )


LAYER = MapLayer(
    "chain",
    ("villages", "households", "groups", "branches", "areas", "responsibilities", RULES),
    load_chain,
    encode_chain,
)
