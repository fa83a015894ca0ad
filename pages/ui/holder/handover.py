"""Handing everything over: a proposal that can be edited, looked at, and saved in one step."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.holdings import Holdings
from geo.i18n import N_, _
from geo.operations.handover import handover_request, propose_handover
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind, label_of
from pages.ui import cached
from pages.ui.desk.review import review
from pages.ui.desk.state import Desk

_DESK_KEY, _PROPOSAL_KEY = "holder_desk", "holder_proposal"
_MOST_OFFERED = 100
_HEADINGS = {
    "kind": N_("责任"),
    "target_name": N_("对象"),
    "successor_code": N_("接手人"),
    "distance_km": N_("距离（公里）"),
    "load_after": N_("接手后"),
    "limit": N_("上限"),
    "why": N_("说明"),
}


def handover_panel(store: Store, actor: Actor, held: Holdings, *, as_of: date, today: date) -> None:
    """Propose, edit, look, save."""
    if not actor.writes:
        st.caption(_("此账号只能查看，不能办理移交。"))
        return
    desk: Desk = st.session_state.setdefault(_DESK_KEY, Desk())
    on = st.date_input(_("自此日起由他人接手"), today, format="YYYY-MM-DD", key="handover_on")
    if not isinstance(on, date):
        return
    if st.button(_("提出接手方案"), key="propose", width="stretch"):
        with st.spinner(_("正在按远近、负担和单位匹配…")):
            proposal = propose_handover(store, actor, held.code, on=on, as_of=as_of)
        desk.choose([held.code, on.isoformat(), str(desk.turn)])
        st.session_state[_PROPOSAL_KEY] = (held.code, on, proposal)
    kept = st.session_state.get(_PROPOSAL_KEY)
    if kept is None or kept[:2] != (held.code, on) or not desk.selected:
        st.caption(
            _("列出其负责的全部对象，并为每项推荐最近、负担最轻、单位对口的接手人；可逐项修改后再保存。")
        )
        return
    proposal = kept[2]
    if proposal.empty:
        st.info(_("该日及以后没有需要移交的责任。"))
        return
    edited = _edit(store, actor, proposal, as_of=as_of, turn=desk.turn)
    review(store, actor, desk, handover_request(edited, held.code, on=on, reason=""), today=today)


def _edit(store: Store, actor: Actor, proposal: pd.DataFrame, *, as_of: date, turn: int) -> pd.DataFrame:
    """The proposal with the successors the user has chosen instead."""
    names = _offered(store, actor, proposal, as_of=as_of)
    shown = proposal[list(_HEADINGS)].copy()
    shown["kind"] = shown["kind"].map({str(kind): label_of(kind) for kind in ResponsibilityKind})
    shown = shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()})
    successor = _(_HEADINGS["successor_code"])
    answered = st.data_editor(
        shown,
        key=f"handover_{turn}",
        hide_index=True,
        height=min(320, 60 + 35 * len(shown)),
        disabled=[column for column in shown.columns if column != successor],
        column_config=_formats(names),
    )
    return proposal.assign(successor_code=answered[successor].where(answered[successor].notna(), None))


def _offered(store: Store, actor: Actor, proposal: pd.DataFrame, *, as_of: date) -> dict[str, str]:
    """Names of all who may be chosen, the proposed ones among them."""
    proposed = proposal.dropna(subset=["successor_code"])
    names = dict(zip(proposed["successor_code"], proposed["successor_name"], strict=True))
    for kind in proposal.loc[proposal["is_yours"].astype(bool), "kind"].unique():
        found = cached.candidate_rows(
            store, actor, ResponsibilityKind(kind), as_of=as_of, limit=_MOST_OFFERED
        )
        for row in found.itertuples(index=False):
            unit = f" · {row.unit_name}" if pd.notna(row.unit_name) else ""
            names.setdefault(row.code, f"{row.name}{unit}")
    return names


def _formats(names: dict[str, str]) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        _(_HEADINGS["successor_code"]): st.column_config.SelectboxColumn(
            options=list(names), format_func=lambda code: names.get(code, code), width=150
        ),
        _(_HEADINGS["distance_km"]): number(format="%.1f", width=92),
        _(_HEADINGS["load_after"]): number(format="%d", width=60),
        _(_HEADINGS["limit"]): number(format="%d", width=50),
    }
