"""One sentence about what was just done, shown with the next run of the page.

A button's callback must not draw: what it drew would take the place of the page's first elements.
"""

from __future__ import annotations

import streamlit as st

from pages.ui.text import plain

_KEY = "to_say"


def say(sentence: str, *, refused: bool = False) -> None:
    """Have a sentence shown; a refusal stays a little longer."""
    st.session_state[_KEY] = (sentence, refused)


def show_said() -> None:
    """Show what is to be said, once."""
    kept = st.session_state.pop(_KEY, None)
    if kept is None:
        return
    sentence, refused = kept
    icon = ":material/error:" if refused else ":material/check:"
    st.toast(plain(sentence), icon=icon, duration="long" if refused else "short")
