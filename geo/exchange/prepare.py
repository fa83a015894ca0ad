"""From what a file holds to a layer's frame: name columns, convert, place, check, complete.

Nothing is written here; `geo.operations.load` does that with the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.codes import VILLAGE
from geo.crs import STORED_CRS
from geo.errors import FileFault
from geo.exchange.check import check_county, check_rows
from geo.exchange.check_links import check_links, fill_townships
from geo.exchange.check_shapes import check_shapes
from geo.exchange.columns import COUNTY_NAME, LAST_DAY, LAT, LON, TOWNSHIP_NAME, ColumnMap, map_columns
from geo.exchange.findings import frame_findings
from geo.exchange.known import Known
from geo.exchange.numbering import cells_at, number_cells, same_cells
from geo.exchange.place import resolve_crs, to_stored
from geo.exchange.read import Source
from geo.exchange.report import Fault, FaultList, Finding
from geo.exchange.values import cell_text, converted
from geo.frames import Column, Layer, conform
from geo.i18n import N_, _
from geo.rules.loader import Rules
from geo.store.merging import text_lengths

_LON_LAT = {LON: Column(LON, "number", N_("经度")), LAT: Column(LAT, "number", N_("纬度"))}


@dataclass(frozen=True)
class Prepared:
    """A file made ready to load.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        The faultless rows, as the layer's contract says.
    read : int
        Data rows in the file.
    faults, findings : list
    county_name : str
        As the file calls the county; may be empty.
    """

    frame: pd.DataFrame
    read: int
    faults: list[Fault]
    findings: list[Finding]
    county_name: str


def prepare(source: Source, layer: Layer, known: Known, *, crs: str, rules: Rules) -> Prepared:
    """Check a whole file and make a frame of its faultless rows.

    Raises
    ------
    FileFault
        The file as a whole cannot be what was asked for: no rows, no required columns, no CRS, wrong type.
    """
    if not len(source.table.index):
        raise FileFault(_("文件里没有数据行。"), hint=_("请检查是否导出了空的图层或只有标题行。"))
    columns = map_columns(list(source.table.columns), layer)
    faults = FaultList()
    rows, findings = _convert(source.table, layer, columns, faults)
    findings = [*source.findings, *_about_columns(columns), *findings]
    shapes, more = _placed(source, rows, layer, crs, faults)
    findings += more
    if layer.name == "villages":
        findings += fill_townships(rows, known)
    check_rows(rows, layer, faults, lengths=text_lengths(layer.name))
    check_county(rows, layer, known.county, faults)
    check_links(rows, layer, known, faults)
    if shapes is not None:
        shapes, more = check_shapes(shapes, layer, faults, county=_county_bounds(known, layer))
        findings += more
    good = ~rows.index.isin(list(faults.rows))
    frame = _complete(rows[good], None if shapes is None else shapes[good], layer, known)
    findings += frame_findings(frame, layer, known, rules)
    if layer.name == "households":
        frame, more = _with_cells(frame, known)
        findings += more
    return Prepared(frame, len(rows), faults.sorted(), findings, _county_name(source.table, columns))


def _convert(
    table: pd.DataFrame, layer: Layer, columns: ColumnMap, faults: FaultList
) -> tuple[pd.DataFrame, list[Finding]]:
    wanted = {column.name: column for column in layer.columns}
    data = {
        name: converted(table[columns.found[name]], column, faults, given_as=name)
        for name, column in (wanted | _LON_LAT).items()
        if name in columns.found
    }
    if TOWNSHIP_NAME in columns.found:
        data[TOWNSHIP_NAME] = table[columns.found[TOWNSHIP_NAME]].map(cell_text)
    findings = []
    if LAST_DAY in columns.found:
        last = converted(table[columns.found[LAST_DAY]], wanted["valid_to"], faults, given_as=LAST_DAY)
        given = data.get("valid_to", pd.Series(None, index=table.index, dtype=object))
        data["valid_to"] = given.where(given.notna(), last)
        message = _("“{name}”按最后一天理解，已换算为次日起失效。").format(name=columns.found[LAST_DAY])
        findings.append(Finding("last_day_converted", int(last.notna().sum()), message, "", 1.0))
    return pd.DataFrame(data, index=table.index), findings


def _about_columns(columns: ColumnMap) -> list[Finding]:
    if not columns.unknown:
        return []
    message = _("有 {count} 列没有导入：{names}。").format(
        count=len(columns.unknown), names="、".join(map(str, columns.unknown))
    )
    action = _("如其中有需要的内容，请改用列名对照表中的名称。")
    return [Finding("unknown_columns", len(columns.unknown), message, action, 1.0)]


def _county_name(table: pd.DataFrame, columns: ColumnMap) -> str:
    if COUNTY_NAME not in columns.found:
        return ""
    names = table[columns.found[COUNTY_NAME]].map(cell_text).dropna()
    return "" if names.empty else str(names.mode().iloc[0])


def _placed(
    source: Source, rows: pd.DataFrame, layer: Layer, crs: str, faults: FaultList
) -> tuple[gpd.GeoSeries | None, list[Finding]]:
    """Shapes in stored coordinates by row number; None where layer or file has no place."""
    if layer.geometry is None:
        return None, []
    if source.geometry is not None and not shapely.is_missing(source.geometry).all():
        found, findings = resolve_crs(crs, source.crs, source.geometry)
        return to_stored(source.geometry, found).set_axis(rows.index), findings
    if {LON, LAT} <= set(rows.columns):
        points = _points(rows, faults)
        asked = "EPSG:4490" if crs.lower() == "auto" else crs
        found, findings = resolve_crs(asked, None, points)
        return to_stored(points, found).set_axis(rows.index), findings
    if layer.geometry_required:
        raise FileFault(
            _("“{layer}”必须有图形，文件里没有。").format(layer=_(layer.label)),
            hint=_("请提供 Shapefile、GeoPackage 或 GeoJSON 文件。"),
        )
    return None, []


def _points(rows: pd.DataFrame, faults: FaultList) -> np.ndarray:
    half = rows.index[rows[LON].isna() != rows[LAT].isna()]
    half = half.difference(pd.Index([*faults.rows_of(LON), *faults.rows_of(LAT)], dtype="int64"))
    faults.add(pd.Series("", index=half), LON, "half_position", _("经度和纬度只填了一个。"))
    lon, lat = rows[LON].astype("float64").to_numpy(), rows[LAT].astype("float64").to_numpy()
    points = np.full(len(rows), None, dtype=object)
    whole = np.isfinite(lon) & np.isfinite(lat)
    points[whole] = shapely.points(lon[whole], lat[whole])
    return points


def _county_bounds(known: Known, layer: Layer) -> np.ndarray | None:
    """Where the store's own territory lies; None while it has none."""
    for above in ("townships", "villages"):
        shapes = known.frame(above).geometry.dropna()
        if len(shapes) and layer.name != above:
            return np.asarray(shapes.total_bounds)
    return None


