"""Measuring what the gap rules look at: in metres, in one zone for the whole county."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo.analysis.faces import Shapes, projected
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.tessellation import mended
from geo.crs import gauss_kruger_srid

_LON_WITHOUT_PLACE = 117.0


def county_srid(evidence: Evidence) -> int:
    """The Gauss–Krüger zone in the middle of the townships, so that every part is measured as the whole is.

    The middle of the villages where no township has a shape; the zone of 117°E where no village has one.
    """
    for frame in (evidence.townships, evidence.villages):
        # Of no shapes at all shapely has no bounds; of a missing one they are NaN.
        west, _south, east, _north = shapely.total_bounds([*frame.geometry, None])
        if not np.isnan(west):
            return gauss_kruger_srid(float(west + east) / 2)
    return gauss_kruger_srid(_LON_WITHOUT_PLACE)


def metric_areas(shapes: Any, *, srid: int) -> Shapes:
    """Stored polygons in the metres of a zone, valid."""
    return mended(projected(np.asarray(shapes, dtype=object), srid=srid))
