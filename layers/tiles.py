"""Vector tiles from the store: what a tile holds, who sees what in it, and how little is done twice.

A tile is identified by its address, its date, what the asking account may see and the versions of the
townships it touches. The same identity is the cache key and the ETag: an edit in one township makes only
that township's tiles anew, and a browser that has the tile is answered 304.
"""

from __future__ import annotations

import gzip
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import blake2b
from itertools import takewhile

from geo.access import SYSTEM, Actor
from geo.store.engine import Store
from layers.cache import ByteCache
from layers.chunks import Chunks, Versions
from layers.maplayer import MapLayer, TileRequest
from layers.mercator import MAX_ZOOM, Bounds, require_tile, tile_bounds, tiles_over, union
from layers.part import EVERYTHING, NOTHING, Part, View
from layers.pyramid import FULL_DETAIL_ZOOM, Pyramid
from layers.registry import layers_named

MB = 1 << 20
Address = tuple[int, int, int]
"""Zoom, column and row of a tile."""
FIRST_VIEWS = ("townships,villages", "cells", "cells,network")
"""What a map asks for when it opens, and what it then lacks for the themes of gaps and of responsibility."""
MOST_WARM_TILES = 30
VERSIONS_KEPT = 200
"""Versions that open maps may still have: some minutes of steady editing."""
_BORDERS = (("townships",), ("villages",))
_GZIP_LEVEL = 3  # on loopback and office networks, time to pack counts more than the last ten percent


@dataclass(frozen=True)
class Tile:
    """An encoded tile.

    Attributes
    ----------
    body : bytes
        Gzipped vector tile; empty when nothing is there (answer 204).
    etag : str
        Strong validator, with its quotes.
    """

    body: bytes
    etag: str


