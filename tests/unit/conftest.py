"""Stores for the tests of import and export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo.store.engine import Store, create_store
from tests import rectifying
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


@pytest.fixture
def place(store: Store) -> Store:
    """The tiny county of `tests.rectifying`, once on each database."""
    return rectifying.county(store)


@pytest.fixture
def unchanged(place: Store) -> Iterator[Callable[[], None]]:
    """What a test tries after calling this writes nothing of a rectification."""
    seen: list[list[int]] = []
    yield lambda: seen.append(rectifying.rows_of(place))
    assert seen
    assert rectifying.rows_of(place) == seen[-1]
