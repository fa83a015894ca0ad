"""The look: page settings and the style sheet, the same on every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
STYLE_SHEET = _HERE / "look.css"
ICON = _HERE / "icon.svg"


def apply_look(title: str) -> None:
    """Set the page up: browser title, wide layout, our style sheet. Must be the run's first Streamlit call."""
    st.set_page_config(page_title=title, page_icon=str(ICON), layout="wide")
    st.html(STYLE_SHEET)
