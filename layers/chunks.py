"""Townships' parts of the map layers, read once for each version of what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

from geo.store.engine import Store
from geo.store.versions import data_version, layer_versions
from layers.cache import ByteCache
from layers.maplayer import MapLayer
from layers.mercator import Bounds, union
from layers.part import Part
from layers.registry import MAP_LAYERS

OUTREACH_M = 2_000.0
"""How far outside its township's rectangle a household or cell is still looked for (datum errors)."""

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Versions:
    """How often each layer of each township has been written, at one moment."""

    counts: dict[tuple[str, str], int]

    @property
    def townships(self) -> list[str]:
        """Codes of the townships that anything was ever written for."""
        return sorted({township for _layer, township in self.counts if township})

    def stamp(self, watches: Sequence[str], township: str) -> Stamp:
        """Versions of everything that the given store layers show in a township."""
        return tuple(self.counts.get((name, place), 0) for name in watches for place in (township, ""))


class Chunks:
    """Reads and keeps parts; the rows of a township are read anew only when their versions moved.

    Parameters
    ----------
    store : Store
    limit_bytes : int
        How much is kept; the parts used longest ago go first.
    """

    def __init__(self, store: Store, limit_bytes: int) -> None:
        self._store = store
        self._parts: ByteCache[Part] = ByteCache(limit_bytes, lambda part: part.nbytes)
        self._lock = Lock()
        self._latest: tuple[int, Versions] | None = None

    def versions(self) -> Versions:
        """What is in the store now: one small query, and a second one only after a write."""
        with self._store.read() as session:
            current = data_version(session)
            latest = self._latest
            if latest is not None and latest[0] == current:
                return latest[1]
            watched = sorted({name for layer in MAP_LAYERS.values() for name in layer.watches})
            versions = Versions(dict(layer_versions(session, watched)))
        with self._lock:
            self._latest = (current, versions)
        return versions

    def part(self, layer: MapLayer, township: str, versions: Versions, as_of: date) -> Part:
        """One township's part of a layer."""
        key = (layer.name, township, as_of, versions.stamp(layer.watches, township))
        return self._parts.get(key, lambda: layer.load(self._store, as_of=as_of, township=township))

    def extent(self, township: str, versions: Versions, as_of: date) -> Bounds | None:
        """Rectangle around a township and its villages; None while neither has a geometry."""
        territory = (MAP_LAYERS["townships"], MAP_LAYERS["villages"])
        return union([self.part(layer, township, versions, as_of).bounds for layer in territory])

    def touching(self, bounds: Bounds, versions: Versions, as_of: date) -> list[str]:
        """Townships that may have something in a rectangle."""
        near = bounds.grown(OUTREACH_M)
        extents = {code: self.extent(code, versions, as_of) for code in versions.townships}
        return [code for code, extent in extents.items() if extent is not None and extent.meets(near)]
