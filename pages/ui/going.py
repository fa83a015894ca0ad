"""Going to another page from within a part of one: the wish is kept, the router follows it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_WISH = "going_to"


def go_to(page: str, **parameters: str) -> None:
    """Go to the router's page of that name, with parameters in its address; ends this run."""
    st.session_state[_WISH] = (page, parameters)
    st.rerun()


def follow_wish(pages: Mapping[str, StreamlitPage]) -> None:
    """Go where the last run wished to go, if it did and there is such a page."""
    page, parameters = st.session_state.pop(_WISH, ("", {}))
    if page in pages:
        st.switch_page(pages[page], query_params=parameters)
