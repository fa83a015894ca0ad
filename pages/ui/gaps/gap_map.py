"""The map of gaps: all of them hatched, the chosen one marked; a click lists the gaps of that village."""

from __future__ import annotations

from datetime import date

import pandas as pd
import shapely
import streamlit as st

from geo.access import Actor
from geo.store.engine import Store
from layers.marks import Mark
from layers.tiles import TileService
from pages.ui.gaps.filters import Look
from pages.ui.gaps.state import GapDesk, key_of
from pages.ui.mapview import clicked_village, draw_theme_map
from pages.ui.view import Bounds

_MAP_KEY, _SHOWN_KEY = "gap_map", "gap_shown"
_ROOM_DEG = 0.006


def take_map(store: Store, actor: Actor, desk: GapDesk, *, as_of: date) -> None:
    """List the gaps of the village that was clicked."""
    village = clicked_village(store, actor, desk.map, _MAP_KEY, as_of=as_of)
    if village:
        desk.in_village(village)


def draw_gap_map(
    store: Store, actor: Actor, tiles: TileService, desk: GapDesk, chosen: pd.Series | None, look: Look
) -> None:
    """Draw the map and bring the chosen gap into view, once."""
    draw_theme_map(
        store,
        actor,
        tiles,
        desk.map,
        "coverage_gaps",
        key=_MAP_KEY,
        as_of=look.as_of,
        township=look.township,
        selected=desk.village,
        marks=marks_of(chosen),
        look_at=_newly_seen(chosen),
    )


def marks_of(chosen: pd.Series | None) -> list[Mark]:
    """The chosen gap: outlined where it is land, ringed where it is a point."""
    if chosen is None or not _is_placed(chosen):
        return []
    return [Mark("gap", chosen["geometry"], str(chosen["label"]))]


def _newly_seen(chosen: pd.Series | None) -> Bounds | None:
    """The surroundings of the chosen gap when it has not been shown yet."""
    if chosen is None or not _is_placed(chosen):
        return None
    seen = key_of(chosen)
    if st.session_state.get(_SHOWN_KEY) == seen:
        return None
    st.session_state[_SHOWN_KEY] = seen
    west, south, east, north = (float(side) for side in shapely.bounds(chosen["geometry"]))
    return west - _ROOM_DEG, south - _ROOM_DEG, east + _ROOM_DEG, north + _ROOM_DEG


def _is_placed(gap: pd.Series) -> bool:
    shape = gap["geometry"]
    return shape is not None and not shapely.is_empty(shape)
