"""The map as folium objects: a base map that stays, and a feature group that says what it shows.

Changing theme, township, date or selection sends a new feature group of a few kilobytes; the map, its view
and the tiles in memory stay (see `layers/browser/map.js`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from geo.i18n import _
from layers import offline, styles
from layers.edit import EditTool
from layers.edit_words import editing_words
from layers.legend import legend_html
from layers.marks import Mark
from layers.mercator import MAX_ZOOM
from layers.registry import MAP_LAYERS
from layers.themes import EVERY_THEME, OVERLAYS, THEMES

Rectangle = tuple[float, float, float, float]

CHINA = (73.0, 18.0, 135.0, 54.0)
"""What is shown while a store has no territory yet (west, south, east, north)."""
WATCHED = ",".join(MAP_LAYERS)
"""The map layers of which a map's version speaks: give `TileService.version` these."""
LEAST_ZOOM = 4
ZOOM_STEP = 0.25
"""Zooms between two levels let a county fill the map instead of a third of it."""
_FALLBACK_ZOOM = 10
_NORTH_ARROW = (
    '<svg width="14" height="22" viewBox="0 0 14 22" aria-hidden="true">'
    '<path d="M7 0L14 22L7 17L0 22Z" fill="currentColor"/></svg>'
)


class _Start(JSCSSMixin, MacroElement):
    """Prepares the map: styles, controls and the declarations of all themes."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Minqing.start({{ this._parent.get_name() }}, {{ this.setup|tojson }});"
        "{% endmacro %}"
    )
    default_js = [
        ("vectorgrid", offline.VECTORGRID_JS),
        ("minqing_paint", offline.own_file("paint.js")),
        ("minqing_map", offline.own_file("map.js")),
    ]
    default_css: offline.Links = []

    def __init__(self, setup: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Start"
        self.setup = setup


class _Editing(JSCSSMixin, MacroElement):
    """Prepares the map for drawing."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Minqing.startEditing({{ this._parent.get_name() }}, {{ this.setup|tojson }});"
        "{% endmacro %}"
    )
    default_js = [("geoman", offline.GEOMAN_JS), ("minqing_edit", offline.own_file("edit.js"))]
    default_css = [("geoman_css", offline.GEOMAN_CSS), ("minqing_edit_css", offline.own_file("edit.css"))]

    def __init__(self, setup: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Editing"
        self.setup = setup


class _Show(MacroElement):
    """Tells the map what to show from now on."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Minqing.show({{ this._parent._parent.get_name() }}, {{ this.change|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, change: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Show"
        self.change = change


def base_map(
    bounds: Rectangle | None,
    *,
    extent: Rectangle | None = None,
    tiles: str = "/tiles",
    editing: bool = False,
) -> folium.Map:
    """A map of everything in the given rectangle, with scale bar, north arrow and the note on its validity.

    Parameters
    ----------
    bounds : west, south, east, north in degrees, or None
        What is in view at first; None shows China.
    extent : west, south, east, north in degrees, or None
        Where there is anything to draw; tiles outside are not asked for. None is the same as ``bounds``.
    tiles : str
        Address under which tiles are served.
    editing : bool
        Whether `theme_group` may be given a tool to draw with; loads what drawing needs.
    """
    offline.install()
    west, south, east, north = bounds or CHINA
    drawn = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        zoom_start=_FALLBACK_ZOOM,
        tiles=None,
        zoom_control=False,
        control_scale=False,
        prefer_canvas=True,
        attribution_control=False,
        font_size="12px",
        zoom_snap=ZOOM_STEP,
        fade_animation=False,  # an office PC without a GPU pays for every frame of it
    )
    # The constructor keeps these two to itself.
    drawn.options["min_zoom"], drawn.options["max_zoom"] = (
        LEAST_ZOOM,
        MAX_ZOOM,
    )
    drawn.add_child(_Start(_setup(_corners(bounds or CHINA), _corners(extent or bounds or CHINA), tiles)))
    if editing:
        drawn.add_child(_Editing(editing_words()))
    return drawn


def theme_group(
    theme: str,
    *,
    as_of: date,
    township: str = "",
    version: str = "",
    selected: str | Collection[str] = "",
    overlays: Collection[str] = (),
    tool: EditTool | None = None,
    marks: Iterable[Mark] = (),
    legend_open: bool = True,
) -> folium.FeatureGroup:
    """What the map shows, for ``st_folium(feature_group_to_add=…)``.

    Parameters
    ----------
    theme : str
        Key in `layers.themes.EVERY_THEME`.
    as_of : date
    township : str
        Township code; everything outside recedes. Empty shows the county.
    version : str
        Version of the data (`TileService.version` of `WATCHED`); when it changes the browser asks for its
        tiles anew. The browser also looks for newer ones by itself, once a second.
    selected : str or collection of str
        Code of a village or cell to emphasise, or the codes that were chosen: those are filled, too.
    overlays : collection of str
        Keys in `layers.themes.OVERLAYS` to lay over the theme.
    tool : EditTool or None
        What is to be drawn; only on a map for editing.
    marks : iterable of Mark
        Single things drawn over the tiles.
    legend_open : bool
        Whether the legend is unfolded at first.
    """
    group = folium.FeatureGroup(name="theme")
    change = {
        "theme": EVERY_THEME[theme].key,
        "asOf": as_of.isoformat(),
        "version": version,
        "township": township,
        "selected": [selected] if isinstance(selected, str) else sorted(selected),
        "isChoice": not isinstance(selected, str),
        "overlays": [name for name in OVERLAYS if name in overlays],
        "legend": legend_html(theme, overlays=overlays, is_open=legend_open),
    }
    if theme not in THEMES:
        change["declared"] = EVERY_THEME[theme].as_json()
    if tool is not None:
        change["tool"] = tool.as_json()
    if drawn := [mark.as_json() for mark in marks if not mark.geometry.is_empty]:
        change["marks"] = drawn
    group.add_child(_Show(change))
    return group


def _corners(rectangle: Rectangle) -> list[list[float]]:
    """South-west and north-east corner, latitude first, as Leaflet wants them."""
    west, south, east, north = rectangle
    return [[south, west], [north, east]]


def _setup(bounds: list[list[float]], extent: list[list[float]], tiles: str) -> dict[str, Any]:
    """What the browser needs to know once."""
    return {
        "bounds": bounds,
        "css": _css(),
        "note": _("示意图，不作划界依据"),
        "north": _NORTH_ARROW + _("北"),
        "zoomIn": _("放大"),
        "zoomOut": _("缩小"),
        "missing": _("地图数据未能载入，请刷新页面；如仍不行，请重新登录。"),
        "parts": {"live": offline.own_file("live.js"), "marks": offline.own_file("marks.js")},
        "marks": {kind: look.as_json() for kind, look in styles.MARKS.items()},
        "state": {
            "tiles": tiles,
            "watched": WATCHED,
            "extent": extent,
            "themes": {key: theme.as_json() for key, theme in THEMES.items()},
            "choices": {key: overlay.as_json() for key, overlay in OVERLAYS.items()},
            "paper": styles.PAPER,
            "ink": styles.INK,
            "accent": styles.ACCENT,
            "selectedLook": styles.SELECTED_LINE.as_json(),
            "chosenLook": styles.CHOSEN.as_json(),
        },
    }


def _css() -> str:
    colours = f":root {{ --paper: {styles.PAPER}; --ink: {styles.INK}; --accent: {styles.ACCENT}; }}\n"
    return colours + (offline.OWN_FILES / "map.css").read_text(encoding="utf-8")
