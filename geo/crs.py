"""Coordinate reference systems: what is stored, what is measured in.

Stored geometry is CGCS2000 geographic (EPSG:4490). Areas and distances are measured in the
county's 3-degree Gauss–Krüger zone (EPSG:4534–4554, central meridian, no zone prefix), never in degrees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.errors import FrameError
from geo.i18n import _

if TYPE_CHECKING:  # loading it takes a second, and many who need only the numbers don't need it
    import geopandas as gpd

STORED_SRID = 4490
STORED_CRS = f"EPSG:{STORED_SRID}"
WEB_MERCATOR_SRID = 3857

_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135
_FIRST_MERIDIAN_SRID = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E


def gauss_kruger_srid(lon: float) -> int:
    """EPSG number of the CGCS2000 3-degree zone (by central meridian) that a longitude lies in.

    >>> gauss_kruger_srid(117.3)
    4548
    """
    meridian = round(lon / 3) * 3
    if not _FIRST_MERIDIAN <= meridian <= _LAST_MERIDIAN:
        raise FrameError(
            _("经度 {lon:.3f} 不在中国境内。").format(lon=lon),
            hint=_("请检查坐标系，或经纬度两列是否颠倒。"),
        )
    return _FIRST_MERIDIAN_SRID + (meridian - _FIRST_MERIDIAN) // 3


def require_stored_crs(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame itself when its CRS is EPSG:4490; anything else raises `FrameError`."""
    if frame.crs is None or frame.crs.to_epsg() != STORED_SRID:
        raise FrameError(_("数据坐标系应为 CGCS2000（EPSG:4490），实际为 {crs}。").format(crs=frame.crs))
    return frame


def to_metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project a stored frame (EPSG:4490) into its Gauss–Krüger zone, in metres.

    An empty frame, or one without any geometry, stays empty, in the zone of 117°E.
    Any other CRS raises `FrameError`.
    """
    require_stored_crs(frame)
    bounds = frame.total_bounds
    lon = 117.0 if frame.empty or bounds[0] != bounds[0] else float(bounds[0] + bounds[2]) / 2
    return frame.to_crs(gauss_kruger_srid(lon))
