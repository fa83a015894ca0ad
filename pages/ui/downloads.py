"""Buttons that give a file to take away; it is made when the button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import _, current_language, set_language
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
    media_type, language = _MEDIA_TYPES.get(PurePath(name).suffix), current_language()

    def speak() -> bytes:  # it is made outside of the page's run, where nobody has chosen a language
        set_language(language)
        return make()

    st.download_button(label, speak, name, media_type, on_click="ignore", **look)


def offer_table(read: Callable[[], pd.DataFrame], title: str, as_of: date) -> None:
    """Buttons that give a table, headed as it is shown, as CSV and as Excel.

    ``read`` is asked when a button is pressed, as others may have changed the data since the page was drawn.
    """
    name = f"{title}-{as_of.isoformat()}"
    offer_file(_("下载 CSV"), lambda: csv_bytes(read(), as_of=as_of), f"{name}.csv")
    offer_file(_("下载 Excel"), lambda: xlsx_bytes(read(), as_of=as_of, title=title), f"{name}.xlsx")
