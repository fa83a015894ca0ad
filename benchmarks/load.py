"""Loading a county of any size, beside geopandas writing the same households; and what the server then holds.

::

    python -m benchmarks.load [--villages 2060] [--households 1200000] [--seed 7] [--folder DIR] [--store F]

The peer writes the same points and columns to a GeoPackage of its own, unchecked, without history, audit or
references: the floor for getting so many rows into such a file on this machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd

from geo.access import SYSTEM
from geo.frames import LOAD_ORDER
from geo.operations.county import init_county
from geo.operations.load import import_file
from geo.store.engine import create_store
from seeds import names
from seeds.county import make_county
from seeds.size import Size
from seeds.write import FILES, write_county

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LAYER, LIMIT_S = "households", 60.0


def load_seconds(folder: Path, store_path: Path) -> dict[str, float]:
    """Seconds to read, check and load each layer of a folder of files, in loading order."""
    store = create_store(str(store_path))
    seconds = {}
    try:
        init_county(store, SYSTEM, code=names.COUNTY_CODE, name=names.COUNTY_NAME, now=NOW)
        for layer in LOAD_ORDER:
            start = time.perf_counter()
            report = import_file(store, SYSTEM, folder / FILES[layer], layer, now=NOW)
            if not report.written:
                raise SystemExit(f"{layer}: {report.faults[:3]}")
            seconds[layer] = time.perf_counter() - start
    finally:
        store.close()
    return seconds


def peer_seconds(source: Path, target: Path) -> float:
    """Seconds that geopandas takes to read the same file and to write it as a GeoPackage."""
    start = time.perf_counter()
    gpd.read_file(f"/vsizip/{source}").to_file(target, driver="GPKG", layer=LAYER)
    return time.perf_counter() - start


def main() -> None:
    """Run by arguments and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("villages", 2060), ("households", 1_200_000), ("seed", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path, help="files made before by `python -m seeds`")
    parser.add_argument("--store", type=Path, help="keep the loaded store here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minqing-load-") as scratch:
        folder = given.folder or Path(scratch) / "files"
        if given.folder is None:
            write_county(make_county(Size.of(given.villages, given.households), given.seed), folder)
        peer = peer_seconds((folder / FILES[LAYER]).resolve(), Path(scratch) / "peer.gpkg")
        seconds = load_seconds(folder, given.store or Path(scratch) / "county.gpkg")
        report = {
            "seconds": {layer: round(value, 1) for layer, value in seconds.items()},
            "households_s": round(seconds[LAYER], 1),
            "households_limit_s": LIMIT_S,
            "peer_households_s": round(peer, 1),
            "households_to_peer_ratio": round(seconds[LAYER] / peer, 2),
            "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
