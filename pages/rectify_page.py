"""整改: what is on the list, how many days are left, who has to act, and getting it off the list."""

from __future__ import annotations

import streamlit as st
from geopandas import GeoDataFrame

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.filters import date_filter, township_filter
from pages.ui.part import page_part
from pages.ui.rectify.board import show_board
from pages.ui.rectify.case import show_case
from pages.ui.rectify.filters import Look, case_filter, view_filter
from pages.ui.rectify.gantt import show_gantt
from pages.ui.rectify.listing import show_list
from pages.ui.rectify.opening import listing_form, may_list
from pages.ui.rectify.overview import show_overview
from pages.ui.rectify.paper import offer_files
from pages.ui.rectify.reads import case_rows
from pages.ui.rectify.rectify_map import draw_rectify_map, take_map
from pages.ui.rectify.state import RectifyDesk, the_rectify_desk
from pages.ui.rectify.strip import strip_html
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """Filters, figures, the view and the panel: all that a click runs again."""
    store, actor, desk = the_store(), current_actor(), the_rectify_desk()
    show_said()
    look, whole = _choose(store, actor, desk)
    take_map(store, actor, desk, whole, as_of=look.as_of)
    with st.container(key="figures"):
        st.html(strip_html(whole))
    with st.container(key="stage"):
        middle, side = st.columns([2.1, 1])
    with middle:
        _show_view(store, actor, desk, look, look.kept(whole))
    with side, st.container(key="side"):
        if desk.case:
            show_case(store, actor, desk, look.as_of)
        elif desk.is_listing:
            listing_form(store, actor, desk, look.as_of)
        else:
            show_overview(desk, whole)


def _choose(store: Store, actor: Actor, desk: RectifyDesk) -> tuple[Look, GeoDataFrame]:
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        view = view_filter()
        township = township_filter(actor, cached.townships(store, actor))
        as_of = date_filter(cached.first_as_of(store))
        look = Look(view, township, as_of, *case_filter())
        st.space("stretch")
        if may_list(actor):
            st.button(_("挂牌"), icon=":material/add:", on_click=desk.list_new, key="rectify_list_new")
        whole = case_rows(store, actor, as_of=as_of, township=township)
        offer_files(store, actor, look)
    return look, whole


def _show_view(store: Store, actor: Actor, desk: RectifyDesk, look: Look, cases: GeoDataFrame) -> None:
    if look.view == "gantt":
        show_gantt(desk, cases, look.as_of)
    elif look.view == "list":
        show_list(desk, cases)
    elif look.view == "map":
        draw_rectify_map(store, actor, the_tiles(), desk, look, cases)
    else:
        show_board(desk, cases)
