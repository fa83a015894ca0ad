"""The same server with an empty page: what Streamlit costs before we do anything."""

from __future__ import annotations

from pathlib import Path

from streamlit.starlette import App

app = App(Path(__file__).with_name("empty_page.py"))
