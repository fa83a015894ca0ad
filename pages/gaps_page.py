"""覆盖缺口: where nobody answers, how bad it is, since when, and who must act."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from geopandas import GeoDataFrame

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.filters import date_filter, township_filter
from pages.ui.gaps.filters import Look, kind_filter, offer_actions, view_filter
from pages.ui.gaps.gap_map import draw_gap_map, take_map
from pages.ui.gaps.league import follow_league, league, show_league
from pages.ui.gaps.levels import show_levels
from pages.ui.gaps.listing import chosen_gap, show_gaps
from pages.ui.gaps.reads import chain_rows, gaps_of_both_days, league_rows
from pages.ui.gaps.state import GapDesk, the_gap_desk
from pages.ui.gaps.strip import show_strip
from pages.ui.gaps.timeline import show_timeline
from pages.ui.part import page_part
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """Filters, figures, the view and the panel: all that a click runs again."""
    store, actor, desk = the_store(), current_actor(), the_gap_desk()
    show_said()
    follow_league()
    look = _choose(store, actor)
    take_map(store, actor, desk, as_of=look.as_of)
    with st.container(key="figures"):
        gaps, before = gaps_of_both_days(store, actor, look)
        show_strip(store, actor, look, gaps, before)
    with st.container(key="stage"):
        middle, side = st.columns([2.1, 1])
    with middle:
        _show_view(store, actor, desk, look, gaps)
    with side, st.container(key="side"):
        show_gaps(actor, desk, gaps)


def _choose(store: Store, actor: Actor) -> Look:
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        view = view_filter()
        township = township_filter(actor, cached.townships(store, actor))
        as_of = date_filter(cached.first_as_of(store))
        look = Look(view, township, as_of, kind_filter("gap_kinds", _("只看这些种类（不选为全部）")))
        st.space("stretch")
        offer_actions(store, actor, look)
    return look


def _show_view(store: Store, actor: Actor, desk: GapDesk, look: Look, gaps: GeoDataFrame) -> None:
    if look.view == "league":
        everywhere = gaps_of_both_days(store, actor, replace(look, township=""))
        table = league(league_rows(store, actor, as_of=look.as_of), *everywhere)
        show_league(table, look.township, offered=cached.townships(store, actor))
    elif look.view == "levels":
        show_levels(desk, chain_rows(store, actor, as_of=look.as_of, township=look.township))
    elif look.view == "changes":
        show_timeline(store, actor, look)
    else:
        draw_gap_map(store, actor, the_tiles(), desk, chosen_gap(gaps, desk), look)
