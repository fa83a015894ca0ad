"""村情: everything about one village on one page, to read at a glance, keep up to date and print."""

from __future__ import annotations

import streamlit as st

from geo.i18n import _
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.filters import date_filter
from pages.ui.part import page_part
from pages.ui.profile.actions import offer_actions
from pages.ui.profile.choice import chosen_village
from pages.ui.profile.figures import show_figures
from pages.ui.profile.head import facts_html, head_html
from pages.ui.profile.look import apply_profile_look
from pages.ui.profile.pictures import show_sheets, show_then_and_now
from pages.ui.profile.reads import profile_of
from pages.ui.profile.sections import show_glance, show_plans
from pages.ui.profile.work import show_cases
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store


def render() -> None:
    """Run the page."""
    apply_profile_look()
    profile()


@page_part
def profile() -> None:
    """Which village, and all that is known of it."""
    store, actor = the_store(), current_actor()
    show_said()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        code = chosen_village(store, actor)
        as_of = date_filter(cached.first_as_of(store))
        st.space("stretch")
        actions = st.container(horizontal=True, width="content")
    if code is None:
        show_empty(_("请选择村"), _("输入村名或代码，查看该村的地图、责任人、指标、标签、规划和整改。"))
        return
    seen = profile_of(store, actor, code, as_of=as_of)
    with actions:
        offer_actions(store, actor, seen)
    with st.container(key="profile"):
        st.html(head_html(seen) + facts_html(seen))
        show_glance(store, actor, seen)
        show_figures(store, actor, seen, editable=True)
        show_plans(store, actor, seen)
        show_cases(seen.cases)
        show_then_and_now(store, actor, seen)
        show_sheets(store, actor, seen)
