"""Putting one wrong record right: all that was ever recorded of a target, and the form of a correction."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.records import record_history
from geo.i18n import N_, _
from geo.operations.requests import CorrectRequest
from geo.store.engine import Store
from geo.vocabulary import Rank, ResponsibilityKind, label_of
from pages.ui.desk.assigning import holder_choice, rank_choice
from pages.ui.desk.state import Desk
from pages.ui.fields import begin_with
from pages.ui.sheets import last_day
from pages.ui.text import local_time, plain

_HEADINGS = {
    "stands": N_("有效"),
    "kind": N_("责任"),
    "holder_name": N_("责任人"),
    "rank": N_("主次"),
    "valid_from": N_("起始"),
    "valid_to": N_("截止"),
    "recorded_at": N_("登记时间"),
    "recorded_by": N_("登记人"),
    "reason": N_("事由"),
    "superseded_by": N_("更正人"),
    "closed_why": N_("更正事由"),
}
_HEIGHT_PX = 180


def correct_form(
    store: Store, actor: Actor, desk: Desk, chosen: pd.DataFrame, *, as_of: date
) -> CorrectRequest | None:
    """Which record of the one chosen target is wrong, and what is right; None until both are said."""
    if len(chosen) != 1:
        st.caption(_("请只选中一个对象，查看它的全部责任记录；被更正的记录仍会保留。"))
        return None
    code = chosen["code"].iloc[0]
    history = record_history(store, actor, code)
    key = f"records_{code}_{desk.turn}"
    st.dataframe(
        _as_shown(history),
        key=key,
        hide_index=True,
        height=_HEIGHT_PX,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
    )
    record = _marked(history, key)
    if record is None:
        st.caption(_("勾选要更正的一条记录。"))
        return None
    if not record["stands"]:
        st.info(_("这条记录已被更正或撤销，不能再改。"))
        return None
    if st.checkbox(_("这条记录完全错误，应当作废"), key="withdraw"):
        return CorrectRequest(int(record["id"]), "", withdraw=True)
    return _corrected(store, actor, chosen, record, as_of=as_of)


def _corrected(
    store: Store, actor: Actor, chosen: pd.DataFrame, record: pd.Series, *, as_of: date
) -> CorrectRequest | None:
    kind = ResponsibilityKind(record["kind"])
    holding = plain(str(record["holder_name"]))
    st.caption(_("只填写要改的；责任人不选即保持“{name}”。").format(name=holding))
    holder = holder_choice(store, actor, kind, chosen, as_of=as_of)
    first, last, part = st.columns(3)
    number = record["id"]
    with first:
        start = st.date_input(_("从"), record["valid_from"], format="YYYY-MM-DD", key=f"from_{number}")
    with last:
        key = begin_with(last_day(record["valid_to"]), f"to_{number}")
        end = st.date_input(_("至（含，可不填）"), None, format="YYYY-MM-DD", key=key)
    with part:
        rank = rank_choice(kind, Rank(record["rank"]))
    if not isinstance(start, date):
        return None
    until = end + timedelta(days=1) if isinstance(end, date) else None
    return CorrectRequest(
        int(number), "", holder_code=holder, rank=str(rank), valid_from=start, valid_to=until
    )


def _marked(history: pd.DataFrame, key: str) -> pd.Series | None:
    rows = st.session_state.get(key, {}).get("selection", {}).get("rows", [])
    return history.iloc[rows[0]] if rows and rows[0] < len(history) else None


def _as_shown(history: pd.DataFrame) -> pd.DataFrame:
    shown = history[list(_HEADINGS)].copy()
    shown["stands"] = [_("是") if stands else _("已更正") for stands in shown["stands"]]
    shown["kind"] = shown["kind"].map({str(kind): label_of(kind) for kind in ResponsibilityKind})
    shown["rank"] = shown["rank"].map({str(rank): label_of(rank) for rank in Rank})
    shown["valid_to"] = shown["valid_to"].map(last_day)
    shown["recorded_at"] = shown["recorded_at"].map(local_time)
    return shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()})
