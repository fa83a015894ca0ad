"""Pages run by Streamlit's own test harness over a store of the test's choice."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.access import Actor
from geo.store.engine import Store
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


def html_of(page: AppTest) -> str:
    """All HTML that a page shows, together."""
    return "\n".join(block.body for block in page.get("html"))
