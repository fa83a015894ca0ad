"""One made-up county, whole: land, people, responsibilities, and the faults planted in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.crs import STORED_CRS
from geo.frames import LAYERS, conform
from seeds.divide import divide_land, divide_villages
from seeds.faults import plant_faults
from seeds.figures import designation_frame, indicator_frame
from seeds.outline import Plane, close_regions, draw_borders
from seeds.partition import make_patches
from seeds.people import unit_frame
from seeds.places import (
    area_frame,
    branch_frame,
    cell_frame,
    group_frame,
    household_frame,
    township_frame,
    village_frame,
)
from seeds.responsibility import Land, assign_everything
from seeds.settlement import communities, households_per_village, place_houses, region_at
from seeds.size import SAMPLE_SEED, Size
from seeds.terrain import Floats, Ints, Terrain, make_terrain

_OTHER_BRANCHES = 481  # S4: organizations of all kinds


@dataclass(frozen=True)
class County:
    """What a seed makes.

    Attributes
    ----------
    frames : dict
        One conformed frame for each layer of `geo.frames.LAYERS`.
    designations : DataFrame
        village_code, label, cause, valid_from, valid_to, reason, document_no.
    manifest : dict
        The faults planted (see `seeds.faults`).
    river, roads : GeoDataFrame
        Decoration: lines with a name.
    """

    frames: dict[str, pd.DataFrame]
    designations: pd.DataFrame
    manifest: dict[str, Any]
    river: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame


def make_county(size: Size, seed: int = SAMPLE_SEED) -> County:
    """Make a county of that size; the same size and seed always give the same county, bit by bit."""
    land_rng, people_rng, fault_rng = np.random.default_rng(seed).spawn(3)
    plane = Plane.of_county()
    terrain = make_terrain(size.villages, size.townships, land_rng)
    land = _make_land(terrain, size, plane, land_rng)
    cadres, responsibilities = assign_everything(land, size, people_rng)
    frames = {
        "townships": land.townships,
        "villages": land.villages,
        "cells": land.cells,
        "households": land.households,
        "cadres": cadres,
        "units": land.units,
        "areas": land.areas,
        "groups": land.groups,
        "branches": land.branches,
        "responsibilities": responsibilities,
        "indicators": land.indicators,
    }
    frames, manifest = plant_faults(frames, land.designations, size, fault_rng)
    frames = {name: _finished(frame, name) for name, frame in frames.items()}
    return County(frames, land.designations, manifest, *_lines(terrain, plane))


def _make_land(terrain: Terrain, size: Size, plane: Plane, rng: np.random.Generator) -> Land:
    patches = make_patches(terrain, size.villages, size.cells, rng)
    division = divide_land(patches, terrain, size.villages, rng)
    is_community = communities(division, terrain)
    sites = plane.degrees(patches.sites)
    borders_rng, house_rng, name_rng = rng.spawn(3)
    area = np.bincount(division.village[division.village >= 0]) * 1.0
    counts = households_per_village(area, is_community, division.township, size.households, house_rng)
    borders = draw_borders(patches, division.village, plane, borders_rng)
    outlines = close_regions(borders, division.village, sites, size.villages)
    houses = place_houses(patches, division, terrain, counts, is_community, outlines, plane, house_rng)
    cell = divide_villages(patches, division.village, _houses_per_patch(sites, houses.points), size.cells)
    cells = close_regions(borders, cell, sites, int(cell.max()) + 1)
    cell_village = np.zeros(len(cells), int)
    cell_village[cell[cell >= 0]] = division.village[cell >= 0]
    town_of_patch = np.where(division.village >= 0, division.township[division.village], -1)
    townships = township_frame(close_regions(borders, town_of_patch, sites, size.townships))
    villages = village_frame(outlines, division.township, is_community, townships, name_rng)
    cell_table = cell_frame(cells, villages["code"].to_numpy()[cell_village])
    households = household_frame(houses, region_at(houses.points, cells), villages, cell_table, name_rng)
    return _peopled(townships, villages, cell_table, households, plane.degrees(terrain.seats), size, name_rng)


def _houses_per_patch(sites: Floats, houses: Floats) -> Ints:
    nearest = cKDTree(sites).query(houses)[1]
    return np.bincount(nearest, minlength=len(sites))


def _peopled(
    townships: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    households: gpd.GeoDataFrame,
    seats: Floats,
    size: Size,
    rng: np.random.Generator,
) -> Land:
    """The land with its tables: groups, areas, branches, units, indicators and designations."""
    villages = villages.sort_values("code", ignore_index=True)
    indicators = indicator_frame(villages, households, rng)
    return Land(
        townships=townships,
        villages=villages,
        cells=cells.sort_values("code", ignore_index=True),
        households=households,
        groups=group_frame(households),
        areas=area_frame(villages, townships),
        branches=branch_frame(villages, size.share(_OTHER_BRANCHES)),
        units=unit_frame(townships, size),
        indicators=indicators,
        designations=designation_frame(villages, indicators, size, rng),
        seats=seats,
    )


def _finished(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame by its layer's contract, with days as dates."""
    layer = LAYERS[name]
    frame = frame.copy()
    for column in layer.columns:
        if column.kind == "date":
            days = frame[column.name].astype(object)
            frame[column.name] = days.map(
                lambda day: date.fromisoformat(day) if isinstance(day, str) else None
            )
    return conform(frame, layer)


def _lines(terrain: Terrain, plane: Plane) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """River and roads as lines, for looks only."""
    river = [shapely.linestrings(plane.degrees(terrain.river))]
    roads = [shapely.linestrings(plane.degrees(road)) for road in terrain.roads]
    names = [f"示例县道{number:02d}" for number in range(1, len(roads) + 1)]
    return (
        gpd.GeoDataFrame({"name": ["安河"]}, geometry=river, crs=STORED_CRS),
        gpd.GeoDataFrame({"name": names}, geometry=roads, crs=STORED_CRS),
    )
