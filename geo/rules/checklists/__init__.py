"""The checklists of villages and communities (S4, S2): ``checklists.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from geo.errors import InputError
from geo.i18n import _
from geo.vocabulary import VillageKind

_FIELDS = {"label", "source", "kinds", "items"}


@dataclass(frozen=True)
class Checklist:
    """One list.

    Attributes
    ----------
    code : str
    label : str
        What it is called, in Chinese (untranslated).
    source : str
    kinds : tuple of VillageKind
        For which kinds of village it is.
    items : mapping of str to str
        Code of an item and what is to be there, in Chinese (untranslated), in order.
    """

    code: str
    label: str
    source: str
    kinds: tuple[VillageKind, ...]
    items: Mapping[str, str]


@cache
def checklists() -> dict[str, Checklist]:
    """All lists by code, in the order in which they are shown."""
    return read_checklists(Path(__file__).parent / "checklists.yaml")


def checklists_for(kind: str) -> tuple[Checklist, ...]:
    """The lists of a kind of village."""
    return tuple(found for found in checklists().values() if kind in found.kinds)


def read_checklists(path: Path) -> dict[str, Checklist]:
    """The lists of a YAML file; `InputError` on an incomplete one."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {code: _checklist(code, entry) for code, entry in entries.items()}


def _checklist(code: str, entry: Mapping[str, Any]) -> Checklist:
    if set(entry) != _FIELDS or not all(entry.values()) or not set(entry["kinds"]) <= set(VillageKind):
        raise InputError(
            _("清单“{code}”的说明不完整。").format(code=code),
            hint=_("每份清单须写明 label、source、kinds 和 items。"),
        )
    kinds = tuple(VillageKind(kind) for kind in entry["kinds"])
    return Checklist(code, entry["label"], entry["source"], kinds, entry["items"])
