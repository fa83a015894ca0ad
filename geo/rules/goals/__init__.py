"""The eight goals of a village (S2): where each figure comes from and what it is held against.

``goals.yaml`` beside this module has them; the numbers are thresholds of ``geo/rules/goals.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from geo.errors import InputError
from geo.i18n import N_, _
from geo.rules.units import in_unit
from geo.vocabulary import Goal

_FIELDS = {"about", "threshold", "column", "direction"}
AT_LEAST, AT_MOST = "at_least", "at_most"
_TARGETS = {AT_LEAST: N_("不少于 {target}"), AT_MOST: N_("不多于 {target}")}


@dataclass(frozen=True)
class GoalKind:
    """One of the goals.

    Attributes
    ----------
    goal : Goal
    about : str
        What is counted, in Chinese (untranslated).
    threshold : str
        Name of the rule that says how much is enough.
    column : str
        Indicator of the year the figure is read from; "" where it is entered.
    direction : str
        `AT_LEAST` or `AT_MOST`.
    """

    goal: Goal
    about: str
    threshold: str
    column: str
    direction: str

    @property
    def is_entered(self) -> bool:
        """Whether its figure is entered, not read from the indicators."""
        return not self.column


@cache
def goal_kinds() -> dict[Goal, GoalKind]:
    """All goals, in the order in which lists show them."""
    return read_goal_kinds(Path(__file__).parent / "goals.yaml")


def read_goal_kinds(path: Path) -> dict[Goal, GoalKind]:
    """The goals of a YAML file; `InputError` on an incomplete entry, and unless every goal has one."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if set(entries) != set(Goal):
        raise InputError(_("目标文件须正好写明八项目标。"))
    for goal, entry in entries.items():
        whole = set(entry) == _FIELDS and entry["about"] and entry["threshold"]
        if not whole or entry["direction"] not in _TARGETS:
            raise InputError(
                _("目标“{goal}”的说明不完整。").format(goal=goal),
                hint=_("每项目标须写明 about、threshold、column 和 direction。"),
            )
    return {Goal(goal): GoalKind(Goal(goal), **entry) for goal, entry in entries.items()}


def target_in_words(goal: Goal, target: float, unit: str) -> str:
    """A target in this context's language: ``不少于 30,000 元/年``."""
    return _(_TARGETS[goal_kinds()[goal].direction]).format(target=in_unit(target, unit))
