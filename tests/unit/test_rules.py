from datetime import date

import pytest
import yaml

from geo.errors import InputError, RuleError
from geo.rules.loader import (
    LOCAL,
    RULES_FOLDER,
    DatedValue,
    Rules,
    Threshold,
    default_values,
    load_rules,
    read_rules,
    with_values,
)
from geo.rules.sources import SOURCES
from geo.rules.units import UNITS

GOOD = {
    "about": "说明",
    "unit": "m",
    "source": "S1",
    "values": [{"valid_from": date(2020, 1, 1), "value": 5}],
}


def _folder(tmp_path, **rules):
    entries = {"title": "说明", **rules}
    (tmp_path / "some.yaml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    return tmp_path


def test_every_threshold_has_a_unit_a_known_source_and_a_date():
    dated = read_rules(RULES_FOLDER)
    assert len(dated) >= 5
    for thresholds in dated.values():
        for threshold in thresholds:
            assert threshold.unit in UNITS
            assert threshold.about
            assert threshold.group
            assert isinstance(threshold.valid_from, date)
            assert set(threshold.source.split(", ")) <= SOURCES.keys()


def test_the_thresholds_of_the_domain():
    rules = load_rules(date(2026, 5, 1))
    assert rules["poor_income_own_yuan"].value == 30_000
    assert rules["hollow_income_own_yuan"].value == 0
    assert rules["hundred_million_income_total_yuan"].value == 100_000_000
    assert "poor_income_own_yuan" in set(rules)


def test_a_value_holds_from_its_day_until_the_next(tmp_path):
    later = {"valid_from": date(2026, 1, 1), "value": 7}
    dated = read_rules(_folder(tmp_path, limit={**GOOD, "values": [later, *GOOD["values"]]}))
    assert [threshold.value for threshold in dated["limit"]] == [5, 7]


def test_before_the_first_rule_there_is_none():
    with pytest.raises(RuleError, match="1999-12-31"):
        load_rules(date(1999, 12, 31))


@pytest.mark.parametrize(
    "entry",
    [
        {key: value for key, value in GOOD.items() if key != "source"},
        {**GOOD, "unit": ""},
        {**GOOD, "unit": "furlongs"},
        {**GOOD, "values": []},
        {**GOOD, "values": [{"value": 5}]},
        {**GOOD, "values": [{"valid_from": date(2020, 1, 1), "value": "five"}]},
        {**GOOD, "values": GOOD["values"] * 2},
        "5",
    ],
)
def test_a_faulty_rule_is_refused(tmp_path, entry):
    with pytest.raises(InputError, match="limit"):
        read_rules(_folder(tmp_path, limit=entry))


def test_a_name_may_stand_only_once(tmp_path):
    _folder(tmp_path, limit=GOOD)
    (tmp_path / "other.yaml").write_text((tmp_path / "some.yaml").read_text("utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="重复"):
        read_rules(tmp_path)


def test_a_file_needs_a_title(tmp_path):
    (tmp_path / "some.yaml").write_text(yaml.safe_dump({"limit": GOOD}), encoding="utf-8")
    with pytest.raises(InputError, match=r"some\.yaml"):
        read_rules(tmp_path)


def test_the_files_values_of_one_threshold():
    (only,) = default_values("officer_cells_max")
    assert (only.value, only.unit, only.valid_from) == (3, "cells", date(2000, 1, 1))
    with pytest.raises(InputError, match="no_such_rule"):
        default_values("no_such_rule")


def _limit(value: float, day: date) -> Threshold:
    return Threshold("limit", value, "m", "S1", day, "说明")


def _on(day: date, *values: tuple[float, date], since: date = date(2020, 1, 1)) -> Threshold:
    """The limit of 5 since a day, with values a county has set."""
    rules = Rules(day, {"limit": _limit(5, since)})
    return with_values(rules, [DatedValue("limit", value, first) for value, first in values])["limit"]


MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def test_a_set_value_holds_from_its_day_on_and_not_before():
    assert _on(date(2026, 4, 30), (7, MAY)) == _limit(5, date(2020, 1, 1))
    changed = _on(MAY, (7, MAY))
    assert (changed.value, changed.valid_from, changed.source, changed.unit) == (7, MAY, LOCAL, "m")


def test_the_latest_that_has_begun_holds_in_whatever_order_they_come():
    for values in ([(7, MAY), (9, JUNE)], [(9, JUNE), (7, MAY)]):
        assert [_on(day, *values).value for day in (date(2026, 4, 1), MAY, JUNE)] == [5, 7, 9]


def test_on_the_same_day_a_set_value_goes_before_the_default_and_a_later_default_before_it():
    assert _on(JUNE, (7, MAY), since=MAY).value == 7
    assert _on(JUNE, (7, MAY), since=date(2026, 5, 2)).value == 5


def test_values_of_rules_that_are_no_more_are_passed_over():
    rules = Rules(MAY, {"limit": _limit(5, MAY)})
    assert with_values(rules, [DatedValue("other", 1, MAY)]) == with_values(rules, []) == rules
