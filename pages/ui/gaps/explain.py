"""One gap explained: why it is one, how bad it is, since when, who must act, and where it is dealt with."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.rules.sources import in_words
from geo.rules.units import measured
from geo.vocabulary import EntityKind, ResponsibilityKind
from pages.ui.desk.state import the_desk
from pages.ui.desk.tools import KIND_KEY
from pages.ui.filters import TOWNSHIP_KEY
from pages.ui.gaps.state import GapDesk
from pages.ui.going import go_to

_MENDED_ON_THE_DESK = ("cell_contested",)


def explain(actor: Actor, desk: GapDesk, gap: pd.Series) -> None:
    """Show the gap and what can be done about it from here."""
    st.button(_("返回清单"), icon=":material/arrow_back:", on_click=desk.back, key="gap_back")
    st.html(gap_html(gap))
    village = gap["village_code"]
    if isinstance(village, str) and desk.village != village:
        label = _("看{village}的全部缺口").format(village=gap["village_name"])
        st.button(label, on_click=desk.in_village, args=(village,), width="stretch", key="gap_village")
    if _can_act(actor, gap):
        label, prepare = _("去办理"), _choose_on_desk
        if st.button(label, type="primary", width="stretch", key="gap_act", on_click=prepare, args=(gap,)):
            go_to("grid")
    if gap["target_kind"] == EntityKind.CADRE and st.button(_("看此人的全部责任"), width="stretch"):
        go_to("holder", holder=str(gap["target_code"]))


def gap_html(gap: pd.Series) -> str:
    """HTML of the explanation. Every text from the data is escaped."""
    place = " · ".join(str(gap[name]) for name in ("township_name", "village_name") if _is_text(gap[name]))
    rows = [
        (_("对象"), _target(gap), ""),
        (_("现状"), _figure(gap, "value"), "alert"),
        (_("标准"), _figure(gap, "threshold"), ""),
        (_("自何日起"), _since(gap), ""),
        (_("谁来办"), str(gap["who_name"]), ""),
        (_("依据"), in_words(str(gap["source"])), ""),
    ]
    listed = "".join(
        f'<dt>{escape(name)}</dt><dd class="{style}">{escape(text)}</dd>'
        for name, text, style in rows
        if text
    )
    order, points = escape(_("为什么排在这里")), escape(str(gap["score_why"]))
    total = escape(_("共 {score} 分").format(score=f"{gap['score']:.1f}"))
    return (
        f'<div class="panel"><h2>{escape(str(gap["label"]))}</h2><div class="code">{escape(place)}</div>'
        f'<p class="why">{escape(str(gap["why"]))}</p><dl>{listed}</dl>'
        f"<h3>{order}</h3><p>{points}<br><b>{total}</b></p></div>"
    )


def _figure(gap: pd.Series, name: str) -> str:
    """A figure with its unit; empty where nothing is measured."""
    return "" if pd.isna(gap[name]) else measured(float(gap[name]), gap["unit"])


def _target(gap: pd.Series) -> str:
    name, code = str(gap["target_name"]), str(gap["target_code"])
    return code if name == code else _("{name}（{code}）").format(name=name, code=code)


def _since(gap: pd.Series) -> str:
    since, days = gap["since"], gap["open_days"]
    if not isinstance(since, date):
        return _("不详（有记录以来一直如此）")
    return _("{day}（已 {days} 天）").format(day=since.isoformat(), days=f"{int(days):,}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _can_act(actor: Actor, gap: pd.Series) -> bool:
    """Whether the desk of ownership can mend this, and this account may."""
    return actor.can_write(str(gap["township_code"] or "")) and (
        bool(gap["needs"]) or gap["kind"] in _MENDED_ON_THE_DESK
    )


def _choose_on_desk(gap: pd.Series) -> None:
    """Have the desk of ownership open with the thing chosen."""
    desk = the_desk()
    desk.kind = ResponsibilityKind(gap["needs"] or ResponsibilityKind.GRID_OFFICER)
    desk.choose([str(gap["target_code"])])
    st.session_state[KIND_KEY] = desk.kind
    st.session_state[TOWNSHIP_KEY] = gap["township_code"]
