"""What stands where there is nothing to show: why, and how to go on."""

from __future__ import annotations

from html import escape

import streamlit as st


def show_empty(title: str, text: str) -> None:
    """Show an empty state: one line that says what is missing and one that says what to do."""
    st.html(f'<div class="empty"><b>{escape(title)}</b>{escape(text)}</div>')
