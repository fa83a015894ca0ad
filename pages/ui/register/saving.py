"""Saving what was typed: done, refused or somebody else was first. Nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from geo.errors import AppError, ConflictError
from geo.i18n import _
from geo.operations.registry import Registered
from pages.ui.register.state import RegisterState
from pages.ui.text import plain


def save(state: RegisterState, write: Callable[[], Registered], *, said: str = "") -> None:
    """Write, and open what was written; what went wrong is said below the form, whose fields stay."""
    try:
        done = write()
    except ConflictError as conflict:
        st.error(plain(str(conflict)))
        _settle(state)
        return
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    said = said or (_("已保存。") if done.batch else _("没有改动。"))
    state.open(done.code, said=" ".join([said, *done.notes]), keeps_row=state.code == done.code)
    st.rerun()


def _settle(state: RegisterState) -> None:
    """Somebody was first: take theirs, or save one's own over it, knowingly."""
    st.button(_("载入最新内容"), on_click=state.open, args=(state.code,), width="stretch")
    st.button(_("保留我填的内容，再次保存"), on_click=_forget_version, args=(state,), width="stretch")


def _forget_version(state: RegisterState) -> None:
    state.version = 0
