"""The map on the page: drawn by `layers`, moved by `pages.ui.view`."""

from __future__ import annotations

import folium
import streamlit as st
from streamlit_folium import st_folium

from geo.answers.place import Place
from layers.folium_map import WATCHED, base_map, theme_group
from layers.themes import THEMES
from layers.tiles import TileService
from pages.ui.filters import Choice
from pages.ui.view import Bounds, MapState

MAP_KEY, STATE_KEY = "map", "map_state"
_HEIGHT_PX = 600
# The frame's height comes from look.css, so that the map fills any screen; the map fills its frame.
_FILL = (
    "<style>html, body { margin: 0; } #map_div { height: 100vh !important; width: 100% !important; }</style>"
)


def map_state() -> MapState:
    """This session's map."""
    return st.session_state.setdefault(STATE_KEY, MapState())


def emphasised(place: Place | None, choice: Choice) -> str:
    """Code of what the map emphasises: the cell where cells are the question, else the village."""
    if place is None:
        return ""
    if place.cells and "cells" in (*THEMES[choice.theme].layers, *choice.overlays):
        return place.cells[0].code
    return place.village_code or ""


def draw_map(
    tiles: TileService, choice: Choice, *, home: Bounds | None, extent: Bounds | None, selected: str
) -> None:
    """Draw the map.

    Parameters
    ----------
    home : west, south, east, north
        What is in view when the page opens.
    extent : west, south, east, north
        All that the map draws: the whole county, of which everybody sees the outline.
    selected : str
        Code of the village or cell to emphasise; may be empty.
    """
    focus = map_state().focus
    group = theme_group(
        choice.theme,
        as_of=choice.as_of,
        township=choice.township,
        version=tiles.version(WATCHED),
        selected=selected,
        overlays=choice.overlays,
    )
    st_folium(
        filling(base_map(home, extent=extent)),
        key=MAP_KEY,
        height=_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_clicked"],
        feature_group_to_add=group,
        center=focus.center if focus else None,
        zoom=focus.exact_zoom if focus else None,
    )


def filling(drawn: folium.Map) -> folium.Map:
    """The same map, told to fill the frame it stands in."""
    drawn.get_root().header.add_child(folium.Element(_FILL), name="fill")
    return drawn
