"""Doing something to a case from a form: said and shown anew, or refused with the fields as they are."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from geo.errors import AppError
from pages.ui.rectify.state import RectifyDesk
from pages.ui.saying import say
from pages.ui.text import plain


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
