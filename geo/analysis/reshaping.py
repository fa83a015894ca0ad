"""What a village's cells become, and everything that speaks against it: the checks before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.analysis.faces import areal, areas_m2, edge_set, settled, united, vertex_set, with_vertices
from geo.crs import STORED_CRS, gauss_kruger_srid, require_stored_crs
from geo.i18n import _
from geo.rules import Rules


class Fault(StrEnum):
    """Why a change of cells cannot be saved, or what a person must know before it is."""

    UNKNOWN_CELL = "unknown_cell"
    INVALID = "invalid"
    NOT_SPLIT = "not_split"
    NOT_ADJACENT = "not_adjacent"
    OUTSIDE = "outside"
    OVERLAP = "overlap"
    UNCOVERED = "uncovered"
    SCATTERED = "scattered"
    TOO_SMALL = "too_small"
    UNMATCHED = "unmatched"
    UNCHANGED = "unchanged"
    NO_CELL_LEFT = "no_cell_left"


@dataclass(frozen=True)
class CellFault:
    """One thing that is wrong with a change of cells.

    Attributes
    ----------
    code : str
        One of `Fault`.
    message : str
        What is wrong, measured value and threshold, and what to do.
    geometry : shapely geometry in EPSG:4490, or None
        Where, to be drawn on the map.
    area_m2 : float
    cells : tuple of str
        Codes of the cells it is about.
    """

    code: str
    message: str
    geometry: Any = None
    area_m2: float = 0.0
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reshaping:
    """What a village's cells become.

    Attributes
    ----------
    changed : GeoSeries of MultiPolygon in EPSG:4490, by code
        Cells that go on and differ from before in any vertex.
    created : GeoSeries of MultiPolygon in EPSG:4490, by position
    retired : tuple of str
    lineage : tuple of (parent's code, position in ``created``)
    faults : tuple of CellFault
        Empty when it may be saved.
    consequences : tuple of CellFault
        What a person must confirm first.
    notes : tuple of str
        What was done to the drawing, for the person who drew it.
    """

    changed: gpd.GeoSeries
    created: gpd.GeoSeries
    retired: tuple[str, ...] = ()
    lineage: tuple[tuple[str, int], ...] = ()
    faults: tuple[CellFault, ...] = ()
    consequences: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tiling:
    """How well cells tile their village.

    Attributes
    ----------
    overlap_m2 : float
        Land counted more than once.
    uncovered_m2, outside_m2 : float
        The village's land in no cell; cells' land outside the village.
    is_coverage : bool
        `shapely.coverage_is_valid`: no overlaps, and common borders have the same vertices.
    """

    overlap_m2: float
    uncovered_m2: float
    outside_m2: float
    is_coverage: bool


def tiling(cells: gpd.GeoDataFrame, *, village: Any) -> Tiling:
    """How well cells (EPSG:4490) tile a village; no cells leave all of it uncovered."""
    shapes = [shape for shape in require_stored_crs(cells).geometry if shape is not None]
    return _tiling(shapes, village, _srid(shapes, village))


def _tiling(shapes: Sequence[Any], village: Any, srid: int) -> Tiling:
    sound = _sound(shapes)
    land = united(sound)
    territory = village if shapely.is_valid(village) else areal(shapely.make_valid(village))
    bare, beyond = shapely.difference(territory, land), shapely.difference(land, territory)
    every, once, uncovered, outside = (
        float(areas_m2(shape, srid=srid).sum()) for shape in (sound, land, bare, beyond)
    )
    return Tiling(
        overlap_m2=max(0.0, every - once),
        uncovered_m2=uncovered,
        outside_m2=outside,
        is_coverage=_is_coverage(shapes),
    )


def _is_coverage(shapes: Sequence[Any]) -> bool:
    return bool(shapely.is_valid([*shapes]).all() and shapely.coverage_is_valid([*shapes]))


def _sound(shapes: Sequence[Any]) -> Any:
    array = np.array([*shapes], dtype=object)
    broken = ~shapely.is_valid(array)
    array[broken] = [areal(shape) for shape in shapely.make_valid(array[broken], method="structure")]
    return array


def _srid(shapes: Sequence[Any], village: Any) -> int:
    west, _south, east, _north = shapely.total_bounds([village, *shapes])
    return gauss_kruger_srid(117.0 if np.isnan(west) else (west + east) / 2)


@dataclass(frozen=True)
class Ground:
    """A village's cells as they are, and the measures a change is held against.

    Attributes
    ----------
    cells : mapping of code to MultiPolygon
        Mended where one was not valid.
    stored : mapping of code to MultiPolygon
        The same cells as they are stored.
    village : Polygon or MultiPolygon
        With the vertices that cells have on its border.
    srid : int
        Zone that areas and distances are measured in.
    """

    cells: Mapping[str, Any]
    stored: Mapping[str, Any]
    village: Any
    srid: int
    rules: Rules

    def area_m2(self, shape: Any) -> float:
        """Area of a stored shape."""
        return float(areas_m2(shape, srid=self.srid))

    def limit(self, name: str) -> float:
        """A threshold of ``geo/rules/cells.yaml``."""
        return self.rules[name].value

    def others(self, codes: Iterable[str]) -> dict[str, Any]:
        """The cells without some of them."""
        left_out = {*codes}
        return {code: shape for code, shape in self.cells.items() if code not in left_out}


def ground_of(cells: gpd.GeoDataFrame, *, village: Any, rules: Rules) -> Ground:
    """Read a village's cells; a cell without a shape counts as not there.

    A village without a shape of its own is taken as the land of its cells.
    """
    placed = require_stored_crs(cells)
    placed = placed[placed.geometry.notna() & ~placed.geometry.is_empty]
    stored = dict(zip(placed["code"].tolist(), placed.geometry.tolist(), strict=True))
    sound = dict(zip(stored, _sound([*stored.values()]), strict=True))
    if village is None or village.is_empty:
        village = united([*sound.values()])
    territory = village if shapely.is_valid(village) else areal(shapely.make_valid(village))
    territory = with_vertices([territory], vertex_set(sound.values()))[0]
    return Ground(sound, stored, territory, _srid([*sound.values()], territory), rules)


@dataclass
class Draft:
    """A change in the making: collects what cells become, then is checked as a whole."""

    ground: Ground
    after: dict[str, Any] = field(default_factory=dict)
    created: list[Any] = field(default_factory=list)
    retired: tuple[str, ...] = ()
    lineage: list[tuple[str, int]] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    consequences: list[CellFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def blame(self, code: Fault, message: str, geometry: Any = None, cells: Iterable[str] = ()) -> None:
        """Note a fault; its area is measured."""
        self.faults.append(cell_fault(self.ground, code, message, geometry, cells))

    def finished(self, *, may_uncover: bool = False) -> Reshaping:
        """The change with shared borders matched, and with every fault the result has."""
        going_on = self.ground.others(self.retired)
        shapes = [*{**going_on, **self.after}.values(), *self.created]
        known = [*self.ground.cells.values(), self.ground.village]
        shapes = settled(shapes, known)
        shapes = with_vertices(shapes, vertex_set(shapes) - vertex_set(self.ground.cells.values()))
        result = {code: _multi(shape) for code, shape in zip(going_on, shapes, strict=False)}
        changed = {
            code: shape
            for code, shape in result.items()
            if not _same_vertices(shape, self.ground.stored[code]) and self._is_touched(code, shape)
        }
        self.created = [_multi(shape) for shape in shapes[len(going_on) :]]
        self._check(changed)
        if not self.faults and not may_uncover:
            everything = {code: changed.get(code, self.ground.stored[code]) for code in going_on}
            self._check_tiling([*everything.values(), *self.created])
        return Reshaping(
            changed=gpd.GeoSeries(changed, crs=STORED_CRS, dtype="geometry"),
            created=gpd.GeoSeries(self.created, crs=STORED_CRS, dtype="geometry"),
            retired=self.retired,
            lineage=tuple(self.lineage),
            faults=tuple(self.faults),
            consequences=tuple(self.consequences),
            notes=tuple(self.notes),
        )

    def _is_touched(self, code: str, shape: Any) -> bool:
        """Whether the change reaches a cell: one that is stored broken is not mended by the way."""
        return code in self.after or not _same_vertices(shape, self.ground.cells[code])

    def _check(self, changed: Mapping[str, Any]) -> None:
        for code, shape in changed.items():
            before = self.ground.cells[code]
            self._check_shape(shape, (code,), pieces=len(shapely.get_parts(before)), before=before)
        for position, shape in enumerate(self.created):
            parents = tuple(parent for parent, at in self.lineage if at == position)
            pieces = sum(len(shapely.get_parts(self.ground.cells[parent])) for parent in parents)
            self._check_shape(shape, parents, pieces=max(pieces, 1))

    def _check_shape(self, shape: Any, codes: tuple[str, ...], *, pieces: int, before: Any = None) -> None:
        least = self.ground.limit("cell_least_m2")
        area = self.ground.area_m2(shape)
        name = "、".join(codes) or _("新网格")
        shrank = before is None or area < self.ground.area_m2(before) - self.ground.limit("cell_growth_m2")
        if shape.is_empty or (area < least and shrank):
            text = _("{name} 改动后只有 {area:.0f} 平方米，少于 {least:.0f} 平方米；请改画或合并。")
            where = before if shape.is_empty else shape
            self.blame(Fault.TOO_SMALL, text.format(name=name, area=area, least=least), where, codes)
        elif not shapely.is_valid(shape):
            text = _("{name} 改动后的边界自相交；请换一种画法。").format(name=name)
            self.blame(Fault.INVALID, text, flaw_of(shape), codes)
        elif len(shapely.get_parts(shape)) > pieces:
            count = len(shapely.get_parts(shape))
            text = _("{name} 改动后会散成 {count} 块，原为 {pieces} 块；请改画，使它保持连片。")
            smaller = sorted(shapely.get_parts(shape), key=shapely.area)[:-1]
            shown = shapely.multipolygons(smaller)
            self.blame(Fault.SCATTERED, text.format(name=name, count=count, pieces=pieces), shown, codes)

    def _check_tiling(self, after: Sequence[Any]) -> None:
        """Overlaps and uncovered land may stay, never grow; a coverage stays one."""
        ground, before = self.ground, [*self.ground.stored.values()]
        was = _tiling(before, ground.village, ground.srid)
        now = _tiling(after, ground.village, ground.srid)
        allowed = ground.limit("cell_growth_m2")
        if now.uncovered_m2 - was.uncovered_m2 > allowed:
            text = _("改动后空白土地增加 {grown:.0f} 平方米（允许 {allowed:.0f} 平方米）；请改画，使其盖满。")
            bare = shapely.difference(united(_sound(before)), united(_sound(after)))
            grown = now.uncovered_m2 - was.uncovered_m2
            self.blame(Fault.UNCOVERED, text.format(grown=grown, allowed=allowed), areal(bare))
        if now.overlap_m2 - was.overlap_m2 > allowed:
            text = _("改动后网格重叠增加 {grown:.0f} 平方米（允许 {allowed:.0f} 平方米）；请改画，避开邻格。")
            grown = now.overlap_m2 - was.overlap_m2
            self.blame(Fault.OVERLAP, text.format(grown=grown, allowed=allowed), _overlaps(after))
        if was.is_coverage and not now.is_coverage and not self.faults:
            text = _("改动后有的边界与邻格对不上；请把线画得离已有边界远一些。")
            self.blame(Fault.UNMATCHED, text, shapely.union_all(shapely.coverage_invalid_edges([*after])))


def cell_fault(
    ground: Ground, code: Fault, message: str, geometry: Any = None, cells: Iterable[str] = ()
) -> CellFault:
    """A fault with the area of its geometry measured."""
    is_area = geometry is not None and shapely.get_dimensions(geometry) == 2
    area = ground.area_m2(geometry) if is_area else 0.0
    return CellFault(code, message, geometry, round(area, 1), tuple(cells))


def refused(ground: Ground, faults: Sequence[CellFault]) -> Reshaping:
    """A reshaping that changes nothing, for these reasons."""
    return Draft(ground, faults=[*faults]).finished()


def flaw_of(shape: Any) -> Any:
    """The place where a shape is not valid, as a point; None when GEOS names none."""
    reason = shapely.is_valid_reason(shape)
    if not reason.endswith("]"):
        return None
    x, y = reason[reason.index("[") + 1 : -1].split()[:2]
    return shapely.Point(float(x), float(y))


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else areal(shape)


def _same_vertices(one: Any, other: Any) -> bool:
    """Whether two shapes have the same vertices and edges, wherever their rings begin."""
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    return edge_set([one]) == edge_set([other])


def _overlaps(shapes: Sequence[Any]) -> Any:
    array = _sound(shapes)
    first, second = shapely.STRtree(array).query(array, predicate="intersects")
    pairs = first < second
    return areal(shapely.union_all(shapely.intersection(array[first[pairs]], array[second[pairs]])))
