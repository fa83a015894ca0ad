"""Approval, imports, forms, locks and the audit, gone at in ways that no page offers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import text

from geo.access import SYSTEM
from geo.answers.place import what_is_here
from geo.errors import AppError, PermissionError_, RuleError, TransitionError
from geo.operations.accounts import (
    change_account,
    disable_account,
    set_password,
    stop_viewing,
)
from geo.operations.journal import approve, set_approval, undo_last
from geo.operations.load import import_file
from geo.operations.locks import lock_of, release_lock, take_lock
from geo.operations.registry import add_entry, correct_entry
from geo.store.audit import verify
from geo.store.engine import Store
from geo.store.models import Change
from geo.vocabulary import Role
from tests.security.accounts import PASSWORD
from tests.security.crafted import (
    COORDINATOR,
    DEPARTMENT,
    LOOKING,
    assigning,
    drawn,
    put,
)
from tests.security.matrix_county import (
    NOW,
    OTHER,
    OTHER_TOWNSHIP,
    OWN,
    OWN_TOWNSHIP,
    SISTER,
    TODAY,
    actor_of,
    assistant,
    cell_of,
    fingerprint,
    home_of,
    leaked,
    said,
    square,
)


@pytest.fixture
def county(crafted_county: Store) -> Store:
    return crafted_county


def waiting(store, request=None):
    set_approval(store, DEPARTMENT, OWN_TOWNSHIP, True, now=NOW, reason="换届")
    return put(store, request or assistant(OWN, f"k-{OWN}")).code


def test_a_change_that_waits_is_approved_by_another(county):
    code = waiting(county)
    made = replace(COORDINATOR, role=Role.DEPARTMENT, scopes=frozenset({""}))
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_, match="本人"):
        approve(county, made, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before
    assert approve(county, DEPARTMENT, code, now=NOW, today=TODAY).state == "applied"
    with pytest.raises(TransitionError):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)


def test_whoever_lost_the_township_gets_nothing_approved(county):
    code = waiting(county)
    _move(county, "coordinator", [OTHER_TOWNSHIP])
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def _move(store, user, scopes):
    from geo.answers.accounts import account_table

    version = int(account_table(store, SYSTEM).set_index("user").loc[user, "version"])
    change_account(
        store,
        DEPARTMENT,
        user=user,
        role=Role.COORDINATOR,
        scopes=scopes,
        version=version,
        now=NOW,
        reason="调岗",
    )


def test_whoever_was_closed_gets_nothing_approved(county):
    code = waiting(county)
    disable_account(county, DEPARTMENT, user="coordinator", now=NOW, reason="离职")
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_, match="停用"):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def test_a_waiting_change_that_was_edited_is_checked_again(county):
    code = waiting(county)
    with county.write() as session:
        change = session.query(Change).filter_by(code=code).one()
        edited = assistant(OTHER, f"k-{OWN}").document()
        change.request = {**change.request, **edited}
    before = fingerprint(county.path)
    with pytest.raises(AppError):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def test_approval_is_not_gone_round(county, tmp_path):
    set_approval(county, DEPARTMENT, OWN_TOWNSHIP, True, now=NOW, reason="换届")
    before = fingerprint(county.path)
    rows = pd.DataFrame([("grid_officer", "o-free", cell_of(OWN), "2026-05-01")])
    rows.columns = ["kind", "holder_code", "target_code", "valid_from"]
    rows.to_csv(tmp_path / "r.csv", index=False)
    with pytest.raises(RuleError, match="批准"):
        import_file(county, COORDINATOR, tmp_path / "r.csv", "responsibilities", now=NOW)
    with pytest.raises(RuleError, match="批准"):
        import_file(county, actor_of("whole"), tmp_path / "r.csv", "responsibilities", now=NOW)
    assert fingerprint(county.path) == before
    assert import_file(county, DEPARTMENT, tmp_path / "r.csv", "responsibilities", now=NOW).written


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        ("households", {"code": home_of(OTHER), "village_code": OWN, "people": 9}),
        ("groups", {"code": f"{OTHER}01", "name": "夺来的组", "village_code": OWN}),
        ("branches", {"code": f"b-{OTHER}", "name": "夺来的支部", "village_code": OWN}),
        ("areas", {"code": "a-both", "name": "夺来的片", "village_codes": OWN}),
        ("cadres", {"code": f"o-{OTHER}", "name": "改名"}),
        ("units", {"code": "u1", "name": "改名局"}),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_pulls_nothing_over(county, tmp_path, layer, row, dry_run):
    before = fingerprint(county.path)
    pd.DataFrame([row]).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(PermissionError_) as caught:
        import_file(county, COORDINATOR, tmp_path / "rows.csv", layer, now=NOW, dry_run=dry_run)
    assert leaked(said(caught.value), [OTHER]) == []
    assert fingerprint(county.path) == before


@pytest.mark.parametrize("user", ["leader", "resident", "auditor"])
def test_who_writes_nothing_is_told_nothing_of_a_file(county, tmp_path, user):
    pd.DataFrame([{"code": "x", "village_code": "nowhere"}]).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(PermissionError_):
        import_file(county, actor_of(user), tmp_path / "rows.csv", "households", now=NOW, dry_run=True)


def test_a_form_pulls_nobody_over(county):
    stated = {"now": NOW, "reason": "核对"}
    before = fingerprint(county.path)
    for values in ({"village_code": OTHER}, {"village_code": OTHER, "cell_code": cell_of(OTHER)}):
        with pytest.raises(AppError):
            correct_entry(county, COORDINATOR, "households", home_of(OWN), values, version=1, **stated)
    for code in (home_of(OTHER),):
        with pytest.raises(PermissionError_) as caught:
            correct_entry(county, COORDINATOR, "households", code, {"village_code": OWN}, version=1, **stated)
        assert leaked(said(caught.value), [OTHER], given=[code]) == []
    with pytest.raises(AppError):
        correct_entry(
            county,
            COORDINATOR,
            "households",
            home_of(OWN),
            {"cell_code": cell_of(OTHER)},
            version=1,
            **stated,
        )
    with pytest.raises(AppError):
        add_entry(
            county,
            COORDINATOR,
            "households",
            {"code": home_of(OTHER), "village_code": OWN},
            today=TODAY,
            **stated,
        )
    assert fingerprint(county.path) == before


def test_households_beyond_the_border_are_not_counted(county):
    """Next to the border 'households near' would count the neighbours one by one."""
    beyond = square(OTHER, 0.01, 0.3, 0.01, 0.3).centroid
    values = {"village_code": OTHER, "lon": beyond.x, "lat": beyond.y}
    add_entry(county, DEPARTMENT, "households", values, now=NOW, today=TODAY, reason="迁入")
    here = square(SISTER, 0.99, 0.3, 0.99, 0.3).centroid
    near = what_is_here(county, COORDINATOR, here.x, here.y, as_of=TODAY)
    everything = what_is_here(county, DEPARTMENT, here.x, here.y, as_of=TODAY)
    assert near.village_code == SISTER
    assert (near.households_near, everything.households_near) == (0, 1)


def test_who_works_on_what_lies_partly_in_sight(county):
    take_lock(county, DEPARTMENT, "a-both", now=NOW, minutes=5)
    for user in ("coordinator", "neighbour"):
        found = lock_of(county, actor_of(user), "a-both", now=NOW)
        assert found is not None
        assert found.user == "department"


def test_somebody_elses_lock_stays_when_looking_as_them(county):
    mine = take_lock(county, COORDINATOR, cell_of(OWN), now=NOW, minutes=5)
    before = fingerprint(county.path)
    for attempt in (
        lambda: release_lock(county, LOOKING, cell_of(OWN)),
        lambda: undo_last(county, LOOKING, now=NOW),
        lambda: set_password(county, LOOKING, user="coordinator", password=PASSWORD, now=NOW),
        lambda: stop_viewing(county, LOOKING, user="coordinator", now=NOW),
    ):
        with pytest.raises(PermissionError_):
            attempt()
    assert fingerprint(county.path) == before
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) == mine
    release_lock(county, actor_of("neighbour"), cell_of(OWN))
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) == mine
    release_lock(county, COORDINATOR, cell_of(OWN))
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) is None


def test_ones_own_change_and_password(county):
    put(county, assigning(cell_of(OWN)))
    assert undo_last(county, COORDINATOR, now=NOW).state == "undone"
    set_password(county, COORDINATOR, user="coordinator", password="quiet water runs", now=NOW)
    stop_viewing(county, DEPARTMENT, user="coordinator", now=NOW)
    with pytest.raises(PermissionError_):
        set_password(county, COORDINATOR, user="neighbour", password=PASSWORD, now=NOW)


TAMPERING = {
    "a row's action": "UPDATE audit SET action = 'assigned' WHERE id = {id}",
    "a row's before": "UPDATE audit SET before = NULL WHERE id = {id}",
    "a row's after": "UPDATE audit SET after = '{{}}' WHERE id = {id}",
    "a row's reason": "UPDATE audit SET reason = 'other' WHERE id = {id}",
    "a row's user": "UPDATE audit SET user = 'neighbour' WHERE id = {id}",
    "a row gone": "DELETE FROM audit WHERE id = {id}",
    "the end cut off": "DELETE FROM audit WHERE id >= {id}",
    "the last row gone": "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
    "the head": "UPDATE setting SET value = 'f' WHERE key = 'audit_head'",
    "the head gone": "DELETE FROM setting WHERE key = 'audit_head'",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_tampering_with_the_audit_of_changes_is_found(county, statement):
    done = put(county, assigning(cell_of(OWN)))
    put(county, drawn("retire", OWN, codes=(cell_of(OWN, 2),)))
    with county.read() as session:
        assert verify(session).is_whole
        row = session.execute(text("SELECT id FROM audit WHERE subject = :code"), {"code": done.code})
        number = row.scalar_one()
    with county.write() as session:
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            if "audit" in name:
                session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text(statement.format(id=number)))
    with county.read() as session:
        assert not verify(session).is_whole
