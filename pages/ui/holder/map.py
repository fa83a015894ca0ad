"""What one holder covers, drawn: the base, a line to each thing, and the cells and villages emphasised."""

from __future__ import annotations

from datetime import date

import shapely
import streamlit as st
from streamlit_folium import st_folium

from geo.answers.holdings import Holdings
from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from layers.tiles import TileService
from pages.ui.mapview import filling
from pages.ui.view import Focus, focus_on

MOST_LINES = 300
_MAP_KEY, _FOCUS_KEY = "holder_map", "holder_focus"
_ROOM_DEG = 0.004


def draw_holder_map(tiles: TileService, held: Holdings, *, as_of: date) -> None:
    """Draw the map; it looks at what this holder covers whenever another one is chosen."""
    extent = tiles.bounds(as_of=as_of)
    focus = _focus(held)
    group = theme_group(
        "cell_management",
        as_of=as_of,
        version=tiles.version(WATCHED),
        selected=held.table["target_code"].tolist(),
        marks=marks_of(held),
    )
    with st.container(key="map"):
        st_folium(
            filling(base_map(extent, extent=extent)),
            key=_MAP_KEY,
            height=600,
            use_container_width=True,
            returned_objects=[],
            feature_group_to_add=group,
            center=focus.center if focus else None,
            zoom=focus.exact_zoom if focus else None,
        )


def marks_of(held: Holdings) -> list[Mark]:
    """The holder's base and a line from it to each thing that has a place."""
    base = held.base
    if base is None or shapely.is_empty(base):
        return []
    targets = [place for place in held.table.geometry if place is not None][:MOST_LINES]
    lines = [Mark("line", shapely.LineString([base, place])) for place in targets if not place.equals(base)]
    return [*lines, Mark("base", base, held.name)]


def _focus(held: Holdings) -> Focus | None:
    """The order to look at this holder's places; the same order as before while the holder stays."""
    known = st.session_state.get(_FOCUS_KEY)
    if known is not None and known[0] == held.code:
        return known[1]
    places = [place for place in (*held.table.geometry, held.base) if place is not None]
    if not places:
        return None
    west, south, east, north = shapely.total_bounds(places)
    box = (west - _ROOM_DEG, south - _ROOM_DEG, east + _ROOM_DEG, north + _ROOM_DEG)
    turn = known[1].turn + 1 if known is not None else 1
    focus = focus_on(tuple(map(float, box)), turn=turn, width_px=640)
    st.session_state[_FOCUS_KEY] = (held.code, focus)
    return focus
