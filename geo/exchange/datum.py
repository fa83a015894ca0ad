"""GCJ-02 and BD-09, the shifted coordinates of Chinese consumer maps, back to WGS 84 / CGCS2000.

The forward formulas are the published ones; the inverse iterates them until the round trip is
closer than 1e-10 degrees (10 µm). CGCS2000 and WGS 84 agree within centimetres and are treated as one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.errors import FileFault
from geo.i18n import _

_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BAIDU_TURN = np.pi * 3000.0 / 180.0
_CLOSE_ENOUGH_DEG = 1e-10
_MAX_STEPS = 30
_MOST_DEG = 180.0

Coordinates = NDArray[np.float64]


def wgs84_to_gcj02(lonlat: Coordinates) -> Coordinates:
    """Shift ``(n, 2)`` longitudes and latitudes to GCJ-02 (defined inside China only)."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    latitude = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    north *= 180.0 / (_AXIS_M * (1.0 - _ECCENTRICITY2) / (flat * np.sqrt(flat)) * np.pi)
    east *= 180.0 / (_AXIS_M / np.sqrt(flat) * np.cos(latitude) * np.pi)
    return np.column_stack([lon + east, lat + north])


def gcj02_to_bd09(lonlat: Coordinates) -> Coordinates:
    """Shift GCJ-02 on to BD-09 (Baidu)."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _inverse(forward: Callable[[Coordinates], Coordinates], target: Coordinates) -> Coordinates:
    guess = target.copy()
    if (np.abs(target) <= _MOST_DEG).all():
        for _step in range(_MAX_STEPS):
            error = forward(guess) - target
            guess -= error
            if not error.size or np.abs(error).max() < _CLOSE_ENOUGH_DEG:
                return guess
    raise FileFault(
        _("坐标无法从 GCJ-02/BD-09 还原。"), hint=_("请检查坐标是否确为该坐标系，或经纬度是否颠倒。")
    )


def gcj02_to_wgs84(lonlat: Coordinates) -> Coordinates:
    """Undo GCJ-02 for ``(n, 2)`` longitudes and latitudes; no rows give no rows."""
    return _inverse(wgs84_to_gcj02, lonlat)


def bd09_to_wgs84(lonlat: Coordinates) -> Coordinates:
    """Undo BD-09 for ``(n, 2)`` longitudes and latitudes; no rows give no rows."""
    return _inverse(lambda points: gcj02_to_bd09(wgs84_to_gcj02(points)), lonlat)


UNSHIFT: dict[str, Callable[[Coordinates], Coordinates]] = {"GCJ02": gcj02_to_wgs84, "BD09": bd09_to_wgs84}
"""Names of ``--crs`` that are no CRS but a shift, and how each is undone."""
