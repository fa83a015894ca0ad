"""The map of gaps: all of them hatched, the chosen one marked; a click lists the gaps of that village."""

from __future__ import annotations

from datetime import date

import pandas as pd
import shapely
import streamlit as st
from streamlit_folium import st_folium

from geo.access import Actor
from geo.answers.place import what_is_here
from geo.store.engine import Store
from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from layers.tiles import TileService
from pages.ui import cached
from pages.ui.gaps.filters import Look
from pages.ui.gaps.state import GapDesk, key_of
from pages.ui.mapview import filling

_MAP_KEY, _SHOWN_KEY = "gap_map", "gap_shown"
_HEIGHT_PX = 600
_ROOM_DEG = 0.006


def take_map(store: Store, actor: Actor, desk: GapDesk, *, as_of: date) -> None:
    """List the gaps of the village that was clicked."""
    if not desk.map.take_click(st.session_state.get(_MAP_KEY)) or desk.map.point is None:
        return
    here = what_is_here(store, actor, desk.map.point.lon, desk.map.point.lat, as_of=as_of)
    if here.village_code and not here.restricted:
        desk.in_village(here.village_code)


def draw_gap_map(
    store: Store,
    actor: Actor,
    tiles: TileService,
    desk: GapDesk,
    chosen: pd.Series | None,
    look: Look,
) -> None:
    """Draw the map and bring the chosen gap into view, once."""
    as_of, township = look.as_of, look.township
    home = cached.scope_bounds(store, actor, tiles, as_of=as_of)
    desk.map.choose_township(township, tiles.bounds(as_of=as_of, township=township) if township else home)
    _look_at(desk, chosen)
    focus = desk.map.focus
    with st.container(key="map"):
        st_folium(
            filling(base_map(home, extent=tiles.bounds(as_of=as_of))),
            key=_MAP_KEY,
            height=_HEIGHT_PX,
            use_container_width=True,
            returned_objects=["last_clicked"],
            feature_group_to_add=theme_group(
                "coverage_gaps",
                as_of=as_of,
                township=township,
                version=tiles.version(WATCHED),
                selected=desk.village,
                marks=marks_of(chosen),
            ),
            center=focus.center if focus else None,
            zoom=focus.exact_zoom if focus else None,
        )


def marks_of(chosen: pd.Series | None) -> list[Mark]:
    """The chosen gap: outlined where it is land, ringed where it is a point."""
    if chosen is None or not _is_placed(chosen):
        return []
    return [Mark("gap", chosen["geometry"], str(chosen["label"]))]


def _look_at(desk: GapDesk, chosen: pd.Series | None) -> None:
    if chosen is None or not _is_placed(chosen):
        return
    seen = key_of(chosen)
    if st.session_state.get(_SHOWN_KEY) == seen:
        return
    st.session_state[_SHOWN_KEY] = seen
    west, south, east, north = (float(side) for side in shapely.bounds(chosen["geometry"]))
    desk.map.show((west - _ROOM_DEG, south - _ROOM_DEG, east + _ROOM_DEG, north + _ROOM_DEG))


def _is_placed(gap: pd.Series) -> bool:
    shape = gap["geometry"]
    return shape is not None and not shapely.is_empty(shape)
