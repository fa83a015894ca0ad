"""From a file's coordinates to stored ones: which CRS they are in, and whether the place can be right.

WGS 84 and CGCS2000 agree within centimetres, so WGS 84 longitudes and latitudes are taken as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.crs import STORED_CRS, STORED_SRID
from geo.errors import FileFault
from geo.exchange.datum import UNSHIFT
from geo.exchange.report import Finding
from geo.i18n import _

Shapes = NDArray[np.object_]
Bounds = tuple[float, float, float, float]

CHINA: Bounds = (73.0, 3.0, 136.0, 54.0)
_OLD_DATUMS = {
    "Krassowsky 1940": "Beijing 1954",
    "Krasovsky 1940": "Beijing 1954",
    "IAG 1975": "Xian 1980",
    "Xian 1980": "Xian 1980",
}
_FIRST_ZONE_3, _LAST_ZONE_3, _FIRST_ZONE_3_SRID = 25, 45, 4513
_FIRST_ZONE_6, _LAST_ZONE_6, _FIRST_ZONE_6_SRID = 13, 23, 4491


def resolve_crs(
    asked: str, declared: pyproj.CRS | None, shapes: Shapes
) -> tuple[pyproj.CRS | str, list[Finding]]:
    """The CRS to read by: as asked (``auto|EPSG:n|GCJ02|BD09``), else as the file declares it.

    Returns
    -------
    CRS, or one of the names in `datum.UNSHIFT`; and what is worth knowing about it.

    Raises
    ------
    FileFault
        The file declares none and none was given, or what was given is no CRS.
    """
    if asked.lower() == "auto":
        if declared is None:
            raise FileFault(_("文件没有坐标系（缺少 .prj 或未定义），无法确定位置。"), hint=_crs_hint(shapes))
        return declared, _old_datum(declared)
    name = asked.upper().replace("-", "")
    if name in UNSHIFT:
        return name, []
    given = _parse_crs(asked)
    findings = _old_datum(given)
    if declared is not None and not given.equals(declared, ignore_axis_order=True):
        message = _("文件声明的坐标系是“{declared}”，按您指定的“{given}”读取。").format(
            declared=declared.name, given=given.name
        )
        findings.append(Finding("crs_overridden", 1, message, _("请在地图上核对位置。"), 1.0))
    return given, findings


def _parse_crs(asked: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(int(asked) if asked.isdigit() else asked)
    except pyproj.exceptions.CRSError as fault:
        raise FileFault(
            _("没有名为“{crs}”的坐标系。").format(crs=asked),
            hint=_("可用 auto、EPSG:编号（如 EPSG:4490）、GCJ02、BD09。"),
        ) from fault


def _old_datum(crs: pyproj.CRS) -> list[Finding]:
    geodetic = crs.geodetic_crs
    names = f"{crs.name} {geodetic.name if geodetic else ''} {crs.ellipsoid.name if crs.ellipsoid else ''}"
    for mark, datum in _OLD_DATUMS.items():
        if mark.lower() in names.lower().replace("_", " "):
            message = _("坐标系是 {datum}，与 CGCS2000 的转换参数未知，位置可能偏差约 100 米。")
            action = _("请用当地测绘部门的参数转为 CGCS2000 后重新导入，或在地图上核对。")
            return [Finding("datum_shift_unknown", 1, message.format(datum=datum), action, 1.0)]
    return []


def _crs_hint(shapes: Shapes) -> str:
    left, bottom, right, top = shapely.total_bounds(shapes)
    if _inside((left, bottom, right, top), CHINA):
        return _(
            "坐标像是经纬度：CGCS2000 或 WGS84 请用 --crs EPSG:4490；互联网地图请用 --crs GCJ02 或 BD09。"
        )
    zone = int(left // 1_000_000) if np.isfinite(left) and left > 0 else 0
    if zone == int(right // 1_000_000 if np.isfinite(right) else 0) and (srid := zone_srid(zone)):
        return _(
            "横坐标以带号 {zone} 开头，可能是 CGCS2000 高斯—克吕格投影：确认后请用 --crs EPSG:{srid}。"
        ).format(zone=zone, srid=srid)
    return _("请补上 .prj 文件，或用 --crs EPSG:编号 指明；CGCS2000 3 度带（无带号）为 EPSG:4534–4554。")


def zone_srid(zone: int) -> int | None:
    """EPSG number of the CGCS2000 Gauss–Krüger zone whose number prefixes the easting.

    >>> zone_srid(39)
    4527
    """
    if _FIRST_ZONE_3 <= zone <= _LAST_ZONE_3:
        return _FIRST_ZONE_3_SRID + zone - _FIRST_ZONE_3
    if _FIRST_ZONE_6 <= zone <= _LAST_ZONE_6:
        return _FIRST_ZONE_6_SRID + zone - _FIRST_ZONE_6
    return None


def to_stored(shapes: Shapes, crs: pyproj.CRS | str) -> gpd.GeoSeries:
    """Shapes in EPSG:4490. Xian 80 and Beijing 54 are unprojected only: their shift is unknown."""
    if isinstance(crs, str):
        moved = shapely.transform(shapes, UNSHIFT[crs])
        return gpd.GeoSeries(moved, crs=STORED_CRS)
    if crs.is_geographic and (crs.to_epsg() in (4326, STORED_SRID) or _is_modern(crs)):
        return gpd.GeoSeries(shapes, crs=STORED_CRS)
    try:
        to_degrees = pyproj.Transformer.from_crs(crs, STORED_CRS, always_xy=True)
    except pyproj.exceptions.ProjError as fault:
        raise _no_way(crs) from fault

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_degrees.transform(points[:, 0], points[:, 1]))

    try:
        return gpd.GeoSeries(shapely.transform(shapes, project), crs=STORED_CRS)
    except pyproj.exceptions.ProjError as fault:
        raise _no_way(crs) from fault


def _is_modern(crs: pyproj.CRS) -> bool:
    """Whether longitudes and latitudes may be taken as CGCS2000: its ellipsoid, Greenwich, degrees."""
    ellipsoid, meridian = crs.ellipsoid, crs.prime_meridian
    return bool(
        ellipsoid
        and meridian
        and abs(ellipsoid.semi_major_metre - 6378137.0) < 0.001
        and meridian.longitude == 0
        and all(axis.unit_name == "degree" for axis in crs.axis_info)
    )


def _no_way(crs: pyproj.CRS) -> FileFault:
    return FileFault(
        _("无法从坐标系“{crs}”转换到 CGCS2000。").format(crs=crs.name),
        hint=_("请先在制图软件中转为 EPSG:4490 后再导入。"),
    )


def require_in_china(shapes: Shapes) -> None:
    """Raise `FileFault` when all the shapes lie outside China; says so when the two axes are swapped."""
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds) or within_bounds(bounds, CHINA).any():
        return
    if within_bounds(bounds[:, [1, 0, 3, 2]], CHINA).any():
        raise FileFault(_("坐标的经度和纬度颠倒了。"), hint=_("请交换两个坐标（先经度、后纬度）后再导入。"))
    raise FileFault(
        _("坐标不在中国境内（{lon:.4g}, {lat:.4g}）。").format(lon=bounds[0, 0], lat=bounds[0, 1]),
        hint=_("请检查坐标系是否正确，可用 --crs 指明。"),
    )


def within_bounds(bounds: NDArray[np.float64], frame: Sequence[float]) -> NDArray[np.bool_]:
    """Which rows of ``(n, 4)`` bounds lie wholly inside a frame; rows of NaN don't."""
    left, bottom, right, top = frame
    low = (bounds[:, 0] >= left) & (bounds[:, 1] >= bottom)
    return np.asarray(low & (bounds[:, 2] <= right) & (bounds[:, 3] <= top))


def _inside(bounds: Bounds, frame: Bounds) -> bool:
    return bool(within_bounds(np.array([bounds]), frame)[0])
