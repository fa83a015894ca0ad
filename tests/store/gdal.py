"""What GDAL says about and does to a GeoPackage, always in another process.

GDAL brings its own SQLite: in this process, closing the file would take the log away from under the store.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_VALIDATE = """
import json, sys
from osgeo_utils.samples.validate_gpkg import GPKGChecker
checker = GPKGChecker(sys.argv[1], abort_at_first_error=False, extra_checks=True)
checker.check()
print(json.dumps([str(error) for error in checker.errors + checker.warnings]))
"""

_DESCRIBE = """
import json, sys
import pyogrio
path = sys.argv[1]
styles = pyogrio.read_dataframe(path, layer="layer_styles", columns=["f_table_name", "useAsDefault"])
layers = {name: pyogrio.read_info(path, layer=name) for name in pyogrio.list_layers(path)[:, 0]}
print(json.dumps({
    "styles": dict(zip(styles["f_table_name"], map(bool, styles["useAsDefault"]))),
    "layers": {
        name: {"rows": info["features"], "crs": info["crs"], "geometry": info["geometry_type"],
               "fields": list(info["fields"])}
        for name, info in layers.items()
    },
}))
"""

# As QGIS saves an edit: one feature is read, changed and set. pyogrio can only append, so its GDAL is asked.
_EDIT = """
import ctypes, pathlib, sys
import pyogrio
path, table, fid, field, value, wkt = sys.argv[1:]
gdal = ctypes.CDLL(str(next((pathlib.Path(pyogrio.__file__).parents[1] / "pyogrio.libs").glob("libgdal*"))))
pointer = ctypes.c_void_p
for name in ("GDALOpenEx", "GDALDatasetGetLayerByName", "OGR_L_GetFeature"):
    getattr(gdal, name).restype = pointer
dataset = pointer(gdal.GDALOpenEx(path.encode(), 0x04 | 0x01, None, None, None))
layer = pointer(gdal.GDALDatasetGetLayerByName(dataset, table.encode()))
feature = pointer(gdal.OGR_L_GetFeature(layer, ctypes.c_longlong(int(fid))))
gdal.OGR_F_SetFieldString(feature, gdal.OGR_F_GetFieldIndex(feature, field.encode()), value.encode())
geometry = pointer()
gdal.OGR_G_CreateFromWkt(ctypes.byref(ctypes.c_char_p(wkt.encode())), None, ctypes.byref(geometry))
gdal.OGR_F_SetGeometry(feature, geometry)
refused = gdal.OGR_L_SetFeature(layer, feature)
gdal.GDALClose(dataset)
sys.exit(refused)
"""


def _run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], text=True, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def faults_of(path: Path) -> list[str]:
    """Errors and warnings of the GeoPackage validator."""
    found: list[str] = json.loads(_run(_VALIDATE, str(path)))
    return found


def description_of(path: Path) -> dict[str, Any]:
    """Layers and styles as GDAL lists them."""
    described: dict[str, Any] = json.loads(_run(_DESCRIBE, str(path)))
    return described


def edit(path: Path, table: str, fid: int, *, field: str, value: str, wkt: str) -> bool:
    """Set a field and the geometry of one feature as QGIS does; whether it was accepted."""
    command = [sys.executable, "-c", _EDIT, str(path), table, str(fid), field, value, wkt]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0
