"""Going to another page from within a part of one: the wish is kept, the router follows it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_WISH, _HERE, _OPENED = "going_to", "page_here", "opened_by_name"


def go_to(page: str, **parameters: str) -> None:
    """Go to the router's page of that name, with parameters in its address; ends this run."""
    st.session_state[_WISH] = (page, parameters)
    st.rerun()


def follow_wish(pages: Mapping[str, StreamlitPage]) -> None:
    """Go where the last run wished to go, if it did and there is such a page."""
    page, parameters = st.session_state.pop(_WISH, ("", {}))
    if page in pages:
        st.switch_page(pages[page], query_params=parameters)


def note_page(page: str) -> None:
    """Note which page is shown: what an address names is opened once on each visit of its page."""
    if st.session_state.get(_HERE) != page:
        st.session_state[_HERE] = page
        st.session_state.pop(_OPENED, None)


def newly_named(parameter: str) -> str:
    """What the address names, the first time on this visit; "" for nothing, or for what was given before.

    Runs of the same page bring the same address again, whatever was opened or closed since.
    """
    named = str(st.query_params.get(parameter, ""))
    if not named or st.session_state.get(_OPENED) == (parameter, named):
        return ""
    st.session_state[_OPENED] = (parameter, named)
    return named
