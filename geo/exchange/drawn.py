"""Lines and shapes that were drawn elsewhere: from a file of any kind, or written down as WKT or GeoJSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException
from shapely.geometry import mapping

from geo.errors import FileFault, InputError
from geo.exchange.place import require_in_china, resolve_crs, to_stored
from geo.exchange.read import read_source
from geo.i18n import _

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LAYER_NAMES = ("lines", "roads", "rivers", "道路", "河流")


def read_lines(path: Path, *, crs: str = "auto", encoding: str = "auto") -> gpd.GeoSeries:
    """Read the lines of a file; of areas (a wide river) the outlines are taken.

    Parameters
    ----------
    path : Path
        Shapefile (loose or zipped), GeoPackage or GeoJSON.
    crs : str
        ``auto`` (as the file says), ``EPSG:n``, ``GCJ02`` or ``BD09``.

    Returns
    -------
    GeoSeries of lines in EPSG:4490

    Raises
    ------
    FileFault
        The file cannot be read, has no CRS, lies outside China or holds neither lines nor areas.
    """
    shapes = _shapes_in(path, crs=crs, encoding=encoding)
    kinds = shapely.get_type_id(shapes.to_numpy())
    is_area = np.isin(kinds, _AREAS)
    lines = shapes.where(~is_area, shapes.boundary)[is_area | np.isin(kinds, _LINES)]
    if lines.empty:
        raise FileFault(
            _("“{name}”里没有线。").format(name=path.name), hint=_("请给出道路、河流等线状图层。")
        )
    return lines.reset_index(drop=True)


def drawn(text: str) -> dict[str, Any]:
    """The GeoJSON geometry of what is written down (WKT, GeoJSON) or stands in a file of one thing.

    Raises
    ------
    FileFault
        The file cannot be read or holds more than one thing.
    InputError
        It is neither WKT nor GeoJSON nor a file.
    """
    path = Path(text)
    if len(text) < 1_000 and path.suffix and path.is_file():
        shapes = _shapes_in(path, crs="auto", encoding="auto")
        if len(shapes) != 1:
            raise FileFault(
                _("“{name}”里有 {count} 个图形，这里只要一个。").format(name=path.name, count=len(shapes)),
                hint=_("请只保留要用的一个图形。"),
            )
        return dict(mapping(shapes.iloc[0]))
    is_json = text.lstrip().startswith("{")
    try:
        return dict(mapping(_from_document(json.loads(text)) if is_json else shapely.from_wkt(text)))
    except (ValueError, KeyError, TypeError, GEOSException) as fault:
        raise InputError(
            _("图形无法识别：既不是 WKT、GeoJSON，也不是文件。"),
            hint=_('例如 "LINESTRING (117.1 35.2, 117.3 35.2)"，或一个 .geojson 文件。'),
        ) from fault


def _from_document(document: dict[str, Any]) -> Any:
    """The geometry of a document: as it is, inside a feature, or inside a collection of one."""
    if document.get("type") == "FeatureCollection" and len(document["features"]) == 1:
        document = document["features"][0]
    geometry = document["geometry"] if document.get("type") == "Feature" else document
    return shapely.from_geojson(json.dumps(geometry))


def _shapes_in(path: Path, *, crs: str, encoding: str) -> gpd.GeoSeries:
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        source = read_source(path, wanted=_LAYER_NAMES, encoding=encoding, folder=Path(folder))
    nothing: npt.NDArray[np.object_] = np.array([], dtype=object)
    shapes = nothing if source.geometry is None else source.geometry
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        raise FileFault(_("“{name}”里没有图形。").format(name=path.name), hint=_("请检查文件是否导出完整。"))
    given, _findings = resolve_crs(crs, source.crs, shapes)
    stored = to_stored(shapes, given)
    require_in_china(stored.to_numpy())
    return stored
