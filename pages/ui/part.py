"""A part of a page that reruns by itself, so that a click answers without running the whole page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import streamlit as st

from pages.ui.errors import guarded
from pages.web.current import use_browser_language


def page_part(render: Callable[[], None]) -> Callable[[], None]:
    """Make a fragment of a function; it sets the language itself, as the router does not run before it."""

    @st.fragment
    @wraps(render)
    def run() -> None:
        use_browser_language()
        guarded(render)

    return run