def _complete(rows: pd.DataFrame, shapes: gpd.GeoSeries | None, layer: Layer, known: Known) -> pd.DataFrame:
    """The conformed frame, with codes for cells that have none."""
    given = rows if shapes is None else gpd.GeoDataFrame(rows, geometry=shapes, crs=STORED_CRS)
    if layer.name == "cells":
        given = given.assign(code=_cell_codes(given, known))
    return conform(given.reindex(columns=[*dict.fromkeys([*given.columns, *layer.required_names])]), layer)


def _with_cells(households: gpd.GeoDataFrame, known: Known) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Households with the cell they stand in where the file names none, or one that was retired since.

    A household without a position that the file has in a retired cell stays where it is by now.
    """
    retired = households["cell_code"].isin(known.retired_cells())
    blank = households["cell_code"].isna() | retired
    if not blank.any():
        return households, []
    placed = households.geometry.notna()
    found = cells_at(households[blank], known.current_cells()).astype("str")
    if (retired & ~placed).any():
        stored = known.frame("households").set_index("code")["cell_code"]
        found = found.where(placed, households["code"].map(stored))
    households = households.assign(cell_code=households["cell_code"].where(~blank, found))
    return households, _cell_findings(households, placed, int(retired.sum()))


def _cell_findings(households: gpd.GeoDataFrame, placed: pd.Series, retired: int) -> list[Finding]:
    findings = []
    if retired:
        message = _("{count} 户在文件中登记的网格已停用，按位置归入现在的网格。").format(count=retired)
        findings.append(Finding("household_in_retired_cell", retired, message, _("请使用最新的网格代码。")))
    if lost := int((households["cell_code"].isna() & placed).sum()):
        message = _("{count} 户的位置不在本村任何网格内。").format(count=lost)
        findings.append(Finding("household_without_cell", lost, message, _("请补绘网格或核对坐标。")))
    return findings


def _cell_codes(cells: gpd.GeoDataFrame, known: Known) -> pd.Series:
    codes = cells["code"] if "code" in cells.columns else pd.Series(None, index=cells.index, dtype=object)
    blank = codes.isna()
    if not blank.any():
        return codes
    codes = codes.where(~blank, same_cells(cells, known.frame("cells")))
    fresh = cells[codes.isna()]
    used = known.codes("cells") | {code for code in codes.dropna() if len(code) > VILLAGE}
    return codes.where(codes.notna(), number_cells(fresh, used=used).reindex(cells.index))
