"""规则: from when on something counts, since when, who says so; set for this county by the department."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.thresholds import threshold_table
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.filters import date_filter
from pages.ui.part import page_part
from pages.ui.rules.panel import show_rule
from pages.ui.rules.state import RulesState, rules_state
from pages.ui.rules.table import group_filter, in_order, listed, only_set_filter, show_rules
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """Filters, the table, and the open rule."""
    store, actor, state = the_store(), current_actor(), rules_state()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        title = _("规则")
        st.html(f'<h1 class="page-title">{title}</h1>', width="content")
        as_of = date_filter(cached.first_as_of(store))
        whole = in_order(threshold_table(store, actor, as_of=as_of))
        table = listed(whole, group_filter(whole), only_set=only_set_filter())
    if table.empty:
        show_empty(_("没有符合条件的规则"), _("本县还没有自行设定的值，各项都按默认值判断。"))
        return
    middle, side = st.columns([2.1, 1], gap="small")
    with middle, st.container(key="table", height=600, border=False):  # look.css fits it to the screen
        show_rules(table, state)
    with side, st.container(key="side"):
        _show_side(store, actor, whole, state)


def _show_side(store: Store, actor: Actor, whole: pd.DataFrame, state: RulesState) -> None:
    chosen = whole[whole["name"] == state.name]
    if chosen.empty:
        st.caption(_("勾选一条规则，查看它的依据和历次的值；县委组织部可为本县设定。"))
        return
    show_rule(store, actor, chosen.iloc[0].to_dict(), state, today=cached.first_as_of(store))
