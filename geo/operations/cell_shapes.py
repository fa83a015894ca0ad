"""From what a request says about cells to what they become: GeoJSON read, the right geometry called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape as from_geojson

from geo.analysis.topology import (
    Reshaping,
    create_cell,
    merge_cells,
    redraw_cell,
    replace_cells,
    retire_cells,
    split_cell,
    split_into,
)
from geo.errors import InputError
from geo.i18n import _
from geo.operations.requests import CellRequest
from geo.rules import Rules
from geo.store.cell_reads import VillageGround

_LINES = ("LineString", "MultiLineString")


def reshaped(request: CellRequest, ground: VillageGround, *, rules: Rules) -> Reshaping:
    """What the village's cells become by a request, with every fault in it.

    Raises
    ------
    InputError
        The request lacks what its kind needs, or a geometry cannot be read.
    """
    given: dict[str, Any] = {"village": ground.shape, "rules": rules}
    cells = ground.cells
    if request.kind == "split":
        return _split(request, ground, given)
    if request.kind == "merge":
        return merge_cells(cells, codes=request.codes, **given)
    if request.kind == "redraw":
        return redraw_cell(cells, code=_only_code(request), shape=_only_shape(request), **given)
    if request.kind == "create":
        return create_cell(cells, shape=_only_shape(request), **given)
    if request.kind == "retire":
        return retire_cells(cells, codes=request.codes, **given)
    return replace_cells(cells, parts=_parts(request), **given)


def positions(request: CellRequest, created: gpd.GeoDataFrame) -> list[int]:
    """Which position of the request each created cell (ordered by code) answers to.

    Parts may come back in another order, and some may be cells that go on: a part is found again by the land
    it has in common with the cell. A line names no parts: there the codes' order is that of the positions.
    """
    if not request.parts:
        return list(range(len(created)))
    parts = np.array(_parts(request), dtype=object)
    return [int(shapely.area(shapely.intersection(parts, cell)).argmax()) for cell in created.geometry]


def _split(request: CellRequest, ground: VillageGround, given: Mapping[str, Any]) -> Reshaping:
    code = _only_code(request)
    if request.parts:
        return split_into(ground.cells, code=code, parts=_parts(request), **given)
    line = read_geometry(request.geometry)
    if line.geom_type == "MultiLineString":
        line = shapely.line_merge(line)
    if line.geom_type not in _LINES:
        raise InputError(_("划分网格需要一条线。"), hint=_("请画一条穿过网格的线。"))
    return split_cell(ground.cells, code=code, line=line, **given)


def _only_code(request: CellRequest) -> str:
    if len(request.codes) != 1:
        raise InputError(_("这项变更一次只针对一个网格。"), hint=_("请只选一个网格。"))
    return request.codes[0]


def _only_shape(request: CellRequest) -> Any:
    found = read_geometry(request.geometry or (request.parts[0] if len(request.parts) == 1 else None))
    if found.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError(_("网格的范围应是一个面。"), hint=_("请画一个闭合的范围。"))
    return found


def _parts(request: CellRequest) -> list[Any]:
    if not request.parts:
        raise InputError(_("没有给出各网格的范围。"), hint=_("请先生成或画出各网格的范围。"))
    return [read_geometry(part) for part in request.parts]


def read_geometry(document: Mapping[str, Any] | None) -> Any:
    """The geometry of a GeoJSON document (a geometry or a feature), without heights.

    Raises
    ------
    InputError
        There is none, or it cannot be read.
    """
    if not document:
        raise InputError(_("没有给出图形。"), hint=_("请先在地图上画出，或给出图形。"))
    inner = document["geometry"] if document.get("type") == "Feature" else document
    try:
        found = shapely.force_2d(from_geojson(inner))
        is_readable = bool(np.isfinite(shapely.get_coordinates(found)).all()) and not found.is_empty
    except (GEOSException, AttributeError, KeyError, TypeError, ValueError, IndexError) as fault:
        raise _unreadable() from fault
    if not is_readable:
        raise _unreadable()
    return found


def _unreadable() -> InputError:
    return InputError(_("图形无法识别。"), hint=_("请重新画一次，或检查所给的 GeoJSON、WKT。"))
