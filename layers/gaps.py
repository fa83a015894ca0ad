"""Gaps of responsibility that have a place, from the same book as every list of gaps.

What the book (`geo.answers.gap_book`) says is kept ready by `layers.gap_watch`; nothing is worked out here.
Cells without an officer or with several are drawn from the cells themselves (`layers.cells`).
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import numpy as np
import shapely

from geo.answers.refresh import LAYERS_READ
from geo.operations.thresholds import LAYER as RULES
from geo.store.engine import Store
from layers import mvt
from layers.gap_picture import VILLAGE_FLAGS
from layers.gap_watch import PICTURE, watch_of
from layers.households import SINGLE_FROM_ZOOM
from layers.labels import SIGN_MARGIN
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import pixel_m
from layers.part import NOTHING, Part, gather, joined, picked
from layers.pyramid import FULL_DETAIL_ZOOM
from layers.village_shapes import encode_marked, encode_marked_names, marked_villages

WATCHES = (*LAYERS_READ, RULES, PICTURE)
FLAGS = tuple(VILLAGE_FLAGS)


def load(store: Store, *, as_of: date, township: str, what: str) -> Part:
    """One part of the day's `layers.gap_picture.GapPicture`, of a township or (``""``) whole."""
    part: Part = getattr(watch_of(store).picture(as_of), what)
    return part.by_township([township])[township] if township else part


def prepare(store: Store, as_of: date, number: int) -> None:
    """See to it that the gaps of a day are looked for."""
    watch_of(store).want(store, as_of, number)


def encode_gaps(request: TileRequest) -> bytes:
    """Tile layers of gaps.

    ``gap_areas``, ``gap_places`` and ``household_gaps`` have a ``kind``, ``gap_villages`` and
    ``gap_village_names`` a flag each of `VILLAGE_FLAGS`, ``household_gap_counts`` ``n`` and ``unpaired``.
    """
    reads = request.view.reads
    villages = marked_villages(request, request.touched(VILLAGES), FLAGS)
    return b"".join(
        [
            _encode_areas(request),
            _encode_points("gap_places", request, PLACES, readable=reads),
            encode_marked("gap_villages", request, villages, FLAGS, reads=reads),
            encode_marked_names("gap_village_names", request, villages, FLAGS, reads=reads),
            _encode_households(request),
        ]
    )


def _encode_areas(request: TileRequest) -> bytes:
    parts = request.touched(LAYER)
    given = [part.shapes for part in parts]
    shapes, columns = gather(parts, given, bounds=request.reach, reads=request.view.reads)
    if request.z < FULL_DETAIL_ZOOM:
        shapes = shapely.simplify(shapes, pixel_m(request.z) / 2)
    return mvt.encode_polygons("gap_areas", shapes, columns, request.bounds)


def _encode_households(request: TileRequest) -> bytes:
    """Points for those who may see them, close up; counts in the middle of cells for everybody else."""
    singles = request.view.points if request.z >= SINGLE_FROM_ZOOM else NOTHING
    points = _encode_points("household_gaps", request, HOMES, readable=singles) if singles else b""
    return points + _encode_points(
        "household_gap_counts", request, COUNTS, readable=request.view.reads, hidden=singles
    )


def _encode_points(
    name: str,
    request: TileRequest,
    layer: MapLayer,
    *,
    readable: frozenset[str],
    hidden: frozenset[str] = NOTHING,
) -> bytes:
    """The points of a layer in readable territory, without those in territory that is hidden."""
    parts = request.touched(layer)
    chosen = [
        part.territory.within(readable) & ~part.territory.within(hidden) & ~np.isnan(part.points).any(axis=1)
        for part in parts
    ]
    xy = joined([part.points[rows] for part, rows in zip(parts, chosen, strict=True)])
    single = layer is HOMES
    margin = mvt.BUFFER if single else SIGN_MARGIN
    return mvt.encode_points(name, xy, picked(parts, chosen), request.bounds, margin=margin, merge=single)


def _layer(name: str, what: str, **more: Any) -> MapLayer:
    return MapLayer(name, WATCHES, partial(load, what=what), encode_gaps, prepare=prepare, **more)


LAYER = _layer("gaps", "areas", shows_persons=True)
PLACES = _layer("gap_places", "places")
VILLAGES = _layer("gap_villages", "villages")
HOMES = _layer("gap_homes", "homes")
COUNTS = _layer("gap_counts", "counts")
"""What the one layer of tiles draws beside the areas."""
