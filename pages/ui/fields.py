"""Fields that begin with what is on record and can be emptied."""

from __future__ import annotations

from typing import Any

import streamlit as st


def begin_with(held: Any, key: str) -> str:
    """Let the field of this key begin with a value, unless it holds one already; returns the key.

    The field itself is made without a value of its own: Streamlit lets dates, numbers and choices be emptied
    only where that is so, and puts back any other one that is cleared.
    """
    if held is not None:
        st.session_state.setdefault(key, held)
    return key
