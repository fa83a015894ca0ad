"""What many tests need: a store on both databases, and one way to skip.

A test that needs something the machine lacks is skipped with one line saying what; with
``MINQING_REQUIRE_ALL=1`` (continuous integration) it fails instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from geo.store.engine import Store, create_store, open_store
from tests.postgres import POSTGIS, PostgresCluster, memory_folder, postgres_bin
from tests.stores import copied_store

pytest_plugins = ["tests.county", "tests.answers_store"]

CHROMIUM = "Chromium (apt: chromium)"


def _everything_is_required() -> bool:
    return os.environ.get("MINQING_REQUIRE_ALL") == "1"


def require_or_skip(available: bool, what: str) -> None:
    """Go on when ``available``; else skip saying what is missing, or fail where everything is required."""
    if available:
        return
    message = f"not found on this machine: {what}"
    if _everything_is_required():
        pytest.fail(message)
    pytest.skip(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first, so that no worker waits for one at the end; one line for what is lacking."""
    long = {
        item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")
    }
    items.sort(key=lambda item: item.path not in long)
    _leave_out_what_is_missing(config, items)


def _leave_out_what_is_missing(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the tests that lack the same thing keep one, which says in one line what is missing."""
    if _everything_is_required():
        return
    for marker, what in (("postgis", POSTGIS), ("browser", CHROMIUM)):
        lacking = [item for item in items if item.get_closest_marker(marker)]
        if not lacking or _has(marker):
            continue
        reason = f"not found on this machine: {what}; {len(lacking)} tests were left out"
        lacking[0].add_marker(pytest.mark.skip(reason=reason))
        items[:] = [item for item in items if item not in set(lacking[1:])]
        config.hook.pytest_deselected(items=lacking[1:])


def _has(marker: str) -> bool:
    return postgres_bin() is not None if marker == "postgis" else shutil.which("chromium") is not None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """The session's cluster, with a template database that has the schema."""
    bin_folder = postgres_bin()
    require_or_skip(bin_folder is not None, POSTGIS)
    assert bin_folder is not None
    # The socket's path may hold a hundred characters: pytest's own temporary folders are too long.
    folder = Path(tempfile.mkdtemp(prefix="mq-pg-", dir=memory_folder()))
    with ExitStack() as at_the_end:
        at_the_end.callback(shutil.rmtree, folder)
        cluster = PostgresCluster(folder, bin_folder)
        at_the_end.callback(cluster.stop)
        cluster.sql("CREATE DATABASE template_store")
        create_store(cluster.url("template_store")).close()
        yield cluster


@pytest.fixture(scope="session")
def gpkg_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty GeoPackage store to copy: making one takes half a second."""
    path = tmp_path_factory.mktemp("template") / "empty.gpkg"
    create_store(str(path)).close()
    return path


@pytest.fixture
def gpkg_store(gpkg_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty GeoPackage store."""
    with copied_store(gpkg_template, tmp_path) as store:
        yield store


@pytest.fixture
def postgis_store(postgres: PostgresCluster) -> Iterator[Store]:
    """An empty PostGIS store."""
    name = f"store_{uuid.uuid4().hex[:12]}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE template_store STRATEGY file_copy")
    store = open_store(postgres.url(name))
    yield store
    store.close()
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["gpkg", pytest.param("postgis", marks=pytest.mark.postgis)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store, once on each database."""
    opened: Store = request.getfixturevalue(f"{request.param}_store")
    return opened
