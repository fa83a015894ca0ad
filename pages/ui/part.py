"""A part of a page that reruns by itself, so that a click answers without running the whole page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st

from pages.ui.errors import guarded
from pages.web.current import use_browser_language


def speaking(callback: Callable[..., None]) -> Callable[..., None]:
    """Let a button's callback speak the browser's language: it runs before the page or its part does."""

    @wraps(callback)
    def run(*about: Any) -> None:
        use_browser_language()
        callback(*about)

    return run


def page_part(render: Callable[[], None] | None = None, *, every: float | None = None) -> Callable[..., Any]:
    """Make a fragment of a function; it sets the language itself, as the router does not run before it.

    With ``every`` it also runs again by itself after so many seconds.
    """

    def part(render: Callable[[], None]) -> Callable[[], None]:
        @st.fragment(run_every=every)
        @wraps(render)
        def run() -> None:
            use_browser_language()
            guarded(render)

        return run

    return part if render is None else part(render)
