"""Villages: borders, names, labels, income class and whether a priority village has its resident cadre."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from geo.answers.theme import village_attributes
from geo.store.engine import Store
from geo.vocabulary import VillageLabel
from layers import mvt
from layers.labels import encode_names
from layers.maplayer import MapLayer, TileRequest
from layers.part import Part, Territory, area_shapes, gather, label_places

INCOME_CLASSES = ("hollow", "poor", "low", "middle", "high", "unknown")
INCOME_BREAKS_YUAN = (100_000, 500_000)
"""Steps of the picture above the poverty line, which itself comes from the rules."""

LABELS = tuple(str(label) for label in VillageLabel)
ON_SHAPES = ("code", "income", "unstaffed", *LABELS)
ON_NAMES = ("code", "name", "unstaffed", *LABELS)


def load_villages(store: Store, *, as_of: date, township: str) -> Part:
    """The villages of a township as a part."""
    frame = village_attributes(store, as_of=as_of, township=township)
    shapes = area_shapes(frame)
    names, rooms_m = label_places(shapes)
    return Part(shapes, village_columns(frame), Territory(frame["code"]), names, rooms_m)


def village_columns(frame: Any) -> dict[str, Any]:
    """Tile properties of villages: a flag is there when it holds and missing when not."""
    flags = {label: flag(frame[label]) for label in LABELS}
    return {
        "code": frame["code"].to_numpy(dtype=object),
        "name": frame["name"].to_numpy(dtype=object),
        "income": income_class(frame),
        "unstaffed": flag(frame["priority"] & ~frame["staffed"]),
        **flags,
    }


def flag(values: Any) -> Any:
    """True where a condition holds, None elsewhere (so that the tile does not carry it)."""
    holds = values.fillna(False).to_numpy(dtype=bool)
    return np.where(holds, np.array(True, dtype=object), np.array(None, dtype=object))


def income_class(frame: Any) -> Any:
    """Class of each village by its own income; ``hollow`` and ``poor`` are what the rules say."""
    income = frame["income_own_yuan"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    step = np.searchsorted(INCOME_BREAKS_YUAN, np.nan_to_num(income), side="right")
    classes = np.array(INCOME_CLASSES[2:5], dtype=object)[step]
    classes[np.isnan(income)] = "unknown"
    classes[frame["poor"].fillna(False).to_numpy(dtype=bool)] = "poor"
    classes[frame["hollow"].fillna(False).to_numpy(dtype=bool)] = "hollow"
    return classes


def encode_villages(request: TileRequest) -> bytes:
    """Tile layers ``villages`` and ``village_names``."""
    parts, reads = request.touched(LAYER), request.view.reads
    shapes, columns = gather(parts, request.shapes_together(LAYER), bounds=request.reach, reads=reads)
    carried = {name: columns[name] for name in ON_SHAPES}
    return mvt.encode_polygons("villages", shapes, carried, request.bounds) + encode_names(
        "village_names", request, LAYER, columns=ON_NAMES, reads=reads
    )


LAYER = MapLayer(
    "villages",
    ("villages", "indicators", "designations", "responsibilities", "rules"),
    load_villages,
    encode_villages,
)
