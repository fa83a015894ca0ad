from datetime import date

import pytest
import yaml

from geo.errors import InputError, RuleError
from geo.rules.loader import RULES_FOLDER, load_rules, read_rules

SOURCES = {"S0", "S1", "S2", "S3", "S4", "STD", "PUB", "local"}
GOOD = {
    "about": "说明",
    "unit": "m",
    "source": "S1",
    "values": [{"valid_from": date(2020, 1, 1), "value": 5}],
}


def _folder(tmp_path, **rules):
    (tmp_path / "some.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    return tmp_path


def test_every_threshold_has_a_unit_a_known_source_and_a_date():
    dated = read_rules(RULES_FOLDER)
    assert len(dated) >= 5
    for thresholds in dated.values():
        for threshold in thresholds:
            assert threshold.unit
            assert threshold.about
            assert isinstance(threshold.valid_from, date)
            assert set(threshold.source.split(", ")) <= SOURCES


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
