import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from geo.access import SYSTEM, Actor
from geo.errors import ConflictError, InputError, PermissionError_, RuleError
from geo.operations.accounts import (
    actor_named,
    authenticate,
    change_account,
    create_account,
    disable_account,
    enable_account,
    invite,
    reset_password,
    session_epoch,
    set_password,
)
from geo.store.audit import verify
from geo.store.models import Account, Audit
from geo.vocabulary import Role

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
PASSWORD, OTHER = "wind over the river", "rain on the river"
TOWNSHIP = "990101101"


def _create(
    store, user="li.hua", *, role=Role.COORDINATOR, scopes=(TOWNSHIP,), password=PASSWORD, actor=SYSTEM
):
    return create_account(store, actor, user=user, role=role, scopes=scopes, password=password, now=NOW)


def _audited(store):
    with store.read() as session:
        rows = session.execute(select(Audit.action, Audit.subject, Audit.before, Audit.after)).all()
    return [tuple(row) for row in rows]


def test_an_account_signs_in_with_its_role_and_scope(store):
    made = _create(store)
    assert made == Actor("li.hua", Role.COORDINATOR, frozenset({TOWNSHIP}))
    assert authenticate(store, "li.hua", PASSWORD) == made
    assert actor_named(store, "li.hua") == made


def test_wrong_password_and_unknown_user_give_the_same_message(store):
    _create(store)
    with pytest.raises(PermissionError_) as wrong:
        authenticate(store, "li.hua", OTHER)
    with pytest.raises(PermissionError_) as unknown:
        authenticate(store, "nobody", PASSWORD)
    assert str(wrong.value) == str(unknown.value)
    with pytest.raises(PermissionError_, match="nobody"):
        actor_named(store, "nobody")


def test_only_the_department_makes_accounts(store):
    coordinator = _create(store)
    with pytest.raises(PermissionError_):
        _create(store, "wang", actor=coordinator)
    assert session_epoch(store, "wang") == -1


@pytest.mark.parametrize("user", ["", "1abc", "a", "李华", "a b", "a'--", "x" * 41, "ab\n"])
def test_user_names_are_checked(store, user):
    with pytest.raises(InputError, match="用户名"):
        _create(store, user)


@pytest.mark.parametrize("scopes", [(), ("99",), ("990101101x",), ("%",)])
def test_scopes_are_checked(store, scopes):
    with pytest.raises(InputError, match="权限范围"):
        _create(store, scopes=scopes)


def test_passwords_are_long_and_not_the_name(store):
    with pytest.raises(InputError, match="10"):
        _create(store, password="ninechars")
    with pytest.raises(InputError, match="用户名"):
        _create(store, "long.enough", password="Long.Enough")


def test_a_name_is_given_once(store):
    _create(store)
    with pytest.raises(RuleError, match="已存在"):
        _create(store)


def test_a_new_password_ends_the_sessions(store):
    own = _create(store)
    before = session_epoch(store, "li.hua")
    set_password(store, own, user="li.hua", password=OTHER, now=NOW)
    assert session_epoch(store, "li.hua") == before + 1
    assert authenticate(store, "li.hua", OTHER) == own
    with pytest.raises(PermissionError_):
        authenticate(store, "li.hua", PASSWORD)


def test_nobody_but_the_department_sets_anothers_password(store):
    own = _create(store)
    _create(store, "wang")
    with pytest.raises(PermissionError_):
        set_password(store, own, user="wang", password=OTHER, now=NOW)
    set_password(store, SYSTEM, user="wang", password=OTHER, now=NOW)
    assert authenticate(store, "wang", OTHER).user == "wang"
    with pytest.raises(InputError, match="nobody"):
        set_password(store, SYSTEM, user="nobody", password=OTHER, now=NOW)


def test_a_disabled_account_is_shut_out(store):
    _create(store)
    disable_account(store, SYSTEM, user="li.hua", now=NOW, reason="调离")
    assert session_epoch(store, "li.hua") == -1
    for attempt in (lambda: authenticate(store, "li.hua", PASSWORD), lambda: actor_named(store, "li.hua")):
        with pytest.raises(PermissionError_):
            attempt()
    with pytest.raises(RuleError, match="已停用"):
        disable_account(store, SYSTEM, user="li.hua", now=NOW, reason="调离")


def test_the_last_account_of_the_department_stays(store):
    _create(store, "department", role=Role.DEPARTMENT, scopes=("",))
    with pytest.raises(RuleError, match="最后"):
        disable_account(store, SYSTEM, user="department", now=NOW, reason="调离")
    _create(store, "second", role=Role.DEPARTMENT, scopes=("",))
    disable_account(store, SYSTEM, user="department", now=NOW, reason="调离")
    assert actor_named(store, "second").role is Role.DEPARTMENT


