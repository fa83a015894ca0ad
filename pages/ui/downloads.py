"""Buttons that give a file to take away; it is made when the button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import _
from pages.ui.sheets import csv_bytes, xlsx_bytes

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def offer_file(label: str, make: Callable[[], bytes], name: str, **look: Any) -> None:
    """A button that makes a file; the page stays as it is, as a page drawn anew can lose the answer.

    ``look`` is what `streamlit.download_button` knows of a button's appearance.
    """
    media_type = _MEDIA_TYPES.get(PurePath(name).suffix)
    st.download_button(label, make, name, media_type, on_click="ignore", **look)


def offer_table(shown: pd.DataFrame, title: str, as_of: date) -> None:
    """Buttons that give a table, headed as it is shown, as CSV and as Excel."""
    name = f"{title}-{as_of.isoformat()}"
    offer_file(_("下载 CSV"), lambda: csv_bytes(shown, as_of=as_of), f"{name}.csv")
    offer_file(_("下载 Excel"), lambda: xlsx_bytes(shown, as_of=as_of, title=title), f"{name}.xlsx")
