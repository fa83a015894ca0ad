"""Read shapefiles, GeoPackages and GeoJSON through GDAL, which only ever sees private copies.

Each file's first bytes are checked before GDAL opens it: GDAL goes by content, and some of what it can open
(virtual formats) would let a file name other files. The CRS of a shapefile is read here, not by GDAL.
"""

from __future__ import annotations

import logging
import shutil
import struct
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geo.errors import FileFault
from geo.exchange.archive import Dataset
from geo.exchange.encoding import dbf_encoding, decode_file
from geo.exchange.read import Source, choose
from geo.exchange.report import Finding
from geo.i18n import _

_SHP_MAGIC = b"\x00\x00\x27\x0a"
_SQLITE_MAGIC = b"SQLite format 3\x00"
_READ_ERRORS = (RuntimeError, ValueError, OSError, OverflowError, MemoryError, AttributeError)
_OWN_TABLES = frozenset({"layer_styles", "qgis_projects"})

logging.getLogger("pyogrio").addHandler(logging.NullHandler())


def _unreadable(name: str) -> FileFault:
    return FileFault(
        _("“{name}”已损坏，无法读取。").format(name=name), hint=_("请在制图软件中打开检查，重新导出后再试。")
    )


def _require_magic(dataset: Dataset, magic: bytes, kind: str) -> None:
    with dataset.path.open("rb") as source:
        if source.read(len(magic)) != magic:
            raise FileFault(
                _("“{name}{suffix}”不是{kind}文件，只是后缀相同。").format(
                    name=dataset.name, suffix=dataset.suffix, kind=kind
                ),
                hint=_("请检查文件是否下载完整、是否改过后缀。"),
            )


def read_shapefile(dataset: Dataset, *, encoding: str, folder: Path) -> Source:
    """Read a shapefile; without ``.shx`` it is refused, a bogus ``.prj`` or ``.cpg`` is set aside."""
    _require_magic(dataset, _SHP_MAGIC, "Shapefile")
    if ".shx" not in dataset.parts:
        raise FileFault(
            _("“{name}.shp”缺少同名的 .shx 索引文件。").format(name=dataset.name),
            hint=_("请把 .shp、.shx、.dbf、.prj 一起复制或打成一个 zip 后再试。"),
        )
    _require_whole(dataset)
    copies = _copy_parts(dataset, folder, (".shp", ".shx", ".dbf"))
    text = _table_encoding(dataset, encoding)
    crs, findings = _prj(dataset.parts.get(".prj"))
    table, geometry, _crs = _read(copies[".shp"], name=dataset.name, encoding=text or None)
    return Source(table, geometry, crs, text, findings + _cpg_findings(dataset, text))


def _require_whole(dataset: Dataset) -> None:
    """Refuse files cut short: GDAL would give the rest as blanks without a word."""
    needed = {}
    if ".shp" in dataset.parts:
        needed[".shp"] = 2 * int.from_bytes(_head(dataset.parts[".shp"])[24:28], "big")
    if ".dbf" in dataset.parts:
        head = _head(dataset.parts[".dbf"])
        rows, fixed, width = struct.unpack_from("<IHH", head, 4) if len(head) == 32 else (0, 33, 0)
        needed[".dbf"] = fixed + rows * width
    for suffix, size in needed.items():
        if dataset.parts[suffix].stat().st_size < size:
            raise FileFault(
                _("“{name}{suffix}”不完整，末尾缺了一段。").format(name=dataset.name, suffix=suffix),
                hint=_("请重新复制或重新导出后再试。"),
            )


