"""What is shown of registers and their entries, and personal data: masked, shown for a reason, erased."""

import json

import pytest
from sqlalchemy import select

from geo.access import Actor
from geo.answers.register import MASK, entry, register_table
from geo.errors import (
    InputError,
    PermissionError_,
)
from geo.operations.registry import add_entry, correct_entry
from geo.operations.unmask import erase_personal, unmask
from geo.store.models import Audit, Change
from geo.store.register import entry_row
from geo.vocabulary import Role
from tests.registers import (
    COORDINATOR,
    DEPARTMENT,
    FIX,
    NOW,
    OTHER,
    OWN,
    TODAY,
    WHEN,
    a_household,
    a_place,
    a_village,
    an_officer,
    new_values,
)


@pytest.fixture
def store(county_store_copy):
    return county_store_copy


def test_personal_fields_are_masked_until_asked_for_with_a_reason(store):
    household = a_household(store)
    shown = entry(store, COORDINATOR, "households", household["code"], today=TODAY)
    assert (shown.values["head_name"], shown.values["hardship"]) == (MASK, MASK)
    assert shown.may_unmask
    listed = register_table(store, COORDINATOR, "households", as_of=TODAY, text=household["code"])
    assert set(listed["head_name"]) | set(listed["phone"]) == {MASK}
    told = unmask(store, COORDINATOR, household["code"], ["head_name"], reason="入户走访", now=NOW)
    assert told == {"head_name": household["head_name"]}
    with store.read() as session:
        noted = session.scalars(select(Audit).where(Audit.action == "personal.unmask")).one()
    assert (noted.subject, noted.reason, noted.after["fields"]) == (
        household["code"],
        "入户走访",
        ["head_name"],
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("township", [OWN, OTHER])
def test_who_may_unmask(store, role, township):
    scopes = {Role.COORDINATOR: {OWN}, Role.RESIDENT_CADRE: {a_village(store)["code"]}}.get(role, {""})
    actor, code = Actor("a", role, frozenset(scopes)), a_household(store, township)["code"]
    allowed = role is Role.DEPARTMENT or (township == OWN and role in (Role.COORDINATOR, Role.RESIDENT_CADRE))
    if allowed:
        assert unmask(store, actor, code, reason="走访", now=NOW)["head_name"]
        return
    with pytest.raises(PermissionError_):
        unmask(store, actor, code, reason="走访", now=NOW)


def test_a_field_that_is_not_personal_is_not_unmasked(store):
    with pytest.raises(InputError, match="people"):
        unmask(store, DEPARTMENT, a_household(store)["code"], ["people"], reason="走访", now=NOW)


def test_a_residents_data_are_erased_by_the_department_alone(store):
    code = a_household(store)["code"]
    with pytest.raises(PermissionError_):
        erase_personal(store, COORDINATOR, code, now=NOW, reason="本人申请")
    erase_personal(store, DEPARTMENT, code, now=NOW, reason="本人申请")
    with store.read() as session:
        row = entry_row(session, "households", code)
    assert (row.values["head_name"], row.values["phone"], row.values["hardship"]) == (None, None, False)
    assert row.values["geometry"] is not None


def test_no_personal_value_reaches_audit_or_changes(store):
    household, point = a_household(store), a_place(store)
    secret = {"head_name": "甲乙丙", "phone": "19900001111", "hardship": True}
    place = {"lon": point.x, "lat": point.y}
    correct_entry(store, COORDINATOR, "households", household["code"], secret | place, version=1, **FIX)
    values = new_values(store, "households") | secret
    add_entry(store, COORDINATOR, "households", values, **WHEN)
    erase_personal(store, DEPARTMENT, household["code"], now=NOW, reason="本人申请")
    with store.read() as session:
        audit = session.execute(select(Audit.before, Audit.after).where(Audit.at == NOW)).all()
        changes = session.execute(select(Change.summary, Change.request)).all()
    written = json.dumps([[*row] for row in [*audit, *changes]], ensure_ascii=False, default=str)
    assert "head_name" in written
    for value in (household["head_name"], household["phone"], "甲乙丙", "19900001111", f"{point.x:.5f}"):
        assert value not in written


def test_the_history_says_who_when_why_and_which_fields(store):
    code = an_officer(store)
    correct_entry(store, COORDINATOR, "cadres", code, {"duty": "甲", "phone": "1"}, version=1, **FIX)
    shown = entry(store, COORDINATOR, "cadres", code, today=TODAY)
    row = shown.history.iloc[0]
    assert (row["user"], row["action"], row["reason"]) == ("coordinator", "更正", "核实更正")
    assert row["fields"] == "职务、电话"
    assert set(shown.holdings["role"]) == {"holder"}
    assert shown.may_write


def test_roles_without_the_right_see_no_single_household(store):
    leader = Actor("leader", Role.LEADER)
    with pytest.raises(PermissionError_):
        register_table(store, leader, "households", as_of=TODAY)
    with pytest.raises(PermissionError_):
        entry(store, leader, "households", a_household(store)["code"], today=TODAY)
    assert not entry(store, leader, "cadres", an_officer(store), today=TODAY).may_write


def test_a_table_shows_ones_own_territory_only(store):
    for layer in ("households", "groups", "branches"):
        shown = register_table(store, COORDINATOR, layer, as_of=TODAY)
        assert len(shown)
        assert shown["village_code"].str.startswith(OWN).all()
    with pytest.raises(PermissionError_):
        register_table(store, COORDINATOR, "households", as_of=TODAY, township=OTHER)
    with pytest.raises(PermissionError_):
        entry(store, COORDINATOR, "households", a_household(store, OTHER)["code"], today=TODAY)


def test_a_table_is_searched_and_cut(store):
    names = register_table(store, DEPARTMENT, "units", as_of=TODAY, text="办公室")
    assert len(names)
    assert names["name"].str.contains("办公室").all()
    assert len(register_table(store, DEPARTMENT, "households", as_of=TODAY, limit=7)) == 7
    # A personal field is not to be found by guessing it.
    head = a_household(store)["head_name"]
    assert register_table(store, DEPARTMENT, "households", as_of=TODAY, text=head).empty
