"""The ground a county stands on: everything about the land that is settled before people are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORED_CRS
from seeds.divide import Division, communities, divide_land
from seeds.outline import Borders, Plane, close_regions, draw_borders
from seeds.partition import Patches, make_patches
from seeds.size import Size
from seeds.terrain import Floats, Ints, Terrain, make_lanes, make_terrain

_LANE_DETAIL_DEG = 5e-5


@dataclass(frozen=True)
class Ground:
    """Terrain, patches and their division into villages.

    Attributes
    ----------
    is_community : (villages,) array of bool
        Which villages are urban communities.
    sites : (patches, 2) array
        The patches' points in degrees.
    borders : Borders
        Every border between patches, roughened.
    """

    terrain: Terrain
    plane: Plane
    patches: Patches
    division: Division
    is_community: np.ndarray
    sites: Floats
    borders: Borders

    def regions(self, label: Ints, count: int) -> np.ndarray:
        """Polygons of what patches are labelled with."""
        return close_regions(self.borders, label, self.sites, count)


def make_ground(size: Size, rng: np.random.Generator) -> Ground:
    """Draw the land of a county of that size and divide it into villages."""
    plane = Plane.of_county()
    terrain = make_terrain(size.villages, size.townships, rng)
    patches = make_patches(terrain, size.villages, size.cells, rng)
    division = divide_land(patches, terrain, size.villages, rng)
    return Ground(
        terrain=replace(terrain, lanes=make_lanes(division.centres, rng)),
        plane=plane,
        patches=patches,
        division=division,
        is_community=communities(division, terrain),
        sites=plane.degrees(patches.sites),
        borders=draw_borders(patches, division.village, plane, rng),
    )


def river_frame(ground: Ground) -> gpd.GeoDataFrame:
    """The river as a line."""
    line = shapely.linestrings(ground.plane.degrees(ground.terrain.river))
    return gpd.GeoDataFrame({"name": ["安河"]}, geometry=[line], crs=STORED_CRS)


def road_frame(ground: Ground) -> gpd.GeoDataFrame:
    """Main roads (``class`` 县道) and village roads (村道) as lines."""
    roads, lanes = ground.terrain.roads, ground.terrain.lanes
    lines = [shapely.linestrings(ground.plane.degrees(line)) for line in [*roads, *lanes]]
    classes = ["县道"] * len(roads) + ["村道"] * len(lanes)
    names = [f"示例{kind}{number:04d}" for number, kind in enumerate(classes, 1)]
    lines = shapely.simplify(lines, _LANE_DETAIL_DEG)
    return gpd.GeoDataFrame({"name": names, "class": classes}, geometry=lines, crs=STORED_CRS)
