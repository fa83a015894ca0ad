"""Fixtures of a small made-up county: as frames, and loaded into a store by the real import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.store.engine import Store, create_store, open_store
from seeds.county import County, make_county
from seeds.load import load_files
from seeds.size import Size
from seeds.write import write_county
from tests.stores import copied_store

VILLAGES, HOUSEHOLDS, SEED = 24, 1_500, 7
AS_OF = date(2026, 5, 1)
NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def small_county() -> County:
    """Two townships, 24 villages, 1,500 households; treat its frames as read-only."""
    return make_county(Size.of(VILLAGES, HOUSEHOLDS), SEED)


@pytest.fixture(scope="session")
def county_frames(small_county: County) -> dict[str, pd.DataFrame]:
    """The small county's frames by layer; treat them as read-only."""
    return small_county.frames


@pytest.fixture(scope="session")
def planted(small_county: County) -> list[dict[str, Any]]:
    """The faults planted in the small county: ``kind``, ``cause``, ``count``, ``codes`` …"""
    return list(small_county.manifest["faults"])


@pytest.fixture(scope="session")
def county_files(small_county: County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county's shapefiles and tables."""
    folder = tmp_path_factory.mktemp("county-files")
    write_county(small_county, folder)
    return folder


@pytest.fixture(scope="session")
def county_path(county_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GeoPackage store with the small county, designations and sample accounts; copy it to write."""
    path = tmp_path_factory.mktemp("county-store") / "county.gpkg"
    store = create_store(str(path))
    load_files(store, county_files, now=NOW)
    store.close()
    return path


@pytest.fixture(scope="session")
def county_store(county_path: Path) -> Iterator[Store]:
    """The small county's store, shared by the whole session: read only."""
    store = open_store(str(county_path))
    yield store
    store.close()


@pytest.fixture
def county_store_copy(county_path: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own with the small county in it."""
    with copied_store(county_path, tmp_path) as store:
        yield store
