"""重点村: which villages come first and why, whether all are covered, and how that changed over the years."""

from __future__ import annotations

from functools import partial

import streamlit as st
from geopandas import GeoDataFrame

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.downloads import offer_table
from pages.ui.filters import chosen_day, date_filter, township_filter
from pages.ui.part import page_part
from pages.ui.priority.doubts import show_doubts
from pages.ui.priority.filters import Look, labels_filter, view_filter, year_filter
from pages.ui.priority.listing import as_shown, listed, show_list
from pages.ui.priority.panel import show_side
from pages.ui.priority.priority_map import draw_priority_map, take_map
from pages.ui.priority.reads import count_rows, priority_rows
from pages.ui.priority.state import PriorityDesk, the_priority_desk
from pages.ui.priority.strip import strip_html
from pages.ui.priority.townships import show_townships, township_table
from pages.ui.priority.years import show_years
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """Filters, figures, the view and the panel: all that a click runs again."""
    store, actor, desk = the_store(), current_actor(), the_priority_desk()
    show_said()
    look, table = _choose(store, actor)
    take_map(store, actor, desk, as_of=look.as_of)
    with st.container(key="figures"):
        st.html(strip_html(table))
    with st.container(key="stage"):
        middle, side = st.columns([2.1, 1])
    with middle:
        _show_view(store, actor, desk, look, table)
    with side, st.container(key="side"):
        show_side(store, actor, desk, look, table)


def _choose(store: Store, actor: Actor) -> tuple[Look, GeoDataFrame]:
    today = cached.first_as_of(store)
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        view = view_filter()
        township = township_filter(actor, cached.townships(store, actor))
        year_filter(today, chosen_day(today))
        as_of = date_filter(today)
        look = Look(view, township, as_of, labels_filter())
        read = partial(priority_rows, store, actor, as_of=as_of, township=township)
        st.space("stretch")
        with st.popover(_("下载"), icon=":material/download:"):
            offer_table(lambda: as_shown(listed(look.kept(read()))), _("重点村"), as_of)
    return look, look.kept(read())


def _show_view(store: Store, actor: Actor, desk: PriorityDesk, look: Look, table: GeoDataFrame) -> None:
    if look.view == "list":
        show_list(desk, listed(table))
    elif look.view == "townships":
        everywhere = priority_rows(store, actor, as_of=look.as_of, township="")
        show_townships(township_table(count_rows(store, actor, as_of=look.as_of), everywhere))
    elif look.view == "years":
        show_years(store, actor, desk, look, cached.first_as_of(store))
    elif look.view == "doubts":
        show_doubts(store, actor, desk, look)
    else:
        draw_priority_map(store, actor, the_tiles(), desk, look)
