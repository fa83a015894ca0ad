"""The main script of every page run: language, who asks, bar, page.

It lies inside ``pages/`` on purpose: beside it Streamlit discovers no pages of its own, so a cold deep link
runs through here too.
"""

from __future__ import annotations

import streamlit as st

from geo.i18n import _
from pages import (
    accounts_page,
    changes_page,
    data_page,
    gaps_page,
    goals_page,
    grid_page,
    holder_page,
    map_page,
    plan_page,
    priority_page,
    profile_page,
    rectify_page,
    register_page,
    rules_page,
    villages_page,
)
from pages.ui.cached import county_name
from pages.ui.errors import guarded
from pages.ui.filters import keep_choices
from pages.ui.going import follow_wish, note_page
from pages.ui.look import apply_look
from pages.ui.topbar import topbar
from pages.ui.viewbar import viewbar
from pages.web.current import current_actor, use_browser_language
from pages.web.state import the_store


def run() -> None:
    """Run the page that was asked for."""
    use_browser_language()
    apply_look(_("民情地图"))
    pages = {
        "map": st.Page(map_page.render, title=_("地图"), url_path="map", default=True),
        "gaps": st.Page(gaps_page.render, title=_("覆盖缺口"), url_path="gaps"),
        "priority": st.Page(priority_page.render, title=_("重点村"), url_path="priority"),
        "rectify": st.Page(rectify_page.render, title=_("整改"), url_path="rectify"),
        "villages": st.Page(villages_page.render, title=_("村庄"), url_path="villages"),
        "profile": st.Page(profile_page.render, title=_("村情"), url_path="profile"),
        "grid": st.Page(grid_page.render, title=_("网格管理"), url_path="grid"),
        "holder": st.Page(holder_page.render, title=_("责任人"), url_path="holder"),
        "changes": st.Page(changes_page.render, title=_("变更"), url_path="changes"),
        "register": st.Page(register_page.render, title=_("名册"), url_path="register"),
        "plan": st.Page(plan_page.render, title=_("补缺方案"), url_path="plan"),
        "goals": st.Page(goals_page.render, title=_("目标清单"), url_path="goals"),
        "data": st.Page(data_page.render, title=_("数据"), url_path="data"),
        "rules": st.Page(rules_page.render, title=_("规则"), url_path="rules"),
    }
    actor = current_actor()
    if accounts_page.may_manage(actor):
        pages["accounts"] = st.Page(accounts_page.render, title=_("账号"), url_path="accounts")
    here = st.navigation(list(pages.values()), position="hidden")
    keep_choices()
    follow_wish(pages)
    note_page(here.url_path)
    viewbar(actor)
    topbar(pages, here, actor, county=county_name(the_store()))
    here.run()


guarded(run)
