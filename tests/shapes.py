"""Made-up villages and their cells for tests of cell geometry: drawn in metres, given in EPSG:4490."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

ORIGIN = np.array([117.2, 35.6])
DEGREES_PER_M = np.array([1 / 90_600, 1 / 110_950])  # at that latitude, to a tenth of a percent
VILLAGE_CODE = "990101101201"


def at_m(shape):
    """A shape drawn in metres from the village's south-west corner, in EPSG:4490."""
    return shapely.transform(shape, lambda coords: ORIGIN + coords * DEGREES_PER_M)


def box(west, south, east, north):
    return at_m(shapely.box(west, south, east, north))


def line(*points):
    return at_m(shapely.LineString(points))


def polygon(*points, holes=None):
    return at_m(shapely.Polygon(points, holes))


def cell_code(number: int) -> str:
    return f"{VILLAGE_CODE}{number:03d}"


def cell_rows(shapes) -> gpd.GeoDataFrame:
    """Cells 001, 002, … of one village."""
    codes = [cell_code(number) for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes}, geometry=[_multi(shape) for shape in shapes], crs="EPSG:4490")


def _multi(shape):
    return shape if shape is None or shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


VILLAGES_M = {
    "square": shapely.box(0, 0, 1000, 1000),
    "concave": shapely.Polygon(
        [(0, 0), (1200, 0), (1200, 300), (500, 320), (480, 700), (1250, 690), (1230, 1000), (0, 1020)]
    ),
    "hole": shapely.Polygon(
        [(0, 0), (1100, 40), (1040, 1000), (30, 960)], [[(400, 400), (650, 420), (630, 640), (380, 600)]]
    ),
    "multipart": shapely.MultiPolygon(
        [shapely.box(0, 0, 900, 800), shapely.Polygon([(1000, 100), (1500, 150), (1400, 700), (1020, 650)])]
    ),
}


def tiled_village(name: str, count: int, rng: np.random.Generator, *, roughness_m: float = 6.0):
    """A village of the catalogue and cells that tile it, as arrays of shapes in EPSG:4490.

    Borders are rough (a vertex about every 60 m, moved at random), common to both sides to the last bit.
    """
    land = VILLAGES_M[name]
    west, south, east, north = land.bounds
    seeds = rng.uniform((west, south), (east, north), (count, 2))
    regions = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.box(west, south, east, north))
    )
    lines = [shapely.boundary(land), *shapely.boundary(regions)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    middles = shapely.point_on_surface(faces)
    faces = faces[shapely.contains(land, middles)]
    faces = faces[shapely.area(faces) > 3000]
    straight = shapely.segmentize(faces, 60)
    rough = _roughened(straight, rng, roughness_m)
    sound = shapely.is_valid(rough).all() and shapely.coverage_is_valid(rough)
    cells = [at_m(face) for face in (rough if sound else straight)]
    return shapely.coverage_union_all(cells), cells


def _roughened(faces, rng, roughness_m):
    coords = shapely.get_coordinates(faces)
    unique, which = np.unique(np.round(coords, 6), axis=0, return_inverse=True)
    moved = unique + rng.uniform(-roughness_m, roughness_m, unique.shape)
    return shapely.set_coordinates(faces.copy(), moved[which.ravel()])


def _overlap(cells, rng):
    at = rng.integers(len(cells))
    cells[at] = at_m(shapely.buffer(in_m(cells[at]), rng.uniform(0.2, 25), join_style="mitre", mitre_limit=2))


def _gap(cells, rng):
    at = rng.integers(len(cells))
    smaller = shapely.buffer(in_m(cells[at]), -rng.uniform(0.2, 12), join_style="mitre", mitre_limit=2)
    if smaller.geom_type == "Polygon" and not smaller.is_empty:
        cells[at] = at_m(smaller)


def _sliver(cells, rng):
    at = rng.integers(len(cells))
    cells[at] = at_m(shapely.transform(in_m(cells[at]), lambda coords: coords + rng.uniform(-0.5, 0.5, 2)))


def _t_junction(cells, rng):
    at = rng.integers(len(cells))
    cells[at] = shapely.segmentize(cells[at], rng.uniform(10, 40) * DEGREES_PER_M[1])


def _missing(cells, rng):
    cells.pop(rng.integers(len(cells)))


DIRT = {"overlap": _overlap, "gap": _gap, "sliver": _sliver, "t_junction": _t_junction, "missing": _missing}


def in_m(shape):
    """The inverse of `at_m`."""
    return shapely.transform(shape, lambda coords: (coords - ORIGIN) / DEGREES_PER_M)


def dirtied(cells, kinds, rng: np.random.Generator):
    """The cells with faults as real ones have them; a cell that an overlap made sticks out of the village."""
    result = [*cells]
    for kind in kinds:
        if len(result) > 2:
            DIRT[kind](result, rng)
    return result


def drawn_line(area, rng: np.random.Generator):
    """A line across an area as a hand draws it: a few corners, ends about the border."""
    west, south, east, north = shapely.bounds(area)
    margin = 40 * DEGREES_PER_M.max()
    corners = rng.uniform(
        (west - margin, south - margin), (east + margin, north + margin), (rng.integers(2, 7), 2)
    )
    return shapely.LineString(corners[np.argsort(corners[:, rng.integers(2)])])


def drawn_star(area, rng: np.random.Generator):
    """A range about the middle of an area, smaller or larger than it."""
    west, south, east, north = shapely.bounds(area)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 12)))
    half = np.array([east - west, north - south]) / 2 * rng.uniform(0.3, 1.2, (len(angles), 1))
    middle = np.array([west + east, south + north]) / 2
    return shapely.Polygon(middle + np.column_stack([np.cos(angles), np.sin(angles)]) * half)


def with_moved_corner(area, rng: np.random.Generator):
    """The outer ring of an area with one corner dragged, as it comes back from a map: to six decimals."""
    largest = max(shapely.get_parts(area), key=shapely.area)
    ring = shapely.get_coordinates(shapely.get_exterior_ring(largest))[:-1].copy()
    ring[rng.integers(len(ring))] += rng.normal(0, 50, 2) * DEGREES_PER_M
    return shapely.Polygon(np.round(ring, 6))
