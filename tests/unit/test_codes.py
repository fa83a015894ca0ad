import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import codes
from geo.errors import CodeError


def test_parents_are_prefixes():
    cell = "990101101001003"
    assert codes.village_of(cell) == "990101101001"
    assert codes.township_of(cell) == "990101101"
    assert codes.county_of(cell) == "990101"


@pytest.mark.parametrize(
    "code", ["", "37083100100", "3708310010011", "37083100100a", "３７０８３１００１００１", "370831 01001"]
)
def test_a_malformed_village_code_is_refused(code):
    assert not codes.is_division_code(code, codes.VILLAGE)
    with pytest.raises(CodeError):
        codes.require_code(code, codes.VILLAGE)


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_twelve_digits_are_a_village_code(code):
    assert codes.require_code(code, codes.VILLAGE) == code
