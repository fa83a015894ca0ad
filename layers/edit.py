"""Drawing on the map: what the page asks for, and what came back from the browser.

The page gives the map an `EditTool` (`layers.folium_map.theme_group`); the browser draws by it
(`layers/browser/edit.js`) and `drawing_of` reads the result. Coordinates travel unrounded both ways: a corner
that nobody moved comes back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import LineString, MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

MOST_VERTICES = 10_000
CHINA_AND_SEAS = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north; nothing that is drawn lies outside."""
SAME_PLACE_DEG = 1e-9
"""A tenth of a millimetre: nearer corners are the same corner."""
LEAST_SHARE = 0.5


class Mode(StrEnum):
    """What the mouse does in the map."""

    NONE = "none"
    CLICK = "click"
    BOX = "box"
    LASSO = "lasso"
    SPLIT = "split"
    REDRAW = "redraw"
    DRAW = "draw"


_RETURNED = {
    Mode.BOX: ("Polygon",),
    Mode.LASSO: ("Polygon",),
    Mode.SPLIT: ("LineString",),
    Mode.REDRAW: ("Polygon", "MultiPolygon"),
    Mode.DRAW: ("Polygon",),
}


@dataclass(frozen=True)
class EditTool:
    """What is to be drawn.

    Attributes
    ----------
    mode : Mode
        CLICK, BOX and LASSO choose cells (a click comes as ``last_clicked``), SPLIT draws a line, REDRAW
        changes the border of ``shape``, DRAW makes a new polygon.
    serial : int
        Another number starts afresh and forgets what was drawn; the same one changes nothing.
    shape : Polygon or MultiPolygon in EPSG:4490, or None
        For REDRAW: what is changed.
    snap_to : sequence of lines or polygons in EPSG:4490
        Borders that corners are drawn to when they come near.
    fixed : sequence of lines or polygons in EPSG:4490
        For REDRAW: corners of ``shape`` on these borders stay where they are.
    """

    mode: Mode = Mode.NONE
    serial: int = 0
    shape: BaseGeometry | None = None
    snap_to: Sequence[BaseGeometry] = ()
    fixed: Sequence[BaseGeometry] = ()

    def as_json(self) -> dict[str, Any]:
        """The tool for the browser."""
        snap_to = [shapely.force_2d(border) for border in self.snap_to if not shapely.is_empty(border)]
        shape = None if self.shape is None else shapely.force_2d(self.shape)
        return {
            "mode": str(self.mode),
            "serial": self.serial,
            "shape": None if shape is None else mapping(shape),
            "isSound": shape is not None and bool(shapely.is_valid(shape)),
            "snapTo": [mapping(border) for border in snap_to],
            "fixed": [] if shape is None else self._fixed_corners(shape),
        }

    def _fixed_corners(self, shape: BaseGeometry) -> list[list[float]]:
        corners = np.unique(shapely.get_coordinates(shape), axis=0)
        borders = shapely.union_all([_border(fixed) for fixed in self.fixed])
        stays = shapely.dwithin(shapely.points(corners), borders, SAME_PLACE_DEG)
        return [[float(lon), float(lat)] for lon, lat in corners[stays]]


@dataclass(frozen=True)
class Drawing:
    """What was drawn with a tool; ``geometry`` is in EPSG:4490 and may cross itself."""

    mode: Mode
    serial: int
    geometry: BaseGeometry


def drawing_of(returned: Mapping[str, Any] | None, tool: EditTool) -> Drawing | None:
    """What ``st_folium`` returned, when it was drawn with this tool.

    Parameters
    ----------
    returned : mapping or None
        With ``last_active_drawing`` among its keys.
    tool : EditTool
        What the map was given.

    Returns
    -------
    Drawing or None
        None while nothing is finished, after it was cancelled, for what another tool drew, and for anything
        malformed or absurd: no numbers, more than `MOST_VERTICES` corners, outside `CHINA_AND_SEAS`.
    """
    feature = returned.get("last_active_drawing") if isinstance(returned, Mapping) else None
    said, geometry = (
        feature.get(name) if isinstance(feature, Mapping) else None for name in ("properties", "geometry")
    )
    if not isinstance(said, Mapping) or not isinstance(geometry, Mapping):
        return None
    if said.get("serial") != tool.serial or said.get("mode") != str(tool.mode):
        return None
    if geometry.get("type") not in _RETURNED.get(tool.mode, ()):
        return None
    try:
        shape = _shape(str(geometry["type"]), geometry.get("coordinates"))
    except (TypeError, ValueError, OverflowError, ShapelyError):
        return None
    return Drawing(tool.mode, tool.serial, shape) if _is_plausible(shape) else None


def cells_in(shapes: gpd.GeoDataFrame, area: BaseGeometry) -> list[str]:
    """Cells of which at least half of the land lies in a drawn area.

    Parameters
    ----------
    shapes : GeoDataFrame in EPSG:4490
        ``code, geometry``; cells without geometry are never chosen.
    area : Polygon or MultiPolygon in EPSG:4490
        May cross itself, as a hand-drawn one does.

    Returns
    -------
    list of str
        Codes, sorted; empty when there are no cells.
    """
    sound = shapely.make_valid(area)
    near = shapes[shapely.intersects(shapes.geometry.array, shapely.box(*sound.bounds))]
    land = shapely.make_valid(near.geometry.to_numpy())
    # Within one cell a degree is as long everywhere, so the share may be taken in degrees.
    within = shapely.area(shapely.intersection(land, sound))
    chosen = (within > 0) & (within >= LEAST_SHARE * shapely.area(land))
    return sorted(near["code"][chosen].tolist())


def _border(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if shapely.get_dimensions(shape) == 2 else shape


def _shape(kind: str, coordinates: Any) -> BaseGeometry:
    """The geometry of GeoJSON coordinates; raises for anything that is none."""
    if kind == "LineString":
        return LineString(_positions(coordinates))
    if kind == "Polygon":
        return _polygon(coordinates)
    return MultiPolygon([_polygon(part) for part in coordinates])


def _polygon(rings: Any) -> Polygon:
    outer, *holes = [_positions(ring) for ring in rings]
    return Polygon(outer, holes)


def _positions(values: Any) -> list[tuple[float, float]]:
    """Longitudes and latitudes; raises `ValueError` for what is no list of finite pairs in the country."""
    if len(values) > MOST_VERTICES:
        raise ValueError("too many corners")
    found = [(float(lon), float(lat)) for lon, lat in values]
    west, south, east, north = CHINA_AND_SEAS
    # A comparison with NaN is never true, so NaN is refused here too.
    if not all(west <= lon <= east and south <= lat <= north for lon, lat in found):
        raise ValueError("outside the country")
    return found


def _is_plausible(shape: BaseGeometry) -> bool:
    # The area of a knot may cancel out, so it is untied first.
    size = shape.length if isinstance(shape, LineString) else shapely.make_valid(shape).area
    return bool(size > 0 and shapely.get_num_coordinates(shape) <= MOST_VERTICES)
