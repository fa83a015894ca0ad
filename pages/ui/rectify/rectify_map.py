"""The map of rectifications; a click opens the most urgent case of the village."""

from __future__ import annotations

from datetime import date

import pandas as pd

from geo.access import Actor
from geo.store.engine import Store
from layers.tiles import TileService
from pages.ui.mapview import clicked_village, draw_theme_map
from pages.ui.rectify.filters import Look
from pages.ui.rectify.reads import is_open
from pages.ui.rectify.state import RectifyDesk

_MAP_KEY = "rectify_map"


def take_map(store: Store, actor: Actor, desk: RectifyDesk, cases: pd.DataFrame, *, as_of: date) -> None:
    """Open the case of the village that was clicked."""
    village = clicked_village(store, actor, desk.map, _MAP_KEY, as_of=as_of)
    if village:
        desk.open(case_in(cases, village))


def case_in(cases: pd.DataFrame, village: str) -> str:
    """Code of the most urgent case in a village, open ones first; "" for none."""
    there = cases[cases["village_code"] == village]
    if there.empty:
        return ""
    first = there.assign(over=~is_open(there)).sort_values("over", kind="stable")
    return str(first["code"].iloc[0])


def draw_rectify_map(
    store: Store, actor: Actor, tiles: TileService, desk: RectifyDesk, look: Look, cases: pd.DataFrame
) -> None:
    """Draw the map as of the day, with the village of the open case emphasised."""
    here = cases[cases["code"] == desk.case]["village_code"].dropna()
    draw_theme_map(
        store,
        actor,
        tiles,
        desk.map,
        "rectification",
        key=_MAP_KEY,
        as_of=look.as_of,
        township=look.township,
        selected=str(here.iloc[0]) if len(here) else "",
    )