class TileService:
    """Makes the tiles of one store; one object a process, used by many threads.

    Parameters
    ----------
    store : Store
    tiles_mb, parts_mb, shapes_mb : int
        Limits of the three caches: encoded tiles, townships' rows, simplified geometry.
    """

    def __init__(
        self, store: Store, *, tiles_mb: int = 96, parts_mb: int = 512, shapes_mb: int = 384
    ) -> None:
        self._store = store
        self._tiles: ByteCache[bytes] = ByteCache(tiles_mb * MB, lambda body: len(body) + 500)
        self._chunks = Chunks(store, parts_mb * MB)
        self._pyramid = Pyramid(shapes_mb * MB)
        self._said: ByteCache[Versions] = ByteCache(VERSIONS_KEPT, lambda versions: 1)

    def tile(self, layer: str, z: int, x: int, y: int, *, actor: Actor, as_of: date) -> Tile:
        """One tile.

        Parameters
        ----------
        layer : str
            One map layer, or several separated by commas: they come in one tile.
        z, x, y : int
            Address (XYZ scheme), zoom 0–18.
        actor : Actor
            Decides which villages are in it and whether households are points or counts.
        as_of : date

        Raises
        ------
        InputError
            No such layer or no such tile.
        """
        layers = layers_named(layer)
        require_tile(z, x, y)
        versions = self._prepared(layers, as_of)
        near = self._chunks.near(tile_bounds(z, x, y), versions, as_of)
        if not near:
            return Tile(b"", _etag("empty"))
        view = _needed_view(View.of(actor), layers, _reaching(layers, near, versions))
        names = tuple(layer.name for layer in layers)
        key = (names, z, x, y, as_of, view.identity, _stamps(layers, near, versions))
        request = self._request((z, x, y), view, near, versions, as_of)
        return Tile(self._tiles.get(key, partial(_encode, layers, request)), _etag(key))

    def _prepared(self, layers: Sequence[MapLayer], as_of: date) -> Versions:
        """What is in the store, once the layers that work ahead know what is wanted."""
        versions = self._chunks.versions()
        working = [layer.prepare for layer in layers if layer.prepare]
        for prepare in working:
            prepare(self._store, as_of, versions.number)
        return self._chunks.versions() if working else versions

    def version(self, layer: str, *, within_s: float = 0.0) -> str:
        """Short text that changes whenever one of the named layers does; maps are keyed by it.

        With ``within_s`` it may be so many seconds old, but never older than what this service said or drew
        before: any number of open maps then costs the store one look in that time.
        """
        versions = self._chunks.recent_versions(within_s) if within_s else self._chunks.versions()
        said = _etag([versions.stamps(layer.watches) for layer in layers_named(layer)]).strip('"')
        self._said.put(said, versions)
        return said

    def stale(
        self, layer: str, addresses: Sequence[Address], *, since: str, as_of: date
    ) -> Sequence[Address]:
        """Those of some tiles that may differ from what they were at a version.

        Parameters
        ----------
        layer : str
            Map layers in the tiles, separated by commas.
        addresses : sequence of (z, x, y)
        since : str
            What `version` said then; after something unknown all tiles may differ.
        as_of : date
        """
        layers, now = layers_named(layer), self._chunks.versions()
        before = self._said.find(since)
        # When borders move, it is no longer known which townships a tile held.
        if before is None or any(before.stamps(moved) != now.stamps(moved) for moved in _BORDERS):
            return addresses
        return [at for at in addresses if self._differs(layers, at, before, now, as_of)]

    def _differs(
        self, layers: Sequence[MapLayer], at: Address, before: Versions, now: Versions, as_of: date
    ) -> bool:
        require_tile(*at)
        near = self._chunks.near(tile_bounds(*at), now, as_of)
        return _stamps(layers, near, before) != _stamps(layers, near, now)

    def bounds(self, *, as_of: date, township: str = "") -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees of the county or a township; None while it has no geometry."""
        extents = self._chunks.extents(self._chunks.versions(), as_of)
        whole = union(extent for code, extent in extents.items() if code.startswith(township))
        return whole.to_degrees() if whole else None

    def warm(self, *, as_of: date, layers: Iterable[str] = FIRST_VIEWS) -> int:
        """Make the tiles of every zoom at which the county fits a screen or two, and one of each closer zoom.

        Returns how many addresses were visited; 0 while there is no territory.
        """
        whole = union(self._chunks.extents(self._chunks.versions(), as_of).values())
        if whole is None:
            return 0
        by_zoom = ([(z, *at) for at in tiles_over(whole, z)] for z in range(MAX_ZOOM + 1))
        fitting = list(takewhile(lambda addresses: len(addresses) <= MOST_WARM_TILES, by_zoom))
        # The closest zoom first: it is the one that a map of the whole county opens with.
        wanted = [address for addresses in reversed(fitting) if len(addresses) > 1 for address in addresses]
        middle = ((whole.west + whole.east) / 2, (whole.south + whole.north) / 2)
        # One tile of each closer zoom, too: the first to look closer shall not wait for the simplification.
        wanted += [(z, *tiles_over(Bounds(*middle, *middle), z)[0]) for z in range(8, FULL_DETAIL_ZOOM + 1)]
        for layer in layers:
            for z, x, y in wanted:
                self.tile(layer, z, x, y, actor=SYSTEM, as_of=as_of)
        return len(wanted)

    def forget_tiles(self) -> None:
        """Drop all encoded tiles; rows and simplified geometry stay."""
        self._tiles.clear()

    def _request(
        self, address: tuple[int, int, int], view: View, near: Sequence[str], versions: Versions, as_of: date
    ) -> TileRequest:
        def parts(layer: MapLayer, townships: Sequence[str]) -> list[Part]:
            return self._chunks.parts(layer, townships, versions, as_of)

        bounds = tile_bounds(*address)
        return TileRequest(address[0], bounds, view, versions.townships, near, parts, self._pyramid)


def _encode(layers: Sequence[MapLayer], request: TileRequest) -> bytes:
    raw = b"".join(layer.encode(request) for layer in layers)
    return gzip.compress(raw, compresslevel=_GZIP_LEVEL, mtime=0) if raw else b""


def _reaching(layers: Sequence[MapLayer], near: Sequence[str], versions: Versions) -> Sequence[str]:
    """Townships of which the layers may draw something in a tile."""
    return versions.townships if any(layer.crosses_townships for layer in layers) else near


def _needed_view(view: View, layers: Sequence[MapLayer], near: Sequence[str]) -> View:
    """The view as far as it matters for a tile, so that accounts which see the same share the tile.

    ``near`` are the townships that may be drawn in the tile.
    """

    def whole(prefixes: frozenset[str]) -> frozenset[str]:
        if all(code.startswith(tuple(prefixes)) for code in near):
            return EVERYTHING
        return frozenset(prefix for prefix in prefixes if any(_overlap(prefix, code) for code in near))

    singles = any(layer.shows_persons for layer in layers)
    return View(whole(view.reads), whole(view.points) if singles else NOTHING)


def _overlap(prefix: str, code: str) -> bool:
    return prefix.startswith(code) or code.startswith(prefix)


def _stamps(layers: Sequence[MapLayer], near: Sequence[str], versions: Versions) -> Hashable:
    return tuple(
        (code, versions.stamp(layer.watches, code))
        for layer in layers
        for code in _reaching([layer], near, versions)
    )


def _etag(key: object) -> str:
    return f'"{blake2b(repr(key).encode(), digest_size=12).hexdigest()}"'
