"""Security headers: the browser may load from this server only, whatever ends up in a page."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

_COMMON = "base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
_OWN_PAGE = f"default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; {_COMMON}"
# Streamlit writes style elements and one script into its page, loads components' code from blob:
# and puts HTML into srcdoc frames, which inherit the page's policy.
_PAGE = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    f"worker-src 'self' blob:; connect-src 'self' data: blob:; frame-src 'self' data: blob:; {_COMMON}"
)
# streamlit-folium hands its map over as text and evaluates it inside its own frame.
_COMPONENT = _PAGE.replace("'unsafe-inline' 'wasm-unsafe-eval'", "'unsafe-inline' 'unsafe-eval'")
# What somebody uploaded: shown by itself at most, and never a page of ours.
_ATTACHMENT = f"default-src 'none'; sandbox; {_COMMON}"

_COMPONENT_AGE_S = 86_400
_OWN_PATHS = ("/login", "/logout", "/password", "/view-as", "/healthz", "/language")
_KEPT_BY_BROWSER = ("/static/", "/assets/", "/component/", "/tiles/", "/attachment/", "/favicon")


def add_security_headers(headers: MutableHeaders, path: str, *, is_whole: bool) -> None:
    """Add what every answer carries: content policy, no sniffing, referrer or foreign frame, nothing kept.

    ``is_whole`` is False for an error, which a browser must not keep.
    """
    headers["Content-Security-Policy"] = _policy(path)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "SAMEORIGIN"
    if path.startswith("/attachment/"):
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"
    if not is_whole:
        headers["Cache-Control"] = "no-store"
    elif path.startswith("/component/") and not path.endswith(".html"):
        # Streamlit says "public" without an age, which browsers take for nothing.
        headers["Cache-Control"] = f"private, max-age={_COMPONENT_AGE_S}"
    elif not path.startswith(_KEPT_BY_BROWSER):
        headers["Cache-Control"] = "no-store"


def _policy(path: str) -> str:
    if path.startswith("/component/"):
        return _COMPONENT
    if path.startswith("/attachment/"):
        return _ATTACHMENT
    return _OWN_PAGE if path.startswith(_OWN_PATHS) else _PAGE
