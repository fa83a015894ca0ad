"""Who is looking at the page that Streamlit is running now, and in which language."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.i18n import set_language
from pages.web.language import language_of
from pages.web.session import COOKIE, SessionOver
from pages.web.state import the_sessions


def current_actor() -> Actor:
    """The actor behind this run, checked against the store; `SessionOver` when nobody is signed in.

    The websocket's own cookie is read again, not a header: a page that is run by any other way than through
    the gate finds nobody.
    """
    sessions = the_sessions()
    ticket = sessions.open(st.context.cookies.get(COOKIE))
    if ticket is None:
        raise SessionOver
    return sessions.actor(ticket)


def use_browser_language() -> None:
    """Run this page in the browser's language; the router calls it first."""
    set_language(language_of(st.context.cookies))
