from datetime import date

import pandas as pd
import pytest

from geo.analysis.classify import village_labels
from geo.analysis.coverage import (
    RATIO_UNITS,
    coverage_ledger,
    coverage_ratios,
    household_counts,
    pairs_hardship_only,
    ratios_of,
    summed_ledger,
    with_ratios,
)
from geo.crs import to_metric
from geo.rules import load_rules, year_rules
from tests.analysis_frames import (
    A1,
    A2,
    B1,
    A,
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
    labels = village_labels(places, indicators(*figures), designations(), year_rules, as_of=DAY)
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


HELD = (("grid_officer", "c1", A1), ("staff", "c2", "h1"), ("resident_cadre", "c3", A))


def _ledger(*responsibilities, homes=None):
    labels = village_labels(villages(), indicators((A, 2025, 0)), designations(), year_rules, as_of=DAY)
    records = held(*responsibilities)
    counts = household_counts(households() if homes is None else homes, records)
    return coverage_ledger(villages(), cells(), counts, records, labels)


def test_the_ledger_has_a_row_for_each_village():
    ledger = _ledger(*HELD)
    assert ledger.index.tolist() == [A, B]
    assert ledger.loc[A, ["cells_owned_n", "cells_owned_of"]].tolist() == [1, 2]
    assert ledger.loc[B, ["cells_owned_n", "cells_owned_of"]].tolist() == [0, 1]
    assert ledger["households_in_owned_cells_n"].tolist() == [1, 0]
    assert ledger["households_in_owned_cells_of"].tolist() == [2, 2]
    assert ledger["households_paired_n"].tolist() == [1, 0]
    assert ledger["priority_villages_staffed_n"].tolist() == [1, 0]
    assert ledger["priority_villages_staffed_of"].tolist() == [1, 0]
    assert ledger["land_in_owned_cells_n"].to_list() == pytest.approx(
        [ledger.loc[A, "land_in_cells_of"] / 2, 0], rel=1e-4
    )


def test_sums_over_villages_give_the_ratios_of_all():
    ledger = _ledger(*HELD)
    labels = village_labels(villages(), indicators((A, 2025, 0)), designations(), year_rules, as_of=DAY)
    whole = coverage_ratios(villages(), cells(), households(), held(*HELD), labels)
    pd.testing.assert_frame_equal(ratios_of(ledger), whole)
    members = pd.DataFrame({"code": ["all", "all", "all", "b", "b"], "village_code": [A, B, A, B, "x"]})
    summed = summed_ledger(ledger, members)
    pd.testing.assert_frame_equal(ratios_of(summed.loc[["all"]]), whole)
    assert summed.loc["b"].tolist() == ledger.loc[B].tolist()


def test_ratios_beside_their_numbers():
    table = with_ratios(_ledger(*HELD))
    expected = [f"{name}{end}" for name in RATIO_UNITS for end in ("", "_live", "_n", "_of")]
    assert table.columns.tolist() == expected
    assert table["cells_owned"].tolist() == [0.5, 0.0]
    assert table.loc[B, "priority_villages_staffed"] is None
    assert table.filter(like="_live").isna().all(axis=None)


def test_a_village_without_a_shape_of_its_own_leaves_no_denominator():
    stray = households().assign(village_code=[A, A, B, "990101101299"])
    ledger = _ledger(homes=stray)
    assert ledger.index.tolist() == [A, B, "990101101299"]
    assert ledger["households_paired_of"].tolist() == [2, 1, 1]
    assert ledger.loc["990101101299", "land_in_cells_of"] == 0


def test_only_households_in_hardship_need_to_be_paired_where_the_rule_says_so():
    homes = households().assign(hardship=pd.array([True, False, None, True], dtype="boolean"))
    records = held(("staff", "c1", "h1"), ("staff", "c1", "h2"))
    counts = household_counts(homes, records, hardship_only=True)
    assert counts["households"].sum() == 4
    assert counts.groupby("village_code")["due"].sum().to_dict() == {A: 1, B: 1}
    assert counts.groupby("village_code")["paired"].sum().to_dict() == {A: 1, B: 0}
    assert household_counts(homes, records)["paired"].sum() == 2


def test_all_households_must_be_paired_by_default():
    assert not pairs_hardship_only(load_rules(DAY))
