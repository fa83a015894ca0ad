"""Villages with attributes that another layer gives them; shapes and names are those of `layers.villages`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from layers import mvt, villages
from layers.labels import SIGN_MARGIN, encode_names_of
from layers.maplayer import TileRequest
from layers.part import Part, gather, joined, picked


def marked_villages(request: TileRequest, given: Sequence[Part], names: Sequence[str]) -> list[Part]:
    """The touched parts of the villages, with attributes of a layer that has rows by ``code`` but no shapes.

    Parameters
    ----------
    given : sequence of Part
        One for each touched township, with the columns ``code`` and ``names``. A village without a row has
        None for each of them.
    """
    return [
        replace(part, columns={**_own(part), **_looked_up(part.columns["code"], more.columns, names)})
        for part, more in zip(request.touched(villages.LAYER), given, strict=True)
    ]


def _own(part: Part) -> dict[str, Any]:
    return {name: part.columns[name] for name in ("code", "name")}


def _looked_up(codes: Any, columns: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    at = pd.Index(columns["code"]).get_indexer(pd.Index(codes))
    nothing = np.array([None], dtype=object)  # position -1 finds the last
    return {name: np.concatenate([columns[name].astype(object), nothing])[at] for name in names}


def encode_marked(
    name: str, request: TileRequest, parts: Sequence[Part], carried: Sequence[str], *, reads: Collection[str]
) -> bytes:
    """A tile layer of the villages that have any of the attributes, with ``code`` and those attributes."""
    whole = request.shapes_together(villages.LAYER)
    shapes, columns = gather(parts, whole, bounds=request.reach, reads=reads)
    marked = _has_any(columns, carried)
    chosen = {each: columns[each][marked] for each in ("code", *carried)}
    return mvt.encode_polygons(name, shapes[marked], chosen, request.bounds)


def encode_marked_names(
    name: str, request: TileRequest, parts: Sequence[Part], carried: Sequence[str], *, reads: Collection[str]
) -> bytes:
    """A tile layer of all villages' names, as of `layers.labels.encode_names`, with the attributes."""
    return encode_names_of(name, request, parts, columns=("code", "name", *carried), reads=reads)


def encode_marked_signs(
    name: str, request: TileRequest, parts: Sequence[Part], carried: Sequence[str], *, reads: Collection[str]
) -> bytes:
    """A tile layer with a point in each village that has any of the attributes, with those attributes."""
    chosen = [
        _has_any(part.columns, carried) & part.territory.within(reads) & ~np.isnan(part.points).any(axis=1)
        for part in parts
    ]
    xy = joined([part.points[rows] for part, rows in zip(parts, chosen, strict=True)])
    columns = picked(parts, chosen)
    shown = {each: columns[each] for each in carried}
    return mvt.encode_points(name, xy, shown, request.bounds, margin=SIGN_MARGIN)


def _has_any(columns: Mapping[str, Any], names: Sequence[str]) -> Any:
    return np.any([columns[name] != np.array(None) for name in names], axis=0)
