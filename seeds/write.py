"""A county as files: zipped shapefiles and CSV tables, byte for byte the same for the same county."""

from __future__ import annotations

import json
import tempfile
import zipfile
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.crs import gauss_kruger_srid
from geo.exchange.columns import LAST_DAY, SHORT_NAMES, names_of
from geo.frames import LAYERS
from seeds.county import County
from seeds.outline import MIDDLE_LON

_STAMP = (2026, 5, 1, 0, 0, 0)
_SHAPEFILE_OPTIONS = {"ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": "2026-05-01"}
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_PROJECTED = "cadres"
"""The layer that comes in metres of its Gauss–Krüger zone, as survey offices send them."""

FILES = {
    name: f"{name}.zip" if layer.geometry or name == "responsibilities" else f"{name}.csv"
    for name, layer in LAYERS.items()
}
"""File of each layer."""
DESIGNATIONS, CORRECTIONS, MANIFEST = "designations.csv", "corrections.csv", "manifest.json"
CASES = {name: f"rectification_{name}.csv" for name in ("cases", "steps", "tasks", "evidence")}
BOOK = {name: f"village_{name}.csv" for name in ("texts", "goals", "checklists", "pictures")}
PICTURES = "pictures"
"""The folder of the pictures."""


def write_county(county: County, folder: Path) -> None:
    """Write all files of a county into a folder (made if need be)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, layer in LAYERS.items():
        frame = county.frames[name]
        if layer.geometry is None:
            _write_table(_with_headings(frame, name), folder / FILES[name], name)
        else:
            srid = gauss_kruger_srid(MIDDLE_LON) if name == _PROJECTED else None
            _write_shapefile(frame if srid is None else frame.to_crs(srid), folder, name, layer.geometry)
    for name, lines in (("river", county.river), ("roads", county.roads)):
        _write_shapefile(lines, folder, name, "LineString")
    for name, table in _plain_tables(county).items():
        table.to_csv(folder / name, index=False, encoding="utf-8", lineterminator="\n")
    (folder / PICTURES).mkdir(exist_ok=True)
    for name, content in county.pictures.items():
        (folder / PICTURES / name).write_bytes(content)
    text = json.dumps(county.manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _plain_tables(county: County) -> dict[str, pd.DataFrame]:
    """Tables that no layer is, by their file."""
    tables = {DESIGNATIONS: county.designations, CORRECTIONS: county.corrections}
    tables |= {file: getattr(county.cases, name) for name, file in CASES.items()}
    return tables | {file: getattr(county.book, name) for name, file in BOOK.items()}


def _write_shapefile(frame: gpd.GeoDataFrame, folder: Path, name: str, geometry: str) -> None:
    fields = {
        SHORT_NAMES.get(column, column): _field(frame[column]) for column in frame.columns.drop("geometry")
    }
    with tempfile.TemporaryDirectory(prefix="minqing-seeds-") as place:
        path = Path(place) / f"{name}.shp"
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(frame.geometry.to_numpy()),
            field_data=[values for values, _missing in fields.values()],
            field_mask=[missing for _values, missing in fields.values()],
            fields=list(fields),
            crs=f"EPSG:{frame.crs.to_epsg()}",
            geometry_type="Polygon" if geometry == "MultiPolygon" else geometry,
            driver="ESRI Shapefile",
            layer_options=_SHAPEFILE_OPTIONS,
        )
        _zip(
            {f"{name}{part}": path.with_suffix(part).read_bytes() for part in _PARTS}, folder / f"{name}.zip"
        )


def _field(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Values and gaps of a DBF field: flags as 0 and 1, days as text, texts as wide as their longest."""
    missing = column.isna().to_numpy()
    kind = str(column.dtype)
    if kind in ("boolean", "bool"):
        return column.fillna(False).to_numpy(dtype=np.int32), missing
    if kind in ("Int64", "int64"):
        return column.fillna(0).to_numpy(dtype=np.int64), missing
    texts = ["" if gap else str(value) for value, gap in zip(column, missing, strict=True)]
    width = max((len(text.encode()) for text in texts), default=0)
    return np.array(texts, dtype=f"U{max(width, 1)}"), missing


def _with_headings(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table under Chinese headings; an end day is the last day itself, as offices write it."""
    layer = LAYERS[name]
    table = frame.copy()
    if "valid_to" in table.columns:
        last = [day - timedelta(days=1) if isinstance(day, date) else None for day in table.pop("valid_to")]
        table.insert(layer.column_names.index("valid_to"), names_of(layer, LAST_DAY)[1], last)
    for column in layer.columns:
        if column.kind == "flag":
            table[column.name] = table[column.name].map({True: "是", False: "否"})
    return table.rename(columns={column.name: column.label for column in layer.columns})


def _write_table(table: pd.DataFrame, path: Path, name: str) -> None:
    text = table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
    if path.suffix == ".zip":
        _zip({f"{name}.csv": text}, path)
    else:
        path.write_bytes(text)


def _zip(members: dict[str, bytes], path: Path) -> None:
    """A zip whose bytes depend on the members alone: fixed time, fixed order, fixed rights."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, content, compresslevel=6)
