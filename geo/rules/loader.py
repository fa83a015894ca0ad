"""Reads the dated thresholds: one YAML entry a threshold, each with its unit, source and date.

The files beside this module hold the defaults; ``load_rules(as_of)`` picks the value in force on a day, and
``with_values`` puts what a county has set for itself in their place (`geo.operations.rules_now` reads that).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.rules.units import UNITS

RULES_FOLDER = Path(__file__).parent
_FIELDS = {"about", "unit", "source", "values"}
LOCAL = "local"


@dataclass(frozen=True)
class Threshold:
    """One number of the domain's rules, as it is in force on a day.

    Attributes
    ----------
    name : str
    value : float
    unit : str
    source : str
        S0–S4, STD, PUB or ``local`` (domain's header).
    valid_from : date
        The first day it is in force.
    about : str
        What it decides, in Chinese (untranslated).
    group : str
        What its file is about, in Chinese (untranslated).
    """

    name: str
    value: float
    unit: str
    source: str
    valid_from: date
    about: str
    group: str = ""


@dataclass(frozen=True)
class Rules:
    """All thresholds in force on ``as_of``; ``rules["poor_income_own_yuan"].value``."""

    as_of: date
    thresholds: Mapping[str, Threshold]

    def __getitem__(self, name: str) -> Threshold:
        return self.thresholds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.thresholds)


RulesOfYear = Callable[[int], Rules | None]
"""The rules by which the figures of a year are judged; None for a year before there were any."""


@dataclass(frozen=True)
class DatedValue:
    """A value that a county has set for a threshold, in force from a day on."""

    name: str
    value: float
    valid_from: date


def with_values(rules: Rules, values: Iterable[DatedValue]) -> Rules:
    """Rules in which a county's own values go before the defaults.

    Parameters
    ----------
    rules : Rules
        The defaults in force on ``rules.as_of``.
    values : iterable of DatedValue
        In any order, future ones too; at most one a name and day. Names that no rule has are passed over.

    Returns
    -------
    Rules
        For each threshold the latest value that has begun by ``as_of``, a default or a set one; on the same
        day the set one. A set value's source is ``local``. No values give the same rules.
    """
    found = dict(rules.thresholds)
    for dated in sorted(values, key=lambda dated: dated.valid_from):
        known = found.get(dated.name)
        if known is not None and known.valid_from <= dated.valid_from <= rules.as_of:
            found[dated.name] = replace(known, value=dated.value, valid_from=dated.valid_from, source=LOCAL)
    return Rules(rules.as_of, found)


@lru_cache(maxsize=128)  # a few days are asked for again and again
def load_rules(as_of: date) -> Rules:
    """The rules' defaults in force on a day.

    Raises
    ------
    RuleError
        A rule is not in force yet on that day.
    InputError
        A rule file breaks the contract: a missing source, unit or date, or a doubled name.
    """
    return Rules(as_of, {name: _in_force(dated, as_of) for name, dated in _dated_rules().items()})


def year_rules(year: int, values: Iterable[DatedValue] = ()) -> Rules | None:
    """The rules by which the figures of a year are judged: those in force on its last day.

    Returns
    -------
    Rules or None
        With a county's own ``values`` as of `with_values`; None for a year before there were rules.
    """
    last_day = date(year, 12, 31)
    if any(dated[0].valid_from > last_day for dated in _dated_rules().values()):
        return None
    return with_values(load_rules(last_day), values)


@cache
def _dated_rules() -> dict[str, list[Threshold]]:
    return read_rules(RULES_FOLDER)


def read_rules(folder: Path) -> dict[str, list[Threshold]]:
    """Every threshold of the YAML files in a folder, oldest value first; `InputError` on the first fault.

    A file's ``title`` says what its thresholds are about; every other key is a threshold's name.
    """
    rules: dict[str, list[Threshold]] = {}
    for path in sorted(folder.glob("*.yaml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        title = entries.pop("title", None)
        if not isinstance(title, str):
            raise InputError(
                _("规则文件“{name}”没有标题。").format(name=path.name), hint=_("请在文件开头写明 title。")
            )
        for name, entry in entries.items():
            if name in rules:
                raise InputError(_("规则“{name}”重复。").format(name=name))
            rules[name] = _thresholds(name, entry, title)
    return rules


def default_values(name: str) -> list[Threshold]:
    """Every value the files give a threshold, the oldest first; `InputError` when they have none."""
    try:
        return _dated_rules()[name]
    except KeyError:
        raise InputError(
            _("没有名为“{name}”的规则。").format(name=name), hint=_("请用 minqing rules 查看全部规则。")
        ) from None


def _thresholds(name: str, entry: Any, title: str) -> list[Threshold]:
    if not isinstance(entry, dict) or set(entry) != _FIELDS or not all(entry.values()):
        raise InputError(
            _("规则“{name}”不完整。").format(name=name),
            hint=_("每条规则须写明 about、unit、source 和 values。"),
        )
    if entry["unit"] not in UNITS:
        raise InputError(
            _("规则“{name}”的单位“{unit}”没有说明。").format(name=name, unit=entry["unit"]),
            hint=_("请在 geo/rules/units.py 中说明。"),
        )
    dated = [_threshold(name, entry, value, title) for value in entry["values"]]
    days = [threshold.valid_from for threshold in dated]
    if len(set(days)) != len(days):
        raise InputError(_("规则“{name}”同一天有两个值。").format(name=name))
    return sorted(dated, key=lambda threshold: threshold.valid_from)


def _threshold(name: str, entry: dict[str, Any], dated: Any, title: str) -> Threshold:
    day, value = dated.get("valid_from"), dated.get("value")
    if not isinstance(day, date) or isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(_("规则“{name}”的值须是带起始日期的数。").format(name=name))
    return Threshold(name, float(value), entry["unit"], entry["source"], day, entry["about"], title)


def _in_force(dated: list[Threshold], as_of: date) -> Threshold:
    started = [threshold for threshold in dated if threshold.valid_from <= as_of]
    if not started:
        raise RuleError(
            _("{day} 早于规则的最早日期，无法判断。").format(day=as_of.isoformat()),
            hint=_("请选择较晚的日期。"),
        )
    return started[-1]
