"""Tables as people take them away: as CSV or Excel, with their day, and harmless to spreadsheet programs."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pandas as pd

from geo.i18n import _

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(shown: pd.DataFrame, *, as_of: date) -> bytes:
    """A table as CSV that spreadsheet programs open with the right characters."""
    return _dated(shown, as_of).to_csv(index=False).encode("utf-8-sig")


def xlsx_bytes(shown: pd.DataFrame, *, as_of: date, title: str) -> bytes:
    """A table as an Excel workbook with one sheet."""
    workbook = BytesIO()
    _dated(shown, as_of).to_excel(workbook, index=False, sheet_name=title)
    return workbook.getvalue()


def last_day(valid_to: date | None) -> date | None:
    """Officials write the last day of a period; the store keeps the day after it."""
    return None if pd.isna(valid_to) else valid_to - timedelta(days=1)


def _dated(shown: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The table with its day; a text that would run as a formula gets an apostrophe."""
    texts = shown.select_dtypes(exclude="number").columns
    safe = shown.assign(**{name: shown[name].map(_harmless) for name in texts})
    safe.insert(0, _("数据截至"), as_of.isoformat())
    return safe


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
