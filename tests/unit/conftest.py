"""Stores for the tests of import and export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geo.store.engine import Store, create_store
from tests.exchange_files import load_territory
from tests.stores import copied_store


@pytest.fixture(scope="session")
def territory_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the territory of `tests.exchange_files`, to copy."""
    folder = tmp_path_factory.mktemp("territory")
    store = create_store(str(folder / "county.gpkg"))
    load_territory(store, folder)
    store.close()
    return folder / "county.gpkg"


@pytest.fixture
def territory_store(territory_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of one's own with the territory of `tests.exchange_files`."""
    with copied_store(territory_template, tmp_path) as store:
        yield store
