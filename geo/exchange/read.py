"""Read any file people send: which kind it is decides which reader takes it.

The result is raw: the file's own column names and values, its geometry as it stands, its CRS as declared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo.errors import FileFault
from geo.exchange.archive import DATASETS, Dataset, loose_dataset, unpack
from geo.exchange.report import Finding
from geo.i18n import _


@dataclass(frozen=True)
class Source:
    """What a file holds, before anything is made of it.

    Attributes
    ----------
    table : DataFrame
        The file's own columns; index 1, 2, 3 … is the data row.
    geometry : array of shapely geometries or None
        None for a plain table.
    crs : pyproj.CRS or None
        As the file declares it.
    encoding : str
        In which the text was read; empty where the format fixes it.
    findings : list of Finding
    """

    table: pd.DataFrame
    geometry: NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None
    encoding: str = ""
    findings: list[Finding] = field(default_factory=list)


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def require_file(path: Path) -> None:
    """Raise `FileFault` unless there is a file with something in it."""
    if not path.is_file():
        raise FileFault(_("找不到文件“{name}”。").format(name=path.name), hint=_("请检查路径和文件名。"))
    if path.stat().st_size == 0:
        raise FileFault(_("文件“{name}”是空的。").format(name=path.name), hint=_("请重新导出后再试。"))


def datasets_in(path: Path, folder: Path) -> list[Dataset]:
    """The datasets a file holds: one for a loose file, any number for a zip (unpacked into ``folder``)."""
    require_file(path)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return unpack(path, folder)
    if suffix not in DATASETS:
        raise FileFault(
            _("不能读取“{name}”：不支持 {suffix} 格式。").format(
                name=path.name, suffix=suffix or _("无后缀的")
            ),
            hint=_("可用格式：.zip（Shapefile）、.shp、.gpkg、.geojson、.csv、.xlsx。"),
        )
    return [loose_dataset(path)]


def choose(names: Sequence[str], wanted: Sequence[str], *, what: str) -> int:
    """Position of the one thing to read; several raise `FileFault` that names them.

    ``wanted`` are names that settle the choice when exactly one thing bears one of them.
    """
    if len(names) == 1:
        return 0
    settling = {name.casefold() for name in wanted}
    fitting = [at for at, name in enumerate(names) if PurePosixPath(name).name.casefold() in settling]
    if len(fitting) == 1:
        return fitting[0]
    raise FileFault(
        _("“{what}”里有 {count} 个图层：{names}。要导入哪一个？").format(
            what=what, count=len(names), names="、".join(names)
        ),
        hint=_("请只保留要导入的一个图层，再试一次。"),
    )


def read_source(path: Path, *, wanted: Sequence[str], encoding: str, folder: Path) -> Source:
    """Read the one dataset of a file.

    Parameters
    ----------
    path : Path
        Shapefile (loose or zipped), GeoPackage, GeoJSON, CSV, XLSX or DBF.
    wanted : sequence of str
        Names by which to choose among several layers.
    encoding : str
        ``auto`` or an encoding's name.
    folder : Path
        A private, empty folder for whatever has to be unpacked or copied.

    Raises
    ------
    FileFault
        The file is missing, empty, unsafe, unreadable or holds several layers.
    """
    from geo.exchange.read_table import read_csv, read_xlsx
    from geo.exchange.read_vector import read_dbf, read_geojson, read_gpkg, read_shapefile

    datasets = datasets_in(path, folder)
    dataset = datasets[choose([d.name for d in datasets], wanted, what=path.name)]
    require_file(dataset.path)
    match dataset.suffix:
        case ".shp":
            return read_shapefile(dataset, encoding=encoding, folder=folder)
        case ".dbf":
            return read_dbf(dataset, encoding=encoding, folder=folder)
        case ".gpkg":
            return read_gpkg(dataset, wanted=wanted, folder=folder)
        case ".geojson" | ".json":
            return read_geojson(dataset, encoding=encoding, folder=folder)
        case ".xlsx":
            return read_xlsx(dataset, wanted=wanted)
    return read_csv(dataset, encoding=encoding)
