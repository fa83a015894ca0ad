"""What is shown of an entry besides its form: heading, plain values, what it holds, its history."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.answers.register import Entry
from geo.frames import LAYERS, Column, Layer
from geo.i18n import _
from geo.vocabulary import ResponsibilityKind, label_of
from pages.ui.sheets import last_day


def show_holdings(holdings: pd.DataFrame) -> None:
    """What an entry holds and who holds it, now or later."""
    if holdings.empty:
        st.caption(_("没有在任或将任的责任。"))
        return
    kinds = {str(kind): label_of(kind) for kind in ResponsibilityKind}
    shown = pd.DataFrame(
        {
            _("责任类型"): holdings["kind"].map(kinds),
            _("关系"): holdings["role"].map({"holder": _("承担"), "target": _("由其承担")}),
            _("名称"): holdings["other_name"],
            _("代码"): holdings["other_code"],
            _("起始日期"): holdings["valid_from"],
            _("截止日期"): holdings["valid_to"].map(last_day),
        }
    )
    st.dataframe(shown, hide_index=True, placeholder="", height=min(420, 36 + 33 * len(shown)))


def show_heading(held: Entry) -> None:
    """Name, code and period of an entry."""
    name = held.values.get("name") or held.code
    period = [_("自 {day} 起启用").format(day=held.valid_from)] if held.valid_from else []
    if held.valid_to:
        period.append(_("自 {day} 起停用").format(day=held.valid_to))
    facts = " · ".join([_(LAYERS[held.layer].label), held.code, *period])
    st.html(f'<div class="panel"><h2>{escape(name)}</h2><div class="code">{escape(facts)}</div></div>')


def show_values(layer: Layer, values: Mapping[str, Any]) -> None:
    """The entry for who may not change it."""
    rows = "".join(
        f"<dt>{escape(_(column.label))}</dt><dd>{escape(_in_words(column, values.get(column.name)))}</dd>"
        for column in layer.columns
    )
    st.html(f'<div class="panel"><dl>{rows}</dl></div>')
    st.caption(_("此账号不能修改这一条。"))


def show_history(history: pd.DataFrame) -> None:
    """Who changed the entry when, why and in which fields."""
    if history.empty:
        st.caption(_("没有变更记录：随文件导入，之后未改动。"))
        return
    items = [
        f"<li><b>{escape(row.action)}</b> {escape(row.fields)}<br>"
        f'<span class="code">{row.at:%Y-%m-%d %H:%M} UTC · {escape(row.user)} · '
        f"{escape(row.reason)}</span></li>"
        for row in history.itertuples()
    ]
    st.html(f'<div class="panel"><ul>{"".join(items)}</ul></div>')
    st.caption(_("名册的变更不能撤销，只能再次更正；误停用的可以恢复。"))


def _in_words(column: Column, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return label_of(column.choices(value)) if column.choices else str(value)
