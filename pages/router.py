"""The main script of every page run: language, who asks, bar, page.

It lies inside ``pages/`` on purpose: beside it Streamlit discovers no pages of its own, so a cold deep link
runs through here too.
"""

from __future__ import annotations

import streamlit as st

from geo.i18n import _
from pages import data_page, map_page, villages_page
from pages.ui.cached import county_name
from pages.ui.errors import guarded
from pages.ui.filters import keep_choices
from pages.ui.look import apply_look
from pages.ui.topbar import topbar
from pages.web.current import current_actor, use_browser_language
from pages.web.state import the_store


def run() -> None:
    """Run the page that was asked for."""
    use_browser_language()
    apply_look(_("民情地图"))
    pages = {
        "map": st.Page(map_page.render, title=_("地图"), url_path="map", default=True),
        "villages": st.Page(villages_page.render, title=_("村庄"), url_path="villages"),
        "data": st.Page(data_page.render, title=_("数据"), url_path="data"),
    }
    here = st.navigation(list(pages.values()), position="hidden")
    keep_choices()
    topbar(pages, here, current_actor(), county=county_name(the_store()))
    here.run()


guarded(run)
