"""Check and mend geometry: present, of the right type, valid, where it can be."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORED_CRS
from geo.errors import FileFault
from geo.exchange.place import CHINA, require_in_china, within_bounds
from geo.exchange.report import FaultList, Finding
from geo.frames import GeometryKind, Layer
from geo.i18n import _

_NEAR_COUNTY_DEG = 0.2
_COUNTY_BOUND = ("townships", "villages", "cells", "households")
_ALLOWED = {"MultiPolygon": ("Polygon", "MultiPolygon"), "Point": ("Point",)}
_EXPECTED = {"MultiPolygon": "面", "Point": "点"}


def check_shapes(
    shapes: gpd.GeoSeries, layer: Layer, faults: FaultList, *, county: NDArray[np.float64] | None
) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Mended shapes of one type, with a fault for every row that has none or cannot have that one.

    Parameters
    ----------
    shapes : GeoSeries in EPSG:4490, indexed by row number
    county : array of four bounds, or None
        Where the stored territory lies.

    Raises
    ------
    FileFault
        The whole file is of the wrong type, or lies outside China, or has its axes swapped.
    """
    kind: GeometryKind = layer.geometry or "Point"
    shapes = gpd.GeoSeries(_single_points(shapes.to_numpy()), index=shapes.index, crs=STORED_CRS)
    absent = shapes.isna() | (shapes.is_empty & ~_is_collection(shapes))
    if layer.geometry_required:
        faults.add(pd.Series("", index=shapes.index[absent]), "geometry", "geometry_missing", _("没有图形。"))
    _check_type(shapes[~absent], kind, faults)
    require_in_china(shapes.to_numpy())
    # Before mending: coordinates out of all bounds make GEOS overflow.
    present = shapes[~absent & ~shapes.index.isin(list(faults.rows_of("geometry")))]
    _check_places(present, layer, faults, county=county)
    present = present[~present.index.isin(list(faults.rows_of("geometry")))]
    mended, findings = _mend(present, faults) if kind == "MultiPolygon" else (present, [])
    result = gpd.GeoSeries([None] * len(shapes), index=shapes.index, crs=STORED_CRS)
    if len(mended):
        result.loc[mended.index] = mended
    return result, findings


def _single_points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Multipoints of one point become that point; curves and the like stay for the type check."""
    shapes = shapes.copy()
    lone = (shapely.get_type_id(shapes) == 4) & (shapely.get_num_geometries(shapes) == 1)
    shapes[lone] = shapely.get_geometry(shapes[lone], 0)
    return shapes


def _is_collection(shapes: gpd.GeoSeries) -> pd.Series:
    return pd.Series(shapely.get_type_id(shapes.to_numpy()) == 7, index=shapes.index)


def _check_type(shapes: gpd.GeoSeries, kind: GeometryKind, faults: FaultList) -> None:
    wrong = shapes[~shapes.geom_type.isin(_ALLOWED[kind])]
    if len(wrong) and len(wrong) == len(shapes):
        raise FileFault(
            _("图层类型不对：应为{expected}，文件里是{found}。").format(
                expected=_(_EXPECTED[kind]), found="、".join(sorted(set(wrong.geom_type)))
            ),
            hint=_("请检查是否选错了文件或图层。"),
        )
    message = _("图形类型 {value} 不对，应为{expected}。")
    faults.add(wrong.geom_type, "geometry", "geometry_type", message, expected=_(_EXPECTED[kind]))


def _mend(shapes: gpd.GeoSeries, faults: FaultList) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Multipolygons; invalid ones repaired when polygons remain, else faulted."""
    values = shapes.to_numpy().copy()
    bad = ~shapely.is_valid(values)
    values[bad] = [
        _polygons_of(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        for shape in values[bad]
    ]
    lost = shapely.is_missing(values) | shapely.is_empty(values)
    message = _("图形无效且无法修复。")
    faults.add(pd.Series("", index=shapes.index[lost]), "geometry", "geometry_invalid", message)
    kept = gpd.GeoSeries(_promoted(values[~lost]), index=shapes.index[~lost], crs=STORED_CRS)
    repaired = int((bad & ~lost).sum())
    if not repaired:
        return kept, []
    text = _("{count} 个图形有自相交等错误，已自动修复。").format(count=repaired)
    return kept, [Finding("geometry_repaired", repaired, text, _("请在地图上核对修复后的形状。"), 0.9)]


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The shape if it is of polygons alone, else None."""
    return shape if shape.geom_type in _ALLOWED["MultiPolygon"] else None


def _promoted(values: NDArray[np.object_]) -> NDArray[np.object_]:
    values = values.copy()
    single = shapely.get_type_id(values) == 3
    if single.any():
        values[single] = shapely.multipolygons(values[single][:, np.newaxis])
    return values


def _check_places(
    shapes: gpd.GeoSeries, layer: Layer, faults: FaultList, *, county: NDArray[np.float64] | None
) -> None:
    bounds = shapely.bounds(shapes.to_numpy())
    outside = ~within_bounds(bounds, CHINA)
    where = pd.Series(
        [f"{b[0]:.4g}, {b[1]:.4g}" for b in bounds[outside]], index=shapes.index[outside], dtype=object
    )
    faults.add(where, "geometry", "out_of_place", _("坐标不在中国境内（{value}）。"))
    if county is None or layer.name not in _COUNTY_BOUND:
        return
    frame = county + np.array([-1, -1, 1, 1]) * _NEAR_COUNTY_DEG
    far = ~within_bounds(bounds, frame.tolist()) & ~outside
    if far.any() and far.sum() + outside.sum() == len(shapes):
        raise FileFault(
            _("图层的位置远在本县之外。"),
            hint=_("请检查坐标系是否正确（可用 --crs 指明），或是否选错了文件。"),
        )
    where = pd.Series([f"{b[0]:.4f}, {b[1]:.4f}" for b in bounds[far]], index=shapes.index[far], dtype=object)
    faults.add(where, "geometry", "out_of_place", _("位置远在本县之外（{value}）。"))