def _head(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(32)


def read_dbf(dataset: Dataset, *, encoding: str, folder: Path) -> Source:
    """Read a DBF table alone: attributes without geometry."""
    _require_whole(dataset)
    copies = _copy_parts(dataset, folder, (".dbf",))
    text = _table_encoding(dataset, encoding)
    table, _geometry, _crs = _read(copies[".dbf"], name=dataset.name, encoding=text or None)
    lone = Finding("no_geometry_file", 1, _("只有属性表（.dbf），没有 .shp，不含图形。"), "", 1.0)
    return Source(table, None, None, text, [lone])


def _copy_parts(dataset: Dataset, folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    place = folder / "gdal"
    place.mkdir()
    copies = {}
    for suffix in suffixes:
        if suffix in dataset.parts:
            copies[suffix] = place / f"layer{suffix}"
            copies[suffix].symlink_to(dataset.parts[suffix].resolve())
    return copies


def _table_encoding(dataset: Dataset, encoding: str) -> str:
    if ".dbf" not in dataset.parts:
        return ""
    return dbf_encoding(dataset.parts[".dbf"], dataset.parts.get(".cpg"), encoding)


def _prj(path: Path | None) -> tuple[pyproj.CRS | None, list[Finding]]:
    if path is None:
        return None, []
    text = path.read_bytes()[:20_000].decode("utf-8", "replace").strip("\ufeff \r\n\t\0")
    try:
        return pyproj.CRS.from_wkt(text), []
    except pyproj.exceptions.CRSError:
        message = _(".prj 文件的内容不是坐标系定义，未采用。")
        return None, [Finding("bogus_prj", 1, message, _("请补上正确的 .prj。"), 1.0)]


def _cpg_findings(dataset: Dataset, used: str) -> list[Finding]:
    cpg = dataset.parts.get(".cpg")
    if cpg is None or not used or len(cpg.read_bytes()) < 40:
        return []
    message = _(".cpg 文件的内容不是编码名，未采用；按 {encoding} 读取。").format(encoding=used)
    return [Finding("bogus_cpg", 1, message, _("请核对文字是否正确。"), 0.8)]


def read_gpkg(dataset: Dataset, *, wanted: Sequence[str], folder: Path) -> Source:
    """Read one layer of a GeoPackage, from a copy."""
    _require_magic(dataset, _SQLITE_MAGIC, "GeoPackage")
    place = folder / "gdal"
    place.mkdir()
    copy = place / "layer.gpkg"
    shutil.copyfile(dataset.path, copy)
    log = dataset.path.with_name(dataset.path.name + "-wal")
    if log.exists():
        shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
    layers = _layers(copy, dataset.name)
    layer = layers[choose(layers, wanted, what=dataset.name)]
    table, geometry, crs = _read(copy, name=dataset.name, layer=layer)
    return Source(table, geometry, crs)


def _layers(path: Path, name: str) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [str(layer) for layer, _kind in pyogrio.list_layers(path)]
    except _READ_ERRORS as fault:
        raise _unreadable(name) from fault
    layers = [layer for layer in layers if layer not in _OWN_TABLES]
    if not layers:
        raise FileFault(_("“{name}”里没有图层。").format(name=name), hint=_("请检查文件是否导出完整。"))
    return layers


def read_geojson(dataset: Dataset, *, encoding: str, folder: Path) -> Source:
    """Read GeoJSON in any encoding; without a ``crs`` member it is WGS 84, as RFC 7946 says."""
    text = decode_file(dataset.path, encoding)
    if not text.lstrip().startswith("{"):
        raise FileFault(
            _("“{name}{suffix}”不是 GeoJSON 文件。").format(name=dataset.name, suffix=dataset.suffix),
            hint=_("请检查文件是否下载完整、是否改过后缀。"),
        )
    copy = folder / "layer.geojson"
    copy.write_text(text, encoding="utf-8", errors="replace")
    table, geometry, crs = _read(copy, name=dataset.name)
    return Source(table, geometry, crs)


def _read(
    path: Path, *, name: str, layer: str | None = None, encoding: str | None = None
) -> tuple[pd.DataFrame, Any, pyproj.CRS | None]:
    """Raw columns, geometries (2-D; unreadable ones None but marked) and the CRS GDAL found."""
    try:
        fields, wkb, values, crs = _raw(path, layer, encoding)
    except UnicodeDecodeError:
        fields, wkb, values, crs = _raw_with_cut_characters(path, encoding or "utf-8", name)
    except _READ_ERRORS as fault:
        raise _unreadable(name) from fault
    fields = _distinct(fields)
    rows = len(wkb) if wkb is not None else len(values[0]) if len(values) else 0
    index = pd.RangeIndex(1, rows + 1)
    table = pd.DataFrame(dict(zip(fields, values, strict=True)), index=index)
    return table, None if wkb is None else _geometries(wkb), _declared(crs)


_Raw = tuple[list[str], Any, list[Any], str | None]


def _raw(path: Path, layer: str | None, encoding: str | None) -> _Raw:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meta, _fids, wkb, values = pyogrio.raw.read(path, layer=layer, encoding=encoding, force_2d=True)
    return [str(field) for field in meta["fields"]], wkb, list(values), meta.get("crs")


def _raw_with_cut_characters(path: Path, encoding: str, name: str) -> _Raw:
    """Read a DBF whose fields end in the middle of a character: bytes first, then text without the cut."""
    try:
        fields, wkb, values, crs = _raw(path, None, "ISO-8859-1")
    except _READ_ERRORS as fault:
        raise _unreadable(name) from fault

    def text(value: Any) -> Any:
        return value.encode("latin-1").decode(encoding, "ignore") if isinstance(value, str) else value

    columns = [
        np.array([text(value) for value in column], dtype=object) if column.dtype == object else column
        for column in values
    ]
    return [text(field) for field in fields], wkb, columns, crs


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for at, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[at] = f"{name}_{seen[name]}"
    return names


def _geometries(wkb: Any) -> Any:
    """Shapes from WKB; one that GEOS does not know (a TIN) becomes an empty collection, a wrong type."""
    with np.errstate(all="ignore"):
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    unknown = shapely.is_missing(shapes) & np.array([part is not None for part in wkb], dtype=bool)
    shapes[unknown] = shapely.GeometryCollection()
    return shapes


def _declared(crs: str | None) -> pyproj.CRS | None:
    if not crs:
        return None
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return None
