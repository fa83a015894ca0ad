"""Simplified geometry, one set a zoom: computed once for a geometry, shared by all dates and accounts.

Borders must stay shared. Where a layer is simplified as a whole (townships, villages) neighbours keep
one common line across township borders too. Cells are simplified township by township with the outer
border pinned: an edit then costs one township, and the error stays below a pixel (docs/decisions/0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from layers.cache import ByteCache
from layers.mercator import pixel_m
from layers.part import Part, weight_of

FULL_DETAIL_ZOOM = 15
"""From this zoom on the stored vertices are drawn as they are."""
COARSEST_ZOOM = 5
SNAP_M = 1.0
"""Grid on which borders are overlaid; also closes hair-fine gaps between neighbours."""


class Pyramid:
    """Simplified shapes by geometry and zoom.

    Parameters
    ----------
    limit_bytes : int
        How much simplified geometry is kept.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._cache: ByteCache[list[Any]] = ByteCache(limit_bytes, lambda arrays: sum(map(weight_of, arrays)))

    def together(self, parts: Sequence[Part], z: int) -> list[Any]:
        """Shapes of all parts at a zoom, simplified as one coverage."""
        return self._simplified(parts, z, pinned=False)

    def apart(self, part: Part, z: int) -> Any:
        """Shapes of one part at a zoom, its outer border left as it is."""
        return self._simplified([part], z, pinned=True)[0]

    def borders(self, parts: Sequence[Part], z: int) -> tuple[Any, Any]:
        """Borders of the shapes, and the rings around all of them: two arrays of lines.

        A border of two neighbours is one line; drawn twice, dashes of one would fill the gaps of the other.
        """
        key = (tuple(part.fingerprint for part in parts), min(z, FULL_DETAIL_ZOOM), "borders")
        inner, outer = self._cache.get(key, lambda: _lines(np.concatenate(self.together(parts, z))))
        return inner, outer

    def _simplified(self, parts: Sequence[Part], z: int, *, pinned: bool) -> list[Any]:
        if z >= FULL_DETAIL_ZOOM:
            return [part.shapes for part in parts]
        level = max(z, COARSEST_ZOOM)
        key = (tuple(part.fingerprint for part in parts), level, pinned)
        return self._cache.get(key, lambda: _simplify([part.shapes for part in parts], level, pinned=pinned))


def _simplify(arrays: list[Any], z: int, *, pinned: bool) -> list[Any]:
    whole = np.concatenate(arrays)
    present = ~shapely.is_missing(whole)
    result = whole.copy()
    result[present] = shapely.coverage_simplify(whole[present], pixel_m(z), simplify_boundary=not pinned)
    return np.split(result, np.cumsum([len(array) for array in arrays])[:-1])


def _lines(shapes: Any) -> list[Any]:
    # Real files leave slivers between neighbours: only outer rings count as the county's border.
    whole = shapely.union_all(shapes, grid_size=SNAP_M)
    return [_edges(shapes), shapely.get_exterior_ring(shapely.get_parts(whole))]


def _edges(shapes: Any) -> Any:
    """All edges of the shapes' rings, an edge of two neighbours once, joined into long lines."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapes), return_index=True)
    inside = ring[1:] == ring[:-1]
    begin, end = xy[:-1][inside], xy[1:][inside]
    is_forward = (begin[:, 0] < end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] < end[:, 1]))
    edges = np.where(is_forward[:, None], np.hstack([begin, end]), np.hstack([end, begin]))
    once = np.unique(edges, axis=0).reshape(-1, 2, 2)
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(once))))
