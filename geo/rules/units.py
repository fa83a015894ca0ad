"""Units of thresholds and of what gaps measure: what they are called, and which values make sense in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from geo.errors import InputError
from geo.i18n import N_, _


@dataclass(frozen=True)
class Unit:
    """One unit of the rule files.

    Attributes
    ----------
    code : str
        As it stands in the files.
    pattern : str
        A value with its unit, in Chinese (untranslated).
    is_count : bool
        Whole numbers only.
    most : float or None
        The largest value that makes sense.
    """

    code: str
    pattern: str
    is_count: bool = False
    most: float | None = None


UNITS = {
    unit.code: unit
    for unit in (
        Unit("areas", N_("{value} 个片"), is_count=True),
        Unit("branches", N_("{value} 个党支部"), is_count=True),
        Unit("cadres", N_("{value} 名干部"), is_count=True),
        Unit("cells", N_("{value} 个网格"), is_count=True),
        Unit("characters", N_("{value} 个字符"), is_count=True),
        Unit("choice", N_("选 {value}"), is_count=True, most=1),
        Unit("days", N_("{value} 天"), is_count=True),
        Unit("disputes", N_("{value} 起纠纷"), is_count=True),
        Unit("groups", N_("{value} 个村民小组"), is_count=True),
        Unit("holders", N_("{value} 个责任方"), is_count=True),
        Unit("households", N_("{value} 户"), is_count=True),
        Unit("km", N_("{value} 公里")),
        Unit("m", N_("{value} 米")),
        Unit("m2", N_("{value} 平方米")),
        Unit("megabytes", N_("{value} MB")),
        Unit("megapixels", N_("{value} 百万像素")),
        Unit("members", N_("{value} 名党员"), is_count=True),
        Unit("months", N_("{value} 个月")),
        Unit("officers", N_("{value} 名网格员"), is_count=True),
        Unit("pages", N_("{value} 页"), is_count=True),
        Unit("people", N_("{value} 人"), is_count=True),
        Unit("points", N_("{value} 分")),
        Unit("positions", N_("{value} 个坐标"), is_count=True),
        Unit("px", N_("{value} 像素"), is_count=True),
        Unit("ratio", N_("{value}%"), most=1),
        Unit("responsibilities", N_("{value} 项责任"), is_count=True),
        Unit("systems", N_("{value} 项制度"), is_count=True),
        Unit("things", N_("{value} 件实事"), is_count=True),
        Unit("villages", N_("{value} 个村"), is_count=True),
        Unit("yuan/year", N_("{value} 元/年"), is_count=True),
    )
}
"""Every unit a rule file or a gap may use, by its code."""

_DECIMALS = 4


def unit_name(unit: str) -> str:
    """A unit by itself, in this context's language: ``平方米``; a choice has none."""
    return "" if unit == "choice" else _(UNITS[unit].pattern).format(value="").strip()


def in_unit(value: float, unit: str) -> str:
    """A value with its unit in this context's language: ``1,000 平方米``, ``20%``."""
    shown = value * 100 if unit == "ratio" else value
    return _(UNITS[unit].pattern).format(value=_plain(shown))


def plain_number(value: float) -> float | int:
    """A number as it stands in a sentence: to two decimals, without any where it is whole."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def measured(value: float | None, unit: str) -> str:
    """A figure of a gap with its unit, to one decimal; "" where nothing is measured."""
    return "" if value is None else in_unit(round(value, 1), unit)


def percent(ratio: float | None) -> str:
    """A share as people write it, rounded down: 100 % only when nothing is left to do; — over nothing."""
    return "—" if ratio is None else f"{percent_points(ratio):.1f}%"


def percent_points(ratio: float) -> float:
    """A share as a figure of 0 to 100, rounded down to the decimal that `percent` shows."""
    return int(ratio * 1000 + 1e-9) / 10


def _plain(value: float) -> str:
    return f"{value:,.{_DECIMALS}f}".rstrip("0").rstrip(".")


def require_sensible(value: float, unit: str) -> None:
    """Raise `InputError` unless a value makes sense in a unit: finite, not negative, whole for counts."""
    known = UNITS[unit]
    if not isfinite(value) or value < 0:
        raise InputError(_("阈值须是不小于 0 的数。"))
    if known.most is not None and value > known.most:
        raise InputError(_("此项的值不得大于 {most}。").format(most=_plain(known.most)))
    if known.is_count and value != int(value):
        raise InputError(_("此项的值须是整数。"))
