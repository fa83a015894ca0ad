"""Who asked, from where, and where they may be sent: what a request claims and is not simply believed."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from pages.web.settings import WebSettings

_NOT_PAGES = (
    "/_stcore/",
    "/tiles/",
    "/api/",
    "/download/",
    "/attachment/",
    "/media/",
    "/component/",
    "/static/",
    "/app/",
    "/assets/",
)
_NEVER_NEXT = ("/login", "/logout", "/language", "/view-as")


def local_path(wanted: str | None) -> str:
    """A path of this server to go on to: the wanted one if it is safe, else ``/``.

    >>> local_path("/villages?label=weak"), local_path("//evil.example"), local_path("https://evil.example")
    ('/villages?label=weak', '/', '/')
    """
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or "\\" in wanted:
        return "/"
    # Browsers read //host as another server; urlsplit says which part it takes for a host.
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    if wanted.startswith("//") or parts.netloc or parts.scheme or parts.path.startswith(_NEVER_NEXT):
        return "/"
    return wanted


def asks_for_page(connection: HTTPConnection) -> bool:
    """Whether somebody opened a page, as opposed to what pages load by themselves."""
    if connection.scope["method"] != "GET" or connection.url.path.startswith(_NOT_PAGES):
        return False
    return "text/html" in connection.headers.get("accept", "")


def is_secure(connection: HTTPConnection, settings: WebSettings) -> bool:
    """Whether the browser speaks https with us, or with the proxy before us."""
    if settings.trust_proxy and "x-forwarded-proto" in connection.headers:
        return connection.headers["x-forwarded-proto"].split(",")[0].strip() == "https"
    return connection.url.scheme in ("https", "wss")


def client_address(connection: HTTPConnection, settings: WebSettings) -> str:
    """Address of the browser, as far as we may know it."""
    if settings.trust_proxy and "x-forwarded-for" in connection.headers:
        # The last entry was added by our own proxy; the ones before it are the client's claims.
        return connection.headers["x-forwarded-for"].rsplit(",", 1)[-1].strip()
    return connection.client.host if connection.client else ""


def is_own_origin(headers: Headers, settings: WebSettings) -> bool:
    """Whether a request was made by one of our own pages, or by no page at all.

    Browsers name the page's origin on every websocket and every unsafe request; a program that is no
    browser names none, and has no user's cookies to abuse.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    hosts = {headers.get("host", "").lower()}
    if settings.trust_proxy and "x-forwarded-host" in headers:
        hosts.add(headers["x-forwarded-host"].lower())
    return urlsplit(origin).netloc.lower() in hosts - {""}
