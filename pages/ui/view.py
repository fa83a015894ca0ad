"""What the map is told to do: plain functions, so that they can be tested without a browser.

The browser sends the last click with every run, so a click counts only when it differs from the one seen
before; and the map moves only when it is given a centre it was not given before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, log2, radians

TILE_PX = 256
EARTH_DEG = 360.0
CLOSEST_ZOOM = 16
VILLAGE_ZOOM = 14


@dataclass(frozen=True)
class Point:
    """A position in EPSG:4490 degrees."""

    lon: float
    lat: float


@dataclass(frozen=True)
class Focus:
    """Where the map is sent. ``turn`` counts the orders, so that the same place can be asked for again."""

    lon: float
    lat: float
    zoom: int
    turn: int = 0

    @property
    def center(self) -> tuple[float, float]:
        """Latitude and longitude for the map; each order differs by an unnoticeable 1e-9 degrees."""
        return (self.lat + self.turn % 1000 * 1e-9, self.lon)


def new_click(returned: Mapping[str, object] | None, seen: Point | None) -> Point | None:
    """The position just clicked, or None when nothing was clicked since ``seen``."""
    clicked = (returned or {}).get("last_clicked")
    if not isinstance(clicked, Mapping):
        return None
    point = Point(float(clicked["lng"]), float(clicked["lat"]))
    return None if point == seen else point


def zoom_for(bounds: tuple[float, float, float, float], *, width_px: int, height_px: int) -> int:
    """The closest zoom level at which a west, south, east, north box fits into a map of that size."""
    west, south, east, north = bounds
    stretch = cos(radians((south + north) / 2))
    wide = max(east - west, 1e-9) * TILE_PX / (EARTH_DEG * width_px)
    high = max(north - south, 1e-9) * TILE_PX / (EARTH_DEG * height_px * stretch)
    return max(1, min(CLOSEST_ZOOM, int(-log2(max(wide, high)))))


def focus_on(
    bounds: tuple[float, float, float, float], *, turn: int, width_px: int = 960, height_px: int = 560
) -> Focus:
    """The order that shows a whole box (west, south, east, north) on a small screen."""
    west, south, east, north = bounds
    zoom = zoom_for(bounds, width_px=width_px, height_px=height_px)
    return Focus((west + east) / 2, (south + north) / 2, zoom, turn)
