"""Frames from the store: contracts, periods, what was known when, territories, boxes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from geo.errors import FrameError
from geo.frames import LAYERS
from geo.store.bulk import insert_frame
from geo.store.engine import Store
from geo.store.models import (
    Area,
    AreaMember,
    Branch,
    Designation,
    GridCell,
    Responsibility,
    VillageIndicator,
    VillagerGroup,
)
from geo.store.queries import (
    area_villages,
    counts,
    county_code,
    designations,
    get_setting,
    indicators,
    layer_frame,
    put_setting,
    responsibilities,
)
from tests.store import small_county
from tests.store.small_county import NOW, TODAY, TOWNSHIP, VILLAGES

LATER = NOW + timedelta(days=10)
RECORDED = {"recorded_at": NOW, "recorded_by": "department", "superseded_at": None}


@pytest.fixture
def county(store: Store) -> Store:
    small_county.load(store)
    with store.write() as session:
        session.add_all([Area(code="A1", name="东片"), Area(code="A2", name="西片")])
        session.flush()
        pairs = {"area_code": ["A1", "A1", "A2"], "village_code": [VILLAGES[1], VILLAGES[0], VILLAGES[3]]}
        insert_frame(session, AreaMember, pd.DataFrame(pairs).assign(recorded_at=NOW, recorded_by="import"))
        session.add(VillagerGroup(code=VILLAGES[0] + "01", name="一组", village_code=VILLAGES[0]))
        session.add_all(
            [Branch(code="B1", name="村支部", village_code=VILLAGES[0]), Branch(code="B2", name="机关")]
        )
    return store


def _responsibility(target: str, **more: Any) -> Responsibility:
    given_ = {"kind": "grid_officer", "holder_code": "C1", "valid_from": date(2026, 1, 1), **RECORDED, **more}
    return Responsibility(target_code=target, **given_)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_keeps_its_contract(county: Store, layer: str) -> None:
    with county.read() as session:
        frame = layer_frame(session, layer)
    names = [name for name in frame.columns if name != "geometry"]
    assert names[: len(LAYERS[layer].column_names)] == LAYERS[layer].column_names
    assert ("geometry" in frame.columns) == (LAYERS[layer].geometry is not None)
    assert list(frame.index) == list(range(len(frame)))


@pytest.mark.parametrize("layer", LAYERS)
def test_an_empty_store_gives_empty_frames(store: Store, layer: str) -> None:
    with store.read() as session:
        frame = layer_frame(session, layer, as_of=TODAY, known_at=NOW, within=(TOWNSHIP,))
        assert frame.empty
        assert set(LAYERS[layer].column_names) <= set(frame.columns)


def test_an_unknown_layer_is_refused(store: Store) -> None:
    with pytest.raises(FrameError), store.read() as session:
        layer_frame(session, "roads")


def test_areas_list_their_villages_in_order(county: Store) -> None:
    with county.read() as session:
        areas = layer_frame(session, "areas")
        assert areas["village_codes"].tolist() == [";".join(VILLAGES[:2]), VILLAGES[3]]
        assert layer_frame(session, "areas", within=(VILLAGES[3],))["code"].tolist() == ["A2"]
        assert len(area_villages(session)) == 3


@pytest.mark.parametrize(
    ("within", "villages", "households"),
    [
        (("",), 4, 40),
        ((TOWNSHIP,), 4, 40),
        ((VILLAGES[0],), 1, 20),
        ((VILLAGES[0], VILLAGES[1]), 2, 20),
        (("99010110199",), 0, 0),
        ((), 0, 0),
        (("99%",), 0, 0),
    ],
)
def test_a_territory_confines(county: Store, within: tuple[str, ...], villages: int, households: int) -> None:
    with county.read() as session:
        assert len(layer_frame(session, "villages", within=within)) == villages
        assert len(layer_frame(session, "households", within=within)) == households
        assert len(layer_frame(session, "units", within=within)) == 2


def test_a_box_confines(county: Store) -> None:
    with county.read() as session:
        corner = (117.001, 35.001, 117.002, 35.002)
        assert layer_frame(session, "villages", bbox=corner)["code"].tolist() == [VILLAGES[0]]
        assert layer_frame(session, "villages", bbox=(10.0, 10.0, 11.0, 11.0)).empty


def test_cells_hold_from_their_first_day_to_the_day_before_their_last(county: Store) -> None:
    code = VILLAGES[0] + "001"
    with county.write() as session:
        cell = session.query(GridCell).filter_by(code=code).one()
        cell.valid_from, cell.valid_to = date(2026, 3, 1), date(2026, 5, 1)
    days = {
        date(2026, 2, 28): 15,
        date(2026, 3, 1): 16,
        date(2026, 4, 30): 16,
        date(2026, 5, 1): 15,
    }
    with county.read() as session:
        assert {day: len(layer_frame(session, "cells", as_of=day)) for day in days} == days
        assert len(layer_frame(session, "cells")) == 16


def test_what_was_superseded_is_still_what_was_known(county: Store) -> None:
    cell = VILLAGES[0] + "001"
    with county.write() as session:
        session.add(_responsibility(cell, superseded_at=LATER))
        session.add(_responsibility(cell, holder_code="C2", recorded_at=LATER))
    with county.read() as session:
        assert responsibilities(session)["holder_code"].tolist() == ["C2"]
        for moment, holders in ((NOW - timedelta(seconds=1), []), (NOW, ["C1"]), (LATER, ["C2"])):
            assert responsibilities(session, known_at=moment)["holder_code"].tolist() == holders
        assert responsibilities(session)["recorded_at"][0].to_pydatetime() == LATER
        assert responsibilities(session)["superseded_at"].isna().all()


def test_responsibilities_can_be_narrowed(county: Store) -> None:
    with county.write() as session:
        session.add_all(
            [
                _responsibility(VILLAGES[0], kind="resident_cadre"),
                _responsibility("H000001", kind="staff"),
                _responsibility("B1", kind="org_cadre", holder_code="C2"),
                _responsibility("A2", kind="department", holder_code="U1"),
            ]
        )
    with county.read() as session:
        assert responsibilities(session, kinds=["staff"])["target_code"].tolist() == ["H000001"]
        assert responsibilities(session, targets=["B1", "A2"])["holder_code"].tolist() == ["C2", "U1"]
        assert len(responsibilities(session, holders=["C1"])) == 2
        assert responsibilities(session, holders=[]).empty
        inside = layer_frame(session, "responsibilities", within=(VILLAGES[0],))
        assert inside["target_code"].tolist() == [VILLAGES[0], "H000001", "B1"]


DAYS = st.integers(0, 6).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
MOMENTS = st.integers(0, 6).map(lambda n: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=n))


@st.composite
def _records(draw: st.DrawFn) -> list[dict[str, Any]]:
    def later(first: Any, strategy: Any) -> Any:
        return draw(st.none() | strategy.filter(lambda value: value > first))

    records = []
    for number in range(draw(st.integers(0, 6))):
        start, known_from = draw(DAYS), draw(MOMENTS)
        records.append(
            {
                "kind": "grid_officer",
                "holder_code": f"C{number}",
                "target_code": "T",
                "valid_from": start,
                "valid_to": later(start, DAYS) if start < date(2026, 1, 7) else None,
                "recorded_at": known_from,
                "recorded_by": "x",
                "superseded_at": later(known_from, MOMENTS)
                if known_from < datetime(2026, 2, 1, 6, tzinfo=UTC)
                else None,
            }
        )
    return records


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=_records(), as_of=st.none() | DAYS, known_at=st.none() | MOMENTS)
def test_both_times_are_half_open(
    store: Store, records: list[dict[str, Any]], as_of: date | None, known_at: datetime | None
) -> None:
    def holds(record: dict[str, Any]) -> bool:
        valid_to, superseded_at = record["valid_to"], record["superseded_at"]
        valid = as_of is None or (record["valid_from"] <= as_of and (valid_to is None or valid_to > as_of))
        if known_at is None:
            return valid and superseded_at is None
        return (
            valid
            and record["recorded_at"] <= known_at
            and (superseded_at is None or superseded_at > known_at)
        )

    with store.write() as session:
        session.execute(delete(Responsibility))
        session.add_all([Responsibility(**record) for record in records])
    with store.read() as session:
        found = responsibilities(session, as_of=as_of, known_at=known_at)
    assert sorted(found["holder_code"]) == [r["holder_code"] for r in records if holds(r)]


def _indicator(year: int, income: float, **more: Any) -> VillageIndicator:
    return VillageIndicator(
        village_code=VILLAGES[0], year=year, income_own_yuan=income, **{**RECORDED, **more}
    )


def test_the_latest_completed_year_counts(county: Store) -> None:
    with county.write() as session:
        session.add_all([_indicator(2023, 1), _indicator(2024, 2), _indicator(2026, 4)])
    with county.read() as session:
        for day, expected in (
            (date(2026, 12, 31), [2024]),
            (date(2027, 1, 1), [2026]),
            (date(2024, 5, 1), [2023]),
            (date(2023, 5, 1), []),
        ):
            assert indicators(session, as_of=day)["year"].tolist() == expected


def test_a_corrected_figure_leaves_what_was_known(county: Store) -> None:
    with county.write() as session:
        session.add(_indicator(2025, 1, superseded_at=LATER))
        session.flush()
        session.add(_indicator(2025, 9, recorded_at=LATER))
    with county.read() as session:
        assert indicators(session, as_of=TODAY)["income_own_yuan"].tolist() == [9]
        assert indicators(session, as_of=TODAY, known_at=NOW)["income_own_yuan"].tolist() == [1]
        assert len(layer_frame(session, "indicators")) == 1


def test_designations_hold_in_their_period(county: Store) -> None:
    with county.write() as session:
        session.add(
            Designation(
                village_code=VILLAGES[0],
                label="weak",
                cause="petitions",
                valid_from=date(2026, 3, 1),
                valid_to=date(2026, 6, 1),
                reason="信访问题多",
                **RECORDED,
            )
        )
    with county.read() as session:
        assert designations(session, as_of=TODAY)["label"].tolist() == ["weak"]
        assert designations(session, as_of=date(2026, 6, 1)).empty
        assert designations(session, known_at=NOW - timedelta(days=1)).empty
        assert designations(session)["valid_to"].tolist() == [date(2026, 6, 1)]


def test_counts_name_every_layer(county: Store) -> None:
    with county.write() as session:
        session.add(_responsibility("H000001", superseded_at=LATER))
    with county.read() as session:
        found = counts(session)
    assert set(found) == set(LAYERS)
    assert (found["cells"], found["households"], found["areas"], found["responsibilities"]) == (16, 40, 2, 0)


def test_the_county_follows_from_its_townships(store: Store) -> None:
    with store.read() as session:
        assert county_code(session) is None
    small_county.load(store)
    with store.read() as session:
        assert county_code(session) == "990101"


def test_settings_can_be_set_and_changed(store: Store) -> None:
    for value in ("yes", "no"):
        with store.write() as session:
            put_setting(session, "sample", value)
    with store.read() as session:
        assert get_setting(session, "sample") == "no"
        assert get_setting(session, "unheard") is None
