"""The empty page that Streamlit's scripts fill: with our title and icon, and a way to the login."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from geo.i18n import current_language
from layers.offline import map_links
from pages.web.addresses import asks_for_page
from pages.web.bundle import streamlit_bundle
from pages.web.paper import rendered

_OWN_PAGES = ("/login", "/logout", "/password", "/view-as", "/language/", "/healthz")
_SESSION_SCRIPT = Path(__file__).parent / "static" / "session.js"


class Shell:
    """ASGI middleware inside the gate that answers every page request with the one shell.

    The address of a page means something to Streamlit's scripts only. Its own shell would carry a foreign
    title, load a font we don't use, and show a technical message when the session ends.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page request, pass on everything else."""
        is_page = (
            scope["type"] == "http"
            and not scope["path"].startswith(_OWN_PAGES)
            and asks_for_page(HTTPConnection(scope))
        )
        answer = HTMLResponse(shell_html(current_language())) if is_page else self._app
        await answer(scope, receive, send)


@cache
def shell_html(_language: str) -> str:
    """The shell in the context's language, which is given again because it decides what is remembered."""
    script = Markup(_SESSION_SCRIPT.read_text(encoding="utf-8"))
    return rendered("shell.html", session_script=script, bundle=streamlit_bundle(), map_links=map_links())
