import pytest

from geo.access import (
    SYSTEM,
    Actor,
    require_audit,
    require_read,
    require_record,
    require_role,
    require_write,
)
from geo.errors import PermissionError_
from geo.vocabulary import Role

OWN, OTHER = "990101101001", "990101102001"
SCOPES = {
    Role.DEPARTMENT: frozenset({""}),
    Role.COORDINATOR: frozenset({"990101101"}),
    Role.LEADER: frozenset({""}),
    Role.RESIDENT_CADRE: frozenset({"990101101001"}),
    Role.AUDITOR: frozenset({""}),
}
#                     read own, read other, write own, write other, unmask own, unmask other, positions, audit
MATRIX = {
    Role.DEPARTMENT: (True, True, True, True, True, True, True, True),
    Role.COORDINATOR: (True, False, True, False, True, False, True, False),
    Role.LEADER: (True, True, False, False, False, False, False, False),
    Role.RESIDENT_CADRE: (True, False, False, False, True, False, True, False),
    Role.AUDITOR: (True, True, False, False, False, False, False, True),
}


def _allowed(check, *args):
    try:
        check(*args)
    except PermissionError_:
        return False
    return True


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_of_roles(role):
    actor = Actor(user="a", role=role, scopes=SCOPES[role])
    assert (
        _allowed(require_read, actor, OWN),
        _allowed(require_read, actor, OTHER),
        _allowed(require_write, actor, OWN),
        _allowed(require_write, actor, OTHER),
        actor.can_unmask(OWN),
        actor.can_unmask(OTHER),
        actor.sees_positions,
        _allowed(require_audit, actor),
    ) == MATRIX[role]


def test_a_resident_cadre_records_the_work_of_its_own_village_too():
    recording = {role for role in Role if _allowed(require_record, Actor("a", role, SCOPES[role]), OWN)}
    assert recording == {Role.DEPARTMENT, Role.COORDINATOR, Role.RESIDENT_CADRE}
    elsewhere = {role for role in Role if _allowed(require_record, Actor("a", role, SCOPES[role]), OTHER)}
    assert elsewhere == {Role.DEPARTMENT}


@pytest.mark.parametrize("role", list(Role))
def test_who_looks_as_another_sees_the_same_and_changes_nothing(role):
    own = Actor(user="a", role=role, scopes=SCOPES[role])
    looking = Actor(user="a", role=role, scopes=SCOPES[role], viewer="department")
    for code in (OWN, OTHER):
        assert looking.can_read(code) == own.can_read(code)
        assert not looking.can_write(code)
        assert not looking.can_unmask(code)
        assert not _allowed(require_write, looking, code)
        assert not _allowed(require_record, looking, code)
    assert looking.sees_positions == own.sees_positions
    assert _allowed(require_audit, looking) == _allowed(require_audit, own)
    assert not _allowed(require_role, looking, *Role)


def test_an_account_without_scope_sees_nothing():
    actor = Actor(user="a", role=Role.COORDINATOR, scopes=frozenset())
    assert not actor.can_read(OWN)
    assert not actor.can_write(OWN)


def test_a_refusal_names_the_account_and_the_way_on():
    actor = Actor(user="小李", role=Role.AUDITOR)
    with pytest.raises(PermissionError_) as refusal:
        require_write(actor, OWN)
    assert "小李" in refusal.value.message
    assert refusal.value.hint


def test_the_program_itself_may_write_everywhere():
    require_write(SYSTEM, "")
    require_role(SYSTEM, Role.DEPARTMENT)
