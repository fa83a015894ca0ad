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


@dataclass(frozen=True)
class Part:
    """Rows of one map layer in one township.

    Attributes
    ----------
    shapes : array of shapely geometries in Web Mercator
    columns : mapping
        Properties that go into the tile, an array each.
    territory : Territory
        Village (or township) of each row; decides who sees it.
    names, rooms_m : arrays or None
        Where the name of each row is written, (n, 2), and how wide it may be.
    households : Points or None
        Households of the township, for the layer that counts them.
    """

    shapes: Any
    columns: Mapping[str, Any]
    territory: Territory
    names: Any = None
    rooms_m: Any = None
    households: Points | None = None

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

    @property
    def nbytes(self) -> int:
        """Approximate weight in memory."""
        points = self.households.nbytes if self.households else 0
        return weight_of(self.shapes) + 60 * len(self.shapes) * (1 + len(self.columns)) + points


@dataclass(frozen=True)
class Points:
    """Households of a township: (n, 2) places, whether each is paired, and its village."""

    xy: Any
    paired: Any
    territory: Territory

    @property
    def nbytes(self) -> int:
        """Weight in memory."""
        return int(self.xy.nbytes + self.paired.nbytes + self.territory.number.nbytes)


def weight_of(shapes: Any) -> int:
    """Approximate weight in memory of an array of geometries."""
    return int(shapely.get_num_coordinates(shapes).sum()) * 16 + 300 * len(shapes)


def area_shapes(frame: Any) -> Any:
    """Projected polygons of a frame, made valid so that they can be simplified and clipped."""
    shapes = project_geometries(frame.geometry.array)
    broken = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[broken] = shapely.make_valid(shapes[broken])
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


def label_places(shapes: Any) -> tuple[Any, Any]:
    """Where to write a name in each polygon, and the width in projected metres that it has there.

    The place is the middle of the largest circle that fits inside; a missing shape gives NaN and 0.
    """
    tolerance_m = np.sqrt(np.nan_to_num(shapely.area(shapes))) / 50 + 0.01
    radius = shapely.maximum_inscribed_circle(shapes, tolerance=tolerance_m)
    centre = shapely.get_point(radius, 0)
    places = np.column_stack([shapely.get_x(centre), shapely.get_y(centre)])
    return places, np.nan_to_num(2 * shapely.length(radius))
