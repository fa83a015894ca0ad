"""Turn raw cells into the values a column takes: codes, numbers, flags, days, choices.

Distinct values are converted once, so that a million rows cost what their variety costs.
A value that does not fit becomes missing and a fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from geo.exchange.columns import LAST_DAY
from geo.exchange.report import FaultList
from geo.frames import Column
from geo.i18n import N_, _
from geo.vocabulary import choices_of

_BLANK = frozenset({"", "-", "--", "/", "—", "无", "null", "none", "nan", "n/a", "<null>", "#n/a"})
_YES = frozenset({"是", "有", "true", "t", "yes", "y", "1", "√", "✓"})
_NO = frozenset({"否", "无", "false", "f", "no", "n", "0", "×", "✗"})
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?e[+]?\d+\Z", re.IGNORECASE)
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+\Z")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(:00(\.0+)?)?)?\Z"
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_GUARD = re.compile(r"'(?=[=+\-@\t])")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
# What needs no cleaning.
_PLAIN = {"code": r"[A-Za-z]*[0-9]+", "text": "[\u4e00-\u9fff0-9A-Za-z]+"}
_MAX_EXACT_FLOAT = 2**53
_MAX_INTEGER = 2**53

# What a conversion that fails says; `_NotFitting` carries the code.
_MESSAGES = {
    "digits_lost": N_("“{value}”的位数已丢失（表格软件把代码存成了科学计数法），无法还原。"),
    "not_a_number": N_("“{value}”不是数字。"),
    "not_an_integer": N_("“{value}”不是整数。"),
    "not_a_flag": N_("“{value}”应为“是”或“否”。"),
    "not_a_date": N_("“{value}”不是日期，应如 2026-05-01。"),
    "not_a_year": N_("“{value}”不是年份，应如 2025。"),
    "not_a_choice": N_("“{value}”不在可选值之内：{choices}。"),
}


class _NotFitting(ValueError):
    """A value does not fit its column; the text is the fault's code."""


def cell_text(value: Any) -> str | None:
    """A cell as text without stray blanks; None when it says nothing."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else _float_text(float(value))
    if isinstance(value, datetime | pd.Timestamp):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(" ")
    text = str(value).translate(_INVISIBLE).strip().strip("\u3000\xa0\0")
    return _GUARD.sub("", text) or None


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) <= _MAX_EXACT_FLOAT else repr(value)


def code_text(text: str) -> str:
    """A code as digits: full-width folded, ``3.70831108249E+11`` and ``…249.0`` restored when exact."""
    text = unicodedata.normalize("NFKC", text).strip()
    if (joined := text.replace(" ", "")).isdigit():
        return joined
    if whole := _WHOLE_FLOAT.match(text):
        return whole.group(1)
    if not _SCIENTIFIC.match(text):
        return text
    number = Decimal(text)
    digits = number.as_tuple().digits
    if number.adjusted() + 1 != len(digits):
        raise _NotFitting("digits_lost")
    return str(int(number))


def _codes_text(text: str) -> str:
    parts = re.split(r"[;；,，、\s]+", unicodedata.normalize("NFKC", text))
    return ";".join(dict.fromkeys(code_text(part) for part in parts if part))


def _number(text: str) -> float:
    text = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    try:
        if text.endswith("%"):
            return float(Decimal(text[:-1]) / 100)
        value = float(text)
    except (ValueError, InvalidOperation) as fault:
        raise _NotFitting("not_a_number") from fault
    if not np.isfinite(value) or "_" in text:
        raise _NotFitting("not_a_number")
    return value


def _integer(text: str) -> int:
    value = _number(text)
    if not value.is_integer() or abs(value) > _MAX_INTEGER:
        raise _NotFitting("not_an_integer")
    return int(value)


def _year(text: str) -> int:
    try:
        value = _integer(text.removesuffix("年").removesuffix("年度"))
    except _NotFitting as fault:
        raise _NotFitting("not_a_year") from fault
    if not 1900 <= value <= 2200:
        raise _NotFitting("not_a_year")
    return value


def _flag(text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).lower().removesuffix(".0")
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _NotFitting("not_a_flag")


def day_of(text: str) -> date:
    """A day from ``2026-05-01``, ``2026/5/1``, ``2026年5月1日``, ``2026.5.1`` or ``20260501``."""
    text = unicodedata.normalize("NFKC", text)
    found = _DAY.match(text) or _COMPACT_DAY.match(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as fault:
        raise _NotFitting("not_a_date") from fault
    raise _NotFitting("not_a_date")


def _next_day(text: str) -> date:
    day = day_of(text)
    if day == date.max:
        raise _NotFitting("not_a_date")
    return day + timedelta(days=1)


def _chooser(kind: type[StrEnum]) -> Callable[[str], str]:
    choices = choices_of(kind)

    def choose(text: str) -> str:
        if text.lower() not in choices:
            raise _NotFitting("not_a_choice")
        return choices[text.lower()]

    return choose


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "code": code_text,
    "codes": _codes_text,
    "text": str,
    "integer": _integer,
    "number": _number,
    "year": _year,
    "flag": _flag,
    "date": day_of,
}


def converted(raw: pd.Series, column: Column, faults: FaultList, *, given_as: str) -> pd.Series:
    """The column's values, missing where there are none; what does not fit is added to ``faults``.

    Parameters
    ----------
    raw : Series of anything, indexed by row number
    given_as : str
        Canonical name it was found under; `LAST_DAY` values become the day after.
    """
    if not column.choices and _is_plain(raw, column.kind):
        return raw.astype("str")
    convert = _chooser(column.choices) if column.choices else _CONVERTERS[column.kind]
    if given_as == LAST_DAY:
        convert = _next_day
    positions, distinct = pd.factorize(raw.astype(object), use_na_sentinel=True)
    values: list[Any] = []
    wrong: dict[int, str] = {}
    for at, item in enumerate(distinct):
        try:
            values.append(_value(item, convert, column.kind))
        except _NotFitting as fault:
            values.append(None)
            wrong[at] = str(fault)
    taken = np.array([*values, None], dtype=object)[positions]
    for code in dict.fromkeys(wrong.values()):
        rows = np.isin(positions, [at for at, name in wrong.items() if name == code])
        faults.add(raw[rows], column.name, code, _(_MESSAGES[code]), choices=_choices(column))
    text = column.kind in ("code", "text", "codes")
    return pd.Series(taken, index=raw.index, dtype="str" if text else object)


def _is_plain(raw: pd.Series, kind: str) -> bool:
    """Whether a column is of text that needs no cleaning: seen at once, where cleaning takes each value."""
    if kind not in _PLAIN or pd.api.types.infer_dtype(raw, skipna=True) not in ("string", "empty"):
        return False
    return bool(raw.astype("str").dropna().str.fullmatch(_PLAIN[kind]).all())


def _value(item: Any, convert: Callable[[str], Any], kind: str) -> Any:
    text = cell_text(item)
    if text is None or (kind not in ("text", "flag") and text.lower() in _BLANK):
        return None
    return convert(text)


def _choices(column: Column) -> str:
    return "、".join(choices_of(column.choices)) if column.choices else ""
