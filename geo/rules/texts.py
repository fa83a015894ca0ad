"""Finds the Chinese texts of YAML files for the message catalogue (an extraction method of Babel)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

import yaml

_CHINESE = re.compile("[\u4e00-\u9fff]")


def yaml_texts(
    file: IO[bytes], _keywords: Any, _comment_tags: Any, options: Any
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Every Chinese value of a file, with the line it begins on; keys and comments are none."""
    for node in _scalars(yaml.compose(file, Loader=yaml.SafeLoader)):
        if _CHINESE.search(node.value):
            yield node.start_mark.line + 1, None, node.value, []


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        for _key, value in node.value:
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value)
    elif isinstance(node, yaml.ScalarNode):
        yield node
