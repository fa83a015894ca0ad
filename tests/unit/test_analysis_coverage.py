from datetime import date

import pandas as pd
import pytest

from geo.analysis.classify import village_labels
from geo.analysis.coverage import coverage_ratios, household_counts
from geo.crs import to_metric
from geo.rules import load_rules
from tests.analysis_frames import (
    A1,
    A2,
    B1,
    B,
    cells,
    designations,
    held,
    households,
    indicators,
    layer,
    square,
    villages,
)

DAY = date(2026, 5, 1)
NAMES = [
    "cells_owned",
    "households_in_owned_cells",
    "households_paired",
    "priority_villages_staffed",
    "land_in_cells",
    "land_in_owned_cells",
]


def _ratios(*responsibilities, cells_=None, figures=(), villages_=None):
    places = villages() if villages_ is None else villages_
    labels = village_labels(places, indicators(*figures), designations(), load_rules(DAY), as_of=DAY)
    grid = cells() if cells_ is None else cells_
    frame = coverage_ratios(places, grid, households(), held(*responsibilities), labels)
    return frame.set_index("name")


def _with_shapes(*shapes):
    grid = cells()
    return grid.set_geometry(pd.Series(list(shapes)).to_list(), crs="EPSG:4490")


def test_every_ratio_has_its_live_twin():
    assert _ratios().index.tolist() == [name for each in NAMES for name in (each, f"{each}_live")]


def test_counts_of_cells_households_and_pairs():
    ratios = _ratios(("grid_officer", "c1", A1), ("staff", "c2", "h4"))
    assert ratios.loc["cells_owned", ["numerator", "denominator"]].tolist() == [1, 3]
    assert ratios.loc["households_in_owned_cells", ["numerator", "denominator"]].tolist() == [1, 4]
    assert ratios.loc["households_paired", "ratio"] == 0.25


def test_a_contested_cell_counts_as_owned():
    ratios = _ratios(("grid_officer", "c1", A1), ("grid_officer", "c2", A1))
    assert ratios.loc["cells_owned", "numerator"] == 1


def test_priority_villages_need_a_resident_cadre():
    poor = [(B, 2025, 10_000)]
    assert _ratios(figures=poor).loc["priority_villages_staffed", "ratio"] == 0
    staffed = _ratios(("resident_cadre", "c1", B), figures=poor)
    assert staffed.loc["priority_villages_staffed", ["numerator", "denominator", "ratio"]].tolist() == [
        1,
        1,
        1,
    ]


def test_a_ratio_over_nothing_is_none():
    assert _ratios().loc["priority_villages_staffed", "ratio"] is None


def test_live_twins_are_unknown_without_attendance():
    live = _ratios(("grid_officer", "c1", A1)).filter(like="_live", axis=0)
    assert live["ratio"].isna().all()
    assert live["numerator"].isna().all()
    assert live.loc["cells_owned_live", "denominator"] == 3


def test_land_is_measured_in_metres_of_the_zone():
    ratios = _ratios(("grid_officer", "c1", B1))
    whole = to_metric(villages()).area
    assert ratios.loc["land_in_cells", "denominator"] == pytest.approx(whole.sum(), abs=0.1)
    assert ratios.loc["land_in_cells", "ratio"] == pytest.approx(1, abs=1e-4)
    assert ratios.loc["land_in_owned_cells", "numerator"] == pytest.approx(whole[1], abs=0.1)


def test_overlapping_cells_count_their_land_once():
    overlapping = _with_shapes(square(0, 0, 1.5, 1), square(0.5, 0, 1.5, 1), square(2, 0, 3, 1))
    assert _ratios(cells_=overlapping).loc["land_in_cells", "ratio"] == pytest.approx(2.5 / 3, abs=1e-3)


def test_a_cell_covers_only_land_of_its_own_village():
    stray = _with_shapes(square(0, 0, 1, 1), square(1, 0, 3, 1), square(5, 0, 6, 1))
    assert _ratios(cells_=stray).loc["land_in_cells", "ratio"] == pytest.approx(2 / 3, abs=1e-3)


def test_an_invalid_cell_is_measured_all_the_same():
    bowtie = square(0, 0, 1, 1).geoms[0]
    west, south, east, north = bowtie.bounds
    crossed = type(bowtie)([(west, south), (east, north), (east, south), (west, north)])
    shapes = _with_shapes(crossed, None, None)
    assert _ratios(cells_=shapes).loc["land_in_cells", "ratio"] == pytest.approx(0.5 / 3, abs=1e-3)


def test_empty_county():
    nothing = villages().iloc[:0]
    frame = coverage_ratios(
        nothing,
        cells().iloc[:0],
        layer("households", []),
        held(),
        pd.DataFrame({"village_code": [], "label": []}),
    )
    assert frame["ratio"].isna().all()
    assert frame.set_index("name").loc["land_in_cells", "denominator"] == 0


def test_households_without_a_cell_stay_in_the_count():
    counts = household_counts(households(), held(("staff", "c1", "h1"), ("staff", "c2", "h1")))
    assert counts["households"].sum() == 4
    assert counts["paired"].sum() == 1
    assert counts.loc[counts["cell_code"].isna(), "households"].tolist() == [1]
    assert counts.loc[counts["cell_code"] == A2, "paired"].tolist() == [0]
