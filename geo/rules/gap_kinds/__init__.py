"""What each kind of gap is called, whose rule it is and who should act: ``gaps.yaml`` beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from geo.errors import InputError
from geo.i18n import _

_FIELDS = {"label", "about", "source", "who"}
WHO = ("coordinator", "department", "unit")


@dataclass(frozen=True)
class GapKind:
    """One kind of gap.

    Attributes
    ----------
    code : str
    label, about : str
        What it is called and when it is one, in Chinese (untranslated).
    source : str
    who : str
        ``coordinator`` (of the township), ``department`` or ``unit`` (of the holder).
    """

    code: str
    label: str
    about: str
    source: str
    who: str


@cache
def gap_kinds() -> dict[str, GapKind]:
    """All kinds of gap by code, in the order in which lists show them."""
    return read_gap_kinds(Path(__file__).parent / "gaps.yaml")


def read_gap_kinds(path: Path) -> dict[str, GapKind]:
    """The kinds of a YAML file; `InputError` on an incomplete entry."""
    kinds = {}
    for code, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        if set(entry) != _FIELDS or not all(entry.values()) or entry["who"] not in WHO:
            raise InputError(
                _("缺口“{code}”的说明不完整。").format(code=code),
                hint=_("每种缺口须写明 label、about、source 和 who。"),
            )
        kinds[code] = GapKind(code, **entry)
    return kinds
