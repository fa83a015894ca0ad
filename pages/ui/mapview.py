"""The map on the page: drawn by `layers`, moved by `pages.ui.view`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import folium
import streamlit as st
from streamlit_folium import st_folium

from geo.access import Actor
from geo.answers.place import Place, what_is_here
from geo.store.engine import Store
from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from layers.themes import THEMES
from layers.tiles import TileService
from pages.ui import cached
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


def clicked_village(store: Store, actor: Actor, state: MapState, key: str, *, as_of: date) -> str | None:
    """Code of the village that was clicked on the map under a key since the last run; None for no click."""
    if not state.take_click(st.session_state.get(key)) or state.point is None:
        return None
    here = what_is_here(store, actor, state.point.lon, state.point.lat, as_of=as_of)
    return None if here.restricted else here.village_code


def draw_theme_map(
    store: Store,
    actor: Actor,
    tiles: TileService,
    state: MapState,
    theme: str,
    *,
    key: str,
    as_of: date,
    township: str,
    selected: str,
    marks: Sequence[Mark] = (),
    look_at: Bounds | None = None,
) -> None:
    """Draw a page's own map of one theme, under a key of the session.

    Parameters
    ----------
    state : MapState
        Where it looks: the township when that changes, and what ``look_at`` says.
    selected : str
        Code of the village to emphasise; may be empty.
    look_at : west, south, east, north
        What to bring into view now; None leaves the view.
    """
    home = cached.scope_bounds(store, actor, tiles, as_of=as_of)
    state.choose_township(township, tiles.bounds(as_of=as_of, township=township) if township else home)
    if look_at is not None:
        state.show(look_at)
    focus = state.focus
    with st.container(key="map"):
        st_folium(
            filling(base_map(home, extent=tiles.bounds(as_of=as_of))),
            key=key,
            height=_HEIGHT_PX,
            use_container_width=True,
            returned_objects=["last_clicked"],
            feature_group_to_add=theme_group(
                theme,
                as_of=as_of,
                township=township,
                version=tiles.version(WATCHED),
                selected=selected,
                marks=list(marks),
            ),
            center=focus.center if focus else None,
            zoom=focus.exact_zoom if focus else None,
        )


def filling(drawn: folium.Map) -> folium.Map:
    """The same map, told to fill the frame it stands in."""
    drawn.get_root().header.add_child(folium.Element(_FILL), name="fill")
    return drawn
