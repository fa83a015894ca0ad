"""Mapbox Vector Tile 2.1, encoded with array operations only: no loop over vertices, no protobuf runtime.

Each ``encode_…`` function takes geometries in Web Mercator and returns the bytes of one tile layer.
A tile is the plain concatenation of its layers' bytes.

The stages, each one function: clip → parts → snap to the tile's grid → drop what has collapsed →
wind (outer rings clockwise on the screen) → command integers → varints → features with tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.mercator import Bounds

EXTENT = 4096
BUFFER = 64
"""Units drawn beyond each edge, so that outlines do not show where tiles meet."""

_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7
_SHAPELY_LINES, _SHAPELY_POLYGON = (1, 2), 3  # a border around everything is a ring
_VARINT, _BYTES = 0, 2


@dataclass(frozen=True)
class _Runs:
    """Runs of grid vertices (points, lines or rings) that follow one another.

    ``xy`` (n, 2) integers; ``run`` (n,) number of each vertex's run; ``feature`` (runs,) row of the
    feature that a run belongs to.
    """

    xy: Any
    run: Any
    feature: Any

    @property
    def starts(self) -> Any:
        """Position of each run's first vertex."""
        return np.flatnonzero(_changes(self.run))

    @property
    def lengths(self) -> Any:
        """Number of vertices of each run."""
        return np.diff(np.append(self.starts, len(self.run)))

    def only(self, keep: Any) -> _Runs:
        """The runs marked by a boolean array, renumbered."""
        vertex = keep[self.run]
        return _Runs(self.xy[vertex], _ranks(self.run[vertex]), self.feature[keep])


def encode_polygons(name: str, geometries: Any, columns: Mapping[str, Any], bounds: Bounds) -> bytes:
    """Encode polygons and multipolygons as one tile layer.

    Parameters
    ----------
    name : str
        Name of the tile layer.
    geometries : array of shapely geometries in Web Mercator
        Clipped here; what is not areal, is missing or collapses on the grid is left out.
    columns : mapping of name to array-like
        Properties, one value a geometry: bool, int, float or text; a missing value gives no property.
    bounds : Bounds
        What the tile covers.

    Returns
    -------
    bytes
        Empty when nothing is left to draw.
    """
    rings, is_outer, polygon = _rings(_clip(geometries, bounds), bounds)
    if rings is None:
        return b""
    area = _ring_areas(rings)
    alive = (area != 0) & (rings.lengths >= 3)
    gone = np.zeros(polygon.max() + 1, dtype=bool)
    gone[polygon[is_outer & ~alive]] = True  # a hole goes with its outer ring
    alive &= ~gone[polygon]
    wound = _reverse(rings, (area > 0) != is_outer)
    return _layer(name, _POLYGON, wound.only(alive), columns)


def encode_lines(name: str, geometries: Any, columns: Mapping[str, Any], bounds: Bounds) -> bytes:
    """Encode lines and multilines as one tile layer; arguments as in `encode_polygons`."""
    parts, feature = shapely.get_parts(_clip(geometries, bounds), return_index=True)
    linear = np.isin(shapely.get_type_id(parts), _SHAPELY_LINES)
    parts, feature = parts[linear], feature[linear]
    if not len(parts):
        return b""
    xy, run = shapely.get_coordinates(parts, return_index=True)
    lines = _without_repeats(_Runs(_snap(xy, bounds), run, feature))
    return _layer(name, _LINE, lines.only(lines.lengths >= 2), columns)


