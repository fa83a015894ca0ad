"""Tiles of a store: cold, with warm data and cached; and our encoder beside mapbox-vector-tile.

::

    python -m benchmarks.tiles [--store URL] [--layer villages] [--tiles 12] [--seed 7]

Of every zoom from 8 to 15 a seeded draw of tiles that are not empty is measured:

- *cold*: a fresh service, nothing read yet; the first tile of each zoom pays for reading and simplifying;
- *warm*: rows and simplified geometry are there, the tile is not;
- *cached*: the tile is there;
- *peer*: mapbox-vector-tile encodes the same clipped features with the same properties, in the same run;
  ``ratio`` is its time over that of our encoder alone.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from datetime import date
from itertools import chain
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from geo.access import SYSTEM
from geo.store.engine import Store, open_store
from layers import mvt
from layers.chunks import Chunks
from layers.mercator import Bounds, project, tile_bounds, tiles_over
from layers.part import EVERYTHING, gather
from layers.pyramid import Pyramid
from layers.registry import MAP_LAYERS
from layers.tiles import MB, TileService

ZOOMS = range(8, 16)
WARM_P95_MS, CACHED_P95_MS = 60.0, 5.0
Address = tuple[int, int, int]


def main() -> None:
    """Measure and print one table."""
    options = _options()
    store, as_of = open_store(options.store), date.fromisoformat(options.as_of)
    chosen = draw_addresses(store, options.layer, as_of, options.tiles, options.seed)
    service = TileService(store)

    def fetch(address: Address) -> Any:
        return service.tile(options.layer, *address, actor=SYSTEM, as_of=as_of)

    cold = {z: [timed(fetch, address) for address in found] for z, found in chosen.items()}
    cached = {z: [timed(fetch, address) for address in found] for z, found in chosen.items()}
    warm = {z: time_warm(service, fetch, found) for z, found in chosen.items()}
    peers = compare_encoders(store, as_of, chosen)
    print(f"{options.layer}, {store.url}, {as_of}, seed {options.seed}; milliseconds p50 / p95")
    print("zoom tiles             cold             warm         cached    ours     peer  ratio")
    for z in chosen:
        ours, peer = np.median(peers[z], axis=0)
        times = f"{_pair(cold[z]):>16} {_pair(warm[z]):>16} {_pair(cached[z]):>14}"
        print(f"{z:>4} {len(chosen[z]):>5} {times} {ours:>7.1f} {peer:>8.1f} {peer / ours:>6.1f}")
    _verdict("warm p95", list(chain.from_iterable(warm.values())), WARM_P95_MS)
    _verdict("cached p95", list(chain.from_iterable(cached.values())), CACHED_P95_MS)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def draw_addresses(store: Store, layer: str, as_of: date, count: int, seed: int) -> dict[int, list[Address]]:
    """Up to so many tiles of every zoom in which the layer has something; the same for the same seed."""
    service, rng = TileService(store), random.Random(seed)
    west, south, east, north = service.bounds(as_of=as_of) or (0.0, 0.0, 0.0, 0.0)
    corners = project([[west, south], [east, north]])
    chosen = {}
    for z in ZOOMS:
        tiles = tiles_over(Bounds(*corners[0], *corners[1]), z)
        addresses = [(z, x, y) for x, y in rng.sample(tiles, min(len(tiles), 4 * count))]
        filled = [a for a in addresses if service.tile(layer, *a, actor=SYSTEM, as_of=as_of).body]
        chosen[z] = filled[:count]
    return {z: found for z, found in chosen.items() if found}


def time_warm(service: TileService, fetch: Callable[[Address], Any], addresses: list[Address]) -> list[float]:
    """Times of tiles that must be made from rows that are there."""
    times = []
    for address in addresses:
        service.forget_tiles()
        times.append(timed(fetch, address))
    return times


def compare_encoders(
    store: Store, as_of: date, chosen: dict[int, list[Address]]
) -> dict[int, list[tuple[float, float]]]:
    """Milliseconds of our encoder and of mapbox-vector-tile for the villages of the same tiles, in turn."""
    chunks, pyramid = Chunks(store, 512 * MB), Pyramid(512 * MB)
    versions = chunks.versions()
    parts = chunks.parts(MAP_LAYERS["villages"], versions.townships, versions, as_of)
    found = {}
    for z, addresses in chosen.items():
        simplified = pyramid.together(parts, z)
        found[z] = [_both(parts, simplified, tile_bounds(*address)) for address in addresses]
    return found


def _both(parts: Any, simplified: Any, bounds: Bounds) -> tuple[float, float]:
    shapes, columns = gather(parts, simplified, bounds=bounds, reads=EVERYTHING)
    kept = {name: columns[name] for name in ("code", "name", "income")}
    ours = timed(lambda _none: mvt.encode_polygons("villages", shapes, kept, bounds), None)
    peer = timed(lambda _none: _encode_with_peer(shapes, kept, bounds), None)
    return ours, peer


def _encode_with_peer(shapes: Any, columns: dict[str, Any], bounds: Bounds) -> bytes:
    margin = mvt.BUFFER * (bounds.east - bounds.west) / mvt.EXTENT
    clipped = shapely.clip_by_rect(shapes, *bounds.grown(margin))
    features = [
        {"geometry": shape, "properties": {name: column[row] for name, column in columns.items()}}
        for row, shape in enumerate(clipped)
        if not shape.is_empty
    ]
    layer = {"name": "villages", "features": features}
    return mapbox_vector_tile.encode([layer], default_options={"quantize_bounds": tuple(bounds)})


def timed(work: Callable[[Any], Any], argument: Any) -> float:
    """Milliseconds that a call takes."""
    begin = time.perf_counter()
    work(argument)
    return (time.perf_counter() - begin) * 1000


def _pair(times: list[float]) -> str:
    return f"{np.percentile(times, 50):.1f} / {np.percentile(times, 95):.1f}"


def _verdict(name: str, times: list[float], limit_ms: float) -> None:
    p95 = float(np.percentile(times, 95))
    print(f"{name} {p95:.1f} ms, to reach {limit_ms:.0f}: {'reached' if p95 <= limit_ms else 'NOT reached'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", help="address of a store; the default store otherwise")
    parser.add_argument("--layer", default="townships,villages", help="map layers, separated by commas")
    parser.add_argument("--tiles", type=int, default=12, help="tiles a zoom")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--as-of", default="2026-05-01")
    return parser.parse_args()


if __name__ == "__main__":
    main()
