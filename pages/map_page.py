"""民情地图: the map in its themes, the key figures above it, and what is at a place beside it."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.answers.place import Place, what_is_here
from geo.i18n import _
from geo.store.engine import Store
from layers.themes import OVERLAYS, THEMES
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.figures import figures_html
from pages.ui.filters import Choice, date_filter, overlay_filter, theme_filter, township_filter
from pages.ui.mapview import MAP_KEY, draw_map, emphasised, map_state
from pages.ui.network_table import offer_network
from pages.ui.part import page_part
from pages.ui.search import forget_hits, search_for
from pages.ui.side import show_side
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    store, actor = the_store(), current_actor()
    if cached.scope_bounds(store, actor, the_tiles(), as_of=cached.first_as_of(store)) is None:
        show_empty(_("还没有可显示的村"), _("请在“数据”页导入乡镇、村和网格。"))
        return
    search_for(store, actor)
    stage()


@page_part
def stage() -> None:
    """Filters, figures, map and side panel: what a click or a filter runs again."""
    store, actor = the_store(), current_actor()
    if map_state().take_click(st.session_state.get(MAP_KEY)):
        forget_hits()
    choice = _choose(store, actor)
    figures = st.container(key="figures")
    place = _asked(store, actor, choice)
    with st.container(key="stage"):
        middle, side = st.columns([3.1, 1])
    # The map goes first: the numbers around it take their time after the data have changed.
    with middle, st.container(key="map"):
        today = cached.first_as_of(store)
        home = cached.scope_bounds(store, actor, the_tiles(), as_of=today)
        extent = the_tiles().bounds(as_of=today)
        draw_map(the_tiles(), choice, home=home, extent=extent, selected=emphasised(place, choice))
    with figures:
        ratios = cached.key_figures(store, actor, as_of=choice.as_of, township=choice.township)
        st.html(figures_html(ratios, as_of=choice.as_of.isoformat()))
    with side, st.container(key="side"):
        show_side(store, actor, choice, place)


def _choose(store: Store, actor: Actor) -> Choice:
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        theme = theme_filter({key: _(theme.title) for key, theme in THEMES.items()})
        township = township_filter(actor, cached.townships(store, actor))
        as_of = date_filter(cached.first_as_of(store))
        overlays = overlay_filter({key: _(overlay.title) for key, overlay in OVERLAYS.items()})
        choice = Choice(township, as_of, theme, overlays)
        if theme == "responsibility_network":
            offer_network(store, actor, choice)
    whole = cached.scope_bounds(store, actor, the_tiles(), as_of=as_of)
    map_state().choose_township(
        township, the_tiles().bounds(as_of=as_of, township=township) if township else whole
    )
    return choice


def _asked(store: Store, actor: Actor, choice: Choice) -> Place | None:
    point = map_state().point
    if point is None:
        return None
    return what_is_here(store, actor, point.lon, point.lat, as_of=choice.as_of)
