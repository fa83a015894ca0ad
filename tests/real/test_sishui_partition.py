"""Cells proposed for a sample of one real county's villages, with invented households."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from benchmarks.invented_households import REAL, places
from geo.analysis.partition import partition_quality, propose_cells
from geo.rules import load_rules

RULES = load_rules(date(2026, 5, 1))
VILLAGES = 25
PLACES = list(places(11, VILLAGES)) if REAL.exists() else []

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="not on this machine: ../shared/real/sishui")


@pytest.mark.parametrize("with_roads", [False, True], ids=["bare", "roads"])
@pytest.mark.parametrize("place", PLACES, ids=[f"{at}" for at in range(len(PLACES))])
def test_cells_of_a_real_village_are_exact_even_and_in_one_piece(place, with_roads):
    lines = place.roads if with_roads else None
    cells = propose_cells(place.village, place.households, rules=RULES, lines=lines)
    shapes = cells.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.symmetric_difference(shapely.union_all(shapes), place.village).area < 1e-15
    target = len(place.households) / len(cells)
    quality = partition_quality(cells, place.village, place.households, target=target, lines=lines)
    assert quality.within_20 == 1.0
    assert len(cells) >= 2
    if len(shapely.get_parts(place.village)) == 1:
        assert quality.contiguous == 1.0


def test_roads_are_followed_where_they_are_given():
    def followed(place, lines):
        cells = propose_cells(place.village, place.households, rules=RULES, lines=lines)
        figures = partition_quality(
            cells,
            place.village,
            place.households,
            target=RULES["cell_households_target"].value,
            lines=place.roads,
        )
        return figures.border_on_lines

    assert sum(followed(place, place.roads) for place in PLACES) > 2
    assert sum(followed(place, None) for place in PLACES) < 1
