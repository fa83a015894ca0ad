"""How the parts of the page look: its own style sheet, and cards with a heading."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

_STYLE_SHEET = Path(__file__).with_name("profile.css")


def apply_profile_look() -> None:
    """Add the page's style sheet."""
    st.html(f"<style>{_style_sheet()}</style>")


def show_card(title: str, body: str, *, style: str = "") -> None:
    """Show a card with a heading; ``body`` is HTML, ``style`` a further class."""
    st.html(f'<section class="card panel {style}"><h3>{escape(title)}</h3>{body}</section>')


def empty_html(text: str) -> str:
    """What stands in a card in which nothing is on record."""
    return f'<p class="hint">{escape(text)}</p>'


def picture_html(svg: str, words: str, style: str) -> str:
    """A drawing as a picture: Streamlit lets no SVG through in the page itself."""
    data = b64encode(svg.encode()).decode()
    return f'<img class="{style}" src="data:image/svg+xml;base64,{data}" alt="{escape(words)}">'


@cache
def _style_sheet() -> str:
    return _STYLE_SHEET.read_text(encoding="utf-8")
