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


class LoadPart(Protocol):
    """Reads one township's share of a layer as of a day, or everything for ``""``."""

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
    crosses_townships : bool
        Whether what belongs to one township may be drawn anywhere in the county.
    shows_persons : bool
        Whether the layer has single households, so that it matters who asks.
    reads_whole : bool
        Whether the whole county may be read in one go; not what has a row for each of a million households.
    prepare : callable or None
        Called before a tile is looked for, with the store, the day and the data version; must not block long.
    """

    name: str
    watches: tuple[str, ...]
    load: LoadPart
    encode: Callable[[TileRequest], bytes]
    crosses_townships: bool = False
    shows_persons: bool = False
    reads_whole: bool = True
    prepare: Callable[[Store, date, int], None] | None = None


@dataclass(frozen=True)
class TileRequest:
    """One tile for one view, and the way to what may be drawn in it.

    Attributes
    ----------
    z : int
    bounds : Bounds
    view : View
    townships : sequence of str
        All of the county.
    near : sequence of str
        Those that may have something in the tile.
    parts : callable
        Parts of a map layer for given townships, in that order.
    pyramid : Pyramid
    """

    z: int
    bounds: Bounds
    view: View
    townships: Sequence[str]
    near: Sequence[str]
    parts: Callable[[MapLayer, Sequence[str]], list[Part]]
    pyramid: Pyramid

    @property
    def reach(self) -> Bounds:
        """The tile with the margin that is drawn beyond its edges."""
        return self.bounds.grown((self.bounds.east - self.bounds.west) * BUFFER / EXTENT)

    def touched(self, layer: MapLayer) -> list[Part]:
        """Parts of the townships that may have something in the tile."""
        return self.parts(layer, self.near)

    def everywhere(self, layer: MapLayer) -> list[Part]:
        """Parts of all townships."""
        return self.parts(layer, self.townships)

    def shapes_together(self, layer: MapLayer) -> list[Any]:
        """Simplified shapes of the touched parts, simplified with all others."""
        simplified = self.pyramid.together(self.everywhere(layer), self.z)
        by_township = dict(zip(self.townships, simplified, strict=True))
        return [by_township[code] for code in self.near]

    def shapes_apart(self, layer: MapLayer) -> list[Any]:
        """Simplified shapes of the touched parts, each township by itself."""
        return [self.pyramid.apart(part, self.z) for part in self.touched(layer)]
