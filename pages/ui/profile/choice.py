"""Which village the page is about: chosen by name or code, or named in the address."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached

PARAMETER = "village"


def chosen_village(store: Store, actor: Actor) -> str | None:
    """The village's code; the address keeps it, so that the page can be linked to.

    A code in the address that the account may not read is given too: whoever asks for it is told why not.
    """
    names = cached.village_names(store, actor)
    named = st.query_params.get(PARAMETER) or (next(iter(names)) if len(names) == 1 else None)
    options = list(names)
    chosen = st.selectbox(
        _("村"),
        options,
        index=options.index(named) if named in names else None,
        format_func=lambda code: f"{names[code]} · {code}",
        placeholder=_("输入村名或代码"),
        label_visibility="collapsed",
        width=330,
    )
    if chosen and chosen != st.query_params.get(PARAMETER):
        st.query_params[PARAMETER] = chosen
    return chosen or named
