from math import inf, nan

import pytest

from geo.errors import InputError
from geo.rules.units import UNITS, in_unit, plain_number, require_sensible


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1000, "m2", "1,000 平方米"),
        (0.07, "ratio", "7%"),
        (0.125, "ratio", "12.5%"),
        (100_000_000, "yuan/year", "100,000,000 元/年"),
        (10, "km", "10 公里"),
        (2.5, "km", "2.5 公里"),
        (0, "households", "0 户"),
    ],
)
def test_a_value_in_words(value, unit, said):
    assert in_unit(value, unit) == said


@pytest.mark.parametrize(
    ("value", "unit"),
    [(0, "m"), (2.5, "km"), (30, "households"), (1, "choice"), (1, "ratio"), (0.2, "ratio")],
)
def test_sensible_values(value, unit):
    require_sensible(value, unit)


@pytest.mark.parametrize("unit", sorted(UNITS))
@pytest.mark.parametrize("value", [-1, -0.001, nan, inf, -inf])
def test_no_unit_takes_less_than_nothing_or_what_is_no_number(value, unit):
    with pytest.raises(InputError):
        require_sensible(value, unit)


@pytest.mark.parametrize(
    ("value", "unit"), [(1.5, "households"), (2, "choice"), (0.5, "choice"), (1.01, "ratio"), (0.1, "days")]
)
def test_what_makes_no_sense_in_its_unit(value, unit):
    with pytest.raises(InputError):
        require_sensible(value, unit)


@pytest.mark.parametrize(
    ("value", "said"), [(29_999.6, "29,999.6"), (30_000.0, "30,000"), (0.004, "0"), (1e8, "100,000,000")]
)
def test_a_number_in_a_sentence_never_reads_like_the_limit_it_misses(value, said):
    assert f"{plain_number(value):,}" == said
