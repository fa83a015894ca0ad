"""How the gaps came and went: their number over a year, and what opened and closed since a month before."""

from __future__ import annotations

from datetime import timedelta

import altair as alt
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.analysis.gaps.compare import CLOSED, OPENED, STAYED
from geo.answers.gap_rows import gaps_in
from geo.i18n import N_, _
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store
from layers import styles
from pages.ui.gaps.filters import Look
from pages.ui.gaps.reads import changed_rows, series_rows

_SPANS = {91: N_("三个月"), 182: N_("半年"), 364: N_("一年")}
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
_COLUMNS = 4
_HEIGHT_PX = 280


def show_timeline(store: Store, actor: Actor, look: Look) -> None:
    """Draw the number of gaps by kind, and list what changed."""
    days = st.segmented_control(
        _("时段"),
        list(_SPANS),
        format_func=lambda span: _(_SPANS[span]),
        default=182,
        key="gap_span",
        label_visibility="collapsed",
        required=True,
    )
    start = look.as_of - timedelta(days=days or 182)
    counts = series_rows(
        store, actor, start=start, end=look.as_of, township=look.township, step_days=_STEP_DAYS
    )
    if look.kinds:
        counts = counts[counts["kind"].isin(look.kinds)]
    st.altair_chart(chart(counts), width="stretch", height=_HEIGHT_PX)
    _show_changes(changed_rows(store, actor, look), look)


def chart(counts: pd.DataFrame) -> alt.Chart:
    """A line a kind, the commonest kinds first; lines differ by dash as well as by colour."""
    named = counts.assign(
        name=counts["kind"].map({kind.code: _(kind.label) for kind in gap_kinds().values()})
    )
    most = named.groupby("name")["count"].max().nlargest(_MOST_LINES).index.tolist()
    drawn = named[named["name"].isin(most)].assign(day=pd.to_datetime(named["day"]))
    legend = alt.Legend(orient="bottom", columns=_COLUMNS, symbolStrokeWidth=3, labelLimit=170)
    scale = alt.Scale(domain=most, range=list(_COLOURS[: len(most)]))
    colour = alt.Color("name:N", sort=most, scale=scale, title=None, legend=legend)
    axis = alt.Axis(values=[0, *(10**power for power in range(7))], format=",.0f")
    return (
        alt.Chart(drawn[["day", "name", "count"]])
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("count:Q", title=None, scale=alt.Scale(type="symlog"), axis=axis),
            color=colour,
            strokeDash=alt.StrokeDash("name:N", sort=most, title=None, legend=legend),
            tooltip=[
                alt.Tooltip("name:N", title=_("缺口")),
                alt.Tooltip("day:T", title=_("日期"), format="%Y-%m-%d"),
                alt.Tooltip("count:Q", title=_("数量"), format=","),
            ],
        )
    )


def _show_changes(rows: pd.DataFrame, look: Look) -> None:
    counts = gaps_in(rows).groupby(rows["state"]).sum()
    opened, closed, stayed = (f"{int(counts.get(state, 0)):,}" for state in (OPENED, CLOSED, STAYED))
    title = _("自 {day} 起：新增 {opened} 条，消除 {closed} 条，持续 {stayed} 条").format(
        day=look.compared_with.isoformat(), opened=opened, closed=closed, stayed=stayed
    )
    st.html(f'<div class="panel"><h3>{title}</h3></div>')
    moved = rows[rows["state"] != STAYED]
    if moved.empty:
        st.caption(_("这段时间没有新增或消除的缺口。"))
        return
    states = {OPENED: _("新增"), CLOSED: _("消除")}
    shown = pd.DataFrame(
        {
            _("变化"): moved["state"].map(states),
            _("缺口"): moved["label"],
            _("乡镇"): moved["township_name"],
            _("说明"): moved["why"],
        }
    )
    small = st.column_config.TextColumn
    widths = {_("变化"): small(width=50), _("缺口"): small(width=90), _("乡镇"): small(width=70)}
    with st.container(key="gap_changes", border=False):
        st.dataframe(shown, hide_index=True, height="stretch", column_config=widths, row_height=30)
