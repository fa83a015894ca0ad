"""No text hides where the catalogue's extraction cannot see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for folder in ("geo", "layers", "pages", "seeds") for path in (ROOT / folder).rglob("*.py")
)


def texts_in_f_strings(source: str) -> Iterator[str]:
    """Literal texts translated inside an f-string, which extraction skips before Python 3.12."""
    for joined in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)):
        for call in (node for node in ast.walk(joined) if isinstance(node, ast.Call)):
            is_ours = isinstance(call.func, ast.Name) and call.func.id in ("_", "N_")
            if is_ours and call.args and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_not_translated_inside_f_strings(path: Path) -> None:
    assert list(texts_in_f_strings(path.read_text(encoding="utf-8"))) == []


def test_a_hidden_text_is_found() -> None:
    assert list(texts_in_f_strings("f\"<b>{_('图例')}</b>\"")) == ["图例"]
