"""How a frame becomes a file of each kind, written into a folder of its own."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import shapely

from geo.errors import FileFault
from geo.exchange.columns import LAT, LON, SHORT_NAMES
from geo.frames import Layer
from geo.i18n import N_, _

_XLSX_ROWS = 1_048_575
_DBF_BYTES = 254
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LAST_DAY_LABEL = N_("截止日期")
_WRITE_ERRORS = (RuntimeError, ValueError, OSError)


class Writer(Protocol):
    """Makes the files of one format in ``folder`` and says which they are, the main one first."""

    def __call__(
        self, frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool
    ) -> list[Path]:
        """Write ``frame`` as files named ``stem``."""


def sheet_text(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula: a leading ``= + - @`` gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Days as ISO text; everything else as it is."""
    days = {
        name: frame[name].map(lambda day: day.isoformat(), na_action="ignore").astype("str")
        for name in frame.columns
        if frame[name].dtype == object and name != "geometry"
    }
    return frame.assign(**days)


def _sheet(frame: pd.DataFrame, layer: Layer, *, chinese: bool) -> pd.DataFrame:
    """A table for spreadsheets: points as ``lon``/``lat``, other shapes left out, text guarded."""
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if layer.geometry == "Point" and frame.geometry.geom_type.isin(["Point"]).any():
        points = frame.geometry.where(~(frame.geometry.isna() | frame.geometry.is_empty), None)
        table = table.assign(**{LON: shapely.get_x(points.to_numpy()), LAT: shapely.get_y(points.to_numpy())})
    if chinese:
        table = _in_chinese(table, layer)
    table = _plain(table)
    for name in table.columns:
        if pd.api.types.is_string_dtype(table[name].dtype):
            table[name] = table[name].map(sheet_text, na_action="ignore")
    return table


def _in_chinese(table: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Chinese headings; the end of a period as its last day."""
    labels = {column.name: _(column.label) for column in layer.columns}
    labels |= {LON: _("经度"), LAT: _("纬度"), "households": _("户数")}
    if "valid_to" in table.columns:
        table = table.assign(valid_to=table["valid_to"].map(_day_before, na_action="ignore"))
        labels["valid_to"] = _(_LAST_DAY_LABEL)
    return table.rename(columns=labels)


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def write_csv(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """CSV in UTF-8 with a byte-order mark, so that spreadsheets read Chinese."""
    path = folder / f"{stem}.csv"
    _sheet(frame, layer, chinese=chinese).to_csv(
        path, index=False, encoding="utf-8-sig", lineterminator="\r\n"
    )
    return [path]


def write_xlsx(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """One sheet named after the layer; codes stay text."""
    if len(frame) > _XLSX_ROWS:
        raise FileFault(
            _("共 {rows} 行，超过 xlsx 的行数上限。").format(rows=len(frame)),
            hint=_("请改用 CSV 或 GeoPackage。"),
        )
    table = _sheet(frame, layer, chinese=chinese)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(layer.name)
    sheet.append([str(name) for name in table.columns])
    for row in _cells(table):
        sheet.append(row)
    path = folder / f"{stem}.xlsx"
    book.save(path)
    return [path]


def _cells(table: pd.DataFrame) -> Iterable[list[Any]]:
    columns = [table[name].astype(object).where(table[name].notna(), None).tolist() for name in table.columns]
    return (list(row) for row in zip(*columns, strict=True))


def write_gpkg(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """A GeoPackage of one layer."""
    path = folder / f"{stem}.gpkg"
    _write(_plain(frame), path, driver="GPKG", layer=layer.name)
    return [path]


def write_geojson(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """GeoJSON in EPSG:4490, which it names."""
    path = folder / f"{stem}.geojson"
    _write(_plain(frame), path, driver="GeoJSON", layer=layer.name)
    return [path]


def write_shp(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """A shapefile: short column names, UTF-8 text, ``.cpg`` and ``.prj``; a ``.dbf`` if without shapes."""
    short = _plain(frame).rename(columns=SHORT_NAMES)
    _refuse_long_text(short)
    _write(short, folder / f"{stem}.shp", driver="ESRI Shapefile", layer=None, encoding="UTF-8")
    (folder / f"{stem}.cpg").write_text("UTF-8", encoding="ascii")
    return sorted(folder.glob(f"{stem}.*"), key=lambda part: part.suffix != ".shp")


def write_zip(frame: pd.DataFrame, folder: Path, layer: Layer, stem: str, *, chinese: bool) -> list[Path]:
    """A zipped shapefile named after the layer."""
    path = folder / f"{stem}.zip"
    parts = write_shp(frame, folder, layer, layer.name, chinese=chinese)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, part.name)
    return [path]


def _refuse_long_text(frame: pd.DataFrame) -> None:
    for name in frame.columns:
        if name == "geometry" or not pd.api.types.is_string_dtype(frame[name].dtype):
            continue
        if (frame[name].dropna().map(lambda text: len(text.encode())) > _DBF_BYTES).any():
            raise FileFault(
                _("“{column}”列有超过 {limit} 字节的文字，Shapefile 放不下。").format(
                    column=name, limit=_DBF_BYTES
                ),
                hint=_("请改用 GeoPackage、GeoJSON 或 CSV。"),
            )


def _write(frame: pd.DataFrame, path: Path, **options: Any) -> None:
    if isinstance(frame, gpd.GeoDataFrame):
        kinds = set(frame.geometry.geom_type.dropna())
        options["geometry_type"] = kinds.pop() if len(kinds) == 1 else "Unknown"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyogrio.write_dataframe(frame, path, **options)
    except _WRITE_ERRORS as fault:
        raise FileFault(
            _("无法写入“{name}”。").format(name=path.name), hint=_("请检查磁盘空间，或换一种格式。")
        ) from fault


WRITERS: dict[str, Writer] = {
    ".zip": write_zip,
    ".shp": write_shp,
    ".gpkg": write_gpkg,
    ".geojson": write_geojson,
    ".csv": write_csv,
    ".xlsx": write_xlsx,
}
"""Suffix → writer."""
