"""The English catalogue holds every text of the code, whole and with the same placeholders."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from geo import i18n

ROOT = Path(__file__).parents[2]
SOURCES = ("geo", "layers", "pages", "seeds")
KEYWORDS = {"_": None, "N_": None}


def texts_of_the_code() -> set[str]:
    with (ROOT / "geo/locale/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = set()
    for source in SOURCES:
        rows = extract_from_dir(ROOT / source, methods, options, keywords=KEYWORDS)
        found |= {message for _file, _line, message, _comments, _context in rows}
    rows = extract_from_file("python", ROOT / "app.py", keywords=KEYWORDS)
    return found | {message for _line, message, _comments, _context in rows}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (ROOT / "geo/locale/en.po").open("rb") as source:
        return read_po(source, locale="en")


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_the_catalogue_has_the_texts_of_the_code_and_no_others(catalogue):
    texts = texts_of_the_code()
    assert len(texts) > 100
    held = {message.id for message in catalogue if message.id}
    assert sorted(texts - held) == [], "run `make messages` and translate"
    assert sorted(held - texts) == [], "run `make messages`"


def test_no_text_hides_in_an_f_string(catalogue):
    """There the extraction does not look, and the text would stay Chinese."""
    held = {message.id for message in catalogue}
    files = [ROOT / "app.py", *(file for source in SOURCES for file in (ROOT / source).rglob("*.py"))]
    calls = [
        (file.name, node.args[0].value)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KEYWORDS
        and isinstance(node.args[0], ast.Constant)
    ]
    assert len(calls) > 1000
    assert [call for call in calls if call[1] not in held] == []


def test_every_text_is_translated(catalogue):
    missing = [message.id for message in catalogue if message.id and (not message.string or message.fuzzy)]
    assert missing == []


def test_translations_keep_the_placeholders(catalogue):
    differing = [
        message.id
        for message in catalogue
        if message.id and placeholders(message.id) != placeholders(message.string)
    ]
    assert differing == []


def test_translations_are_english(catalogue):
    chinese = [
        message.string
        for message in catalogue
        if message.id and any("\u4e00" <= character <= "\u9fff" for character in message.string)
    ]
    allowed = [text for text in chinese if "minqing" in text.lower()]
    assert chinese == allowed


def test_the_language_chooses_the_text(catalogue):
    text = next(message for message in catalogue if message.id == "没有记录。")
    i18n.set_language("en")
    try:
        assert i18n._("没有记录。") == text.string != text.id
    finally:
        i18n.set_language("zh")
    assert i18n._("没有记录。") == "没有记录。"
