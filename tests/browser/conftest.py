"""The real application over a small county, seen by a real Chromium that can reach nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chrome import CHROMIUM, Visit, chromium, visiting
from tests.browser.server import Site, make_sample, running_site
from tests.conftest import require_or_skip

NewVisit = Callable[..., Visit]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    require_or_skip(Path(CHROMIUM).exists(), "Chromium (apt: chromium)")
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a small sample county, to copy."""
    store = tmp_path_factory.mktemp("sample") / "county.gpkg"
    make_sample(store)
    return store


@pytest.fixture(scope="session")
def county_site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server over a small sample county."""
    store = tmp_path_factory.mktemp("browser") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as site:
        yield site


@pytest.fixture
def site(county_site: Site) -> Site:
    """The server to visit; modules that write make one of their own."""
    return county_site


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[NewVisit]:
    """Opens fresh browser profiles; afterwards none of them may have asked elsewhere or complained."""
    visits: list[Visit] = []
    with ExitStack() as profiles:

        def start(**options: object) -> Visit:
            visits.append(profiles.enter_context(visiting(browser, site, **options)))
            return visits[-1]

        yield start
        for each in visits:
            assert each.foreign_requests() == []
            assert each.complaints == []
