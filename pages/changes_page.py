"""变更记录: what was changed, by whom and why; taken back, reversed, approved."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.answers.changes import change_list
from geo.i18n import _
from pages.ui import cached
from pages.ui.changes.actions import approval_switch, offer_actions
from pages.ui.changes.listing import KEY, as_shown, column_formats, mine_filter, state_filter
from pages.ui.empty import show_empty
from pages.ui.filters import township_filter
from pages.ui.part import page_part
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store

MOST_LISTED = 300


def render() -> None:
    """Run the page."""
    changes()


@page_part
def changes() -> None:
    """Filters, list, and what can be done with the chosen change."""
    store, actor = the_store(), current_actor()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        township = township_filter(actor, cached.townships(store, actor))
        state, mine = state_filter(actor), mine_filter()
        st.space("stretch")
        approval_switch(store, actor, township)
    table = change_list(store, actor, township=township, mine=mine, state=state, limit=MOST_LISTED)
    if table.empty:
        show_empty(_("没有符合条件的变更"), _("在“网格管理”页保存的每一项变更都会列在这里。"))
        return
    left, right = st.columns([2, 1])
    with left, st.container(key="table", height=600, border=False):
        st.dataframe(
            as_shown(table),
            key=KEY,
            hide_index=True,
            height="stretch",
            on_select="rerun",
            selection_mode="single-row",
            column_config=column_formats(),
            placeholder="",
        )
    with right, st.container(key="side"):
        chosen = _chosen(table)
        if chosen is None:
            st.caption(_("勾选左侧的一项变更，可查看详情、撤销、恢复原状或审批。"))
            return
        offer_actions(store, actor, chosen, today=cached.first_as_of(store))


def _chosen(table: pd.DataFrame) -> pd.Series | None:
    rows = st.session_state.get(KEY, {}).get("selection", {}).get("rows", [])
    return table.iloc[rows[0]] if rows and rows[0] < len(table) else None
