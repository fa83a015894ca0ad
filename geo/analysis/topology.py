"""Split, merge, redraw, create, retire and replace the grid cells of one village: geometry only.

A change is drawn by hand or proposed; what comes back is what the cells become (`Reshaping`), with every
fault in it. Cells that tiled their village still do, with common borders the same to the last bit: a vertex
that is new on a border is added to the neighbour as well. Where they did not, overlaps and uncovered land
stay but never grow. Cells that the change does not reach keep every vertex.

Shapes come in and go out in EPSG:4490; thresholds are those of ``geo/rules/cells.yaml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.analysis.drawings import bad_line, bad_parts, bad_shape, same_area, too_few, unknown
from geo.analysis.faces import (
    Borders,
    areal,
    areas_m2,
    borders_of,
    common_border_m,
    cutting_edges,
    divided,
    faces_of,
    is_thin,
    projected,
    pulled_onto,
    ring_shape,
    tied,
    united,
    vertex_set,
    with_vertices,
)
from geo.analysis.reshaping import (
    CellFault,
    Draft,
    Fault,
    Ground,
    Reshaping,
    Tiling,
    cell_fault,
    ground_of,
    refused,
    tiling,
)
from geo.i18n import _
from geo.rules import Rules

__all__ = [
    "CellFault",
    "Fault",
    "Reshaping",
    "Tiling",
    "create_cell",
    "merge_cells",
    "redraw_cell",
    "replace_cells",
    "retire_cells",
    "split_cell",
    "split_into",
    "tiling",
]


def split_cell(cells: gpd.GeoDataFrame, *, village: Any, code: str, line: Any, rules: Rules) -> Reshaping:
    """Split a cell along a line drawn by hand.

    Parameters
    ----------
    cells : GeoDataFrame in EPSG:4490
        All cells valid in the village: ``code, geometry``.
    village : Polygon or MultiPolygon
    line : LineString
        An end that stops short of the border by at most ``cell_snap_m`` is led on to it. Parts of the
        line outside the cell don't matter. It may cross the cell several times: each piece becomes a cell.
    """
    ground = ground_of(cells, village=village, rules=rules)
    faults = unknown(ground, [code]) or bad_line(ground, line)
    if faults:
        return refused(ground, faults)
    tolerance = ground.limit("cell_tolerance_m")
    area = ground.cells[code]
    borders = borders_of([area], reach_m=tolerance, srid=ground.srid)
    path = tied(_led_on(line, area, ground), borders, tolerance_m=tolerance)
    knives = cutting_edges(with_vertices([area], _vertices(path))[0], path)
    if not knives:
        return refused(ground, [_not_split(ground, line, code)])
    return _children(ground, code, _pieces(with_vertices([area], vertex_set(knives))[0], knives)).finished()


def split_into(
    cells: gpd.GeoDataFrame, *, village: Any, code: str, parts: Sequence[Any], rules: Rules
) -> Reshaping:
    """Split a cell into polygons that somebody proposes: together they must cover it."""
    ground = ground_of(cells, village=village, rules=rules)
    faults = unknown(ground, [code]) or bad_parts(ground, parts)
    if faults:
        return refused(ground, faults)
    draft = Draft(ground)
    pieces = _partition(draft, ground.cells[code], parts)
    if len(pieces) < 2 and not draft.faults:
        text = _("方案只把 {code} 分成 {count} 块，至少要 2 块；请换一个方案。")
        draft.blame(Fault.NOT_SPLIT, text.format(code=code, count=len(pieces)), ground.cells[code], [code])
    return _children(ground, code, pieces, draft).finished()


def merge_cells(cells: gpd.GeoDataFrame, *, village: Any, codes: Sequence[str], rules: Rules) -> Reshaping:
    """Merge neighbouring cells into one new cell; a gap between them within the tolerance is closed."""
    ground = ground_of(cells, village=village, rules=rules)
    codes = tuple(dict.fromkeys(codes))
    faults = unknown(ground, codes) or too_few(ground, codes)
    if faults:
        return refused(ground, faults)
    shapes = [ground.cells[code] for code in codes]
    if len(_groups(shapes)) > 1:
        shapes += _bridges(ground, shapes)
    groups = _groups(shapes)
    draft = Draft(ground, created=[united(shapes)], retired=codes, lineage=[(code, 0) for code in codes])
    if len(groups) > 1:
        near, far = (shapely.union_all([shapes[at] for at in group]) for group in groups[:2])
        gap = shapely.distance(projected(near, srid=ground.srid), projected(far, srid=ground.srid))
        text = _("所选网格不相邻（相距 {gap:.0f} 米，或只在一点相接）；请只合并有共同边界的网格。")
        draft.blame(Fault.NOT_ADJACENT, text.format(gap=gap), shapely.shortest_line(near, far), codes)
    return draft.finished()


def redraw_cell(cells: gpd.GeoDataFrame, *, village: Any, code: str, shape: Any, rules: Rules) -> Reshaping:
    """Give a cell the shape drawn by hand; its neighbours follow.

    What it gains its neighbours lose. What it gives up goes to the adjoining cell with the longest common
    border; where there is none, that is a fault. The shape is cut at the village's border.
    """
    ground = ground_of(cells, village=village, rules=rules)
    faults = unknown(ground, [code]) or bad_shape(ground, shape)
    if faults:
        return refused(ground, faults)
    borders = _redrawn_borders(ground, code)
    drawn = _tied_shape(shape, borders, ground)
    vertices = vertex_set([drawn])
    sound = dict(zip(ground.cells, with_vertices([*ground.cells.values()], vertices), strict=True))
    draft = Draft(ground)
    inside = _clipped(
        draft, drawn, shapely.union(with_vertices([ground.village], vertices)[0], united([*sound.values()]))
    )
    if not shapely.relate_pattern(inside, sound[code], "2********"):
        text = _("所画范围与网格 {code} 没有重叠；请在该网格处重画。").format(code=code)
        return refused(ground, [cell_fault(ground, Fault.OUTSIDE, text, shape, [code])])
    _follow(draft, code, _without_scraps(ground, inside, sound[code])[0], sound)
    result = draft.finished()
    if result.faults or len(result.changed):
        return result
    text = _("所画范围与网格 {code} 现有边界相差不到 {tolerance:.0f} 米，没有改动；请把边界移远一些。")
    text = text.format(code=code, tolerance=ground.limit("cell_tolerance_m"))
    return refused(ground, [cell_fault(ground, Fault.UNCHANGED, text, shape, [code])])


def create_cell(cells: gpd.GeoDataFrame, *, village: Any, shape: Any, rules: Rules) -> Reshaping:
    """Create a cell on land of the village that no cell covers; the shape is cut to that land."""
    ground = ground_of(cells, village=village, rules=rules)
    if faults := bad_shape(ground, shape):
        return refused(ground, faults)
    reach = ground.limit("cell_snap_m")
    borders = borders_of([ground.village, *ground.cells.values()], reach_m=reach, srid=ground.srid)
    drawn = _tied_shape(shape, borders, ground)
    territory, *sound = with_vertices([ground.village, *ground.cells.values()], vertex_set([drawn]))
    draft = Draft(ground)
    inside = _clipped(draft, drawn, territory)
    free = areal(shapely.difference(inside, united(sound)))
    least = ground.limit("cell_least_m2")
    parts = [part for part in shapely.get_parts(free) if ground.area_m2(part) >= least]
    if not parts:
        text = _("所画范围内的空白土地只有 {area:.0f} 平方米，不足 {least:.0f} 平方米；请画在空白处。")
        text = text.format(area=ground.area_m2(free), least=least)
        return refused(ground, [cell_fault(ground, Fault.OVERLAP, text, shape)])
    if not same_area(ground, inside, shapely.multipolygons(parts)):
        draft.notes.append(_("已去掉与现有网格重叠的部分。"))
    draft.created = [shapely.multipolygons(parts)]
    return draft.finished()


def retire_cells(cells: gpd.GeoDataFrame, *, village: Any, codes: Sequence[str], rules: Rules) -> Reshaping:
    """Retire cells without successors: the land that lies bare then must be confirmed."""
    ground = ground_of(cells, village=village, rules=rules)
    codes = tuple(dict.fromkeys(codes))
    if faults := unknown(ground, codes):
        return refused(ground, faults)
    draft = Draft(ground, retired=codes)
    remaining = ground.others(codes)
    gone = shapely.intersection(united([ground.cells[code] for code in codes]), ground.village)
    bare = areal(shapely.difference(gone, united([*remaining.values()])))
    area = ground.area_m2(bare)
    if area > ground.limit("cell_growth_m2"):
        text = _("停用后有 {area:.0f} 平方米土地不属于任何网格；请确认，或改为与邻格合并。")
        draft.consequences.append(cell_fault(ground, Fault.UNCOVERED, text.format(area=area), bare, codes))
    if not remaining:
        text = _("停用后本村没有网格。")
        draft.consequences.append(cell_fault(ground, Fault.NO_CELL_LEFT, text, ground.village, codes))
    return draft.finished(may_uncover=True)


def replace_cells(cells: gpd.GeoDataFrame, *, village: Any, parts: Sequence[Any], rules: Rules) -> Reshaping:
    """Replace all cells of a village by proposed ones; a part equal to a present cell keeps that cell."""
    ground = ground_of(cells, village=village, rules=rules)
    if faults := bad_parts(ground, parts):
        return refused(ground, faults)
    kept, fresh = _kept(ground, parts)
    if not fresh and len(kept) == len(ground.cells):
        text = _("方案与现有网格相同，没有改动。")
        return refused(ground, [cell_fault(ground, Fault.UNCHANGED, text, ground.village)])
    draft = Draft(ground, retired=tuple(code for code in ground.cells if code not in kept))
    free = ground.village
    if kept:
        free = areal(shapely.difference(free, united([ground.cells[code] for code in kept])))
    draft.created = _partition(draft, free, fresh)
    draft.lineage = _descent(ground, draft.retired, draft.created)
    return draft.finished()


# --- splitting --------------------------------------------------------------------------------------------


def _vertices(path: Any) -> set[tuple[float, float]]:
    return {(x, y) for x, y in path.tolist()}


def _led_on(line: Any, area: Any, ground: Ground) -> Any:
    """The line's vertices, with an end that stops short of the area's border led on to it."""
    path = shapely.get_coordinates(line)
    borders = borders_of([area], reach_m=ground.limit("cell_snap_m"), srid=ground.srid)
    ends = pulled_onto(path[[0, -1]], borders, tolerance_m=ground.limit("cell_tolerance_m"))
    inside = shapely.contains_xy(area, path[[0, -1], 0], path[[0, -1], 1])
    before, after = ends[:1][inside[:1]], ends[1:][inside[1:]]
    return np.vstack([before, path, after])


def _not_split(ground: Ground, line: Any, code: str) -> CellFault:
    area, snap = ground.cells[code], ground.limit("cell_snap_m")
    ends = shapely.get_parts(shapely.multipoints(shapely.get_coordinates(line)[[0, -1]]))
    short = [end for end in ends if shapely.contains(area, end)]
    if not short:
        text = _("这条线没有把网格 {code} 分成两块；请让线穿过整个网格。").format(code=code)
        return cell_fault(ground, Fault.NOT_SPLIT, text, line, [code])
    border = shapely.boundary(projected(area, srid=ground.srid))
    away = max(shapely.distance(border, projected(end, srid=ground.srid)) for end in short)
    text = _("线的端点离网格 {code} 的边界还有 {away:.0f} 米（超过 {snap:.0f} 米）；请把线画到边界。")
    text = text.format(code=code, away=away, snap=snap)
    return cell_fault(ground, Fault.NOT_SPLIT, text, shapely.multipoints(short), [code])


def _pieces(area: Any, knives: Sequence[Any]) -> list[Any]:
    """What a cut leaves of an area; parts that it does not meet stay with the nearest piece."""
    faces = faces_of([shapely.boundary(area), *knives])
    faces = faces[shapely.contains(area, shapely.point_on_surface(faces))]
    met = shapely.length(shapely.intersection(shapely.boundary(faces), shapely.union_all(knives))) > 0
    pieces = [[face] for face in faces[met]]
    for rest in faces[~met]:
        nearest = int(np.argmin(shapely.distance(faces[met], rest)))
        pieces[nearest].append(rest)
    return [shapely.multipolygons(piece) for piece in pieces]


def _children(ground: Ground, code: str, pieces: Sequence[Any], draft: Draft | None = None) -> Draft:
    """A draft in which pieces, from north to south, follow a cell."""
    draft = draft or Draft(ground)
    centres = shapely.get_coordinates(shapely.centroid([*pieces])) if pieces else np.empty((0, 2))
    draft.created = [pieces[at] for at in np.lexsort((centres[:, 0], -centres[:, 1]))]
    draft.retired = (code,)
    draft.lineage = [(code, at) for at in range(len(pieces))]
    return draft


def _partition(draft: Draft, area: Any, parts: Sequence[Any]) -> list[Any]:
    """An area divided between proposed parts; what is thinner than the tolerance goes to a neighbour."""
    ground = draft.ground
    tolerance = ground.limit("cell_tolerance_m")
    faces = divided(area, parts, tolerance_m=tolerance, srid=ground.srid)
    middles = shapely.point_on_surface(faces)
    holders = np.array([shapely.contains(part, middles) for part in parts]).reshape(len(parts), len(faces))
    twice = shapely.multipolygons(faces[holders.sum(axis=0) > 1])
    limit = ground.limit("cell_overlap_m2")
    if ground.area_m2(twice) >= limit:
        text = _("方案里有的部分互相重叠 {area:.0f} 平方米（允许 {limit:.0f} 平方米）；请换一个方案。")
        draft.blame(Fault.OVERLAP, text.format(area=ground.area_m2(twice), limit=limit), twice)
    pieces = []
    for at, part in enumerate(parts):
        own = faces[(holders.argmax(axis=0) == at) & holders.any(axis=0)]
        if len(own):
            pieces.append(united(own))
        elif not _is_nothing(ground, part):
            text = _("方案中有一块（{area:.0f} 平方米）不在要划分的范围内；请换一个方案。")
            draft.blame(Fault.OUTSIDE, text.format(area=ground.area_m2(part)), part)
    for rest in faces[~holders.any(axis=0)]:
        if pieces and is_thin(rest, width_m=tolerance, srid=ground.srid):
            at = int(np.argmax(common_border_m(rest, pieces, srid=ground.srid)))
            pieces[at] = united([pieces[at], rest])
    return pieces


def _kept(ground: Ground, parts: Sequence[Any]) -> tuple[set[str], list[Any]]:
    """Codes of the present cells that parts equal within the tolerance, and the parts that equal none."""
    tolerance = ground.limit("cell_tolerance_m")
    codes = [*ground.cells]
    cells, shapes = (
        projected(np.array([*areas], dtype=object), srid=ground.srid)
        for areas in (ground.cells.values(), parts)
    )
    apart = np.abs(shapely.bounds(cells)[:, None] - shapely.bounds(shapes)[None]).max(axis=2, initial=0)
    kept: dict[str, int] = {}
    for cell, part in np.argwhere(apart <= tolerance).tolist():
        taken = codes[cell] in kept or part in kept.values()
        if not taken and _equals(cells[cell], shapes[part], tolerance):
            kept[codes[cell]] = part
    return {*kept}, [part for at, part in enumerate(parts) if at not in kept.values()]


def _equals(one: Any, other: Any, tolerance_m: float) -> bool:
    """Whether two shapes in metres reach nowhere farther beyond each other than the tolerance."""
    around, beyond = one.buffer(tolerance_m), other.buffer(tolerance_m)
    return bool(around.covers(other) and beyond.covers(one))


def _descent(ground: Ground, codes: Sequence[str], created: Sequence[Any]) -> list[tuple[str, int]]:
    """Which new cells have land of which old ones: more than what counts as no overlap."""
    old = np.array([ground.cells[code] for code in codes], dtype=object)
    parent, child = shapely.STRtree([*created]).query(old, predicate="intersects")
    shared = shapely.intersection(old[parent], np.array([*created], dtype=object)[child])
    areas = areas_m2(shared, srid=ground.srid)
    pairs = zip(parent.tolist(), child.tolist(), areas.tolist(), strict=True)
    least = ground.limit("cell_overlap_m2")
    return sorted((codes[at], position) for at, position, area in pairs if area >= least)


# --- merging ----------------------------------------------------------------------------------------------


def _groups(shapes: Sequence[Any]) -> list[list[int]]:
    """Positions of the shapes that hang together: by common land or border, not by a single point."""
    groups: list[list[int]] = []
    for at, shape in enumerate(shapes):
        joined = [g for g in groups if any(shapely.intersection(shape, shapes[o]).length > 0 for o in g)]
        groups = [g for g in groups if g not in joined] + [[at, *(o for g in joined for o in g)]]
    return groups


def _bridges(ground: Ground, shapes: Sequence[Any]) -> list[Any]:
    """Uncovered slivers, thinner than the tolerance, that have a border in common with several shapes."""
    bare = shapely.difference(ground.village, united([*ground.cells.values()]))
    width = ground.limit("cell_tolerance_m")
    return [
        part
        for part in shapely.get_parts(areal(bare))
        if is_thin(part, width_m=width, srid=ground.srid)
        and (common_border_m(part, shapes, srid=ground.srid) > 0).sum() > 1
    ]


# --- redrawing --------------------------------------------------------------------------------------------


def _redrawn_borders(ground: Ground, code: str) -> Borders:
    """What a redrawn cell is tied to: its own old borders draw it no farther than the tolerance."""
    snap, tolerance = ground.limit("cell_snap_m"), ground.limit("cell_tolerance_m")
    borders = borders_of([ground.village, *ground.cells.values()], reach_m=snap, srid=ground.srid)
    middles = shapely.points((borders.starts_m + borders.ends_m) / 2)
    own, rim = (
        shapely.dwithin(shapely.boundary(projected(shape, srid=ground.srid)), middles, tolerance)
        for shape in (ground.cells[code], ground.village)
    )
    return borders.reaching(np.where(own & ~rim, tolerance, snap))


def _tied_shape(shape: Any, borders: Borders, ground: Ground) -> Any:
    """The drawn shape tied to borders; where the pull ties it in knots, with the tolerance as only reach."""
    tolerance = ground.limit("cell_tolerance_m")
    result = ring_shape(shape, borders, tolerance_m=tolerance)
    if not result.is_valid or result.is_empty:
        least = borders.reaching(np.full(len(borders), tolerance))
        result = ring_shape(shape, least, tolerance_m=tolerance)
    if not result.is_valid:
        result = areal(shapely.make_valid(result, method="structure", keep_collapsed=False))
    return result


def _clipped(draft: Draft, shape: Any, territory: Any) -> Any:
    """The shape without what lies outside the territory."""
    if shapely.covers(territory, shape):
        return shape
    inside = areal(shapely.intersection(shape, territory))
    area = draft.ground.area_m2(shape) - draft.ground.area_m2(inside)
    if area > draft.ground.limit("cell_growth_m2"):
        draft.notes.append(_("已按村界裁剪，去掉村外 {area:.0f} 平方米。").format(area=area))
    return inside


def _follow(draft: Draft, code: str, shape: Any, sound: dict[str, Any]) -> None:
    """Let the neighbours lose what a cell gains and take what it gives up."""
    ground = draft.ground
    cells = {**sound, code: shape}
    gained = areal(shapely.difference(shape, sound[code]))
    scraps: dict[str, list[Any]] = {}
    for other in [other for other in cells if other != code]:
        if shapely.relate_pattern(cells[other], gained, "2********"):
            left = areal(shapely.difference(cells[other], gained))
            cells[other], scraps[other] = _without_scraps(ground, left, cells[other])
    given = shapely.intersection(shapely.difference(sound[code], shape), ground.village)
    given = areal(shapely.difference(given, united([*cells.values()])))
    for part in shapely.get_parts(given):
        if not _handed_on(ground, part, cells, code) and not _is_nothing(ground, part):
            text = _("让出的 {area:.0f} 平方米没有相邻网格可以接收，会成为空白；请不要让出这一块。")
            draft.blame(Fault.UNCOVERED, text.format(area=ground.area_m2(part)), part, [code])
    for other, parts in scraps.items():
        stranded = [part for part in parts if not _handed_on(ground, part, cells, other)]
        if stranded:
            cells[other] = united([cells[other], *stranded])
        if len(stranded) < len(parts):
            draft.notes.append(_("{code} 被隔开的零碎地块已归入相邻网格。").format(code=other))
    draft.after = {each: area for each, area in cells.items() if area is not sound[each]}


def _without_scraps(ground: Ground, left: Any, before: Any) -> tuple[Any, list[Any]]:
    """What is left of a cell without the pieces that were cut off it and are too small, and these pieces."""
    parts = sorted(shapely.get_parts(left), key=shapely.area, reverse=True)
    least = ground.limit("cell_least_m2")
    pieces = len(shapely.get_parts(before))
    scraps = [part for part in parts[pieces:] if ground.area_m2(part) < least]
    return shapely.multipolygons([part for part in parts if part not in scraps]), scraps


def _handed_on(ground: Ground, part: Any, cells: dict[str, Any], giver: str) -> bool:
    """Give a piece to the other cell with the longest common border; False if it has a border with none."""
    heirs = [code for code in cells if code != giver]
    border = common_border_m(part, [cells[code] for code in heirs], srid=ground.srid)
    if border.max(initial=0) == 0:
        return False
    heir = heirs[int(border.argmax())]
    cells[heir] = united([cells[heir], part])
    return True


def _is_nothing(ground: Ground, shape: Any) -> bool:
    return ground.area_m2(shape) <= ground.limit("cell_growth_m2")
