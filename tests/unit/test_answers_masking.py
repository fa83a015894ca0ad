import pytest

from geo.access import Actor
from geo.answers.masking import mask_name, mask_phone
from geo.answers.scope import readable
from geo.errors import PermissionError_
from geo.vocabulary import Role


@pytest.mark.parametrize(("name", "masked"), [("张三丰", "张**"), ("李四", "李**"), ("", ""), (None, "")])
def test_names_keep_their_first_character(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13812345678", "138****5678"), ("05371234567", "053****4567"), ("12345", "****"), ("", ""), (None, "")],
)
def test_phones_keep_both_ends(phone, masked):
    assert mask_phone(phone) == masked


def test_readable_territory():
    leader = Actor("leader", Role.LEADER)
    coordinator = Actor("coordinator", Role.COORDINATOR, frozenset({"990101101", "990101103"}))
    assert readable(leader) == ("",)
    assert readable(leader, "990101101") == ("990101101",)
    assert readable(coordinator) == ("990101101", "990101103")
    assert readable(coordinator, "990101101201") == ("990101101201",)
    assert readable(coordinator, "990101") == ("990101101", "990101103")
    with pytest.raises(PermissionError_):
        readable(coordinator, "990101102")
