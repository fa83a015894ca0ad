"""folium without the internet: every script and style comes from this application's own address.

folium and its plugins name their scripts on public servers. On a closed network one such link leaves a blank
map without a word, so a link that is not ours is an error as soon as the map is rendered.
"""

from __future__ import annotations

from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any

import folium
from folium.elements import JSCSSMixin

ASSETS = "/assets"
OWN_FILES = Path(__file__).parent / "browser"

LEAFLET_JS = f"{ASSETS}/leaflet/dist/leaflet.js"
LEAFLET_CSS = f"{ASSETS}/leaflet/dist/leaflet.css"
VECTORGRID_JS = f"{ASSETS}/leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js"
GEOMAN_JS = f"{ASSETS}/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js"
GEOMAN_CSS = f"{ASSETS}/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css"

Links = list[tuple[str, str]]


class CdnLink(RuntimeError):
    """A map element wants a script or style from another address."""


def own_file(name: str) -> str:
    """Address of one of our own browser files; changes with its content, so it may be kept for ever."""
    return f"{ASSETS}/map/{name}?v={_digest(name)}"


def map_links() -> tuple[str, ...]:
    """Everything that the map loads, in order; worth fetching ahead on the login page."""
    return LEAFLET_JS, VECTORGRID_JS, own_file("paint.js"), own_file("map.js"), LEAFLET_CSS


@cache
def install() -> None:
    """Let folium load Leaflet from here and nothing else; needed once a process, further calls do nothing."""
    # jQuery, Bootstrap and icon fonts serve folium's popups and markers, of which our maps have none.
    folium.Map.default_js = [("leaflet", LEAFLET_JS)]
    folium.Map.default_css = [("leaflet_css", LEAFLET_CSS)]
    render = JSCSSMixin.render

    @wraps(render)
    def render_own(element: JSCSSMixin, **kwargs: Any) -> None:
        require_own_links([*element.default_js, *element.default_css])
        render(element, **kwargs)  # type: ignore[no-untyped-call]

    JSCSSMixin.render = render_own  # type: ignore[method-assign, assignment]


def require_own_links(links: Links) -> None:
    """Raise `CdnLink` when a link leads away from this application."""
    for name, link in links:
        if not link.startswith(f"{ASSETS}/"):
            raise CdnLink(f"{name}: {link}")


@cache
def _digest(name: str) -> str:
    return blake2b((OWN_FILES / name).read_bytes(), digest_size=6).hexdigest()
