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
# Parts that Streamlit loads when a page first uses them, by the stem of their names.
_LATER = ("Button", "ComponentInstance", "Html", "IFrameUtil", "purify.es", "Selectbox", "TextInput")


@dataclass(frozen=True)
class Bundle:
    """Addresses on this server of the parts of Streamlit's page.

    Attributes
    ----------
    entry : str
        The module that starts everything.
    modules, styles : tuple of str
        What it needs at once.
    """

    entry: str
    modules: tuple[str, ...]
    styles: tuple[str, ...]


@cache
def streamlit_bundle() -> Bundle:
    """The installed Streamlit's bundle, read from its own page."""
    page = (_static() / "index.html").read_text(encoding="utf-8")
    entry, modules, styles = (
        tuple(f"/{path}" for path in wanted.findall(page)) for wanted in (_ENTRY, _MODULE, _STYLE)
    )
    return Bundle(entry[0], modules, styles)


@cache
def prefetched_urls() -> tuple[str, ...]:
    """Addresses to fetch ahead: Streamlit's first scripts and styles, later parts, then the map's."""
    bundle, scripts = streamlit_bundle(), _static() / "static" / "js"
    later = sorted(f"/static/js/{found.name}" for stem in _LATER for found in scripts.glob(f"{stem}.*.js"))
    return (bundle.entry, *bundle.modules, *bundle.styles, *later, *map_links())


def _static() -> Path:
    return Path(file_util.get_static_dir())
