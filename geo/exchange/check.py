"""Check every row of a table by itself: required, digits, duplicates, lengths, ranges, periods, identities.

Rows are indexed by their number in the file. Nothing stops at the first fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from geo.codes import COUNTY
from geo.errors import InputError
from geo.exchange.report import FaultList
from geo.frames import Column, Layer
from geo.i18n import _

_OWN_CODE = r"[0-9A-Za-z\u4e00-\u9fff_.\-]{1,40}"
_MAX_COUNT = 2**31 - 1
_RANGES = {"satisfaction_ratio": (0, 1), "assessment_rank": (1, _MAX_COUNT)}
_NATIONAL_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def check_rows(rows: pd.DataFrame, layer: Layer, faults: FaultList, *, lengths: Mapping[str, int]) -> None:
    """Add every fault a row has by itself.

    Parameters
    ----------
    rows : DataFrame
        Converted values under canonical names, indexed by row number.
    lengths : mapping of str to int
        How many characters the store keeps of a text column.
    """
    for column in layer.columns:
        if column.name not in rows.columns:
            continue
        _check_required(rows, column, faults)
        values = rows[column.name].dropna()
        if column.kind == "code":
            _check_code(values, column, faults)
        if column.kind in ("integer", "number"):
            _check_range(values, column, faults)
        if column.name in lengths and column.kind in ("code", "text"):
            long = values[values.str.len() > lengths[column.name]] if len(values) else values
            message = _("“{value}”超过 {limit} 个字。")
            faults.add(long, column.name, "too_long", message, limit=lengths[column.name])
        if column.kind in ("code", "text") and not column.digits and not column.choices:
            _check_identity_numbers(rows, column, faults)
    _check_duplicates(rows, layer, faults)
    _check_period(rows, faults)


def _check_required(rows: pd.DataFrame, column: Column, faults: FaultList) -> None:
    if column.required:
        blank = rows[column.name].isna() & ~rows.index.isin(list(faults.rows_of(column.name)))
        message = _("缺少{label}。").replace("{label}", _(column.label))
        faults.add(rows.loc[blank, column.name], column.name, "missing_value", message)


def _check_code(values: pd.Series, column: Column, faults: FaultList) -> None:
    if values.empty:
        return
    pattern = rf"[0-9]{{{column.digits}}}" if column.digits else _OWN_CODE
    wrong = values[~values.str.fullmatch(pattern)]
    if column.digits:
        message = _("{label}“{value}”应为 {digits} 位数字。")
        faults.add(wrong, column.name, "bad_code", message, label=_(column.label), digits=column.digits)
    else:
        message = _("{label}“{value}”只能由字母、数字、汉字和 _ . - 组成，至多 40 个字。")
        faults.add(wrong, column.name, "bad_code", message, label=_(column.label))


def _check_range(values: pd.Series, column: Column, faults: FaultList) -> None:
    if column.kind == "number" and column.name not in _RANGES:
        return
    least, most = _RANGES.get(column.name, (0, _MAX_COUNT))
    outside = values[(values < least) | (values > most)]
    message = _("{label} {value} 应在 {least} 到 {most} 之间。")
    faults.add(outside, column.name, "out_of_range", message, label=_(column.label), least=least, most=most)


def _check_duplicates(rows: pd.DataFrame, layer: Layer, faults: FaultList) -> None:
    key = [name for name in layer.key if name in rows.columns]
    whole = rows[key].dropna()
    twice = whole[whole.duplicated(keep=False)]
    if len(key) == len(layer.key) and not twice.empty:
        shown = twice.astype(str).agg(" ".join, axis=1)
        faults.add(shown, key[0], "duplicate", _("“{value}”在文件中出现了不止一次。"))


def _check_period(rows: pd.DataFrame, faults: FaultList) -> None:
    if {"valid_from", "valid_to"} <= set(rows.columns):
        both = rows[["valid_from", "valid_to"]].dropna()
        backwards = [start >= end for start, end in zip(both["valid_from"], both["valid_to"], strict=True)]
        reversed_ = both[pd.Series(backwards, index=both.index, dtype=bool)]
        message = _("结束日期须晚于开始日期（{value}）。")
        faults.add(reversed_["valid_from"], "valid_to", "period_reversed", message)


def has_national_id(text: str) -> bool:
    """Whether a text holds an 18-digit identity number with a plausible birthday and a right check digit."""
    return any(_checks(found) for found in _NATIONAL_ID.findall(text))


def require_no_national_id(*texts: str | None) -> None:
    """Raise `InputError` when one of the texts that somebody wrote holds an identity number (domain §9)."""
    if any(text and has_national_id(text) for text in texts):
        raise InputError(_("文字里有身份证号码；系统不保存身份证号码，请删去。"))


def _checks(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == number[17].upper()


def _check_identity_numbers(rows: pd.DataFrame, column: Column, faults: FaultList) -> None:
    values = rows[column.name].dropna()
    if values.empty:
        return
    values = values[values.str.len() >= 18]
    if column.name == "code" and "village_code" in rows.columns:
        own = rows.loc[values.index, "village_code"].fillna("?")
        values = values[[not code.startswith(start) for code, start in zip(values, own, strict=True)]]
    found = values[[has_national_id(text) for text in values]]
    shown = pd.Series("", index=found.index)
    message = _("{label}里有身份证号码；系统不保存身份证号码，请删去。")
    faults.add(shown, column.name, "national_id", message, label=_(column.label))


def check_county(rows: pd.DataFrame, layer: Layer, county: str | None, faults: FaultList) -> str | None:
    """Add a fault for every division code of another county; the county the file belongs to.

    An empty store takes the county of most of the rows (townships and villages only).
    """
    columns = [c.name for c in layer.columns if c.digits and c.kind == "code" and c.name in rows.columns]
    if county is None and layer.name in ("townships", "villages") and rows["code"].notna().any():
        county = str(rows["code"].dropna().str[:COUNTY].mode().iloc[0])
    if county is None:
        return None
    for column in columns:
        values = rows[column].dropna()
        values = values[~values.index.isin(list(faults.rows_of(column)))]
        other = values[~values.str.startswith(county)] if len(values) else values
        faults.add(other, column, "other_county", _("“{value}”不属于本县 {county}。"), county=county)
    return county
