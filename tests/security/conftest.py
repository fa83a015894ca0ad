"""One real server over a small county for all security tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from geo.store.engine import Store
from tests.browser.server import Site, running_site
from tests.security.accounts import PASSWORD
from tests.security.county import ACCOUNTS, make_county
from tests.security.matrix_county import make_matrix_county
from tests.stores import copied_store

SignIn = Callable[[str], requests.Session]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("site") / "county.gpkg"
    make_county(path)
    with running_site(path) as running:
        yield running


@pytest.fixture
def sign_in(site: Site) -> Iterator[SignIn]:
    """Signs a user in and gives a client that carries the cookie."""
    clients = []

    def start(user: str) -> requests.Session:
        client = requests.Session()
        clients.append(client)
        answer = client.post(
            f"{site.url}/login", data={"user": user, "password": PASSWORD}, allow_redirects=False, timeout=30
        )
        assert answer.status_code == 303, answer.text
        return client

    yield start
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def cookies(site: Site) -> dict[str, dict[str, str]]:
    """A session cookie for each account, for tests that only look."""
    found = {}
    for user in ACCOUNTS:
        answer = requests.post(
            f"{site.url}/login", data={"user": user, "password": PASSWORD}, allow_redirects=False, timeout=30
        )
        found[user] = dict(answer.cookies)
    return found


@pytest.fixture(scope="session")
def crafted_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marked county of `tests.security.matrix_county`, made once."""
    path = tmp_path_factory.mktemp("crafted") / "county.gpkg"
    make_matrix_county(path)
    return path


@pytest.fixture
def crafted_county(crafted_path: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own with the marked county in it."""
    with copied_store(crafted_path, tmp_path) as store:
        yield store
