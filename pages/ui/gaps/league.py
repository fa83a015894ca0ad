"""Townships side by side, the worst first: gaps, their change, and the ratios."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.rules.units import percent_points
from pages.ui.empty import show_empty
from pages.ui.filters import TOWNSHIP_KEY
from pages.ui.gaps.counts import by_township
from pages.ui.gaps.strip import RATIOS

_WISH = "gap_league_wish"
_HEADINGS = {
    "name": N_("乡镇"),
    "gaps": N_("缺口"),
    "change": N_("较上月"),
    "priority": N_("重点村缺口"),
    **RATIOS,
}
# As wide as the heading in the language with the longer one.
_RATIO_WIDTHS = {
    "cells_owned": 88,
    "households_in_owned_cells": 160,
    "households_paired": 126,
    "priority_villages_staffed": 116,
    "land_in_owned_cells": 122,
}


def league(coverage: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Townships by their worst ratio.

    Parameters
    ----------
    coverage : DataFrame
        `geo.answers.coverage.coverage_table` by township.
    now, before : DataFrame
        Gaps of the day and of the month before, of all these townships.

    Returns
    -------
    DataFrame
        ``code, name, gaps, change, priority`` and the `RATIOS` (0–1), the least ratio first, among equals
        the most gaps.
    """
    counts, earlier = by_township(now), by_township(before)
    table = coverage[["code", "name", *RATIOS]].copy()
    table["gaps"] = table["code"].map(counts["gaps"]).fillna(0).astype(int)
    table["priority"] = table["code"].map(counts["priority"]).fillna(0).astype(int)
    table["change"] = table["gaps"] - table["code"].map(earlier["gaps"]).fillna(0).astype(int)
    worst = table[list(RATIOS)].astype(float).min(axis=1)
    order = table.assign(worst=worst).sort_values(["worst", "gaps"], ascending=[True, False])
    return order.drop(columns="worst").reset_index(drop=True)


def show_league(table: pd.DataFrame, township: str, *, offered: Collection[str]) -> None:
    """Draw the table; a chosen row narrows the whole page to that township, taking it back widens it again.

    The table is another one for each township that is filtered by: a row once chosen would insist on its
    township against the filter above. Where the filter offers one township only, no row can be chosen.
    """
    if table.empty:
        show_empty(_("还没有乡镇"), _("请在“数据”页导入乡镇、村和网格。"))
        return
    shown = table[list(_HEADINGS)].copy()
    shown[list(RATIOS)] = shown[list(RATIOS)].astype(float).map(percent_points, na_action="ignore")
    shown["change"] = shown["change"].map(change_words)
    choices: dict[str, Any] = {"on_select": "ignore"}
    if len(offered) > 1:
        first = {"selection": {"rows": rows_of(table, township)}}
        choices = {"on_select": "rerun", "selection_mode": "single-row", "selection_default": first}
    with st.container(key="table", border=False):
        event: Any = st.dataframe(
            shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()}),
            key=f"gap_league_{township}_{hash(tuple(table['code']))}",
            hide_index=True,
            height="stretch",
            column_config=_formats(),
            row_height=34,
            placeholder="—",
            **choices,
        )
    if len(offered) > 1:
        _follow(table, township, event["selection"]["rows"], offered)


def _follow(table: pd.DataFrame, township: str, rows: list[int], offered: Collection[str]) -> None:
    """Narrow or widen the page when another row is chosen than the filter says."""
    wish = str(table["code"].iloc[rows[0]]) if rows else ""
    if list(rows) != rows_of(table, township) and (not wish or wish in offered):
        st.session_state[_WISH] = wish
        st.rerun(scope="fragment")


def rows_of(table: pd.DataFrame, township: str) -> list[int]:
    """The row of a township, as the table numbers it; none for all of them."""
    return [int(row) for row in (table["code"] == township).to_numpy().nonzero()[0]]


def change_words(more: int) -> str:
    """By how much the number of gaps has changed."""
    return _("持平") if not more else f"{'▲' if more > 0 else '▼'}{abs(more):,}"


def follow_league() -> None:
    """Choose the township whose row was chosen, before the filter is drawn."""
    wish = st.session_state.pop(_WISH, None)
    if wish is not None:
        st.session_state[TOWNSHIP_KEY] = wish


def _formats() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    share = {
        _(heading): st.column_config.ProgressColumn(
            format="%.1f%%", min_value=0, max_value=100, width=_RATIO_WIDTHS[name]
        )
        for name, heading in RATIOS.items()
    }
    return {
        _(_HEADINGS["name"]): st.column_config.TextColumn(width=66),
        _(_HEADINGS["gaps"]): number(format="localized", width=52),
        _(_HEADINGS["change"]): st.column_config.TextColumn(width=58, alignment="right"),
        _(_HEADINGS["priority"]): number(format="localized", width=82),
        **share,
    }
