"""What can be done with the table of villages: look one up on its page and on the map."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.going import go_to
from pages.ui.search import go_to_code
from pages.ui.text import plain
from pages.ui.topbar import ask_for_map

TABLE_KEY = "villages_shown"


def offer_village(store: Store, actor: Actor, table: pd.DataFrame) -> None:
    """Buttons that open the chosen row's village: all that is known of it, and the map."""
    rows = st.session_state.get(TABLE_KEY, {}).get("selection", {}).get("rows", [])
    if rows and rows[0] < len(table):
        village = table.iloc[rows[0]]
        if st.button(_("打开村情"), icon=":material/article:", key="open_profile"):
            go_to("profile", village=village["code"])
        label = _("在地图上查看{name}").format(name=plain(village["name"]))
        st.button(label, type="primary", on_click=_show_on_map, args=(store, actor, village["code"]))


def _show_on_map(store: Store, actor: Actor, code: str) -> None:
    go_to_code(store, actor, code)
    ask_for_map()
