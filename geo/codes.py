"""Division and cell codes: their lengths, parents and which territory a code belongs to.

county 6 (GB/T 2260) · township 9 (GB/T 10114) · village 12 (statistical division code) ·
group village + 2 · cell village + 3 (CJ/T 213, GB/T 30428.1). County codes 99xxxx are made up.
"""

from __future__ import annotations

import re

from geo.errors import CodeError
from geo.i18n import _

COUNTY, TOWNSHIP, VILLAGE, GROUP, CELL = 6, 9, 12, 14, 15
_DIGITS = re.compile(r"[0-9]+\Z")


def is_division_code(code: str, length: int) -> bool:
    """Whether a text is a code of exactly so many ASCII digits."""
    return len(code) == length and bool(_DIGITS.match(code))


def require_code(code: str, length: int) -> str:
    """The code itself, or `CodeError` when it is not so many digits."""
    if not is_division_code(code, length):
        raise CodeError(_("代码“{code}”应为 {length} 位数字。").format(code=code, length=length))
    return code


def county_of(code: str) -> str:
    """County code (6 digits) of any longer division or cell code."""
    return code[:COUNTY]


def township_of(code: str) -> str:
    """Township code (9 digits) of a village, group or cell code."""
    return code[:TOWNSHIP]


def village_of(code: str) -> str:
    """Village code (12 digits) of a group or cell code."""
    return code[:VILLAGE]
