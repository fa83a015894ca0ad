"""A store of a test's own, as a copy of one that was made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.store.engine import Store, open_store


@contextmanager
def copied_store(template: Path, folder: Path) -> Iterator[Store]:
    """Open a copy of a GeoPackage store in a folder until the block is left."""
    path = folder / "county.gpkg"
    shutil.copy(template, path)
    store = open_store(str(path))
    try:
        yield store
    finally:
        store.close()
