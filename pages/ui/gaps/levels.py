"""The five levels of every village, side by side: who is there, who is missing, which break comes first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.analysis.chain import LevelState
from geo.i18n import N_, _
from geo.vocabulary import FIVE_LEVELS, ResponsibilityKind, label_of
from pages.ui.empty import show_empty
from pages.ui.gaps.state import GapDesk

_HELD, _NOT_APPLICABLE = "✓", "—"
_HEADINGS = {
    "township_name": N_("乡镇"),
    "name": N_("村"),
    "first_missing": N_("首个缺口"),
    "households_whole": N_("五级齐全的户"),
}


def as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The matrix people see: a sign a level, and how many of how many are missing."""
    shown = pd.DataFrame(
        {_(_HEADINGS["township_name"]): table["township_name"], _(_HEADINGS["name"]): table["name"]}
    )
    for kind in FIVE_LEVELS:
        shown[label_of(kind)] = [
            _sign(state, covered, of)
            for state, covered, of in zip(
                table[str(kind)], table[f"{kind}_covered"], table[f"{kind}_of"], strict=True
            )
        ]
    kinds = {str(kind): label_of(ResponsibilityKind(kind)) for kind in FIVE_LEVELS}
    shown[_(_HEADINGS["first_missing"])] = table["first_missing"].map(kinds).fillna(_("完整"))
    shown[_(_HEADINGS["households_whole"])] = [
        f"{whole:,} / {of:,}"
        for whole, of in zip(table["households_whole"], table["households"], strict=True)
    ]
    return shown


def show_levels(desk: GapDesk, table: pd.DataFrame) -> None:
    """Draw the matrix, the broken chains first; a chosen row lists that village's gaps."""
    if table.empty:
        show_empty(_("还没有村"), _("请在“数据”页导入乡镇、村和网格。"))
        return
    broken = table["first_missing"].notna()
    ordered = table.loc[(~broken).sort_values(kind="stable").index].reset_index(drop=True)
    legend = _("✓ 有人　缺（缺的 / 应有的）　— 不适用　　{whole} 个村五级齐全，{broken} 个村有断点").format(
        whole=f"{int((~broken).sum()):,}", broken=f"{int(broken.sum()):,}"
    )
    st.caption(legend)
    with st.container(key="gap_levels", border=False):
        event: Any = st.dataframe(
            as_shown(ordered),
            key=f"gap_levels_{desk.turn}_{hash(tuple(ordered['code']))}",
            hide_index=True,
            height="stretch",
            on_select="rerun",
            selection_mode="single-row",
            row_height=30,
            placeholder="",
        )
    rows = event["selection"]["rows"]
    if rows:
        code = str(ordered["code"].iloc[rows[0]])
        if desk.village != code:
            desk.in_village(code)
            st.rerun(scope="fragment")


def _sign(state: str, covered: int, of: int) -> str:
    if state == str(LevelState.MISSING):
        return (
            _("缺 {missing} / {of}").format(missing=f"{of - covered:,}", of=f"{of:,}") if of > 1 else _("缺")
        )
    return _HELD if state == str(LevelState.HELD) else _NOT_APPLICABLE
