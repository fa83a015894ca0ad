"""Chinese text on paper: the font, how wide a text is, and where its lines break.

The font is Noto Sans SC (SIL Open Font License), which a Python package brings along: paper looks the same on
every machine, whatever fonts are installed. Only the glyphs that are used go into a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTFont

MISSING = "〓"
"""What stands for a character that the font does not have: printers' sign for a missing piece of type."""

_OPENING = "（〔［｛《〈「『【“‘([{"
_CLOSING = "，。、；：？！）〕］｝》〉」』】”’…％℃,.;:?!)]}%"
_WORD = r"[0-9A-Za-zÀ-ɏ_+\-/#&@.,:%]*[0-9A-Za-zÀ-ɏ_]"
_CHUNK = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:{_WORD}|[^\s{re.escape(_OPENING)}])[{re.escape(_CLOSING)}]*\s*|."
)


def font_path() -> Path:
    """The file of the font."""
    return pylopdf_fonts_zh_cn.sans_path()


@cache
def _advances() -> dict[int, float]:
    """Width of every character the font has, as a share of the font's size."""
    with TTFont(font_path(), lazy=True) as font:
        widths, size = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[glyph][0] / size for code, glyph in font.getBestCmap().items()}


def printable(text: str) -> str:
    """The text as the font can draw it: one line, control characters gone, unknown characters as `MISSING`.

    >>> printable("柳沟村\\t2 组")
    '柳沟村 2 组'
    """
    known = _advances()
    plain = " ".join(text.split())
    return "".join(sign if ord(sign) in known else MISSING for sign in plain if sign.isprintable())


def width_of(text: str, size: float) -> float:
    """How wide a `printable` text is, in the unit of ``size``."""
    known = _advances()
    return size * sum(known[ord(sign)] for sign in text)


def wrapped(text: str, width: float, size: float, *, most: int | None = None) -> list[str]:
    """The text in lines no wider than ``width``; "" gives no line.

    Chinese may break after every character and words of other scripts only between them, but no line begins
    with a closing sign (，。、） …) or ends with an opening one (（《“ …). What is wider than a line is cut
    wherever it has to be. Line feeds start new lines. No more than ``most`` lines are given.
    """
    lines = (line for part in text.split("\n") for line in _filled(printable(part), width, size))
    return [*islice(lines, most)]


def balanced(text: str, width: float, size: float) -> list[str]:
    """The text in as few lines as `wrapped` needs, as even in length as can be: for headings."""
    lines = wrapped(text, width, size)
    while (narrower := wrapped(text, width - size / 4, size)) and len(narrower) == len(lines) > 1:
        width, lines = width - size / 4, narrower
    return lines


def _filled(text: str, width: float, size: float) -> Iterator[str]:
    line, used = "", 0.0
    for chunk in _chunks(text, width, size):
        taken = width_of(chunk.rstrip(), size)
        if line and used + taken > width:
            yield line.rstrip()
            line, used = "", 0.0
        line += chunk
        used += width_of(chunk, size)
    if line:
        yield line.rstrip()


def _chunks(text: str, width: float, size: float) -> Iterator[str]:
    """The parts between which a line may break, none of them wider than a line."""
    for chunk in _CHUNK.findall(text):
        if width_of(chunk.rstrip(), size) <= width:
            yield chunk
        else:
            yield from _cut(chunk, width, size)


def _cut(chunk: str, width: float, size: float) -> Iterator[str]:
    part = ""
    for sign in chunk:
        if part and width_of(part + sign, size) > width:
            yield part
            part = ""
        part += sign
    yield part
