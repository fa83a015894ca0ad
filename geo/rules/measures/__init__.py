"""What is done about each cause of weakness, as a plan to begin with: ``measures.yaml`` in this folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from geo.errors import InputError
from geo.i18n import _
from geo.vocabulary import WeakCause

_FIELDS = {"title", "share_from", "share_to", "who", "source"}
RESPONSIBLE, LEADER = "responsible", "leader"
WHO = (RESPONSIBLE, LEADER)


@dataclass(frozen=True)
class Measure:
    """One measure of a template.

    Attributes
    ----------
    title : str
        What is done, in Chinese (untranslated: it becomes the text of a task).
    share_from, share_to : float
        Its part of the days between the listing (0) and the limit (1).
    who : str
        Whose task it is to begin with: ``responsible`` or ``leader``.
    source : str
    """

    title: str
    share_from: float
    share_to: float
    who: str
    source: str


@cache
def measures() -> dict[WeakCause, tuple[Measure, ...]]:
    """The measures of every cause, in the order of the work."""
    return read_measures(Path(__file__).parent / "measures.yaml")


def read_measures(path: Path) -> dict[WeakCause, tuple[Measure, ...]]:
    """The measures of a YAML file; `InputError` on an incomplete one, and when a cause has none."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if set(entries) != set(WeakCause):
        raise InputError(_("整改措施须正好写明每一种成因。"))
    return {cause: _measures(cause, entries[cause]) for cause in WeakCause}


def _measures(cause: str, entries: Any) -> tuple[Measure, ...]:
    if not entries or not all(_is_whole(entry) for entry in entries):
        raise InputError(
            _("成因“{cause}”的整改措施不完整。").format(cause=cause),
            hint=_("每项措施须写明 title、share_from、share_to、who 和 source。"),
        )
    found = tuple(Measure(**entry) for entry in entries)
    if max(measure.share_to for measure in found) != 1:
        raise InputError(_("成因“{cause}”的最后一项措施须在期限当日完成。").format(cause=cause))
    return found


def _is_whole(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == _FIELDS
        and entry["who"] in WHO
        and bool(entry["title"])
        and bool(entry["source"])
        and 0 <= entry["share_from"] < entry["share_to"] <= 1
    )
