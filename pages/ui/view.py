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

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True)
class Point:
    """A position in EPSG:4490 degrees."""

    lon: float
    lat: float


@dataclass(frozen=True)
class Focus:
    """Where the map is sent.

    ``turn`` counts the orders. The map obeys a centre or a zoom only when it differs from the last one it was
    given, so each order differs by something too small to see.
    """

    lon: float
    lat: float
    zoom: int
    turn: int = 0

    @property
    def center(self) -> tuple[float, float]:
        """Latitude and longitude for the map."""
        return (self.lat + self.turn % 1000 * 1e-9, self.lon)

    @property
    def exact_zoom(self) -> float:
        """Zoom for the map, which rounds it."""
        return self.zoom + self.turn % 1000 * 1e-6


def new_click(returned: Mapping[str, object] | None, seen: Point | None) -> Point | None:
    """The position just clicked, or None when nothing was clicked since ``seen``."""
    clicked = (returned or {}).get("last_clicked")
    if not isinstance(clicked, Mapping):
        return None
    point = Point(float(clicked["lng"]), float(clicked["lat"]))
    return None if point == seen else point


def zoom_for(bounds: Bounds, *, width_px: int, height_px: int) -> int:
    """The closest zoom level at which a west, south, east, north box fits into a map of that size."""
    west, south, east, north = bounds
    stretch = cos(radians((south + north) / 2))
    wide = max(east - west, 1e-9) * TILE_PX / (EARTH_DEG * width_px)
    high = max(north - south, 1e-9) * TILE_PX / (EARTH_DEG * height_px * stretch)
    return max(1, min(CLOSEST_ZOOM, int(-log2(max(wide, high)))))


def focus_on(bounds: Bounds, *, turn: int, width_px: int = 960, height_px: int = 560) -> Focus:
    """The order that shows a whole box (west, south, east, north) on a small screen."""
    west, south, east, north = bounds
    zoom = zoom_for(bounds, width_px=width_px, height_px=height_px)
    return Focus((west + east) / 2, (south + north) / 2, zoom, turn)


@dataclass
class MapState:
    """What one user's map shows and was asked.

    Attributes
    ----------
    point : Point or None
        The place the side panel tells about.
    focus : Focus or None
        The last order given to the map.
    """

    point: Point | None = None
    focus: Focus | None = None
    _seen: Point | None = None
    _township: str | None = None

    def take_click(self, returned: Mapping[str, object] | None) -> bool:
        """Ask about the position just clicked, if there was a new click; says whether there was."""
        clicked = new_click(returned, self._seen)
        if clicked is None:
            return False
        self.point = self._seen = clicked
        return True

    def forget_point(self) -> None:
        """Ask about no place any more."""
        self.point = None

    def go_to(self, point: Point, *, zoom: int = VILLAGE_ZOOM) -> None:
        """Send the map to a place and ask about it."""
        self.point = point
        self.focus = Focus(point.lon, point.lat, zoom, self._next_turn())

    def show(self, bounds: Bounds) -> None:
        """Send the map to a box."""
        self.focus = focus_on(bounds, turn=self._next_turn())

    def choose_township(self, township: str, bounds: Bounds | None) -> None:
        """Show a township's box when the choice has changed; the same choice never moves the map.

        A page that opens with the whole county, or was sent to a place by a search, is where it should be.
        """
        if township == self._township:
            return
        is_there_already = self._township is None and (not township or self.focus is not None)
        self._township = township
        if bounds is not None and not is_there_already:
            self.show(bounds)

    def _next_turn(self) -> int:
        return (self.focus.turn if self.focus else 0) + 1
