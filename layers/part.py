"""One township's share of a map layer, projected and ready to encode; and what an actor may see of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.access import Actor
from layers.mercator import Bounds, project_geometries

EVERYTHING = frozenset({""})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class View:
    """What an actor may see, as prefixes of territory codes; ``""`` means everywhere.

    Attributes
    ----------
    reads : frozenset of str
        Territory whose villages, cells and counts are shown.
    points : frozenset of str
        Territory whose households are shown one by one (domain §9); counts are shown elsewhere.
    """

    reads: frozenset[str]
    points: frozenset[str]

    @classmethod
    def of(cls, actor: Actor) -> View:
        """The view of an actor."""
        reads = EVERYTHING if actor.reads_all else actor.scopes
        return cls(reads, actor.scopes if actor.sees_positions else NOTHING)

    @property
    def identity(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The same view, the same value, in every process."""
        return tuple(sorted(self.reads)), tuple(sorted(self.points))


class Territory:
    """Village codes of many rows, kept as a few distinct codes and a number a row."""

    def __init__(self, codes: Any) -> None:
        number, distinct = pd.factorize(pd.Series(codes, dtype="str"))
        self.number = number.astype(np.int32)
        self.codes = [str(code) for code in distinct]

    def within(self, prefixes: Collection[str]) -> Any:
        """Boolean array: rows in territory with one of the prefixes; those without a code only in ``""``."""
        if "" in prefixes:
            return np.ones(len(self.number), dtype=bool)
        inside = [code.startswith(tuple(prefixes)) for code in self.codes]
        return np.array([*inside, False])[self.number]  # number -1 (no code) finds the last

    def only(self, rows: Any) -> Territory:
        """The chosen rows."""
        numbers, inverse = np.unique(self.number[rows], return_inverse=True)
        fresh = Territory([])
        fresh.codes = [self.codes[number] for number in numbers if number >= 0]
        fresh.number = (inverse - int((numbers < 0).any())).astype(np.int32)
        return fresh


@dataclass(frozen=True)
class Part:
    """Rows of one map layer in one township.

    Attributes
    ----------
    shapes : array of shapely geometries in Web Mercator, or None for a layer of points
    columns : mapping
        Properties that may go into a tile, an array each.
    territory : Territory
        Village (or township) of each row; decides who sees it.
    points : (n, 2) array or None
        A place for each row: of a point itself, of a polygon's name or count. NaN where there is none.
    rooms_m : array or None
        How wide a name may be there.
    """

    shapes: Any
    columns: Mapping[str, Any]
    territory: Territory
    points: Any = None
    rooms_m: Any = None

    @cached_property
    def boxes(self) -> Any:
        """West, south, east, north of each row; NaN where there is no geometry."""
        return shapely.bounds(self.shapes).reshape(-1, 4)

    @cached_property
    def bounds(self) -> Bounds | None:
        """What all rows cover together; None when nothing has a place."""
        if np.isnan(self.boxes).all():
            return None
        low, high = np.nanmin(self.boxes[:, :2], axis=0), np.nanmax(self.boxes[:, 2:], axis=0)
        return Bounds(*low.tolist(), *high.tolist())

    @cached_property
    def fingerprint(self) -> bytes:
        """Tells whether two parts have the same geometry, whatever their properties."""
        return blake2b(b"".join(filter(None, shapely.to_wkb(self.shapes).tolist())), digest_size=16).digest()

    def touching(self, bounds: Bounds) -> Any:
        """Boolean array: rows whose rectangle touches the given one."""
        west, south, east, north = self.boxes.T
        return (
            (west <= bounds.east) & (east >= bounds.west) & (south <= bounds.north) & (north >= bounds.south)
        )

    def by_township(self, townships: Sequence[str]) -> dict[str, Part]:
        """The part cut up by township."""
        return {code: self._only(self.territory.within((code,))) for code in townships}

    def _only(self, rows: Any) -> Part:
        return Part(
            _chosen(self.shapes, rows),
            {name: column[rows] for name, column in self.columns.items()},
            self.territory.only(rows),
            _chosen(self.points, rows),
            _chosen(self.rooms_m, rows),
        )

    @property
    def nbytes(self) -> int:
        """Approximate weight in memory."""
        points = 0 if self.points is None else int(self.points.nbytes)
        shapes = 0 if self.shapes is None else weight_of(self.shapes)
        # Texts are counted at 60 bytes; numbers and flags weigh what their arrays do.
        columns = sum(60 * len(c) if c.dtype == object else int(c.nbytes) for c in self.columns.values())
        return shapes + points + columns + int(self.territory.number.nbytes)


def _chosen(array: Any, rows: Any) -> Any:
    return None if array is None else array[rows]


def weight_of(shapes: Any) -> int:
    """Approximate weight in memory of an array of geometries."""
    return int(shapely.get_num_coordinates(shapes).sum()) * 16 + 300 * len(shapes)


def area_shapes(frame: Any) -> Any:
    """Projected polygons of a frame, made valid so that they can be simplified and clipped."""
    shapes = project_geometries(frame.geometry.array)
    broken = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    shapes[shapely.is_empty(shapes)] = None
    return shapes


def gather(
    parts: Sequence[Part], shapes: Sequence[Any], *, bounds: Bounds, reads: Collection[str]
) -> tuple[Any, dict[str, Any]]:
    """Shapes and properties of all rows that touch a rectangle and lie in territory that may be read."""
    chosen = [part.touching(bounds) & part.territory.within(reads) for part in parts]
    return joined([shape[rows] for shape, rows in zip(shapes, chosen, strict=True)]), picked(parts, chosen)


def picked(parts: Sequence[Part], chosen: Sequence[Any]) -> dict[str, Any]:
    """Properties of the chosen rows of all parts, joined."""
    return {
        name: joined([part.columns[name][rows] for part, rows in zip(parts, chosen, strict=True)])
        for name in parts[0].columns
    }


def joined(arrays: Sequence[Any]) -> Any:
    """Arrays one after the other."""
    return np.concatenate(list(arrays))


def inner_points(shapes: Any) -> Any:
    """A point inside each polygon as an (n, 2) array; NaN for a missing one."""
    inside = shapely.point_on_surface(shapes)
    return np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])


def rooms_around(shapes: Any, places: Any) -> Any:
    """Width in projected metres of the largest circle around each place that stays inside; NaN for none.

    Far quicker than `label_places`, where a place is there already.
    """
    return 2 * shapely.distance(shapely.boundary(shapes), shapely.points(places))


def label_places(shapes: Any) -> tuple[Any, Any]:
    """Where to write a name in each polygon, and the width in projected metres that it has there.

    The place is the middle of the largest circle that fits inside; a missing shape gives NaN and 0.
    """
    tolerance_m = np.sqrt(np.nan_to_num(shapely.area(shapes))) / 50 + 0.01
    radius = shapely.maximum_inscribed_circle(shapes, tolerance=tolerance_m)
    centre = shapely.get_point(radius, 0)
    places = np.column_stack([shapely.get_x(centre), shapely.get_y(centre)])
    return places, np.nan_to_num(2 * shapely.length(radius))
