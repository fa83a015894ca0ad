"""Pages run by Streamlit's own test harness over a store of the test's choice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.access import Actor
from geo.store.engine import Store, create_store
from geo.vocabulary import Role
from layers.tiles import TileService
from pages import (
    accounts_page,
    data_page,
    gaps_page,
    map_page,
    plan_page,
    profile_page,
    register_page,
    rules_page,
    villages_page,
)
from pages.web import current, state
from tests import rectifying

DEPARTMENT = Actor(user="department", role=Role.DEPARTMENT)
PATIENCE_S = 60
RunPage = Callable[..., AppTest]


def _show_page(name: str) -> None:
    import importlib

    importlib.import_module(f"pages.{name}").render()


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest puts its script in the place of the main module; processes started later would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def run_page(monkeypatch: pytest.MonkeyPatch) -> RunPage:
    """Run a page's ``render`` over a store as an actor."""

    def run(name: str, store: Store, actor: Actor = DEPARTMENT, **parameters: str) -> AppTest:
        tiles = TileService(store)
        monkeypatch.setattr(state, "_store", lambda: store)
        monkeypatch.setattr(state, "_tiles", lambda: tiles)
        for module in (
            current,
            map_page,
            villages_page,
            data_page,
            gaps_page,
            register_page,
            rules_page,
            plan_page,
            profile_page,
            accounts_page,
        ):
            monkeypatch.setattr(module, "current_actor", lambda: actor)
        st.cache_data.clear()
        page = AppTest.from_function(_show_page, args=(name,), default_timeout=PATIENCE_S)
        page.query_params.update(parameters)
        return page.run()

    return run


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Store]:
    """The tiny county of `tests.rectifying`."""
    store = rectifying.county(create_store(str(tmp_path / "county.gpkg")))
    yield store
    store.close()


class Files:
    """What the buttons of files make when they are pressed, by label."""

    def __init__(self) -> None:
        self.makers: dict[str, Callable[[], bytes]] = {}

    def offer(self, label: str, make: Callable[[], bytes], *_about: object, **_look: object) -> None:
        """In the place of `streamlit.download_button`."""
        self.makers[label] = make

    def press(self, label: str) -> bytes:
        """The file."""
        return self.makers[label]()

    def table(self) -> pd.DataFrame:
        """The file of the button for CSV."""
        return pd.read_csv(BytesIO(self.press("下载 CSV")), dtype=str)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """The files that are offered."""
    offered = Files()
    monkeypatch.setattr(st, "download_button", offered.offer)
    return offered


def html_of(page: AppTest) -> str:
    """All HTML that a page shows, together."""
    return "\n".join(block.body for block in page.get("html"))
