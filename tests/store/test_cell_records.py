"""Cells and households' cells over time: what an operation leaves behind, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, box
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.crs import STORED_CRS
from geo.errors import ConflictError, InputError, RuleError
from geo.store.cell_records import (
    create_cells,
    move_households,
    record_lineage,
    reshape_cells,
    retire_cells,
)
from geo.store.engine import Store
from geo.store.models import CellRecord, GridCell, Household, HouseholdCell, Responsibility
from geo.store.records import (
    add_records,
    close_records,
    history_of,
    lineage_of,
    lock_writers,
    new_batch,
    records_of,
    used_cell_codes,
)
from tests.store import small_county
from tests.store.small_county import NOW, SIDE, SOUTH, TODAY, VILLAGES, WEST

CELL = VILLAGES[0] + "001"
LATER = NOW + timedelta(days=1)
DAY = date(2026, 5, 2)
HALF = SIDE / 4


@pytest.fixture
def county(store: Store) -> Store:
    return small_county.load(store)


def shapes(codes: list[str], *corners: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Quarter squares of the first cell, each at its corner."""
    made = [MultiPolygon([box(WEST + x, SOUTH + y, WEST + x + HALF, SOUTH + y + HALF)]) for x, y in corners]
    return gpd.GeoDataFrame({"code": codes, **columns}, geometry=made, crs=STORED_CRS)


def stated(batch: str, now: datetime = LATER) -> dict[str, Any]:
    return {"now": now, "user": "coordinator", "batch": batch}


def split(session: Session, batch: str = "b1", *, on: date = DAY, now: datetime = LATER) -> list[str]:
    """Retire the first cell for two new ones, and move a household into the first of them."""
    codes = [VILLAGES[0] + "005", VILLAGES[0] + "006"]
    made = shapes(codes, (0, 0), (HALF, 0), village_code=VILLAGES[0], name=["东", None])
    create_cells(session, made, on=on, **stated(batch, now))
    retire_cells(session, [CELL], on=on, **stated(batch, now))
    pairs = pd.DataFrame({"parent_code": CELL, "child_code": codes})
    record_lineage(session, pairs, event="split", on=on, **stated(batch, now))
    moves = pd.DataFrame({"household_code": ["H000000", "H000001"], "cell_code": codes})
    assert move_households(session, moves, on=on, **stated(batch, now)) == 2
    return codes


def cell_of(session: Session, code: str) -> GridCell:
    return session.scalars(select(GridCell).where(GridCell.code == code)).one()


def test_a_split_leaves_every_former_state(county: Store) -> None:
    with county.write() as session:
        children = split(session)
    with county.read() as session:
        assert cell_of(session, CELL).valid_to == DAY
        assert cell_of(session, children[0]).valid_from == DAY
        assert cell_of(session, children[0]).recorded_at == LATER
        kept = records_of(session, CellRecord, targets=[CELL])
        assert kept["valid_to"].tolist() == [None, DAY]
        assert kept["current"].tolist() == [False, True]
        assert kept["closed_by"].fillna("").tolist() == ["b1", ""]
        assert kept["recorded_at"].dt.year.tolist() == [2000, 2026]
        assert len(records_of(session, CellRecord, batch="b1")) == 3
        assert lineage_of(session, [children[0]])["parent_code"].tolist() == [CELL]
        assert sorted(lineage_of(session, [CELL])["child_code"]) == children
        assert used_cell_codes(session, VILLAGES[0])[-2:] == children
        homes = session.execute(select(Household.code, Household.cell_code).order_by(Household.code)).all()
        assert [tuple(row) for row in homes[:2]] == [("H000000", children[0]), ("H000001", children[1])]
        memberships = records_of(session, HouseholdCell, targets=["H000000"])
        assert memberships["cell_code"].fillna("").tolist() == ["", "", children[0]]
        assert memberships["valid_to"].tolist() == [None, DAY, None]


def test_a_redrawn_cell_keeps_its_former_shape_until_the_day(county: Store) -> None:
    with county.write() as session:
        reshape_cells(session, shapes([CELL], (0, 0), name=["新"]), on=DAY, **stated("b1"))
    with county.read() as session:
        kept = records_of(session, CellRecord, targets=[CELL], in_force=True)
        assert kept["valid_from"].tolist() == [None, DAY]
        assert shapely.area(kept.geometry.to_numpy()).tolist() == [(SIDE / 2) ** 2, HALF**2]
        assert (cell_of(session, CELL).name, cell_of(session, CELL).valid_from) == ("新", DAY)


