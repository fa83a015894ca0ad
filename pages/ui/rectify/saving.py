"""Doing something to a case from a form: said and shown anew, or refused with the fields as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from geo.errors import AppError
from pages.ui.rectify.state import RectifyDesk
from pages.ui.saying import say
from pages.ui.text import plain


def press_key(key: str, case: Mapping[str, Any]) -> str:
    """Key of a button that changes a case: pressed where another version of it was shown, it does nothing.

    So whatever is done is done to what its user looked at, also with the second click of two; the fields keep
    what was typed, as their keys are without the version.
    """
    return f"{key}_press_{case['version']}"


def do(desk: RectifyDesk, said: str, act: Callable[[], object], *, then: str | None = None) -> None:
    """Do it; ``then`` is the case shown afterwards, the same one when None is given."""
    try:
        done = act()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    desk.open(desk.case if then is None else then or str(done))
    say(said)
    st.rerun(scope="fragment")
