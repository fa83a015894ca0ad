"""The look: page settings and the style sheet, the same on every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from geo.i18n import _

_HERE = Path(__file__).parent
STYLE_SHEET = _HERE / "look.css"
ICON = _HERE / "icon.svg"


def apply_look(title: str) -> None:
    """Set the page up: browser title, wide layout, our style sheet. Must be the first Streamlit call."""
    st.set_page_config(page_title=title, page_icon=str(ICON), layout="wide")
    upload, limit = _("选择文件"), _("或拖到此处")
    words = f':root {{ --say-upload: "{upload}"; --say-limit: "{limit}"; }}'
    st.html(f"<style>{_style_sheet()}{words}</style>")


@cache
def _style_sheet() -> str:
    return STYLE_SHEET.read_text(encoding="utf-8")
