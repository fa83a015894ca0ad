"""责任人: everything one cadre or unit covers, on the map, with load and distance; handing it over."""

from __future__ import annotations

import streamlit as st

from geo.answers.holdings import holdings
from geo.i18n import _
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.figures import strip_html
from pages.ui.filters import date_filter
from pages.ui.holder.choice import chosen_holder
from pages.ui.holder.handover import handover_panel
from pages.ui.holder.map import draw_holder_map
from pages.ui.holder.table import as_shown, column_formats, figures, offer_downloads
from pages.ui.part import page_part
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    holder()


@page_part
def holder() -> None:
    """Who, what they hold, where it is, and who could take it over."""
    store, actor = the_store(), current_actor()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        code = chosen_holder(store, actor)
        as_of = date_filter(cached.first_as_of(store))
        st.space("stretch")
        downloads = st.container(width="content")
    if code is None:
        show_empty(
            _("请选择责任人"), _("输入姓名、单位或代码，查看其负责的全部对象、负担和距离，并可办理移交。")
        )
        return
    held = holdings(store, actor, code, as_of=as_of)
    with downloads:
        offer_downloads(held, as_of=as_of)
    numbers, note = figures(held)
    if numbers or note:
        st.html(strip_html(numbers, note=note))
    with st.container(key="stage"):
        left, right = st.columns([1, 1])
    with left, st.container(key="side"):
        view, hand = st.tabs([_("负责的对象"), _("移交")])
        with view:
            if held.table.empty:
                show_empty(_("目前没有负责任何对象"), _("可在“网格管理”页指派。"))
            else:
                st.dataframe(
                    as_shown(held),
                    hide_index=True,
                    height=480,
                    column_config=column_formats(),
                    placeholder="",
                )
        with hand:
            handover_panel(store, actor, held, as_of=as_of, today=cached.first_as_of(store))
    with right:
        draw_holder_map(the_tiles(), held, as_of=as_of)
