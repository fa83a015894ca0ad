"""The map of villages that come first: labels as stripes, hatched where nobody was sent."""

from __future__ import annotations

from datetime import date

from geo.access import Actor
from geo.store.engine import Store
from layers.tiles import TileService
from pages.ui.mapview import clicked_village, draw_theme_map
from pages.ui.priority.filters import Look
from pages.ui.priority.state import PriorityDesk

_MAP_KEY = "priority_map"


def take_map(store: Store, actor: Actor, desk: PriorityDesk, *, as_of: date) -> None:
    """Open the village that was clicked."""
    village = clicked_village(store, actor, desk.map, _MAP_KEY, as_of=as_of)
    if village:
        desk.open(village)


def draw_priority_map(store: Store, actor: Actor, tiles: TileService, desk: PriorityDesk, look: Look) -> None:
    """Draw the map as of the day."""
    draw_theme_map(
        store,
        actor,
        tiles,
        desk.map,
        "priority_villages",
        key=_MAP_KEY,
        as_of=look.as_of,
        township=look.township,
        selected=desk.village,
    )
