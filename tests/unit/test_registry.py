"""Registers entry by entry: rules, permission, dates, conflicts, what ends."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from geo.access import Actor
from geo.answers.register import entry, may_add, proposed_code, register_table
from geo.errors import (
    CodeError,
    ConfirmationNeeded,
    ConflictError,
    InputError,
    PermissionError_,
    RuleError,
    TransitionError,
)
from geo.operations.journal import set_approval, undo, undo_last
from geo.operations.registry import add_entry, correct_entry, retire_entry
from geo.operations.unmask import unmask
from geo.store.audit import verify
from geo.store.models import Change, Household, HouseholdCell
from geo.store.queries import area_villages, layer_frame, responsibilities
from geo.store.register import REGISTERS, entry_row, free_code
from geo.store.versions import layer_versions
from geo.vocabulary import Role
from tests.registers import (
    COORDINATOR,
    DEPARTMENT,
    FIX,
    LEAVE,
    NOW,
    OTHER,
    OWN,
    TODAY,
    WHEN,
    a_household,
    a_place,
    an_officer,
    frame_of,
    held_by,
    new_values,
)


@pytest.fixture
def store(county_store_copy):
    return county_store_copy


@pytest.mark.parametrize("layer", REGISTERS)
def test_an_entry_is_added_and_comes_into_use_today(store, layer):
    proposed = proposed_code(
        store, DEPARTMENT, layer, village_code=new_values(store, layer).get("village_code", "")
    )
    done = add_entry(store, DEPARTMENT, layer, new_values(store, layer), **WHEN)
    assert done.code == proposed
    shown = register_table(store, DEPARTMENT, layer, as_of=TODAY, text=done.code)
    assert shown["code"].tolist() == [done.code]
    earlier = register_table(store, DEPARTMENT, layer, as_of=date(2026, 4, 30), text=done.code)
    assert earlier.empty
    with store.read() as session:
        row = entry_row(session, layer, done.code)
        change = session.scalars(select(Change)).one()
        assert verify(session).is_whole
    assert row.valid_from == TODAY
    assert (change.code, change.action, change.user) == (done.batch, "register.add", "department")


@pytest.mark.parametrize(
    ("layer", "changed", "said"),
    [
        ("cadres", {"name": None}, "缺少姓名"),
        ("cadres", {"level": "海外"}, "不在可选值"),
        ("cadres", {"unit_code": "U777777"}, "没有单位"),
        ("cadres", {"phone": "1" * 21}, "超过 20"),
        ("cadres", {"duty": "11010519491231002X"}, "身份证"),
        ("cadres", {"lat": None}, "只填了一个"),
        ("cadres", {"lon": 10.0, "lat": 20.0}, "经度和纬度"),
        ("households", {"people": -1}, "应在 0"),
        ("households", {"village_code": "990101101999"}, "没有村"),
        ("households", {"cell_code": "990101100001001"}, "没有网格"),
        ("areas", {"village_codes": ""}, "缺少所辖村代码"),
        ("groups", {"code": "a b"}, "只能由"),
    ],
)
def test_an_entry_passes_the_checks_of_import(store, layer, changed, said):
    with pytest.raises(InputError, match=said):
        add_entry(store, DEPARTMENT, layer, new_values(store, layer) | changed, **WHEN)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == 0


def test_a_code_is_given_once_even_after_retirement(store):
    code = add_entry(store, DEPARTMENT, "units", {"name": "甲局"}, **WHEN).code
    with pytest.raises(RuleError, match="已存在"):
        add_entry(store, DEPARTMENT, "units", {"code": code, "name": "乙局"}, **WHEN)
    later = date(2026, 6, 1)
    retire_entry(store, DEPARTMENT, "units", code, on=later, now=NOW, today=TODAY, reason="撤并")
    with pytest.raises(RuleError, match="已存在") as refusal:
        add_entry(store, DEPARTMENT, "units", {"code": code, "name": "乙局"}, **WHEN)
    assert "不再分配" in refusal.value.hint
    with pytest.raises(InputError, match="已是单位的代码"):
        add_entry(store, DEPARTMENT, "cadres", {"code": code, "name": "丙"}, **WHEN)


def test_a_free_code_follows_the_highest_of_the_usual_length(store):
    with store.read() as session:
        assert free_code(session, "groups", village_code="990101101299") == "99010110129901"
        highest = max(frame_of(store, "cadres")["code"])
        assert free_code(session, "cadres") == f"C{int(highest[1:]) + 1:06d}"


def test_a_new_household_gets_the_cell_it_stands_in(store):
    done = add_entry(store, COORDINATOR, "households", new_values(store, "households"), **WHEN)
    with store.read() as session:
        row = entry_row(session, "households", done.code)
        cells = layer_frame(session, "cells").set_index("code").geometry
    assert cells[row.values["cell_code"]].intersects(row.values["geometry"])


# Who may add: the entry is the coordinator's own of `_values`, changed so.
ADDS = [
    ("households", {}, True),
    ("households", {"village_code": f"{OTHER}201", "lon": None, "lat": None}, False),
    ("groups", {}, True),
    ("groups", {"village_code": f"{OTHER}201"}, False),
    ("branches", {}, True),
    ("branches", {"village_code": f"{OTHER}201"}, False),
    ("branches", {"village_code": None}, False),
    ("areas", {}, False),
    ("units", {}, False),
    ("cadres", {}, True),
    ("cadres", {"level": "county"}, False),
    ("cadres", {"unit_code": "U8101"}, True),
    ("cadres", {"unit_code": "U8100"}, False),
    ("cadres", {"unit_code": "U0001"}, False),
    ("cadres", {"unit_code": "U8101", "lon": None, "lat": None}, True),
    ("cadres", {"lon": None, "lat": None}, False),
]


@pytest.mark.parametrize(("layer", "changed", "allowed"), ADDS)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_add_what(store, role, layer, changed, allowed):
    whole = role is not Role.COORDINATOR
    actor = Actor("a", role, frozenset({"" if whole else OWN}))
    may = role is Role.DEPARTMENT or (role is Role.COORDINATOR and allowed)
    values = new_values(store, layer) | changed
    if may:
        assert add_entry(store, actor, layer, values, **WHEN).code
        return
    with pytest.raises(PermissionError_):
        add_entry(store, actor, layer, values, **WHEN)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == 0


def test_a_cadre_who_answers_elsewhere_too_is_not_the_coordinators(store):
    own, other = an_officer(store), an_officer(store, OTHER)
    correct_entry(store, COORDINATOR, "cadres", own, {"duty": "网格员（兼）"}, version=1, **FIX)
    with pytest.raises(PermissionError_):
        correct_entry(store, COORDINATOR, "cadres", other, {"duty": "x"}, version=1, **FIX)
    point = a_place(store)
    moved = {"lon": point.x, "lat": point.y}
    correct_entry(store, DEPARTMENT, "cadres", other, moved, version=1, **FIX)
    with pytest.raises(PermissionError_):  # lodges here now, but answers for cells of the other township
        correct_entry(store, COORDINATOR, "cadres", other, {"duty": "x"}, version=2, **FIX)


def test_what_is_not_named_stays_and_none_empties(store):
    code = an_officer(store)
    done = correct_entry(
        store, COORDINATOR, "cadres", code, {"duty": "副站长", "phone": None}, version=1, **FIX
    )
    with store.read() as session:
        row = entry_row(session, "cadres", code)
    assert set(done.fields) == {"duty", "phone"}
    assert (row.values["duty"], row.values["phone"], row.version) == ("副站长", None, 2)
    assert row.values["name"]
    assert row.values["geometry"] is not None


def test_nothing_to_change_writes_nothing(store):
    household = a_household(store)
    done = correct_entry(
        store, COORDINATOR, "households", household["code"], {"people": int(household["people"])},
        version=1, **FIX,
    )  # fmt: skip
    assert (done.batch, done.fields) == ("", ())
    with store.read() as session:
        assert entry_row(session, "households", household["code"]).version == 1


def test_the_second_of_two_sees_who_was_first(store):
    code = an_officer(store)
    correct_entry(store, DEPARTMENT, "cadres", code, {"duty": "甲"}, version=1, **FIX)
    with pytest.raises(ConflictError, match="department") as conflict:
        correct_entry(store, COORDINATOR, "cadres", code, {"duty": "乙"}, version=1, **FIX)
    assert (conflict.value.others[0].user, conflict.value.others[0].what) == ("department", "核实更正")
    with store.read() as session:
        assert entry_row(session, "cadres", code).values["duty"] == "甲"


def test_a_household_that_moves_changes_its_cell_from_that_day(store):
    household, cells = a_household(store), frame_of(store, "cells")
    own = cells[
        (cells["village_code"] == household["village_code"]) & (cells["code"] != household["cell_code"])
    ]
    point = own.geometry.iloc[0].representative_point()
    done = correct_entry(
        store, COORDINATOR, "households", household["code"], {"lon": point.x, "lat": point.y},
        version=1, **FIX,
    )  # fmt: skip
    assert "cell_code" in done.fields
    with store.read() as session:
        assert (
            session.scalar(select(Household.cell_code).where(Household.code == household["code"]))
            == (own["code"].iloc[0])
        )
        rows = session.scalars(select(HouseholdCell).order_by(HouseholdCell.valid_from)).all()
        standing = [(row.cell_code, row.valid_from) for row in rows if row.superseded_at is None]
    assert (own["code"].iloc[0], TODAY) in standing
    assert household["cell_code"] in [cell for cell, _since in standing]


def test_no_household_is_pulled_out_of_another_township(store):
    foreign, mine = a_household(store, OTHER), a_household(store)
    for code, village in ((foreign["code"], mine["village_code"]), (mine["code"], foreign["village_code"])):
        with pytest.raises(PermissionError_):
            correct_entry(store, COORDINATOR, "households", code, {"village_code": village}, version=1, **FIX)
    point = a_place(store)
    values = {"village_code": mine["village_code"], "lon": point.x, "lat": point.y}
    correct_entry(store, DEPARTMENT, "households", foreign["code"], values, version=1, **FIX)
    with store.read() as session:
        row = entry_row(session, "households", foreign["code"])
    assert row.values["cell_code"].startswith(mine["village_code"])
    assert row.values["group_code"] is None


def test_an_area_consists_of_other_villages_from_a_day_on(store):
    first, second = f"{OWN}201", f"{OWN}202"
    code = add_entry(store, DEPARTMENT, "areas", {"name": "新片", "village_codes": first}, **WHEN).code
    correct_entry(
        store, DEPARTMENT, "areas", code, {"village_codes": second}, version=1, on=date(2026, 6, 1), **FIX
    )
    with store.read() as session:
        members = area_villages(session)
        assert entry_row(session, "areas", code).version == 2
    assert members.loc[members["area_code"] == code, "village_code"].tolist() == [second]


def test_who_leaves_hands_over_first_or_confirms(store):
    code = an_officer(store)
    held = held_by(store, code, as_of=TODAY)
    assert held
    with pytest.raises(ConfirmationNeeded) as question:
        retire_entry(store, COORDINATOR, "cadres", code, **LEAVE)
    assert f"网格员 {len(held)} 项" in question.value.consequences[0]
    assert held_by(store, code, as_of=TODAY) == held
    done = retire_entry(store, COORDINATOR, "cadres", code, confirmed=True, **LEAVE)
    assert held_by(store, code, as_of=TODAY) == []
    assert held_by(store, code, as_of=date(2026, 4, 30)) == held
    with store.read() as session:
        assert entry_row(session, "cadres", code).valid_to == TODAY
        records = responsibilities(session, holders=[code])
        versions = layer_versions(session, ["responsibilities"])
    assert set(records["recorded_by"]) >= {"coordinator"}
    assert (records["valid_to"] == TODAY).sum() == len(held)
    assert versions[("responsibilities", OWN)] >= 1
    assert done.fields == ("valid_to",)
    with pytest.raises(TransitionError, match="已停用"):
        retire_entry(store, COORDINATOR, "cadres", code, confirmed=True, **LEAVE)


def test_what_was_known_before_a_retirement_stays_known(store):
    code = an_officer(store)
    held = held_by(store, code, as_of=TODAY)
    retire_entry(store, DEPARTMENT, "cadres", code, confirmed=True, **LEAVE)
    before = datetime(2026, 4, 30, tzinfo=UTC)
    with store.read() as session:
        known = responsibilities(session, as_of=TODAY, known_at=before, holders=[code])
    assert sorted(known["target_code"]) == held


def test_one_retired_by_mistake_is_reinstated(store):
    code = an_officer(store)
    retire_entry(store, DEPARTMENT, "cadres", code, confirmed=True, **LEAVE)
    with pytest.raises(InputError, match="停用"):
        correct_entry(store, DEPARTMENT, "cadres", code, {"valid_to": date(2026, 9, 1)}, version=2, **FIX)
    correct_entry(store, DEPARTMENT, "cadres", code, {"valid_to": None}, version=2, **FIX)
    assert not register_table(store, DEPARTMENT, "cadres", as_of=TODAY, text=code).empty


@pytest.mark.parametrize(
    ("layer", "code", "said"),
    [("units", "U0001", "仍有"), ("groups", f"{OWN}20101", "仍有"), ("areas", "A0003", "将结束")],
)
def test_other_registers_that_need_an_entry_are_named(store, layer, code, said):
    with pytest.raises(ConfirmationNeeded) as question:
        retire_entry(store, DEPARTMENT, layer, code, **LEAVE)
    assert any(said in sentence for sentence in question.value.consequences)


def test_a_retired_area_has_no_villages_left(store):
    retire_entry(store, DEPARTMENT, "areas", "A0003", confirmed=True, **LEAVE)
    with store.read() as session:
        assert "A0003" not in set(area_villages(session)["area_code"])


def test_nothing_ends_before_it_began(store):
    code = add_entry(store, DEPARTMENT, "units", {"name": "甲局"}, **WHEN).code
    with pytest.raises(RuleError, match="晚于启用日期"):
        retire_entry(store, DEPARTMENT, "units", code, **LEAVE)


@pytest.mark.parametrize("reason", ["", "  "])
def test_every_change_needs_a_reason(store, reason):
    code = an_officer(store)
    with pytest.raises(InputError, match="事由"):
        add_entry(store, DEPARTMENT, "units", {"name": "x"}, now=NOW, today=TODAY, reason=reason)
    with pytest.raises(InputError, match="事由"):
        correct_entry(store, DEPARTMENT, "cadres", code, {"duty": "x"}, version=1, now=NOW, reason=reason)
    with pytest.raises(InputError, match="事由"):
        unmask(store, DEPARTMENT, code, now=NOW, reason=reason)


def test_unknown_registers_and_codes_are_refused(store):
    with pytest.raises(InputError, match="不是名册"):
        add_entry(store, DEPARTMENT, "cells", {}, **WHEN)
    with pytest.raises(CodeError, match="没有“X1”"):
        correct_entry(store, DEPARTMENT, "cadres", "X1", {}, version=1, **FIX)
    with pytest.raises(CodeError):
        entry(store, DEPARTMENT, "cadres", "X1", today=TODAY)


def test_who_only_looks_as_somebody_else_changes_nothing(store):
    looking = Actor("coordinator", Role.COORDINATOR, frozenset({OWN}), viewer="department")
    household = a_household(store)["code"]
    for attempt in (
        lambda: add_entry(store, looking, "groups", new_values(store, "groups"), **WHEN),
        lambda: correct_entry(store, looking, "households", household, {"people": 9}, version=1, **FIX),
        lambda: retire_entry(store, looking, "households", household, confirmed=True, **LEAVE),
        lambda: unmask(store, looking, household, reason="走访", now=NOW),
    ):
        with pytest.raises(PermissionError_):
            attempt()
    shown = entry(store, looking, "households", household, today=TODAY)
    assert (shown.may_write, shown.may_unmask, may_add(looking, "groups")) == (False, False, False)


def test_where_changes_wait_for_approval_nothing_ends_by_the_way(store):
    code = an_officer(store)
    set_approval(store, DEPARTMENT, OWN, True, now=NOW, reason="换届期间")
    with pytest.raises(RuleError, match="批准"):
        retire_entry(store, COORDINATOR, "cadres", code, confirmed=True, **LEAVE)
    assert held_by(store, code, as_of=TODAY)
    retire_entry(store, DEPARTMENT, "cadres", code, confirmed=True, **LEAVE)
    assert held_by(store, code, as_of=TODAY) == []


def test_a_register_change_is_not_undone_but_corrected_again(store):
    done = correct_entry(store, COORDINATOR, "cadres", an_officer(store), {"duty": "甲"}, version=1, **FIX)
    with pytest.raises(TransitionError, match="名册"):
        undo(store, COORDINATOR, done.batch, now=NOW, reason="误改")
    with pytest.raises(TransitionError, match="没有可以撤销"):
        undo_last(store, COORDINATOR, now=NOW)
