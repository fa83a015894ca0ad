"""补缺方案: who could close which gap, how much better it would be, and putting it into effect."""

from __future__ import annotations

from datetime import date

import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.operations.gap_plan import PLANNERS
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.empty import show_empty
from pages.ui.filters import date_filter, township_filter
from pages.ui.part import page_part
from pages.ui.plan.adopting import adopt
from pages.ui.plan.asking import compute, kinds_filter, limits_filter
from pages.ui.plan.drafts import drafts_menu, save_form, show_comparison
from pages.ui.plan.figures import show_figures
from pages.ui.plan.map import draw_plan_map
from pages.ui.plan.rows import choose_rows, offer_downloads, show_open
from pages.ui.plan.state import PlanDesk, the_plan_desk, view_choice
from pages.ui.saying import show_said
from pages.web.current import current_actor
from pages.web.state import the_store, the_tiles


def render() -> None:
    """Run the page."""
    stage()


@page_part
def stage() -> None:
    """What is asked for, the figures, the rows and the map."""
    store, actor, desk = the_store(), current_actor(), the_plan_desk()
    show_said()
    if actor.role not in PLANNERS:
        show_empty(_("此账号不能编制补缺方案"), _("方案由县委组织部、网格协调员和县级领导编制。"))
        return
    desk.close_when_saved()
    _ask(store, actor, desk)
    if desk.plan is None:
        show_empty(
            _("还没有方案"),
            _("选择乡镇、缺口种类和限制，点“计算方案”；也可打开已保存的草案。计算不改动任何数据。"),
        )
        return
    show_figures(desk.plan)
    with st.container(key="stage"):
        left, right = st.columns([1.35, 1])
    with left, st.container(key="side"):
        _show_view(store, actor, desk, today=cached.first_as_of(store))
    with right:
        draw_plan_map(the_tiles(), desk)


def _ask(store: Store, actor: Actor, desk: PlanDesk) -> None:
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        township = township_filter(actor, cached.townships(store, actor))
        as_of = date_filter(cached.first_as_of(store))
        kinds, limits = kinds_filter(), limits_filter(store, desk)
        compute(store, actor, desk, as_of=as_of, township=township, kinds=kinds, **limits)
        st.space("stretch")
        drafts_menu(store, actor, desk)
        save_form(store, actor, desk)
        offer_downloads(desk)


def _show_view(store: Store, actor: Actor, desk: PlanDesk, *, today: date) -> None:
    view = view_choice(desk)
    if view == "open":
        show_open(desk)
    elif view == "compare":
        show_comparison(desk)
    elif view == "adopt":
        adopt(store, actor, desk, today=today)
    else:
        choose_rows(desk)
