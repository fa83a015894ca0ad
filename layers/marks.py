"""What a page draws over the tiles: faults, previews, where a holder sits. A few hundred at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

MarkKind = Literal["fault", "preview", "base", "line", "neighbour", "gap"]


@dataclass(frozen=True)
class Mark:
    """One thing over the tiles, in its kind's look (`layers.styles.MARKS`).

    Attributes
    ----------
    kind : str
        ``fault`` hatched and outlined, ``preview`` dashed, ``neighbour`` finely dotted, ``base`` the place of
        a holder (a point), ``line`` from a base to what it covers, ``gap`` the one gap that is looked at:
        outlined, so that its pattern stays to be seen, or ringed when it is a point.
    geometry : shapely geometry in EPSG:4490
    text : str
        A few words written beside it; they go to the browser as they are, so only what its reader may see.
    """

    kind: MarkKind
    geometry: BaseGeometry
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """The mark for the browser; ``at`` is where the words stand, latitude first."""
        place = _place(self.geometry)
        return {
            "kind": self.kind,
            "geometry": mapping(shapely.force_2d(self.geometry)),
            "text": self.text,
            "at": [place.y, place.x],
        }


def _place(geometry: BaseGeometry) -> BaseGeometry:
    if shapely.get_dimensions(geometry) == 1:
        return shapely.line_interpolate_point(shapely.get_geometry(geometry, 0), 0.5, normalized=True)
    return shapely.point_on_surface(geometry)
