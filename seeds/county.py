"""One made-up county, whole: land, people, responsibilities, and the faults planted in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo.frames import LAYERS, conform
from seeds.book import Book, make_book
from seeds.cases import Cases, case_tables, overdue_cases
from seeds.divide import divide_villages
from seeds.expected import expectations
from seeds.faults import plant_faults
from seeds.figures import designation_frame, indicator_frame
from seeds.ground import Ground, make_ground, river_frame, road_frame
from seeds.ledger import Land
from seeds.outline import MIDDLE_LAT
from seeds.people import unit_frame
from seeds.pictures import pictures
from seeds.places import (
    area_frame,
    branch_frame,
    cell_frame,
    group_frame,
    household_frame,
    township_frame,
    village_frame,
)
from seeds.responsibility import assign_everything
from seeds.settlement import Houses, households_per_village, place_houses, region_at
from seeds.size import SAMPLE_SEED, Size
from seeds.terrain import Floats, Ints
from seeds.years import correction_frame, tell_years

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
    corrections : DataFrame
        Figures that were found wrong after they had been reported (`seeds.years.CORRECTION_COLUMNS`).
    cases, book
        Rectifications (`seeds.cases`), and what is written about villages (`seeds.book`).
    pictures : dict
        JPEGs by the name of their file.
    manifest : dict
        The faults planted (see `seeds.faults`) and what must be answered (see `seeds.expected`).
    river, roads : GeoDataFrame
        Decoration: lines with a name.
    """

    frames: dict[str, pd.DataFrame]
    designations: pd.DataFrame
    corrections: pd.DataFrame
    cases: Cases
    book: Book
    pictures: dict[str, bytes]
    manifest: dict[str, Any]
    river: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame


def make_county(size: Size, seed: int = SAMPLE_SEED) -> County:
    """Make a county of that size; the same size and seed always give the same county, bit by bit."""
    ground_rng, land_rng, people_rng, fault_rng, years_rng, work_rng = np.random.default_rng(seed).spawn(6)
    ground = make_ground(size, ground_rng)
    land = _make_land(ground, size, land_rng)
    land = replace(land, indicators=tell_years(land.indicators, land.designations, size, years_rng))
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
    corrections = correction_frame(land.indicators, land.designations, _faulty_villages(manifest), years_rng)
    frames = {name: _finished(frame, name) for name, frame in frames.items()}
    cases = case_tables(frames, land.designations, size, work_rng)
    book = make_book(frames["villages"], land.designations, size, work_rng)
    manifest["faults"] += overdue_cases(cases)
    expected = expectations(frames, land.designations, corrections, cases, book)
    manifest = {"seed": seed, "size": asdict(size), **manifest, "expected": expected}
    drawn = pictures(work_rng)
    return County(
        frames,
        land.designations,
        corrections,
        cases,
        book,
        drawn,
        manifest,
        river_frame(ground),
        road_frame(ground),
    )


def _faulty_villages(manifest: dict[str, Any]) -> set[str]:
    """Villages that a planted fault names."""
    noted = (note.get("villages", note["codes"]) for note in manifest["faults"])
    return {str(code) for codes in noted for code in codes}


def _make_land(ground: Ground, size: Size, rng: np.random.Generator) -> Land:
    division = ground.division
    patches = np.bincount(division.village[division.village >= 0]).astype(float)
    counts = households_per_village(patches, ground.is_community, division.township, size.households, rng)
    outlines = ground.regions(division.village, size.villages)
    houses = place_houses(ground, counts, outlines, rng)
    cell = divide_villages(ground.patches, division.village, _houses_per_patch(ground, houses), size.cells)
    cells = ground.regions(cell, int(cell.max()) + 1)
    cell_village = np.zeros(len(cells), int)
    cell_village[cell[cell >= 0]] = division.village[cell >= 0]
    town_of_patch = np.where(division.village >= 0, division.township[division.village], -1)
    townships = township_frame(ground.regions(town_of_patch, size.townships))
    villages = village_frame(outlines, division.township, ground.is_community, townships, rng)
    cell_table = cell_frame(cells, villages["code"].to_numpy()[cell_village])
    households = household_frame(houses, region_at(houses.points, cells), villages, cell_table, rng)
    seats = ground.plane.degrees(ground.terrain.seats)
    return _peopled(townships, villages, cell_table, households, seats, size, rng)


def _houses_per_patch(ground: Ground, houses: Houses) -> Ints:
    square = np.array([np.cos(np.radians(MIDDLE_LAT)), 1.0])
    nearest = cKDTree(ground.sites * square).query(houses.points * square)[1]
    return np.bincount(nearest, minlength=len(ground.sites))


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
