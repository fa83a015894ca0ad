"""Townships' parts of the map layers, read once for each version of what they show."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from threading import Lock
from time import monotonic

from geo.store.engine import Store
from geo.store.versions import data_version, layer_versions
from layers.cache import ByteCache
from layers.gap_watch import watch_of
from layers.maplayer import MapLayer
from layers.mercator import Bounds, union
from layers.part import Part
from layers.registry import MAP_LAYERS

OUTREACH_M = 2_000.0
"""How far outside its township's rectangle a household or cell is still looked for (datum errors)."""

MANY = 2
"""When more townships than this are missing, the whole county is read in one go."""

EXTENTS_KEPT = 64

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Versions:
    """How often each layer of each township has been written, at one moment.

    ``number`` is the store's data version and ``pictures`` counts the pictures of gaps that were drawn: the
    same numbers, the same counts.
    """

    number: int
    counts: dict[tuple[str, str], int]
    pictures: int = 0

    @cached_property
    def townships(self) -> list[str]:
        """Codes of the townships that anything was ever written for."""
        return sorted({township for _layer, township in self.counts if township})

    def stamp(self, watches: Sequence[str], township: str) -> Stamp:
        """Versions of everything that the given store layers show in a township."""
        return tuple(self.counts.get((name, place), 0) for name in watches for place in (township, ""))

    def stamps(self, watches: Sequence[str]) -> tuple[Stamp, ...]:
        """The same for every township."""
        return tuple(self.stamp(watches, township) for township in self.townships)


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
        # Keeps nothing: it only sees to it that many threads which need the whole read it once.
        self._wholes: ByteCache[dict[str, Part]] = ByteCache(0, lambda parts: 1)
        self._latest: Versions | None = None
        self._looked_at = -math.inf
        self._looking = Lock()
        self._extents: ByteCache[dict[str, Bounds]] = ByteCache(EXTENTS_KEPT, lambda extents: 1)

    def versions(self) -> Versions:
        """What is in the store now: one small query, and a second one only after a write."""
        looked_at = monotonic()
        versions = self._look()
        self._latest, self._looked_at = versions, looked_at
        return versions

    def _look(self) -> Versions:
        gaps = watch_of(self._store)
        pictures = gaps.changes
        with self._store.read() as session:
            current = data_version(session)
            latest = self._latest
            if latest is not None and (latest.number, latest.pictures) == (current, pictures):
                return latest
            watched = sorted({name for layer in MAP_LAYERS.values() for name in layer.watches})
            return Versions(current, layer_versions(session, watched) | gaps.stamps(), pictures)

    def recent_versions(self, within_s: float) -> Versions:
        """What was in the store at most so many seconds ago; however many ask, one of them looks."""
        with self._looking:
            latest = self._latest
            if latest is not None and monotonic() - self._looked_at <= within_s:
                return latest
            return self.versions()

    def parts(self, layer: MapLayer, townships: Sequence[str], versions: Versions, as_of: date) -> list[Part]:
        """Parts of a layer for the given townships, in their order.

        When many are missing (at start, or a new date) the layer is read once as a whole and cut up; an edit
        costs one township.
        """
        keys = {code: self._key(layer, code, versions, as_of) for code in townships}
        missing = [code for code, key in keys.items() if key not in self._parts]
        if layer.reads_whole and len(missing) > MANY:
            whole = self._wholes.get(
                (layer.name, as_of, versions.stamps(layer.watches)),
                lambda: layer.load(self._store, as_of=as_of, township="").by_township(versions.townships),
            )
            for code in missing:
                self._parts.put(keys[code], whole[code])
        return [
            self._parts.get(key, partial(layer.load, self._store, as_of=as_of, township=code))
            for code, key in keys.items()
        ]

    def extents(self, versions: Versions, as_of: date) -> dict[str, Bounds]:
        """Rectangle around each township and its villages; those without any geometry are left out."""
        return self._extents.get((versions.number, as_of), lambda: self._measure(versions, as_of))

    def _measure(self, versions: Versions, as_of: date) -> dict[str, Bounds]:
        codes = versions.townships
        outlines = self.parts(MAP_LAYERS["townships"], codes, versions, as_of)
        villages = self.parts(MAP_LAYERS["villages"], codes, versions, as_of)
        found = {
            code: union([outline.bounds, part.bounds])
            for code, outline, part in zip(codes, outlines, villages, strict=True)
        }
        return {code: extent for code, extent in found.items() if extent is not None}

    def near(self, bounds: Bounds, versions: Versions, as_of: date) -> list[str]:
        """Townships that may have something in a rectangle."""
        reach = bounds.grown(OUTREACH_M)
        return [code for code, extent in self.extents(versions, as_of).items() if extent.meets(reach)]

    def _key(self, layer: MapLayer, township: str, versions: Versions, as_of: date) -> Hashable:
        return layer.name, township, as_of, versions.stamp(layer.watches, township)
