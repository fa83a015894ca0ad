"""The documents say what the code does: commands, links, terms, decisions."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from geo.cli import main
from geo.frames import LAYERS
from geo.vocabulary import _LABELS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")


def shell_lines(document: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [re.sub(r"\s+#\s.*", "", line).strip() for block in blocks for line in block.splitlines()]


def minqing_calls() -> list[str]:
    lines = [line for document in DOCUMENTS for line in shell_lines(document)]
    return sorted(
        {re.sub(r"^\.venv/bin/", "", line) for line in lines if re.match(r"(\.venv/bin/)?minqing ", line)}
    )


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def glossary_section(title: str) -> list[list[str]]:
    """Rows of the table under the heading that names ``title`` in backquotes."""
    section = re.search(rf"^## [^\n]*`{re.escape(title)}`[^\n]*\n(.*?)(?=^## |\Z)", GLOSSARY, re.M | re.S)
    assert section, f"no section for {title}"
    rows = [line.strip("| ").split(" | ") for line in section[1].splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("call", minqing_calls())
def test_every_minqing_call_in_the_documents_parses(call):
    context = click.Context(main)
    command: click.Command = main
    words = call.split()[1:]
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        found = command.get_command(context, words.pop(0))
        assert found is not None, call
        command = found
    command.make_context(command.name, words)


def test_the_documents_show_the_daily_commands():
    shown = {call.split()[1] for call in minqing_calls()}
    assert {"init", "serve", "import", "export", "who", "coverage", "villages", "backup", "verify"} <= shown


def test_every_make_target_in_the_documents_exists():
    named = {
        line.split()[1]
        for document in DOCUMENTS
        for line in shell_lines(document)
        if line.startswith("make ")
    }
    assert {"run", "test", "setup", "check", "bundle"} <= named
    assert named <= make_targets()


def test_every_environment_variable_is_in_the_readme():
    sources = [
        ROOT / "app.py",
        *(path for name in ("geo", "pages", "layers") for path in (ROOT / name).rglob("*.py")),
    ]
    read = {
        name
        for path in sources
        for name in re.findall(r"MINQING_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
    }
    said = set(re.findall(r"`(MINQING_[A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert read == said


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(document):
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    broken = [
        target
        for target in targets
        if not target.startswith("http") and not (document.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("enumeration", _LABELS, ids=lambda enumeration: enumeration.__name__)
def test_the_glossary_has_every_member_with_its_label(enumeration):
    said = {row[1].strip("`"): row[0] for row in glossary_section(enumeration.__name__)}
    assert said == {str(member): label for member, label in _LABELS[enumeration].items()}


def test_the_glossary_has_every_layer_with_its_columns():
    said = {
        row[1].strip("`"): (row[0], re.findall(r"`(\w+)`", row[2]))
        for row in glossary_section("geo.frames.LAYERS")
    }
    assert said == {name: (layer.label, layer.column_names) for name, layer in LAYERS.items()}


def test_every_decision_is_in_the_index_and_has_its_three_parts():
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert len(records) >= 4
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert f"[{record.name[:4]}]({record.name})" in index
        for part in ("**Decided.**", "**Why.**", "**Rejected.**"):
            assert part in text, f"{record.name} lacks {part}"


def test_the_architecture_names_every_package():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    packages = [path.parent.name for path in (ROOT / "geo").glob("*/__init__.py")]
    assert packages
    missing = [name for name in packages if not re.search(rf"geo[./]{name}\b", text)]
    assert missing == []
