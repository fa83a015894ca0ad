from datetime import date
from io import BytesIO

from geo.rules import load_rules
from geo.rules.texts import yaml_texts
from tests.unit.test_catalogue import texts_of_the_code


def found(text: str) -> list[tuple[int, str]]:
    return [
        (line, message)
        for line, _name, message, _comments in yaml_texts(BytesIO(text.encode()), {}, [], options={})
    ]


def test_chinese_values_are_texts_with_their_lines():
    text = "# 注释\ntitle: 缺口\nlimit:\n  about: 不少于\n    此数\n  unit: m\n  list: [甲, b]\n键: 1\n"
    assert found(text) == [(2, "缺口"), (4, "不少于 此数"), (7, "甲")]


def test_an_empty_file_has_none():
    assert found("") == []


def test_the_catalogue_is_asked_for_the_texts_of_all_rules():
    texts = texts_of_the_code()
    thresholds = load_rules(date(2026, 5, 1)).thresholds.values()
    assert {text for each in thresholds for text in (each.about, each.group)} <= texts
