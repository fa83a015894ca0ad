"""Whatever is changed from a day on: the days before it, and what was known before, read as they did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from geo.errors import ConflictError, RuleError
from geo.store.aggregates import (
    household_counts,
    household_place,
    placed_households,
    places_of,
    village_cells,
    village_pairing,
    village_parts,
)
from geo.store.cell_records import create_cells, move_households, reshape_cells, retire_cells
from geo.store.engine import Store
from geo.store.merging import replace_area_villages
from geo.store.models import Area, Household, VillagerGroup
from geo.store.queries import area_villages, layer_frame, place_at
from geo.store.records import used_cell_codes
from geo.store.undo import undo_batch
from tests.store import small_county
from tests.store.small_county import NOW, SOUTH, TODAY, VILLAGES, WEST
from tests.store.test_cell_records import CELL, HALF, LATER, shapes, split
from tests.stores import copied_store

pytestmark = pytest.mark.slow

VILLAGE = VILLAGES[0]
DAYS = [TODAY + timedelta(days=n) for n in (-1, 1, 3, 6)]
TELLING = DAYS[::3]  # for what was known earlier: before anything changes, and after everything
CORNERS = [(x * HALF, y * HALF) for x in range(4) for y in range(4)]


def _steps() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    days = st.integers(0, 5).map(lambda n: TODAY + timedelta(days=n))
    numbers = st.integers(0, 6)
    step = st.one_of(
        st.tuples(st.just("create"), days, st.sampled_from(CORNERS)),
        st.tuples(st.just("retire"), days, numbers),
        st.tuples(st.just("reshape"), days, numbers, st.sampled_from(CORNERS)),
        st.tuples(st.just("move"), days, st.sets(numbers, min_size=1), st.none() | numbers),
        st.tuples(st.just("area"), days, st.sets(st.sampled_from(VILLAGES), min_size=1)),
        st.tuples(st.just("undo"), numbers),
    )
    return st.lists(step, min_size=3, max_size=7)


def _do(session: Session, step: tuple[Any, ...], number: int, now: datetime) -> date:
    """One step as a batch ``b<number>``; the first day it changes."""
    stated: dict[str, Any] = {"now": now, "user": "x", "batch": f"b{number}"}
    action, on, *rest = step
    codes = used_cell_codes(session, VILLAGE)
    if action == "undo":
        undo_batch(session, f"b{on % (number + 1)}", now=now, user="x", by=f"b{number}")
        return DAYS[0]
    if action == "create":
        made = shapes([f"{VILLAGE}{len(codes) + 1:03d}"], rest[0], village_code=VILLAGE)
        create_cells(session, made, on=on, **stated)
    elif action == "retire":
        retire_cells(session, [codes[rest[0] % len(codes)]], on=on, **stated)
    elif action == "reshape":
        reshape_cells(session, shapes([codes[rest[0] % len(codes)]], rest[1]), on=on, **stated)
    elif action == "move":
        cell = None if rest[1] is None else codes[rest[1] % len(codes)]
        moves = pd.DataFrame({"household_code": [f"H{n:06d}" for n in sorted(rest[0])], "cell_code": cell})
        move_households(session, moves, on=on, **stated)
    else:
        pairs = pd.DataFrame({"area_code": "A1", "village_code": sorted(rest[0])})
        replace_area_villages(session, pairs, areas=["A1"], valid_from=on, **stated)
    return on


def _reading(session: Session, as_of: date, known_at: datetime | None) -> dict[str, Any]:
    """Everything that is read of a day."""
    at: dict[str, Any] = {"as_of": as_of, "known_at": known_at}
    cells = layer_frame(session, "cells", **at)
    homes = layer_frame(session, "households", **at)
    counts = household_counts(session, **at)
    counted = zip(*(counts[name].fillna("") for name in counts.columns), strict=True)
    placed = placed_households(session, **at)
    return {
        "cells": list(zip(cells["code"], cells["valid_from"].isna(), cells.geometry.to_wkb(), strict=True)),
        "names": village_cells(session, VILLAGE, **at),
        "homes": homes["cell_code"].fillna("").tolist(),
        "placed": dict(zip(placed["code"], placed["cell_code"].fillna(""), strict=True)),
        "counts": sorted(counted),
        "place": [place_at(session, WEST + x + 1e-4, SOUTH + y + 1e-4, **at) for x, y in CORNERS[:2]],
        "household": household_place(session, "H000001", **at),
        "areas": area_villages(session, **at)["village_code"].tolist(),
        "area": layer_frame(session, "areas", **at)["village_codes"].tolist(),
        "parts": village_parts(session, VILLAGE, **at),
        "places": places_of(session, ["A1"], **at),
    }


def _readings(store: Store, asked: list[tuple[date, datetime | None]]) -> dict[Any, dict[str, Any]]:
    with store.read() as session:
        return {at: _reading(session, *at) for at in asked}


def _check(store: Store, steps: list[tuple[Any, ...]]) -> None:
    moments: list[datetime] = [NOW]
    before = _readings(store, [*((day, None) for day in DAYS), *((day, NOW) for day in TELLING)])
    for number, step in enumerate(steps):
        now = LATER + timedelta(hours=number)
        try:
            with store.write() as session:
                first = _do(session, step, number, now)
        except (RuleError, ConflictError):
            continue  # nothing was written: there is nothing to compare
        after = _readings(store, [*before, *((day, now) for day in TELLING)])
        for day, known in before:
            if known is not None or day < first:
                assert after[day, known] == before[day, known], (step, day, known)
        assert all(after[day, now] == after[day, None] for day in TELLING)
        moments = [moments[-1], now]
        before = {at: reading for at, reading in after.items() if at[1] in (None, *moments)}


def _prepared(store: Store) -> Store:
    small_county.load(store)
    with store.write() as session:
        session.add(Area(code="A1", name="东片"))
    return store


@pytest.fixture(scope="session")
def prepared_path(gpkg_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asof")
    with copied_store(gpkg_template, folder) as store:
        _prepared(store)
    return Path(store.path)


@pytest.fixture
def fresh(
    prepared_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[Store]]:
    """A new copy of the prepared county each time."""
    return lambda: copied_store(prepared_path, tmp_path_factory.mktemp("run"))


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps())
def test_the_past_never_changes(
    fresh: Callable[[], AbstractContextManager[Store]], steps: list[tuple[Any, ...]]
) -> None:
    with fresh() as store:
        _check(store, steps)


def test_the_past_never_changes_on_either_database(store: Store) -> None:
    day = TODAY + timedelta(days=2)
    _check(
        _prepared(store),
        [
            ("create", day, CORNERS[0]),
            ("reshape", day, 0, CORNERS[1]),
            ("move", day, {0, 1, 2}, 4),
            ("area", TODAY, {VILLAGES[0], VILLAGES[2]}),
            ("reshape", day + timedelta(days=1), 0, CORNERS[2]),
            ("move", day + timedelta(days=2), {1, 2}, None),
            ("area", day, {VILLAGES[2]}),
            ("retire", day + timedelta(days=3), 0),
            ("undo", 7),
            ("undo", 5),
            ("undo", 4),
            ("undo", 2),
        ],
    )


def test_a_day_reads_with_its_own_shapes_and_places(store: Store) -> None:
    county = small_county.load(store)
    day = date(2026, 5, 2)
    with county.write() as session:
        children = split(session)
    inside = (WEST + HALF / 2, SOUTH + HALF / 2)
    with county.read() as session:
        for as_of, known_at, expected in (
            (day, None, children[0]),
            (day, LATER, children[0]),
            (day, NOW, CELL),
            (TODAY, None, CELL),
            (TODAY, LATER, CELL),
        ):
            assert place_at(session, *inside, as_of=as_of, known_at=known_at)["cell_codes"] == [expected]
        assert household_place(session, "H000000", as_of=TODAY)[1] is None
        assert household_place(session, "H000000", as_of=day)[1] == children[0]
        counts = household_counts(session, as_of=day)
        assert counts["households"].sum() == 40
        assert counts.set_index("cell_code")["households"][children].tolist() == [1, 1]
        assert household_counts(session, as_of=TODAY)["cell_code"].isna().all()


def test_register_entries_are_read_while_they_are_there(store: Store) -> None:
    county = small_county.load(store)
    with county.write() as session:
        home = session.query(Household).filter_by(code="H000001").one()
        home.valid_from, home.valid_to = date(2026, 3, 1), TODAY
        group = {"village_code": VILLAGE, "valid_to": TODAY}
        session.add(VillagerGroup(code=VILLAGE + "01", name="一组", **group))
    with county.read() as session:
        for as_of, there in ((date(2026, 2, 28), 0), (date(2026, 3, 1), 1), (TODAY, 0)):
            homes = layer_frame(session, "households", as_of=as_of)
            assert ("H000001" in set(homes["code"])) == bool(there)
            assert village_pairing(session, VILLAGE, as_of=as_of) == (0, 19 + there)
            assert household_counts(session, as_of=as_of)["households"].sum() == 39 + there
            assert ("H000001" in set(placed_households(session, as_of=as_of)["code"])) == bool(there)
        assert len(layer_frame(session, "groups", as_of=TODAY)) == 0
        assert len(layer_frame(session, "groups")) == 1
        assert len(layer_frame(session, "households")) == 40
