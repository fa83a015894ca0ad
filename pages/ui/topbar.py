"""The bar above every page: title, pages, search, account."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from geo.access import Actor
from geo.i18n import LANGUAGES, _, current_language
from geo.vocabulary import label_of

SEARCH_KEY, OPEN_MAP_KEY = "search_text", "open_map"
IN_MENU = ("goals", "data", "rules", "accounts")
"""Pages that are seldom wanted stand in a menu behind the others."""
UNLISTED = ("plan", "profile")
"""Pages that another page leads to."""


def topbar(pages: Mapping[str, StreamlitPage], here: StreamlitPage, actor: Actor, *, county: str) -> None:
    """Draw the bar; a search text lands in the session under `SEARCH_KEY` and opens the map."""
    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap=None):
        st.html(_title(county), width="content")
        for name, page in pages.items():
            if name not in (*IN_MENU, *UNLISTED):
                _link(name, page, here)
        _menu({name: pages[name] for name in IN_MENU if name in pages}, here)
        st.space("stretch")
        st.text_input(
            _("查找"),
            key=SEARCH_KEY,
            placeholder=_("查找村、干部或代码"),
            label_visibility="collapsed",
            width=240,
            on_change=ask_for_map,
        )
        account = st.container(key="account", width="content")
        with account, st.popover(label_of(actor.role), icon=":material/person:"):
            st.html(_account(actor, here.url_path))
    if st.session_state.pop(OPEN_MAP_KEY, False) and here != pages["map"]:
        st.switch_page(pages["map"])


def _link(name: str, page: StreamlitPage, here: StreamlitPage) -> None:
    with st.container(key=f"{'here' if page == here else 'there'}_{name}", width="content"):
        st.page_link(page, label=page.title)


def _menu(pages: Mapping[str, StreamlitPage], here: StreamlitPage) -> None:
    """The menu of further pages, named after the one that is open."""
    inside = here in pages.values()
    bar = st.container(key=f"{'here' if inside else 'there'}_more", width="content")
    # A key of its own on every page: going to another one closes the menu.
    with bar, st.popover(here.title if inside else _("更多"), key=f"more_{here.url_path}"):
        for page in pages.values():
            st.page_link(page, label=page.title)


def ask_for_map() -> None:
    """Open the map with the next run of the page."""
    st.session_state[OPEN_MAP_KEY] = True


def _title(county: str) -> str:
    title, name = escape(_("民情地图")), f"<small>{escape(county)}</small>" if county else ""
    return f'<div class="bar-title">{title}{name}</div>'


def _account(actor: Actor, path: str) -> str:
    scope = _("范围：") + (_("全县") if "" in actor.scopes else "、".join(sorted(actor.scopes)))
    leave = _("退出登录")
    own = _("修改密码")
    change = "" if actor.viewer else f'<a href="/password" target="_self">{escape(own)}</a>'
    languages = "".join(
        f'<a href="/language/{code}?next=/{path}" target="_self"{_current(code)}>{name}</a>'
        for code, name in LANGUAGES.items()
    )
    return (
        f'<div class="account"><b>{escape(actor.user)}</b><div>{escape(label_of(actor.role))}</div>'
        f'<div class="scope">{escape(scope)}</div><hr>{languages}<hr>'
        f"{change}"
        f'<form method="post" action="/logout"><button>{escape(leave)}</button></form></div>'
    )


def _current(code: str) -> str:
    return ' aria-current="true"' if code == current_language() else ""
