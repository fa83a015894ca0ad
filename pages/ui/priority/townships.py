"""Townships side by side: how many villages bear each label, and whether all are covered (应派尽派)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import _
from geo.rules.units import percent_points
from geo.vocabulary import VillageLabel, label_of
from pages.ui.empty import show_empty
from pages.ui.priority.strip import COUNTED

WHOLE = ""
"""Township code of the row for all of them."""


def township_table(counts: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """One row a township, the one with the most villages that nobody was sent to first.

    Parameters
    ----------
    counts : DataFrame
        `geo.answers.priority.label_counts`.
    table : DataFrame
        `geo.answers.priority.priority_table` of the same day.

    Returns
    -------
    DataFrame
        ``code, name``, one column for each label counted, ``due`` (villages that must have somebody),
        ``staffed`` and ``ratio`` (0–1, missing over nothing).
    """
    own = counts[counts["township_code"] != WHOLE]
    wide = own.pivot_table(index="township_code", columns="label", values="villages", aggfunc="sum")
    names = own.drop_duplicates("township_code").set_index("township_code")["township_name"]
    found = wide.reindex(columns=[str(label) for label in COUNTED]).fillna(0).astype(int)
    due = table[table["must_staff"].astype(bool)].groupby("township_code")["staffed"].agg(["size", "sum"])
    found["due"] = due["size"].reindex(found.index).fillna(0).astype(int)
    found["staffed"] = due["sum"].reindex(found.index).fillna(0).astype(int)
    found["ratio"] = (found["staffed"] / found["due"]).where(found["due"] > 0)
    found.insert(0, "name", names.reindex(found.index))
    open_first = (found["staffed"] - found["due"]).sort_values(kind="stable").index
    return found.loc[open_first].reset_index(names="code")


def show_townships(found: pd.DataFrame) -> None:
    """Draw the table."""
    if found.empty:
        show_empty(_("还没有乡镇"), _("请在“数据”页导入乡镇、村和村情指标。"))
        return
    shown = found.drop(columns="code").copy()
    shown["ratio"] = shown["ratio"].map(percent_points, na_action="ignore")
    labels = {str(label): label_of(label) for label in VillageLabel}
    headings = {
        "name": _("乡镇"),
        **labels,
        "due": _("应派村"),
        "staffed": _("已派村"),
        "ratio": _("应派尽派"),
    }
    share: Any = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100, width=120)
    with st.container(key="table", border=False):
        st.dataframe(
            shown.rename(columns=headings),
            hide_index=True,
            height="stretch",
            column_config={headings["ratio"]: share},
            row_height=34,
            placeholder="—",
        )