def encode_points(
    name: str,
    xy: Any,
    columns: Mapping[str, Any],
    bounds: Bounds,
    *,
    margin: int = BUFFER,
    merge: bool = False,
) -> bytes:
    """Encode an (n, 2) array of points as one tile layer.

    Parameters
    ----------
    margin : int
        Points further than so many units outside the tile are left out.
    merge : bool
        Put points with the same properties into one multipoint feature: ten thousand households
        that are only paired or not become two features.

    Other parameters and the result are those of `encode_polygons`.
    """
    grid = _snap(np.asarray(xy, dtype=float).reshape(-1, 2), bounds)
    row = np.flatnonzero(((grid >= -margin) & (grid <= EXTENT + margin)).all(axis=1))
    if not merge or not columns:
        return _layer(name, _POINT, _Runs(grid[row], np.arange(len(row)), row), columns)
    group = pd.DataFrame({key: np.asarray(column)[row] for key, column in columns.items()})
    number = group.groupby(list(columns), dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    row, run = row[order], number[order]
    return _layer(name, _POINT, _Runs(grid[row], run, row[_changes(run)]), columns)


def _clip(geometries: Any, bounds: Bounds) -> Any:
    margin = BUFFER * (bounds.east - bounds.west) / EXTENT
    return shapely.clip_by_rect(np.asarray(geometries, dtype=object), *bounds.grown(margin))


def _rings(geometries: Any, bounds: Bounds) -> tuple[_Runs | None, Any, Any]:
    """Rings on the grid without their closing vertex, whether each is an outer one, and its polygon."""
    parts, feature = shapely.get_parts(geometries, return_index=True)
    areal = (shapely.get_type_id(parts) == _SHAPELY_POLYGON) & ~shapely.is_empty(parts)
    parts, feature = parts[areal], feature[areal]
    if not len(parts):
        return None, None, None
    rings, polygon = shapely.get_rings(parts, return_index=True)
    xy, run = shapely.get_coordinates(rings, return_index=True)
    closed = _without_repeats(_Runs(_snap(xy, bounds), run, feature[polygon]))
    return _opened(closed), _changes(polygon), polygon


def _snap(xy: Any, bounds: Bounds) -> Any:
    """Coordinates on the tile's grid; y grows downwards."""
    scale = EXTENT / (bounds.east - bounds.west)
    offset = np.array([bounds.west, bounds.north])
    return np.rint((xy - offset) * np.array([scale, -scale])).astype(np.int64)


def _without_repeats(runs: _Runs) -> _Runs:
    """Drop vertices that snapped onto the one before them."""
    keep = _changes(runs.run)
    keep[1:] |= (runs.xy[1:] != runs.xy[:-1]).any(axis=1)
    return _Runs(runs.xy[keep], runs.run[keep], runs.feature)


def _opened(rings: _Runs) -> _Runs:
    """Drop the last vertex of each ring that repeats its first; a ring of one vertex stays."""
    last = rings.starts + rings.lengths - 1
    closing = last[(rings.xy[last] == rings.xy[rings.starts]).all(axis=1) & (rings.lengths > 1)]
    return _Runs(np.delete(rings.xy, closing, axis=0), np.delete(rings.run, closing), rings.feature)


def _ring_areas(rings: _Runs) -> Any:
    """Twice the signed area of each ring; positive is clockwise on the screen, as outer rings must be."""
    following = np.arange(1, len(rings.xy) + 1)
    following[rings.starts + rings.lengths - 1] = rings.starts
    x, y = rings.xy[:, 0], rings.xy[:, 1]
    return np.add.reduceat(x * y[following] - x[following] * y, rings.starts)


def _reverse(rings: _Runs, which: Any) -> _Runs:
    """Turn the marked rings round."""
    position = np.arange(len(rings.xy))
    mirrored = (2 * rings.starts + rings.lengths - 1)[rings.run] - position
    return _Runs(rings.xy[np.where(which[rings.run], mirrored, position)], rings.run, rings.feature)


def _commands(kind: int, runs: _Runs) -> tuple[Any, Any]:
    """Command integers of all runs, and where each run's begin (with the end appended).

    A run of points is one MoveTo; a line is MoveTo, LineTo; a ring is MoveTo, LineTo, ClosePath.
    """
    starts, lengths = runs.starts, runs.lengths
    has_line, has_close = int(kind != _POINT), int(kind == _POLYGON)
    begins = np.concatenate([[0], np.cumsum(2 * lengths + 1 + has_line + has_close)])
    first, end = begins[:-1], begins[1:]
    out = np.empty(int(begins[-1]), dtype=np.uint64)
    rank = np.arange(len(runs.xy)) - starts[runs.run]
    place = first[runs.run] + 1 + 2 * rank + has_line * (rank > 0)
    steps = _zigzag(_steps(runs))
    out[place], out[place + 1] = steps[:, 0], steps[:, 1]
    out[first] = (1 if has_line else lengths) << 3 | _MOVE_TO
    if has_line:
        out[first + 3] = (lengths - 1) << 3 | _LINE_TO
    if has_close:
        out[end - 1] = 1 << 3 | _CLOSE_PATH
    return out, begins


def _steps(runs: _Runs) -> Any:
    """Differences between vertices; each feature's first one counts from the tile's corner."""
    steps = np.diff(runs.xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    fresh = runs.starts[_changes(runs.feature)]
    steps[fresh] = runs.xy[fresh]
    return steps


def _layer(name: str, kind: int, runs: _Runs, columns: Mapping[str, Any]) -> bytes:
    """One tile layer: header, features, keys and values."""
    if not len(runs.feature):
        return b""
    commands, begins = _commands(kind, runs)
    fresh = _changes(runs.feature)
    rows = runs.feature[fresh]
    shapes = _split_varints(commands, np.append(begins[:-1][fresh], begins[-1]))
    tags, values = _tags(columns, rows)
    head = _field(15, _VARINT, _varint(2)) + _field(1, _BYTES, name.encode())
    geometry_type = _field(3, _VARINT, _varint(kind))
    features = [
        _field(2, _BYTES, (_field(2, _BYTES, tag) if tag else b"") + geometry_type + _field(4, _BYTES, shape))
        for tag, shape in zip(tags, shapes, strict=True)
    ]
    keys = [_field(3, _BYTES, key.encode()) for key in columns]
    tail = _field(5, _VARINT, _varint(EXTENT))
    return _field(3, _BYTES, b"".join([head, *features, *keys, *values, tail]))


def _tags(columns: Mapping[str, Any], rows: Any) -> tuple[list[bytes], list[bytes]]:
    """Packed key/value numbers of each row, and the values they point to."""
    if not columns:
        return [b""] * len(rows), []
    values: list[bytes] = []
    numbers = []
    for column in columns.values():
        codes, distinct = _factorized(np.asarray(column)[rows].tolist())
        numbers.append(np.where(codes >= 0, codes + len(values), -1))
        values.extend(_field(4, _BYTES, _value(value)) for value in distinct)
    pairs = np.empty((len(rows), len(columns), 2), dtype=np.int64)
    pairs[:, :, 0] = np.arange(len(columns))
    pairs[:, :, 1] = np.column_stack(numbers)
    present = pairs[:, :, 1] >= 0
    begins = np.concatenate([[0], np.cumsum(2 * present.sum(axis=1))])
    return _split_varints(pairs[present].ravel().astype(np.uint64), begins), values


def _factorized(column: list[Any]) -> tuple[Any, list[Any]]:
    """Number of each value among the distinct ones (-1 for None and NaN), and these."""
    # A tile has hundreds of rows: a dictionary is done before pandas has built its Series.
    seen: dict[Any, int] = {}
    codes = [-1 if _is_missing(value) else seen.setdefault(value, len(seen)) for value in column]
    return np.array(codes, dtype=np.int64), list(seen)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def _changes(numbers: Any) -> Any:
    """Where an array differs from the element before it; true for the first."""
    changed = np.ones(len(numbers), dtype=bool)
    changed[1:] = numbers[1:] != numbers[:-1]
    return changed


def _ranks(numbers: Any) -> Any:
    """Consecutive numbers from 0 for an array of ascending run numbers."""
    return np.cumsum(_changes(numbers)) - 1


def _zigzag(numbers: Any) -> Any:
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def _split_varints(numbers: Any, begins: Any) -> list[bytes]:
    """Encode unsigned integers and cut the bytes at the given positions of the array (ends included)."""
    stream, ends = _varints(numbers)
    edges = np.concatenate([[0], ends])[begins].tolist()
    return [stream[a:b] for a, b in pairwise(edges)]


def _varints(numbers: Any) -> tuple[bytes, Any]:
    """Unsigned integers (below 2³⁵) as protobuf varints, and where each one ends."""
    limits = np.uint64(1) << np.arange(7, 35, 7, dtype=np.uint64)
    sizes = 1 + np.searchsorted(limits, numbers, side="right")
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for k in range(int(sizes.max(initial=0))):
        longer = sizes > k
        septet = (numbers[longer] >> np.uint64(7 * k)).astype(np.uint8) & 0x7F
        out[(ends - sizes)[longer] + k] = septet | np.where(sizes[longer] - 1 > k, 0x80, 0).astype(np.uint8)
    return out.tobytes(), ends


@lru_cache(maxsize=1 << 15)
def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, wire: int, payload: bytes) -> bytes:
    length = _varint(len(payload)) if wire == _BYTES else b""
    return _varint(number << 3 | wire) + length + payload


def _value(value: bool | int | float | str) -> bytes:
    if isinstance(value, bool):
        return _field(7, _VARINT, _varint(int(value)))
    if isinstance(value, int):
        return _field(6, _VARINT, _varint((value << 1) ^ (value >> 63)))
    if isinstance(value, float):
        return _field(3, 1, np.float64(value).tobytes())
    return _field(1, _BYTES, value.encode())