def test_disabling_needs_a_reason_and_the_department(store):
    own = _create(store)
    with pytest.raises(InputError, match="理由"):
        disable_account(store, SYSTEM, user="li.hua", now=NOW, reason=" ")
    with pytest.raises(PermissionError_):
        disable_account(store, own, user="li.hua", now=NOW, reason="自己")


def test_an_invited_account_must_set_its_own_password(store):
    password = invite(store, SYSTEM, user="li.hua", role=Role.COORDINATOR, scopes=(TOWNSHIP,), now=NOW)
    actor = authenticate(store, "li.hua", password)
    assert actor.must_change
    set_password(store, actor, user="li.hua", password=OTHER, now=NOW)
    assert not authenticate(store, "li.hua", OTHER).must_change
    assert password not in json.dumps([row[2:] for row in _audited(store)])


def test_a_reset_gives_another_password_each_time_and_ends_the_sessions(store):
    _create(store)
    before = session_epoch(store, "li.hua")
    given = {reset_password(store, SYSTEM, user="li.hua", now=NOW, reason="遗忘") for _time in range(2)}
    assert len(given) == 2
    assert session_epoch(store, "li.hua") == before + 2
    with pytest.raises(PermissionError_):
        authenticate(store, "li.hua", PASSWORD)


def test_another_role_or_scope_ends_the_sessions(store):
    own = _create(store)
    before = session_epoch(store, "li.hua")
    wanted = {"user": "li.hua", "now": NOW, "reason": "调岗"}
    change_account(store, SYSTEM, role=Role.LEADER, scopes=[""], version=1, **wanted)
    assert actor_named(store, "li.hua") == Actor("li.hua", Role.LEADER)
    assert session_epoch(store, "li.hua") == before + 1
    with pytest.raises(ConflictError):
        change_account(store, SYSTEM, role=Role.AUDITOR, scopes=[""], version=1, **wanted)
    with pytest.raises(PermissionError_):
        change_account(store, own, role=Role.DEPARTMENT, scopes=[""], version=2, **wanted)
    with pytest.raises(InputError, match="全县"):
        change_account(store, SYSTEM, role=Role.DEPARTMENT, scopes=[TOWNSHIP], version=2, **wanted)
    assert _audited(store)[-1][2:] == (
        {"role": "coordinator", "scopes": [TOWNSHIP]},
        {"role": "leader", "scopes": [""]},
    )


def test_nothing_to_change_ends_no_session(store):
    _create(store)
    before = session_epoch(store, "li.hua")
    change_account(
        store, SYSTEM, user="li.hua", role=Role.COORDINATOR, scopes=[TOWNSHIP], version=1, now=NOW, reason="x"
    )
    assert session_epoch(store, "li.hua") == before


def test_the_last_account_of_the_department_keeps_its_role(store):
    _create(store, "department", role=Role.DEPARTMENT, scopes=("",))
    wanted = {"user": "department", "role": Role.LEADER, "scopes": [""], "now": NOW, "reason": "调岗"}
    with pytest.raises(RuleError, match="最后"):
        change_account(store, SYSTEM, version=1, **wanted)
    _create(store, "second", role=Role.DEPARTMENT, scopes=("",))
    change_account(store, SYSTEM, version=1, **wanted)
    with pytest.raises(RuleError, match="最后"):
        disable_account(store, SYSTEM, user="second", now=NOW, reason="调离")


def test_a_closed_account_is_opened_again_but_not_its_sessions(store):
    _create(store)
    before = session_epoch(store, "li.hua")
    with pytest.raises(RuleError, match="没有停用"):
        enable_account(store, SYSTEM, user="li.hua", now=NOW, reason="返岗")
    disable_account(store, SYSTEM, user="li.hua", now=NOW, reason="调离")
    enable_account(store, SYSTEM, user="li.hua", now=NOW, reason="返岗")
    assert authenticate(store, "li.hua", PASSWORD).user == "li.hua"
    assert session_epoch(store, "li.hua") > before


def test_every_change_is_audited_without_passwords_or_hashes(store):
    _create(store)
    set_password(store, SYSTEM, user="li.hua", password=OTHER, now=NOW)
    disable_account(store, SYSTEM, user="li.hua", now=NOW, reason="调离")
    rows = _audited(store)
    assert [row[:2] for row in rows] == [
        ("account.create", "li.hua"),
        ("account.password", "li.hua"),
        ("account.disable", "li.hua"),
    ]
    written = json.dumps([row[2:] for row in rows])
    assert "argon2" not in written
    assert PASSWORD not in written
    with store.read() as session:
        assert verify(session).is_whole
        assert session.scalars(select(Account.password_hash)).one().startswith("$argon2id$")
