"""Streamlit's own scripts and styles: what its page starts with, and what the login page fetches ahead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streamlit import file_util

from layers.offline import map_links

_ENTRY = re.compile(r'<script type="module"[^>]* src="\./(static/js/[\w.-]+)"')
_MODULE = re.compile(r'<link rel="modulepreload"[^>]* href="\./(static/js/[\w.-]+)"')
_STYLE = re.compile(r'<link rel="stylesheet"[^>]* href="\./(static/css/[\w.-]+)"')
_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
# What our map page shows; Streamlit loads each of them, and all they need, when it first meets one.
_WIDGETS = (
    "Button",
    "ButtonGroup",
    "ComponentInstance",
    "DateInput",
    "Html",
    "PageLink",
    "Selectbox",
    "TextInput",
)
_ICON_FONT = "MaterialSymbols-Rounded.*.woff2"


@dataclass(frozen=True)
class Bundle:
    """Addresses on this server of the parts of Streamlit's page.

    Attributes
    ----------
    entry : str
        The module that starts everything.
    modules, styles : tuple of str
        What it needs at once.
    widgets : tuple of str
        Modules that it needs as soon as the first page's script has run.
    fonts : tuple of str
        The font of its icons.
    """

    entry: str
    modules: tuple[str, ...]
    widgets: tuple[str, ...]
    styles: tuple[str, ...]
    fonts: tuple[str, ...]


@cache
def streamlit_bundle() -> Bundle:
    """The installed Streamlit's bundle, read from its own page."""
    page = (_static() / "index.html").read_text(encoding="utf-8")
    entry, modules, styles = (
        tuple(f"/{path}" for path in wanted.findall(page)) for wanted in (_ENTRY, _MODULE, _STYLE)
    )
    known = {entry[0], *modules}
    widgets = tuple(url for url in _widget_modules() if url not in known)
    fonts = tuple(f"/static/media/{font.name}" for font in (_static() / "static" / "media").glob(_ICON_FONT))
    return Bundle(entry[0], modules, widgets, styles, fonts)


def prefetched_urls() -> tuple[str, ...]:
    """Addresses of scripts and styles to fetch ahead: Streamlit's first ones, the widgets', the map's."""
    bundle = streamlit_bundle()
    return (bundle.entry, *bundle.modules, *bundle.widgets, *bundle.styles, *map_links())


def _widget_modules() -> list[str]:
    """The widgets' modules and all that they import, each once."""
    scripts = _static() / "static" / "js"
    waiting = [found.name for widget in _WIDGETS for found in scripts.glob(f"{widget}.*.js")]
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += _IMPORT.findall((scripts / name).read_text(encoding="utf-8"))
    return [f"/static/js/{name}" for name in sorted(found)]


def _static() -> Path:
    return Path(file_util.get_static_dir())
