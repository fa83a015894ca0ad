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
    said = {
        "upload": _("选择文件"),
        "limit": _("或拖到此处"),
        "no-file": _("没有生成文件。请刷新页面后再试；仍不行，请联系管理员。"),
    }
    words = "".join(f'--say-{name}: "{text}"; ' for name, text in said.items())
    st.html(f"<style>{_style_sheet()}:root {{ {words}}}</style>")


@cache
def _style_sheet() -> str:
    return STYLE_SHEET.read_text(encoding="utf-8")
