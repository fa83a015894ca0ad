"""名册: cadres, units, households, areas, groups and branches, entry by entry."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.answers.register import BY_VILLAGE, may_add, register_table
from geo.frames import LAYERS
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.filters import township_filter
from pages.ui.part import page_part
from pages.ui.register.panel import show_entry, show_new
from pages.ui.register.state import RegisterState, register_state
from pages.ui.register.table import choose_register, count_sentence, show_table
from pages.web.current import current_actor
from pages.web.state import the_store


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """Filters, table and the open entry."""
    store, actor, state = the_store(), current_actor(), register_state()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        layer = choose_register(actor)
        state.turn_to(layer)
        township = township_filter(actor, cached.townships(store, actor)) if layer in BY_VILLAGE else ""
        text = st.text_input(
            _("筛选"),
            key="register_text",
            placeholder=_("名称或代码"),
            label_visibility="collapsed",
            width=180,
        )
        retired = st.checkbox(_("含已停用"), key="register_retired", width="content")
        counted = st.container(width="content")
        st.space("stretch")
        if may_add(actor, layer):
            label = _("新增{register}").format(register=_(LAYERS[layer].label))
            st.button(label, type="primary", on_click=state.open, args=(None,), kwargs={"is_new": True})
    table = register_table(
        store, actor, layer, as_of=cached.first_as_of(store), township=township, text=text, retired=retired
    )
    counted.html(f'<div class="filter-label counted">{count_sentence(table)}</div>')
    middle, side = st.columns([2.1, 1], gap="small")
    with middle, st.container(key="table", height=600, border=False):  # look.css fits it to the screen
        if table.empty:
            show_empty(
                _("没有符合条件的条目"), _("请放宽筛选条件，或在右上角新增；大批数据请在“数据”页导入。")
            )
        else:
            show_table(table, layer, state)
    with side, st.container(key="side"):
        _show_side(store, actor, layer, state)


def _show_side(store: Store, actor: Actor, layer: str, state: RegisterState) -> None:
    if state.is_new:
        show_new(store, actor, layer, state)
    elif state.code:
        show_entry(store, actor, layer, state)
    else:
        st.caption(_("勾选一行，查看资料、责任和变更记录。"))
