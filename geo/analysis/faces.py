"""Lines tied into borders that are shared, so that the borders stay shared to the last bit.

Everything happens on the stored degrees: a vertex that is there is never moved, and one that is added to a
border is added, with the same two numbers, to every shape that has this border. Only distances are measured
in metres, on the same vertices projected into the county's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geo.crs import STORED_CRS

Coords = npt.NDArray[np.float64]  # n × 2
Shapes = npt.NDArray[np.object_]
Vertex = tuple[float, float]
Edge = frozenset[Vertex]

_SAME_DEG = 1e-10  # ten micrometres: rounding of a crossing, far below any border's accuracy
_PIECE_DEG = 1e-3  # about 100 m, over which a straight border bends by a tenth of a millimetre


@cache
def _projection(srid: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(STORED_CRS, srid, always_xy=True)


def projected(shapes: Any, *, srid: int) -> Any:
    """Stored shapes (one, or an array) vertex by vertex in the metres of a zone."""
    return shapely.transform(shapes, lambda coords: _project(coords, srid))


def areas_m2(shapes: Any, *, srid: int) -> npt.NDArray[np.float64]:
    """Area of each stored shape, the same however many vertices its straight borders have.

    A border straight in degrees is bent in metres (by a centimetre in a kilometre), so it is measured in
    short pieces.
    """
    areas: npt.NDArray[np.float64] = shapely.area(
        projected(shapely.segmentize(shapes, _PIECE_DEG), srid=srid)
    )
    return areas


def _project(coords: Coords, srid: int) -> Coords:
    return np.column_stack(_projection(srid).transform(coords[:, 0], coords[:, 1]))


@dataclass(frozen=True)
class Borders:
    """Straight edges that a drawn line is tied to.

    Attributes
    ----------
    starts, ends : n × 2, degrees
    starts_m, ends_m : n × 2, metres
    reach_m : n
        How near a line must come to an edge to be pulled onto it.
    srid : int
        The zone of the metres.
    """

    starts: Coords
    ends: Coords
    starts_m: Coords
    ends_m: Coords
    reach_m: npt.NDArray[np.float64]
    srid: int

    def __len__(self) -> int:
        return len(self.starts)

    def reaching(self, reach_m: npt.NDArray[np.float64]) -> Borders:
        """The same edges, each with another reach."""
        return replace(self, reach_m=reach_m)

    def plus(self, line: Coords) -> Borders:
        """These edges and those of a line, with the longest reach there is."""
        metres = _project(line, self.srid)
        return Borders(
            np.vstack([self.starts, line[:-1]]),
            np.vstack([self.ends, line[1:]]),
            np.vstack([self.starts_m, metres[:-1]]),
            np.vstack([self.ends_m, metres[1:]]),
            np.append(self.reach_m, np.full(len(line) - 1, self.reach_m.max(initial=0))),
            self.srid,
        )

    def near(self, line: Coords) -> Borders:
        """The edges that a line can come near to; it bends by no more than the longest reach."""
        metres, reach = _project(line, self.srid), 3 * self.reach_m.max(initial=0)
        west_south, east_north = metres.min(axis=0) - reach, metres.max(axis=0) + reach
        lowest, highest = np.minimum(self.starts_m, self.ends_m), np.maximum(self.starts_m, self.ends_m)
        close = ((lowest <= east_north) & (highest >= west_south)).all(axis=1)
        return Borders(
            self.starts[close],
            self.ends[close],
            self.starts_m[close],
            self.ends_m[close],
            self.reach_m[close],
            self.srid,
        )

    def vertices(self) -> tuple[Coords, Coords, npt.NDArray[np.float64]]:
        """Their different ends in degrees and in metres, each with its reach."""
        unique, first, which = self._ends()
        return unique, np.vstack([self.starts_m, self.ends_m])[first], self._end_reach_m(which)

    def corner_reach_m(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The reach of each edge's start and of its end: the shortest of all edges that meet there."""
        which = self._ends()[2]
        each = self._end_reach_m(which)[which]
        return each[: len(self)], each[len(self) :]

    def _ends(self) -> tuple[Coords, npt.NDArray[np.int_], npt.NDArray[np.int_]]:
        every = np.vstack([self.starts, self.ends])
        unique, first, which = np.unique(every, axis=0, return_index=True, return_inverse=True)
        return unique, first, which.ravel()

    def _end_reach_m(self, which: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
        reach = np.full(which.max(initial=-1) + 1, np.inf)
        np.minimum.at(reach, which, np.tile(self.reach_m, 2))
        return reach


def borders_of(shapes: Iterable[Any], *, reach_m: float, srid: int) -> Borders:
    """The different edges of polygons and lines, all with one reach."""
    starts, ends = edges_of(shapes)
    turned = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
    pairs = np.column_stack(
        [np.where(turned[:, None], ends, starts), np.where(turned[:, None], starts, ends)]
    )
    pairs = np.unique(pairs[(pairs[:, :2] != pairs[:, 2:]).any(axis=1)], axis=0)
    starts, ends = pairs[:, :2], pairs[:, 2:]
    metres = _project(np.vstack([starts, ends]), srid) if len(pairs) else np.empty((0, 2))
    return Borders(
        starts, ends, metres[: len(pairs)], metres[len(pairs) :], np.full(len(pairs), reach_m), srid
    )


def edges_of(shapes: Iterable[Any]) -> tuple[Coords, Coords]:
    """Starts and ends of every straight edge of polygons and lines, in their order."""
    array = np.array([*shapes], dtype=object)
    areal = shapely.get_dimensions(array) == 2
    array[areal] = shapely.boundary(array[areal])
    coords, line = shapely.get_coordinates(shapely.get_parts(array), return_index=True)
    together = line[1:] == line[:-1]
    return coords[:-1][together], coords[1:][together]


def edge_set(shapes: Iterable[Any]) -> set[Edge]:
    """The edges as pairs of vertices without direction."""
    starts, ends = edges_of(shapes)
    return {
        frozenset((tuple(a), tuple(b))) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if a != b
    }


def vertex_set(shapes: Iterable[Any]) -> set[Vertex]:
    """Every vertex of the shapes."""
    return {(x, y) for x, y in shapely.get_coordinates([*shapes]).tolist()}


def tied(drawn: Coords, borders: Borders, *, tolerance_m: float) -> Coords:
    """A drawn line, tied to borders.

    Its vertices within reach of a border lie on it afterwards, on its corner when that is within
    reach or within ``tolerance_m`` of the place; it runs through every corner of a border that it passes
    within reach; and it has a vertex wherever it crosses a border. What it has in common with a border it
    has to the last bit.
    """
    borders = borders.near(drawn)
    pulled = _without_repeats(pulled_onto(drawn, borders, tolerance_m=tolerance_m))
    if len(borders) == 0 or len(pulled) < 2:
        return pulled
    return _crossing(_threaded(pulled, borders), borders)


def pulled_onto(drawn: Coords, borders: Borders, *, tolerance_m: float) -> Coords:
    """Points on the nearest border within its reach, on its corner if that is; those near none stay."""
    if len(borders) == 0:
        return drawn
    metres = _project(drawn, borders.srid)
    lines = shapely.linestrings(np.stack([borders.starts_m, borders.ends_m], axis=1))
    at, edge = shapely.STRtree(lines).query(
        shapely.points(metres), predicate="dwithin", distance=float(borders.reach_m.max())
    )
    start, end = borders.starts_m[edge], borders.ends_m[edge]
    share = _share(metres[at], start, end)
    foot = start + share[:, None] * (end - start)
    away = _length(metres[at] - foot)
    onto = borders.starts[edge] + share[:, None] * (borders.ends[edge] - borders.starts[edge])
    to_start, to_end = _length(foot - start), _length(foot - end)
    for own, other, corner, vertices, reach_m in (
        (to_start, to_end, start, borders.starts, borders.corner_reach_m()[0]),
        (to_end, to_start, end, borders.ends, borders.corner_reach_m()[1]),
    ):
        near = (own <= tolerance_m) | (_length(metres[at] - corner) <= reach_m[edge])
        near &= own <= other
        onto[near] = vertices[edge[near]]
    result = drawn.copy()
    for pair in np.argsort(-away, kind="stable"):  # the nearest is written last
        if away[pair] <= borders.reach_m[edge[pair]]:
            result[at[pair]] = onto[pair]
    return result


def _threaded(line: Coords, borders: Borders) -> Coords:
    """The line led through the vertices of borders that it passes within their reach."""
    vertices, vertices_m, reach_m = borders.vertices()
    metres = _project(line, borders.srid)
    segments = shapely.linestrings(np.stack([metres[:-1], metres[1:]], axis=1))
    at, vertex = shapely.STRtree(shapely.points(vertices_m)).query(
        segments, predicate="dwithin", distance=float(reach_m.max())
    )
    start, end = metres[at], metres[at + 1]
    share = _share(vertices_m[vertex], start, end)
    away = _length(vertices_m[vertex] - (start + share[:, None] * (end - start)))
    through = (away <= reach_m[vertex]) & (share > 0) & (share < 1)
    return _with_points(line, at[through], share[through], vertices[vertex[through]])


def _crossing(line: Coords, borders: Borders) -> Coords:
    """The line with a vertex wherever it crosses or touches a border."""
    segments = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    edges = shapely.linestrings(np.stack([borders.starts, borders.ends], axis=1))
    at, edge = shapely.STRtree(edges).query(segments, predicate="intersects")
    places, pair = shapely.get_coordinates(shapely.intersection(segments[at], edges[edge]), return_index=True)
    at, edge = at[pair], edge[pair]
    for vertices in (borders.starts[edge], borders.ends[edge]):
        same = _length(places - vertices) <= _SAME_DEG
        places[same] = vertices[same]
    return _with_places(line, at, places)


def _with_places(line: Coords, at: npt.NDArray[np.int_], places: Coords) -> Coords:
    """The line with points on its segments inserted, but for those that are its vertices already."""
    inside = (_length(places - line[at]) > _SAME_DEG) & (_length(places - line[at + 1]) > _SAME_DEG)
    at, places = at[inside], places[inside]
    return _with_points(line, at, _share(places, line[at], line[at + 1]), places)


def _with_points(line: Coords, at: npt.NDArray[np.int_], share: Coords, points: Coords) -> Coords:
    """The line with points inserted into its segments, those of one segment by how far along they lie."""
    order = np.lexsort((share, at))
    return _without_repeats(np.insert(line, at[order] + 1, points[order], axis=0))


def _without_repeats(line: Coords) -> Coords:
    moves = np.ones(len(line), dtype=bool)
    moves[1:] = _length(line[1:] - line[:-1]) > _SAME_DEG
    if len(line) > 1 and not moves[-1]:  # the end stays what it is: a ring closes with its first vertex
        moves[np.flatnonzero(moves)[-1]] = False
        moves[-1] = True
    return line[moves]


def _share(points: Coords, starts: Coords, ends: Coords) -> npt.NDArray[np.float64]:
    """How far along its segment each point's foot lies: 0 at the start, 1 at the end."""
    along = ends - starts
    squared = (along**2).sum(axis=1)
    share: npt.NDArray[np.float64] = ((points - starts) * along).sum(axis=1) / np.where(
        squared > 0, squared, 1
    )
    return share.clip(0, 1)


def _length(vectors: Coords) -> npt.NDArray[np.float64]:
    return np.hypot(vectors[:, 0], vectors[:, 1])


def with_vertices(shapes: Sequence[Any], points: Iterable[Vertex]) -> list[Any]:
    """The shapes with those of the points that lie on one of their edges added there as vertices.

    A shape that has none of them on an edge is returned as it is.
    """
    places = np.array([*points], dtype=float).reshape(-1, 2)
    if len(places) == 0:
        return [*shapes]
    tree = shapely.STRtree(shapely.points(places))
    near = np.unique(tree.query(shapely.boundary([*shapes]), predicate="dwithin", distance=_SAME_DEG)[0])
    close = np.isin(np.arange(len(shapes)), near)
    return [
        _with_vertices(shape, places, tree) if here else shape
        for shape, here in zip(shapes, close, strict=True)
    ]


def _with_vertices(shape: Any, places: Coords, tree: shapely.STRtree) -> Any:
    parts = []
    for part_rings in polygon_rings(shape):
        outer, *holes = (shapely.linearrings(_led_through(ring, places, tree)) for ring in part_rings)
        parts.append(shapely.polygons(outer, holes=holes or None))
    return shapely.multipolygons(parts) if shape.geom_type == "MultiPolygon" else parts[0]


def _led_through(line: Coords, places: Coords, tree: shapely.STRtree) -> Coords:
    """A line with those of the places that lie on it, but for rounding, as vertices."""
    segments = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    at, place = tree.query(segments, predicate="dwithin", distance=_SAME_DEG)
    return _with_places(line, at, places[place])


def polygon_rings(shape: Any) -> Iterator[list[Coords]]:
    """For each polygon of a shape the coordinates of its outer ring and its holes."""
    for part in shapely.get_parts(shape):
        yield [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]


def settled(shapes: Sequence[Any], known: Iterable[Any]) -> list[Any]:
    """The shapes with each new vertex that is, but for rounding, another one replaced by it."""
    before = vertex_set(known)
    fresh = np.array([*(vertex_set(shapes) - before)]).reshape(-1, 2)
    vertices = np.vstack([fresh[:0], [*before], fresh]) if before else fresh
    at, same = shapely.STRtree(shapely.points(vertices)).query(
        shapely.points(fresh), predicate="dwithin", distance=_SAME_DEG
    )
    first = np.full(len(fresh), len(vertices))
    np.minimum.at(first, at, same)
    pairs = zip(fresh.tolist(), vertices[first].tolist(), strict=True)
    moved = {(x, y): new for (x, y), new in pairs if [x, y] != new}
    if not moved:
        return [*shapes]
    return [
        shapely.transform(
            shape, lambda coords: np.array([moved.get((x, y), [x, y]) for x, y in coords.tolist()])
        )
        for shape in shapes
    ]


def faces_of(lines: Iterable[Any]) -> Shapes:
    """The faces that lines enclose between them."""
    faces: Shapes = shapely.get_parts(shapely.polygonize([shapely.union_all([*lines])]))
    return faces


def cutting_edges(area: Any, line: Coords) -> list[Any]:
    """Those segments of a line, tied to the border of an area, that divide the area."""
    border = edge_set([area])
    segments = [
        shapely.linestrings([start, end])
        for start, end in zip(line[:-1].tolist(), line[1:].tolist(), strict=True)
        if frozenset((tuple(start), tuple(end))) not in border
    ]
    middles = shapely.line_interpolate_point(segments, 0.5, normalized=True)
    within = shapely.contains_xy(area, shapely.get_x(middles), shapely.get_y(middles))
    inside = [segment for segment, kept in zip(segments, within, strict=True) if kept]
    noded = shapely.union_all([shapely.boundary(area), *inside])
    _faces, cuts, dangles, _invalid = shapely.polygonize_full([noded])
    idle = edge_set([*shapely.get_parts(cuts), *shapely.get_parts(dangles)])
    return [segment for segment in inside if not edge_set([segment]) & idle]


def ring_shape(shape: Any, borders: Borders, *, tolerance_m: float) -> Any:
    """A drawn polygon with every ring tied to borders; rings that collapse are left out."""
    parts = []
    for rings in polygon_rings(shape):
        lines = [tied(ring, borders, tolerance_m=tolerance_m) for ring in rings]
        if len(lines[0]) > 3:
            parts.append(shapely.polygons(lines[0], holes=[*_closed(lines[1:])] or None))
    return shapely.multipolygons(parts)


def _closed(lines: Iterable[Coords]) -> Iterator[Any]:
    return (shapely.linearrings(line) for line in lines if len(line) > 3)


def divided(area: Any, parts: Sequence[Any], *, tolerance_m: float, srid: int) -> Shapes:
    """Faces of an area between its border and those of proposed parts, each tied to what was there before."""
    lines = [shapely.get_coordinates(line) for line in shapely.get_parts(shapely.boundary(area))]
    borders = borders_of([area], reach_m=tolerance_m, srid=srid)
    for ring in (ring for part in parts for rings in polygon_rings(part) for ring in rings):
        line = tied(ring, borders, tolerance_m=tolerance_m)
        if len(line) > 1:
            lines.append(line)
            borders = borders.plus(line)
    faces = faces_of(_lines(_noded(line, borders.near(line)) for line in lines))
    within: npt.NDArray[np.bool_] = shapely.contains(area, shapely.point_on_surface(faces))
    return faces[within]


def _noded(line: Coords, borders: Borders) -> Coords:
    vertices = np.unique(np.vstack([borders.starts, borders.ends]), axis=0)
    return _crossing(_led_through(line, vertices, shapely.STRtree(shapely.points(vertices))), borders)


def _lines(coords: Iterable[Coords]) -> list[Any]:
    return [shapely.linestrings(line) for line in coords]


def is_thin(shape: Any, *, width_m: float, srid: int) -> bool:
    """Whether a shape is nowhere wider than so many metres."""
    return bool(shapely.buffer(projected(shape, srid=srid), -width_m / 2).is_empty)


def united(shapes: Iterable[Any]) -> Any:
    """The land of shapes together; where they are a coverage, their borders are kept to the last bit."""
    array = [*shapes]
    unite = shapely.coverage_union_all if shapely.coverage_is_valid(array) else shapely.union_all
    return areal(unite(array))


def common_border_m(shape: Any, others: Sequence[Any], *, srid: int) -> npt.NDArray[np.float64]:
    """Length of border a shape has in common with each of the others, in metres."""
    border = shapely.boundary(projected(shape, srid=srid))
    theirs = shapely.boundary(projected(np.array([*others], dtype=object), srid=srid))
    lengths: npt.NDArray[np.float64] = shapely.length(shapely.intersection(border, theirs))
    return lengths


def areal(shape: Any) -> Any:
    """The polygons of any shape as one multipolygon; empty when it has none."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
