"""What the login page lets the browser fetch ahead, so that the first map is not kept waiting."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from streamlit import file_util

_LINKED = re.compile(r'(?:src|href)="\./(static/(?:js|css)/[\w.-]+)"')
_MAP_FILES = (
    "leaflet/dist/leaflet.js",
    "leaflet/dist/leaflet.css",
    "leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.js",
    "jquery/dist/jquery.min.js",
    "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap/dist/css/bootstrap.min.css",
)


@cache
def prefetched_urls(assets: Path) -> tuple[str, ...]:
    """Addresses of Streamlit's first scripts and styles, then of the map's, as far as they exist."""
    index = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    bundle = [f"/{path}" for path in _LINKED.findall(index)]
    return (*bundle, *(f"/assets/{name}" for name in _MAP_FILES if (assets / name).is_file()))
