"""The list of villages that come first, with what each of them lacks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import VillageLabel, label_of
from pages.ui.empty import show_empty
from pages.ui.priority.state import PriorityDesk

HEADINGS = {
    "township_name": N_("乡镇"),
    "name": N_("村"),
    "labels": N_("标签"),
    "missing": N_("还缺什么"),
    "resident_names": N_("驻村干部"),
    "team": N_("工作组人数"),
    "fit": N_("派出单位"),
    "suspects": N_("疑似"),
    "contradictions": N_("矛盾"),
}
"""Columns shown, in order, with their headings (untranslated)."""
_FITS = {"fits": N_("对口"), "unfit": N_("不对口"), "unknown": N_("类型不明"), "": ""}
_SMALL = ("township_name", "name", "team", "fit")


def as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table under translated headings, codes said in words."""
    shown = table[list(HEADINGS)].copy()
    for column in ("labels", "suspects"):
        shown[column] = shown[column].map(label_words)
    shown["fit"] = shown["fit"].map(lambda fit: _(_FITS[fit]) if _FITS[fit] else "")
    return shown.rename(columns={name: _(heading) for name, heading in HEADINGS.items()})


def label_words(labels: str) -> str:
    """Labels joined by ``;`` in words."""
    return _("、").join(label_of(VillageLabel(label)) for label in labels.split(";") if label)


def listed(table: pd.DataFrame) -> pd.DataFrame:
    """The villages that bear a label, those that lack something first; suspects have a list of their own."""
    borne = table[table["labels"] != ""]
    return borne.assign(whole=borne["missing"] == "").sort_values("whole", kind="stable", ignore_index=True)


def show_list(desk: PriorityDesk, table: pd.DataFrame) -> None:
    """Draw the list; a chosen row opens its village."""
    if table.empty:
        show_empty(_("没有符合条件的村"), _("请换一个乡镇、年份或标签；标签由村情指标和认定得出。"))
        return
    row = choose_row(as_shown(table), f"priority_list_{desk.turn}_{hash(tuple(table['code']))}", _formats())
    if row is not None:
        desk.open(str(table["code"].iloc[row]))
        st.rerun(scope="fragment")


def choose_row(shown: pd.DataFrame, key: str, formats: dict[str, Any], *, place: str = "table") -> int | None:
    """A table that fills its place (look.css) and of which one row can be chosen; the row, or None."""
    with st.container(key=place, border=False):
        event: Any = st.dataframe(
            shown,
            key=key,
            hide_index=True,
            height="stretch",
            on_select="rerun",
            selection_mode="single-row",
            column_config=formats,
            row_height=32,
            placeholder="",
        )
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None


def _formats() -> dict[str, Any]:
    return {_(HEADINGS[name]): st.column_config.Column(width="small") for name in _SMALL}
