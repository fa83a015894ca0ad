"""What answers and operations decide follows the store's thresholds, from the day they take effect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from geo.access import SYSTEM
from geo.answers.coverage import coverage
from geo.answers.gap_book import gaps_on
from geo.answers.holdings import holdings
from geo.answers.place import what_is_here
from geo.answers.villages import villages
from geo.errors import InputError
from geo.operations.accounts import create_account
from geo.operations.propose import propose
from geo.operations.thresholds import set_threshold, withdraw_threshold
from geo.vocabulary import Role, VillageLabel
from layers.chunks import Chunks
from layers.registry import MAP_LAYERS
from tests.analysis_frames import TOWNSHIP, A
from tests.answers_store import DAY, fill

NOW = datetime(2026, 4, 20, 8, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
EVE = DAY - timedelta(days=1)


@pytest.fixture
def county(gpkg_store):
    return fill(gpkg_store)


def from_the_day(store, name, value):
    set_threshold(store, SYSTEM, name, value, valid_from=DAY, reason="试行", now=NOW)


def poor(store, day, **known):
    found = villages(store, SYSTEM, as_of=day, label=VillageLabel.POOR, **known)["villages"]
    return [row["code"] for row in found]


def test_which_villages_are_poor(county):
    last_day = date(DAY.year - 1, 12, 31)
    bearers = poor(county, DAY)
    assert bearers
    # The figures of a year are judged by the rules of its last day, whatever is set afterwards.
    set_threshold(
        county, SYSTEM, "poor_income_own_yuan", 0, valid_from=last_day + timedelta(1), reason="试行", now=NOW
    )
    assert poor(county, DAY) == bearers
    set_threshold(county, SYSTEM, "poor_income_own_yuan", 0, valid_from=last_day, reason="试行", now=NOW)
    assert poor(county, DAY) == []
    assert poor(county, DAY, known_at=BEFORE) == bearers
    withdraw_threshold(county, SYSTEM, "poor_income_own_yuan", valid_from=last_day, reason="有误", now=NOW)
    assert poor(county, DAY) == bearers


def test_the_limits_of_a_holder(county):
    def limits(day: date) -> list[float | None]:
        return [load.limit for load in holdings(county, SYSTEM, "c3", as_of=day).loads]

    usual = limits(DAY)
    from_the_day(county, "officer_cells_max", 7)
    assert limits(EVE) == usual
    assert 7 in limits(DAY)
    assert 7 not in usual


def test_how_far_a_look_at_a_place_goes(county):
    from_the_day(county, "nearest_households_m", 50)
    assert [what_is_here(county, SYSTEM, 117.005, 35.505, as_of=day).near_m for day in (EVE, DAY)] == [
        200,
        50,
    ]


def test_which_households_must_be_paired(county):
    def due(day: date) -> int:
        ratios = coverage(county, SYSTEM, as_of=day)["ratios"]
        return next(row["denominator"] for row in ratios if row["name"] == "households_paired")

    everybody = due(DAY)
    from_the_day(county, "pairing_hardship_only", 1)
    assert due(EVE) == everybody > due(DAY)


def test_which_gaps_there_are_without_reading_them_anew(county):
    def unpaired(day: date) -> int:
        return int((gaps_on(county, as_of=day).gaps["kind"] == "household_unpaired").sum())

    everybody = unpaired(DAY)
    from_the_day(county, "pairing_hardship_only", 1)
    assert unpaired(EVE) == everybody > unpaired(DAY)


def test_how_many_households_a_proposed_cell_has(county):
    from_the_day(county, "cell_households_target", 1)
    assert len(propose(county, SYSTEM, A, as_of=DAY).villages[0].cells) > 1
    assert len(propose(county, SYSTEM, A, as_of=EVE).villages[0].cells) == 1


def test_how_long_a_password_is(county):
    set_threshold(county, SYSTEM, "password_min_length", 20, valid_from=NOW.date(), reason="试行", now=NOW)
    account = {"user": "li.hua", "role": Role.LEADER, "scopes": [""], "password": "wind over"}
    with pytest.raises(InputError, match="20"):
        create_account(county, SYSTEM, **account, now=NOW)


def test_tiles_with_labels_become_old(county):
    before = Chunks(county, 1_000_000).versions()
    from_the_day(county, "poor_income_own_yuan", 0)
    after = Chunks(county, 1_000_000).versions()
    assert before.stamp(("villages", "rules"), TOWNSHIP) != after.stamp(("villages", "rules"), TOWNSHIP)
    assert before.stamp(("townships",), TOWNSHIP) == after.stamp(("townships",), TOWNSHIP)


@pytest.mark.parametrize("layer", ["villages", "cells", "cell_names"])
def test_layers_that_show_what_thresholds_decide_watch_them(layer):
    assert "rules" in MAP_LAYERS[layer].watches
