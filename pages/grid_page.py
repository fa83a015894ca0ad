"""网格管理: who covers what, the map at its side, and everything a coordinator changes in a day."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.desk.desk_map import choosing_mode, draw_desk_map, take_map
from pages.ui.desk.marks import marks_of
from pages.ui.desk.proposing import proposal_marks
from pages.ui.desk.state import Desk, the_desk
from pages.ui.desk.target_list import filtered, selection_bar, show_list, take_rows
from pages.ui.desk.tools import Choice, choose, offer_downloads, offer_undo, tool_of
from pages.ui.desk.work import work_panel
from pages.ui.empty import show_empty
from pages.ui.part import page_part
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    desk()


@page_part
def desk() -> None:
    """Filters, list, map and the work on what is chosen: all that a click runs again."""
    store, actor, desk = the_store(), current_actor(), the_desk()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        choice = choose(store, actor, desk)
        whole = cached.target_rows(store, actor, desk.kind, as_of=choice.as_of, township=choice.township)
        table = filtered(whole, states=choice.states, text=choice.text)
        st.space("stretch")
        offer_undo(store, actor, desk)
        offer_downloads(desk, table, choice)
    if whole.empty:
        show_empty(_("这里还没有可以分派的对象"), _("请换一种责任或乡镇；若尚无数据，请先在“数据”页导入。"))
        return
    take_rows(desk)
    _stage(store, actor, desk, whole, table, choice)


def _stage(
    store: Store, actor: Actor, desk: Desk, whole: gpd.GeoDataFrame, table: gpd.GeoDataFrame, choice: Choice
) -> None:
    with st.container(key="desk"):
        middle, side = st.columns([1.25, 1])
    with side, st.container(key="side"):
        with st.container(key="chosen", horizontal=True, vertical_alignment="center"):
            choosing = choosing_mode()
            take_map(desk, whole, tool_of(desk, whole, choosing))
            desk.keep_only(whole["code"])
            selection_bar(desk, table, whole)
        show_list(desk, table)
        found = work_panel(store, actor, desk, whole, as_of=choice.as_of, today=cached.first_as_of(store))
    with middle:
        draw_desk_map(
            the_tiles(),
            desk,
            tool=tool_of(desk, whole, choosing),
            marks=proposal_marks(desk) or marks_of(found),
            township=choice.township,
            as_of=choice.as_of,
            home=cached.scope_bounds(store, actor, the_tiles(), as_of=choice.as_of),
        )
