"""目标清单: how far villages are with the eight goals and the checklists, by county, township and village."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import streamlit as st
from pandas import DataFrame

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.downloads import offer_table
from pages.ui.filters import date_filter, township_filter
from pages.ui.goals.look import GOALS, TOWNSHIPS, Look, view_filter, what_filter, year_filter
from pages.ui.goals.side import show_side
from pages.ui.goals.state import goals_desk
from pages.ui.goals.tables import (
    show_townships,
    show_villages,
    township_rows,
    village_rows,
    villages_as_shown,
)
from pages.ui.part import page_part
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store

_STYLE_SHEET = Path(__file__).with_name("ui") / "goals" / "goals.css"


def render() -> None:
    """Run the page."""
    st.html(f"<style>{_style()}</style>")
    stage()


@page_part
def stage() -> None:
    """Filters, the table and the side: all that a click runs again."""
    store, actor, desk = the_store(), current_actor(), goals_desk()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        look = _choose(store, actor)
        rows, counts = look.rows(store, actor), look.counts(store, actor)
        st.space("stretch")
        if len(rows):
            with st.popover(_("下载"), icon=":material/download:"):
                offer_table(partial(_villages, store, actor, look), _("目标清单"), look.as_of)
    with st.container(key="stage"):
        middle, side = st.columns([2.1, 1])
    with middle:
        if look.view == TOWNSHIPS:
            show_townships(township_rows(counts), look)
        else:
            show_villages(village_rows(rows, look), look, desk)
    with side, st.container(key="side"):
        show_side(store, actor, desk, look, rows, counts)


def _villages(store: Store, actor: Actor, look: Look) -> DataFrame:
    return villages_as_shown(village_rows(look.rows(store, actor), look), look)


def _choose(store: Store, actor: Actor) -> Look:
    what, view = what_filter(), view_filter()
    township = township_filter(actor, cached.townships(store, actor))
    as_of = date_filter(cached.first_as_of(store))
    year = year_filter(store, actor, as_of) if what == GOALS else as_of.year
    return Look(what, view, township, as_of, year)


@cache
def _style() -> str:
    return _STYLE_SHEET.read_text(encoding="utf-8")
