"""How the gaps came and went: their number over a year, and what opened and closed since a month before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store
from layers import styles
from pages.ui.gaps.filters import Look
from pages.ui.gaps.reads import changes, series_rows

_SPANS = {91: N_("三个月"), 183: N_("半年"), 365: N_("一年")}
_STEP_DAYS = 7
_COLOURS = (
    styles.VERMILLION,
    styles.BLUE,
    styles.GREEN,
    styles.ORANGE,
    styles.PURPLE,
    styles.SKY,
    styles.BLACK,
    styles.INK_LIGHT,
)
_MOST_LINES = len(_COLOURS)
_HEIGHT_PX = 250


def show_timeline(store: Store, actor: Actor, look: Look) -> None:
    """Draw the number of gaps by kind, and list what changed."""
    days = st.segmented_control(
        _("时段"),
        list(_SPANS),
        format_func=lambda span: _(_SPANS[span]),
        default=91,
        key="gap_span",
        label_visibility="collapsed",
        required=True,
    )
    start = look.as_of - timedelta(days=days or 91)
    counts = series_rows(
        store, actor, start=start, end=look.as_of, township=look.township, step_days=_STEP_DAYS
    )
    if look.kinds:
        counts = counts[counts["kind"].isin(look.kinds)]
    st.altair_chart(chart(counts), width="stretch", height=_HEIGHT_PX)
    found = changes(
        store, actor, since=look.compared_with, until=look.as_of, township=look.township, kinds=look.kinds
    )
    _show_changes(found)


def chart(counts: pd.DataFrame) -> alt.Chart:
    """A line a kind, the commonest kinds first; lines differ by dash as well as by colour."""
    named = counts.assign(
        name=counts["kind"].map({kind.code: _(kind.label) for kind in gap_kinds().values()})
    )
    most = named.groupby("name")["count"].max().nlargest(_MOST_LINES).index.tolist()
    drawn = named[named["name"].isin(most)].assign(day=pd.to_datetime(named["day"]))
    colour = alt.Color("name:N", sort=most, scale=alt.Scale(domain=most, range=list(_COLOURS)), title=None)
    return (
        alt.Chart(drawn[["day", "name", "count"]])
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("count:Q", title=_("缺口数"), scale=alt.Scale(type="symlog")),
            color=colour,
            strokeDash=alt.StrokeDash("name:N", sort=most, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title=_("缺口")),
                alt.Tooltip("day:T", title=_("日期"), format="%Y-%m-%d"),
                alt.Tooltip("count:Q", title=_("数量"), format=","),
            ],
        )
    )


def _show_changes(found: dict[str, Any]) -> None:
    opened, closed = found["opened"], found["closed"]
    title = _("自 {day} 起：新增 {opened} 条，消除 {closed} 条，持续 {stayed} 条").format(
        day=found["from"], opened=f"{len(opened):,}", closed=f"{len(closed):,}", stayed=f"{found['stayed']:,}"
    )
    st.html(f'<div class="panel"><h3>{title}</h3></div>')
    both = pd.concat([opened.assign(state=_("新增")), closed.assign(state=_("消除"))], ignore_index=True)
    if both.empty:
        st.caption(_("这段时间没有变化。"))
        return
    shown = both[["state", "label", "why"]]
    headings = {"state": _("变化"), "label": _("缺口"), "why": _("说明")}
    with st.container(key="gap_changes", border=False):
        st.dataframe(
            shown.rename(columns=headings),
            hide_index=True,
            height="stretch",
            column_config={
                headings["state"]: st.column_config.TextColumn(width=50),
                headings["label"]: st.column_config.TextColumn(width=90),
            },
            row_height=30,
        )