def test_a_second_change_on_the_same_day_replaces_the_first(county: Store) -> None:
    with county.write() as session:
        reshape_cells(session, shapes([CELL], (0, 0)), on=DAY, **stated("b1"))
        reshape_cells(session, shapes([CELL], (HALF, 0)), on=DAY, **stated("b2"))
    with county.read() as session:
        kept = records_of(session, CellRecord, targets=[CELL], in_force=True)
        assert kept["batch"].tolist() == ["b1", "b2"]
        assert kept["valid_from"].tolist() == [None, DAY]


@pytest.mark.parametrize("earlier", [DAY - timedelta(days=1), TODAY - timedelta(days=400)])
def test_the_past_of_a_shape_cannot_be_changed(county: Store, earlier: date) -> None:
    with county.write() as session:
        children = split(session)
    for act in (retire_cells, lambda s, codes, **more: reshape_cells(s, shapes(codes, (0, 0)), **more)):
        with pytest.raises(RuleError, match="2026-05-02"), county.write() as session:
            act(session, [children[0]], on=earlier, **stated("b2"))
    with pytest.raises(RuleError, match="停用"), county.write() as session:
        retire_cells(session, [CELL], on=DAY, **stated("b2"))
    moves = pd.DataFrame({"household_code": ["H000000"], "cell_code": [None]})
    with pytest.raises(RuleError), county.write() as session:
        move_households(session, moves, on=earlier, **stated("b2"))


def test_unknown_and_taken_codes_are_refused(county: Store) -> None:
    with pytest.raises(InputError), county.write() as session:
        retire_cells(session, [VILLAGES[0] + "999"], on=DAY, **stated("b1"))
    with pytest.raises(RuleError, match="用过"), county.write() as session:
        create_cells(session, shapes([CELL], (0, 0), village_code=VILLAGES[0]), on=DAY, **stated("b1"))


def test_what_qgis_edited_is_recorded_before_the_next_change(county: Store) -> None:
    with county.write() as session:
        reshape_cells(session, shapes([CELL], (0, 0)), on=DAY, **stated("b1"))
    with county.write() as session:
        session.execute(text("UPDATE grid_cell SET name = '改名' WHERE code = :code"), {"code": CELL})
        retire_cells(session, [CELL], on=DAY + timedelta(days=5), **stated("b2", LATER + timedelta(days=1)))
    with county.read() as session:
        kept = records_of(session, CellRecord, targets=[CELL])
        edited = kept[kept["name"] == "改名"]
        assert edited["batch"].fillna("").tolist() == ["", "b2"]
        assert edited["recorded_at"].tolist()[0].to_pydatetime() == LATER
        assert kept["closed_by"].fillna("").tolist() == ["b1", "", "", "b2", ""]


def test_a_household_that_stays_is_not_recorded(county: Store) -> None:
    moves = pd.DataFrame({"household_code": ["H000001"], "cell_code": [None]})
    with county.write() as session:
        assert move_households(session, moves, on=DAY, **stated("b1")) == 0
        assert move_households(session, moves.iloc[:0], on=DAY, **stated("b1")) == 0
    with county.read() as session:
        assert records_of(session, HouseholdCell)["valid_to"].tolist() == []


def _held(target: str, **more: Any) -> pd.DataFrame:
    row = {"kind": "grid_officer", "holder_code": "C1", "target_code": target, "valid_from": TODAY}
    return pd.DataFrame([row | {"valid_to": None, "rank": "primary", "reason": "试"} | more])


def test_records_are_closed_once_and_stay_readable(county: Store) -> None:
    with county.write() as session:
        lock_writers(session)
        add_records(session, Responsibility, _held(CELL), **stated("b1"))
    with county.write() as session:
        ids = records_of(session, Responsibility, targets=[CELL], in_force=True)["id"].tolist()
        close_records(session, Responsibility, ids, now=LATER, batch="b2")
    with pytest.raises(ConflictError), county.write() as session:
        close_records(session, Responsibility, ids, now=LATER, batch="b3")
    with county.read() as session:
        assert records_of(session, Responsibility, closed_by="b2")["id"].tolist() == ids
        assert records_of(session, Responsibility, ids=ids)["batch"].tolist() == ["b1"]
        assert records_of(session, Responsibility, targets=[]).empty
        for code in (CELL, "C1"):
            history = history_of(session, code)
            assert history["closed_by"].tolist() == ["b2"]
        assert history_of(session, "nobody").empty


def test_batches_are_unique_and_in_the_order_of_time() -> None:
    made = [new_batch("assign_responsibilities", now=NOW + timedelta(seconds=n)) for n in range(3)]
    assert made == sorted(made)
    assert max(map(len, made)) <= 40
    assert new_batch("x", now=NOW) != new_batch("x", now=NOW)
