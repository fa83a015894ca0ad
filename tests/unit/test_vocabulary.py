import enum
import inspect

import pytest

from geo import vocabulary
from geo.vocabulary import (
    FIVE_LEVELS,
    RESPONSIBILITY_RULES,
    EntityKind,
    ResponsibilityKind,
    VillageKind,
    label_of,
)

ENUMERATIONS = [
    cls
    for _, cls in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(cls, enum.StrEnum) and cls is not enum.StrEnum
]


@pytest.mark.parametrize(
    "member", [m for cls in ENUMERATIONS for m in cls], ids=lambda m: f"{type(m).__name__}.{m}"
)
def test_every_term_has_a_label(member):
    assert label_of(member)


def test_equal_texts_of_different_enumerations_keep_their_own_label():
    assert label_of(EntityKind.VILLAGE) == "村"
    assert label_of(VillageKind.VILLAGE) == "行政村"


def test_every_kind_of_responsibility_has_its_rule():
    assert set(RESPONSIBILITY_RULES) == set(ResponsibilityKind)


def test_the_five_levels_run_from_county_leader_to_staff():
    assert [RESPONSIBILITY_RULES[kind].level for kind in FIVE_LEVELS] == [1, 2, 3, 4, 5]
    assert FIVE_LEVELS[0] is ResponsibilityKind.COUNTY_LEADER
    assert FIVE_LEVELS[-1] is ResponsibilityKind.STAFF
