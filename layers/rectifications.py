"""Villages on the list (挂牌销号): how urgent their rectification is, and which came off it of late."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from geo.access import SYSTEM
from geo.answers.rectifications import case_table
from geo.operations.rectification.case import LAYER as RECTIFICATIONS
from geo.operations.thresholds import LAYER as RULES
from geo.store.engine import Store
from geo.vocabulary import CaseStatus
from layers.maplayer import MapLayer, TileRequest
from layers.part import Part, Territory
from layers.village_shapes import (
    encode_marked,
    encode_marked_names,
    encode_marked_signs,
    marked_villages,
)

CLOSED_SHOWN = timedelta(days=365)
"""So long a village that was struck off stays on the map."""
_ON_SHAPES, _ON_NAMES = ("status", "state"), ("status",)


def load_rectifications(store: Store, *, as_of: date, township: str) -> Part:
    """The villages of a township with a case of their own or of a branch, as a part without shapes.

    Of several cases the most urgent one: ``status`` (`CaseStatus`) and ``state``. Cases that were withdrawn,
    or closed long ago, are not shown.
    """
    table = case_table(
        store, SYSTEM, as_of=as_of, township=township
    )  # who sees which is for the tiles to say
    lasting = [day is None or day > as_of - CLOSED_SHOWN for day in table["closed_on"]]
    shown = table["village_code"].notna() & (table["status"] != str(CaseStatus.WITHDRAWN))
    worst = table[shown.to_numpy(bool) & np.array(lasting, dtype=bool)].drop_duplicates("village_code")
    code = worst["village_code"].to_numpy(dtype=object)
    columns = {name: worst[name].to_numpy(dtype=object) for name in _ON_SHAPES}
    return Part(None, {"code": code, **columns}, Territory(code))


def encode_rectifications(request: TileRequest) -> bytes:
    """Tile layers of villages with ``status``: ``rectifications`` (also ``state``), signs and names."""
    reads = request.view.reads
    villages = marked_villages(request, request.touched(LAYER), _ON_SHAPES)
    return b"".join(
        [
            encode_marked("rectifications", request, villages, _ON_SHAPES, reads=reads),
            encode_marked_signs("rectification_signs", request, villages, _ON_NAMES, reads=reads),
            encode_marked_names("rectification_names", request, villages, _ON_NAMES, reads=reads),
        ]
    )


LAYER = MapLayer(
    "rectifications",
    ("villages", RECTIFICATIONS, RULES),
    load_rectifications,
    encode_rectifications,
)
