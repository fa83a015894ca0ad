"""Proposing a village's cells anew: the proposal beside today's cells, on the map and in figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.thresholds import threshold_on
from geo.i18n import N_, _
from geo.operations.propose import VillageProposal, propose
from geo.operations.requests import CellRequest
from geo.store.engine import Store
from layers.marks import Mark
from pages.ui.desk.state import Desk

_KEY = "cell_proposal"
_MEASURES = {
    "cells": N_("网格数"),
    "within_20": N_("户数均衡（±20%）"),
    "contiguous": N_("连成一片"),
    "compactness": N_("紧凑度"),
    "uncovered_m2": N_("未覆盖（m²）"),
    "overlap_m2": N_("重叠（m²）"),
}
_SHARES = ("within_20", "contiguous")


def propose_form(
    store: Store, actor: Actor, desk: Desk, targets: gpd.GeoDataFrame, *, as_of: date
) -> CellRequest | None:
    """Which village and how many households a cell; None until a proposal is there."""
    village = _village(desk, targets)
    usual = int(threshold_on(store, "cell_households_target", as_of=as_of).value)
    target = st.number_input(_("每个网格的目标户数"), 10, 2000, usual, step=10, key="cell_target")
    asked = (store.url, village, int(target), as_of, desk.turn)
    if st.button(_("生成方案"), width="stretch", disabled=village is None, key="make_proposal"):
        with st.spinner(_("正在划分…")):
            found = propose(store, actor, str(village), as_of=as_of, target=float(target))
        st.session_state[_KEY] = (asked, found)
    kept = st.session_state.get(_KEY)
    if kept is None or kept[0] != asked:
        st.caption(_("按户数均衡、连成一片、形状紧凑重新划分全村，与现有网格比较后再决定是否采用。"))
        return None
    one = kept[1].villages[0]
    st.dataframe(_compared(one), hide_index=True, placeholder="")
    day = st.date_input(_("生效日期"), as_of, max_value=as_of, format="YYYY-MM-DD", key="proposal_on")
    return kept[1].requests(on=day, reason="")[0] if isinstance(day, date) else None


def proposal_marks(desk: Desk) -> list[Mark]:
    """Outlines of the proposed cells with their households, while a proposal is looked at."""
    kept = st.session_state.get(_KEY)
    if desk.task != "propose" or kept is None or kept[0][-1] != desk.turn:
        return []
    cells = kept[1].villages[0].cells
    word = _("{count} 户")
    return [
        Mark("preview", row.geometry, word.format(count=row.households))
        for row in cells.itertuples(index=False)
    ]


def _village(desk: Desk, targets: gpd.GeoDataFrame) -> str | None:
    names = targets.drop_duplicates("village_code").set_index("village_code")["village_name"].to_dict()
    chosen = targets.loc[targets["code"].isin(desk.selected), "village_code"]
    codes = list(names)
    at = codes.index(chosen.iloc[0]) if len(chosen) else 0
    return st.selectbox(
        _("村"), codes, index=at, format_func=lambda code: names.get(code) or code, key=f"village_{desk.turn}"
    )


def _compared(one: VillageProposal) -> pd.DataFrame:
    def said(name: str, quality: Any) -> str:
        value = getattr(quality, name)
        if name in _SHARES:
            return f"{value:.0%}"
        return f"{value:.2f}" if name == "compactness" else f"{value:,.0f}"

    return pd.DataFrame(
        {
            _("指标"): [_(label) for label in _MEASURES.values()],
            _("现有"): [said(name, one.today) for name in _MEASURES],
            _("方案"): [said(name, one.proposed) for name in _MEASURES],
        }
    )
