"""The list of targets: filtered, with the chosen rows marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import EntityKind, ResponsibilityKind
from pages.ui.desk.state import MOST_SELECTED, Desk
from pages.ui.sheets import last_day

HEADINGS = {
    "code": N_("代码"),
    "name": N_("名称"),
    "village_name": N_("村"),
    "state": N_("状态"),
    "holders": N_("责任人"),
    "assistants": N_("协助"),
    "households": N_("户数"),
    "since": N_("起始"),
    "until": N_("截止"),
}
_HEIGHT_PX = 214
_STATES = {"unowned": N_("空白"), "owned": N_("有主"), "contested": N_("多头")}


def state_labels() -> dict[str, str]:
    """What the states of a target are called."""
    return {state: _(label) for state, label in _STATES.items()}


def filtered(table: pd.DataFrame, *, states: Sequence[str], text: str) -> pd.DataFrame:
    """Rows in one of the states (none: all) whose code, name, village or people hold the text."""
    kept = table["state"].isin(list(states)) if states else pd.Series(True, index=table.index)
    wanted = text.strip()
    if wanted and len(table):
        columns = ["code", "name", "village_name", "holders", "assistants"]
        texts = table[columns].astype(object).fillna("").agg("\n".join, axis=1)
        kept &= texts.str.contains(wanted, case=False, regex=False)
    return table[kept].reset_index(drop=True)


def ordered(table: pd.DataFrame, first: Collection[str]) -> pd.DataFrame:
    """The rows with the given codes before the others."""
    later = ~table["code"].isin(list(first))
    return table.loc[later.sort_values(kind="stable").index].reset_index(drop=True)


def as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see; the last day instead of the first day after it."""
    shown = pd.DataFrame(table[list(HEADINGS)])
    shown["state"] = shown["state"].map(state_labels())
    shown["until"] = [last_day(day) for day in shown["until"]]
    return shown.rename(columns={name: _(heading) for name, heading in HEADINGS.items()})


def show_list(desk: Desk, table: pd.DataFrame) -> None:
    """Draw the list; its rows are chosen by their boxes, a range with the shift key."""
    table = ordered(table, desk.first)
    desk.listed = tuple(table["code"])
    # Rows are marked by their number, so another list needs another key.
    desk.list_key = f"targets_{desk.kind}_{desk.turn}_{hash(desk.listed)}"
    chosen = set(desk.selected)
    rows = [row for row, code in enumerate(desk.listed) if code in chosen]
    with st.container(key="targets", border=False):
        st.dataframe(
            as_shown(table),
            key=desk.list_key,
            hide_index=True,
            height=_HEIGHT_PX,
            on_select="rerun",
            selection_mode="multi-row",
            selection_default={"selection": {"rows": rows, "columns": [], "cells": []}},
            column_order=_columns(desk.kind, table),
            column_config=_formats(),
            row_height=30,
            placeholder="",
        )


def take_rows(desk: Desk) -> None:
    """Make the rows marked in the list the chosen targets, before anything else is drawn."""
    drawn: Any = st.session_state.get(desk.list_key)
    if drawn is not None:
        desk.mark(drawn["selection"]["rows"])


def selection_bar(desk: Desk, table: pd.DataFrame, whole: pd.DataFrame) -> None:
    """How many are chosen, and what chooses all that the filter shows, the others, or none."""
    chosen = whole[whole["code"].isin(desk.selected)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="chosen">{_chosen(chosen)}</div>', width="content")
        st.space("stretch")
        codes = table["code"].tolist()
        others = [code for code in codes if code not in set(desk.selected)]
        too_many = len(codes) > MOST_SELECTED
        help_ = _("一次最多办理 {count} 个，请先筛选。").format(count=MOST_SELECTED) if too_many else None
        st.button(_("全选"), on_click=desk.choose, args=(codes,), disabled=too_many or not codes, help=help_)
        st.button(_("反选"), on_click=desk.choose, args=(others,), disabled=too_many or not codes)
        st.button(_("清空"), on_click=desk.choose, args=([],), disabled=not desk.selected)


def _chosen(chosen: pd.DataFrame) -> str:
    if chosen.empty:
        return _("未选中")
    households = chosen["households"].dropna()
    counted = _("，{count} 户").format(count=f"{int(households.sum()):,}") if len(households) else ""
    return _("已选 <b>{count}</b> 个").format(count=f"{len(chosen):,}") + counted


def _columns(kind: ResponsibilityKind, table: pd.DataFrame) -> list[str]:
    """Only columns that say something here."""
    hidden = {"name"} if (table["name"] == table["code"]).all() else set()
    if set(table["target_kind"]) <= {str(EntityKind.VILLAGE), str(EntityKind.TOWNSHIP)}:
        hidden.add("village_name")
    for name in ("assistants", "households", "until"):
        if table[name].replace("", None).isna().all():
            hidden.add(name)
    return [_(heading) for name, heading in HEADINGS.items() if name not in hidden]


def _formats() -> dict[str, Any]:
    return {
        _(HEADINGS["households"]): st.column_config.NumberColumn(format="localized", width=56),
        _(HEADINGS["state"]): st.column_config.TextColumn(width=50),
        _(HEADINGS["code"]): st.column_config.TextColumn(width=132),
        _(HEADINGS["since"]): st.column_config.DateColumn(format="YYYY-MM-DD", width=86),
        _(HEADINGS["until"]): st.column_config.DateColumn(format="YYYY-MM-DD", width=86),
    }
