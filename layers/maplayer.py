"""What every map layer declares: how it is loaded, what it depends on and how it is drawn into a tile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from geo.store.engine import Store
from layers.mercator import Bounds
from layers.mvt import BUFFER, EXTENT
from layers.part import Part, View
from layers.pyramid import Pyramid


@dataclass(frozen=True)
class TileRequest:
    """One layer of one tile for one view.

    Attributes
    ----------
    z : int
    bounds : Bounds
    view : View
    everywhere : sequence of Part
        All townships' parts, for layers that are drawn as a whole; else the same as ``touched``.
    touched : sequence of Part
        Parts that may have something in the tile.
    pyramid : Pyramid
    """

    z: int
    bounds: Bounds
    view: View
    everywhere: Sequence[Part]
    touched: Sequence[Part]
    pyramid: Pyramid

    @property
    def reach(self) -> Bounds:
        """The tile with the margin that is drawn beyond its edges."""
        return self.bounds.grown((self.bounds.east - self.bounds.west) * BUFFER / EXTENT)

    def shapes_together(self) -> list[Any]:
        """Simplified shapes of the touched parts, simplified with all others."""
        simplified = self.pyramid.together(self.everywhere, self.z)
        by_part = {id(part): shapes for part, shapes in zip(self.everywhere, simplified, strict=True)}
        return [by_part[id(part)] for part in self.touched]

    def shapes_apart(self) -> list[Any]:
        """Simplified shapes of the touched parts, each township by itself."""
        return [self.pyramid.apart(part, self.z) for part in self.touched]


class LoadPart(Protocol):
    """Reads one township's share of a layer as of a day."""

    def __call__(self, store: Store, *, as_of: date, township: str) -> Part:
        """The part; without rows when the township has none."""


@dataclass(frozen=True)
class MapLayer:
    """A layer that tiles can carry.

    Attributes
    ----------
    name : str
        Name in the tile address.
    watches : tuple of str
        Store layers whose changes change this one.
    load : callable
    encode : callable
        Bytes of the tile layers; empty when nothing lies in the tile.
    is_whole : bool
        Whether a tile needs all townships' parts, to simplify them together.
    crosses_townships : bool
        Whether what belongs to one township may be drawn anywhere in the county.
    shows_persons : bool
        Whether the layer has single households, so that it matters who asks.
    """

    name: str
    watches: tuple[str, ...]
    load: LoadPart
    encode: Callable[[TileRequest], bytes]
    is_whole: bool = False
    crosses_townships: bool = False
    shows_persons: bool = False
