"""Undoing changes: everything is as it was, nothing that was known is lost, nothing later is broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.errors import ConflictError
from geo.store.cell_records import create_cells, move_households, reshape_cells, retire_cells
from geo.store.engine import Store
from geo.store.models import AreaMember, CellRecord, GridCell, Household, Responsibility
from geo.store.records import add_records, close_records, lineage_of, records_of
from geo.store.undo import Undone, undo_batch
from tests.store import small_county
from tests.store.small_county import TODAY, TOWNSHIP, VILLAGES
from tests.store.test_cell_records import CELL, DAY, HALF, LATER, cell_of, shapes, split, stated

AFTER = LATER + timedelta(hours=1)


@pytest.fixture
def county(store: Store) -> Store:
    return small_county.load(store)


def undo(store: Store, batch: str, *, hours: int = 1) -> Undone:
    with store.write() as session:
        return undo_batch(session, batch, now=LATER + timedelta(hours=hours), user="head", by=f"undo-{batch}")


def held(target: str, holder: str = "C1", **more: Any) -> pd.DataFrame:
    row = {"kind": "grid_officer", "holder_code": holder, "target_code": target, "valid_from": TODAY}
    return pd.DataFrame([row | {"valid_to": None, "rank": "primary", "reason": None} | more])


def hand_over(session: Session, batch: str, target: str, holder: str, **more: Any) -> None:
    """End what stands on the target on DAY and let another hold it from then on."""
    standing = records_of(session, Responsibility, targets=[target], in_force=True)
    close_records(session, Responsibility, standing["id"].tolist(), now=LATER, batch=batch)
    columns = held(target).columns
    frames = [standing[columns].assign(valid_to=DAY), held(target, holder, valid_from=DAY, **more)]
    add_records(session, Responsibility, pd.concat([f for f in frames if len(f)]), **stated(batch))


def state(session: Session) -> list[Any]:
    cells = session.execute(
        select(GridCell.code, GridCell.name, GridCell.valid_from, GridCell.valid_to).order_by(GridCell.code)
    ).all()
    shapes_now = [cell.geom.desc for cell in session.scalars(select(GridCell).order_by(GridCell.code))]
    homes = session.execute(select(Household.code, Household.cell_code).order_by(Household.code)).all()
    return [[tuple(row) for row in cells], shapes_now, [tuple(row) for row in homes]]


def test_an_undone_split_leaves_cells_and_households_as_they_were(county: Store) -> None:
    with county.read() as session:
        before = state(session)
    with county.write() as session:
        children = split(session)
    done = undo(county, "b1")
    assert done.townships == {TOWNSHIP}
    assert done.closed == {"cell_record": 3, "household_cell": 4, "lineage": 2}
    assert done.restored == {"cell_record": 1, "household_cell": 2}
    with county.read() as session:
        after = state(session)
        for code in children:
            assert cell_of(session, code).valid_from == cell_of(session, code).valid_to == DAY
        kept = [[row for row in after[0] if row[0] not in children], after[2]]
        assert kept == [before[0], before[2]]
        assert lineage_of(session, [CELL]).empty
        assert records_of(session, CellRecord, batch="b1", in_force=True).empty


def test_changes_can_be_undone_one_after_the_other(county: Store) -> None:
    states = []
    for number in range(3):
        with county.write() as session:
            states.append(state(session))
            shape = shapes([CELL], (number * HALF / 2, 0), name=[f"第{number}"])
            reshape_cells(session, shape, on=DAY + timedelta(days=number), **stated(f"b{number}"))
    for number in (2, 1, 0):
        undo(county, f"b{number}", hours=3 - number)
        with county.read() as session:
            assert state(session) == states[number]


def test_a_change_is_undone_only_once(county: Store) -> None:
    with county.write() as session:
        split(session)
        add_records(session, Responsibility, held(VILLAGES[0] + "002"), **stated("b0"))
        standing = records_of(session, Responsibility, batch="b0")["id"].tolist()
        close_records(session, Responsibility, standing, now=LATER, batch="end")
    for batch in ("b1", "end"):
        undo(county, batch)
        with pytest.raises(ConflictError):
            undo(county, batch)
    for batch in ("undo-b1", "undo-end", "never"):
        with pytest.raises(ConflictError, match="撤销"):
            undo(county, batch)


def test_a_later_change_of_the_same_cell_stands_in_the_way(county: Store) -> None:
    with county.write() as session:
        children = split(session)
        reshape_cells(session, shapes([children[0]], (0, HALF)), on=DAY, **stated("b2"))
    with pytest.raises(ConflictError, match=children[0]) as caught:
        undo(county, "b1")
    assert [(one.code, one.user, one.at) for one in caught.value.others] == [
        (children[0], "coordinator", LATER)
    ]
    undo(county, "b2")
    undo(county, "b1", hours=2)


def test_land_that_was_used_since_stands_in_the_way(county: Store) -> None:
    with county.write() as session:
        retire_cells(session, [CELL], on=DAY, **stated("b1"))
        made = shapes([VILLAGES[0] + "005"], (0, 0), village_code=VILLAGES[0])
        create_cells(session, made, on=DAY, **stated("b2"))
    with pytest.raises(ConflictError, match=VILLAGES[0] + "005"):
        undo(county, "b1")
    undo(county, "b2")
    undo(county, "b1")


def test_a_change_elsewhere_in_the_village_does_not(county: Store) -> None:
    with county.write() as session:
        split(session)
        retire_cells(session, [VILLAGES[0] + "002"], on=DAY, **stated("b2"))
    assert undo(county, "b1").closed["cell_record"] == 3


def test_an_edit_in_qgis_stands_in_the_way(county: Store) -> None:
    with county.write() as session:
        reshape_cells(session, shapes([CELL], (0, 0)), on=DAY, **stated("b1"))
        moves = pd.DataFrame({"household_code": ["H000000"], "cell_code": [VILLAGES[0] + "002"]})
        move_households(session, moves, on=DAY, **stated("b2"))
    with county.write() as session:
        session.execute(text("UPDATE grid_cell SET name = '改' WHERE code = :code"), {"code": CELL})
        session.execute(text("UPDATE household SET cell_code = NULL WHERE code = 'H000000'"))
    for batch, code in (("b1", CELL), ("b2", "H000000")):
        with pytest.raises(ConflictError, match=code):
            undo(county, batch)


def test_nobody_is_left_in_a_cell_that_never_was(county: Store) -> None:
    with county.write() as session:
        children = split(session)
    with county.write() as session:
        add_records(session, Responsibility, held(children[0]), **stated("b2"))
        session.execute(
            text("UPDATE household SET cell_code = :code WHERE code = 'H000003'"), {"code": children[1]}
        )
    with pytest.raises(ConflictError, match=children[0]):
        undo(county, "b1")
    undo(county, "b2")
    with pytest.raises(ConflictError, match="H000003"):
        undo(county, "b1")


def test_two_primary_officers_never_come_from_undoing(county: Store) -> None:
    with county.write() as session:
        add_records(session, Responsibility, held(CELL), **stated("b0"))
        standing = records_of(session, Responsibility, targets=[CELL])["id"].tolist()
        close_records(session, Responsibility, standing, now=LATER, batch="end")
        ended = held(CELL, valid_to=DAY)
        add_records(session, Responsibility, ended, **stated("end"))
        add_records(session, Responsibility, held(CELL, "C2", valid_from=DAY), **stated("next"))
        add_records(session, Responsibility, held(CELL, "C2", rank="assistant"), **stated("help"))
    with pytest.raises(ConflictError, match=CELL):
        undo(county, "end")
    undo(county, "next")
    undo(county, "end")
    with county.read() as session:
        found = records_of(session, Responsibility, targets=[CELL], in_force=True)
        assert sorted(zip(found["holder_code"], found["batch"], strict=True)) == [
            ("C1", "b0"),
            ("C2", "help"),
        ]


def test_a_contest_that_was_resolved_comes_back_as_it_was(county: Store) -> None:
    with county.write() as session:
        for holder in ("C1", "C2"):
            add_records(session, Responsibility, held(CELL, holder), **stated(f"import-{holder}"))
        hand_over(session, "b1", CELL, "C9")
    undo(county, "b1")
    with county.read() as session:
        found = records_of(session, Responsibility, targets=[CELL], in_force=True)
        assert found["holder_code"].tolist() == ["C1", "C2"]


def test_no_officer_comes_back_to_a_cell_retired_since(county: Store) -> None:
    with county.write() as session:
        add_records(session, Responsibility, held(CELL), **stated("b0"))
        standing = records_of(session, Responsibility, targets=[CELL])["id"].tolist()
        close_records(session, Responsibility, standing, now=LATER, batch="end")
        retire_cells(session, [CELL], on=DAY, **stated("retire", AFTER))
    with pytest.raises(ConflictError, match=CELL):
        undo(county, "end")
    undo(county, "retire", hours=2)
    undo(county, "end", hours=3)


def test_an_area_gets_no_village_twice(county: Store) -> None:
    with county.write() as session:
        session.execute(text("INSERT INTO area (code, name, version) VALUES ('A1', '东片', 1)"))
        pair = pd.DataFrame({"area_code": ["A1"], "village_code": [VILLAGES[0]]})
        add_records(session, AreaMember, pair, **stated("b0"))
        ids = records_of(session, AreaMember, batch="b0")["id"].tolist()
        close_records(session, AreaMember, ids, now=LATER, batch="out")
        add_records(session, AreaMember, pair, **stated("in", AFTER))
    with pytest.raises(ConflictError, match="A1"):
        undo(county, "out", hours=2)
    undo(county, "in", hours=3)
    assert undo(county, "out", hours=4).restored == {"area_member": 1}
