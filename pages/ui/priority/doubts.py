"""What is in doubt: labels that figures suggest and nobody decided on, and labels that figures contradict."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.vocabulary import VillageLabel, label_of
from pages.ui.priority.filters import Look
from pages.ui.priority.listing import choose_row
from pages.ui.priority.reads import contradiction_rows, suspect_rows
from pages.ui.priority.state import PriorityDesk

_KINDS = {"suspects": N_("疑似（未认定）"), "contradictions": N_("标签与数据矛盾")}
_HEADINGS = {
    "township_name": N_("乡镇"),
    "village_name": N_("村"),
    "label": N_("标签"),
    "text": N_("依据"),
}


def show_doubts(store: Store, actor: Actor, desk: PriorityDesk, look: Look) -> None:
    """Draw one of the two lists; a chosen row opens its village."""
    where = {"as_of": look.as_of, "township": look.township}
    suspects = suspect_rows(store, actor, **where)
    contradictions = contradiction_rows(store, actor, **where)
    lists = {
        "suspects": look_for(suspects[~suspects["designated"].astype(bool)], look, "reason"),
        "contradictions": look_for(contradictions, look, "text"),
    }
    kind = st.segmented_control(
        _("名单"),
        list(lists),
        format_func=lambda name: f"{_(_KINDS[name])} {len(lists[name]):,}",
        default="suspects",
        key="priority_doubt",
        label_visibility="collapsed",
        required=True,
    )
    found = lists[kind or "suspects"]
    st.caption(
        _("系统只列出理由，不作认定；是否认定由县委组织部决定。")
        if kind == "suspects"
        else _("标签不会因数据变化而自动改变；请核实数据，或由县委组织部结束认定。")
    )
    if found.empty:
        st.caption(_("没有。"))
        return
    reason = _HEADINGS["text"]
    row = choose_row(
        found[list(_HEADINGS)].rename(columns={name: _(heading) for name, heading in _HEADINGS.items()}),
        f"priority_doubts_{kind}_{desk.turn}_{hash(tuple(found['village_code']))}",
        {_(reason): st.column_config.TextColumn(width="large")},
        place="priority_doubts",
    )
    if row is not None:
        desk.open(str(found["village_code"].iloc[row]))
        st.rerun(scope="fragment")


def look_for(rows: pd.DataFrame, look: Look, text: str) -> pd.DataFrame:
    """The rows of the chosen labels, with the label in words and the reason under ``text``."""
    kept = rows[rows["label"].isin(look.labels)] if look.labels else rows
    named = [label_of(VillageLabel(label)) for label in kept["label"]]
    return kept.assign(text=kept[text], label=named).reset_index(drop=True)
