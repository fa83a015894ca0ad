"""The empty page that Streamlit's scripts fill: Streamlit's own, with our title, icon and end of session."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from geo.i18n import _, current_language
from pages.web.addresses import asks_for_page

_OWN_PAGES = ("/login", "/logout", "/password", "/language/", "/healthz")
_FONT = re.compile(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>')
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')
_AGENT = re.compile(r'<!--(?:(?!-->).)*?-->\s*<link rel="service-desc"[^>]*>', re.DOTALL)
_STATIC = Path(__file__).parent / "static"


class Shell:
    """ASGI middleware inside the gate that answers every page request with the one shell.

    The address of a page means something to Streamlit's scripts only; asking it for its index would give the
    same file from disk, with a foreign title and without the script that leads to the login.
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
def shell_html(language: str) -> str:
    """The shell in a language (its title is translated in the context's language, which must be the same)."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    script = (_STATIC / "session.js").read_text(encoding="utf-8")
    icon = '<link rel="icon" href="/assets/own/mark.svg" type="image/svg+xml">'
    page = _AGENT.sub("", _FONT.sub("", _ICON.sub(icon, page)))
    page = page.replace('<html lang="en">', f'<html lang="{"zh-CN" if language == "zh" else "en"}">')
    page = page.replace("<title>Streamlit</title>", f"<title>{escape(_('民情地图'))}</title>")
    # Pages may lie deeper than the root one day; the scripts never do.
    page = page.replace('"./', '"/')
    return page.replace("<head>", f"<head><script>\n{script}</script>", 1)
