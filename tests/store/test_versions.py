"""Version counters: of rows and of whole layers."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.store.engine import Store
from geo.store.models import Account, Unit
from geo.store.versions import bump, data_version, layer_versions
from tests.store import small_county


def _version(session: Session) -> int:
    return session.scalars(select(Unit.version).where(Unit.code == "U1")).one()


def test_every_change_of_a_row_is_counted_once(store: Store) -> None:
    small_county.load(store)
    with store.write() as session:
        session.scalars(select(Unit).where(Unit.code == "U1")).one().name = "甲"
    with store.write() as session:
        session.execute(text("UPDATE unit SET name = '乙' WHERE code = 'U1'"))
        assert _version(session) == 3


def test_a_change_of_one_row_leaves_the_others(store: Store) -> None:
    small_county.load(store)
    with store.write() as session:
        session.execute(text("UPDATE unit SET name = '乙' WHERE code = 'U2'"))
        assert _version(session) == 1


def test_accounts_are_versioned_too(store: Store) -> None:
    with store.write() as session:
        session.add(Account(user="a", role="leader", scopes=["990101101"], password_hash="x"))
    with store.write() as session:
        session.execute(text("UPDATE account SET disabled = true"))
        account = session.scalars(select(Account)).one()
        assert (account.version, account.scopes, account.disabled) == (2, ["990101101"], True)


def test_bumping_counts_each_township_of_a_layer(store: Store) -> None:
    with store.read() as session:
        assert data_version(session) == 0
        assert layer_versions(session, ["cells"]) == {}
    with store.write() as session:
        bump(session, "cells", ["990101101", "990101102", "990101101"])
        bump(session, "cells", {"990101101"})
        bump(session, "units", [""])
        bump(session, "units", [])
    with store.read() as session:
        assert layer_versions(session, ["cells"]) == {("cells", "990101101"): 2, ("cells", "990101102"): 1}
        assert layer_versions(session, ["units", "areas"]) == {("units", ""): 1}
        assert data_version(session) == 4


def test_edits_made_elsewhere_are_counted_where_they_lie(store: Store) -> None:
    small_county.load(store)
    layers = ["townships", "villages", "cells", "households", "cadres"]
    own, other = small_county.TOWNSHIP, "990101102"
    cell = small_county.VILLAGES[0] + "901"
    edits = {
        "UPDATE village SET name = '甲'": {("villages", own)},
        f"INSERT INTO township (code, name) VALUES ('{other}', '乙')": {("townships", other)},
        f"UPDATE village SET township_code = '{other}' WHERE code LIKE '%004'": {
            ("villages", own),
            ("villages", other),
        },
        f"INSERT INTO grid_cell (code, village_code) VALUES ('{cell}', '{cell[:12]}')": {("cells", own)},
        f"DELETE FROM grid_cell WHERE code = '{cell}'": {("cells", own)},
        "UPDATE household SET people = 9": {("households", own)},
        "UPDATE cadre SET name = '丙'": {("cadres", "")},
    }
    for edit, expected in edits.items():
        with store.write() as session:
            before = layer_versions(session, layers)
            session.execute(text(edit))
            after = layer_versions(session, layers)
        assert {key for key in after if after[key] != before.get(key)} == expected, edit
