"""Saving what was typed: done or refused; what was typed stays until it is saved."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from geo.errors import AppError
from geo.i18n import _
from pages.ui.goals.state import GoalsDesk
from pages.ui.saying import say
from pages.ui.text import plain


def save(desk: GoalsDesk, write: Callable[[], int]) -> None:
    """Write and begin the form afresh; what went wrong is said, and the fields stay as they are."""
    try:
        written = write()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    desk.open(desk.village)
    say(_("已保存。") if written else _("没有改动。"))
    st.rerun()
