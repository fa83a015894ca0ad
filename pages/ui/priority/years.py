"""Over the years: how many villages bore each label, and which gained or lost one between two years."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.vocabulary import VillageLabel, label_of
from layers import styles
from pages.ui.priority.filters import Look, day_in, years_until
from pages.ui.priority.listing import choose_row
from pages.ui.priority.reads import difference_rows, year_rows
from pages.ui.priority.state import PriorityDesk

_COLOURS = {
    VillageLabel.WEAK: styles.VERMILLION,
    VillageLabel.POOR: styles.ORANGE,
    VillageLabel.HOLLOW: styles.BLACK,
    VillageLabel.ELECTION_PRIORITY: styles.BLUE,
}
"""Labels that come and go; attributes stay as they are."""
_CHANGES = {"gained": N_("新增"), "lost": N_("退出"), "kept": N_("保留")}
_HEADINGS = {
    "change": N_("变化"),
    "township_name": N_("乡镇"),
    "name": N_("村"),
    "label": N_("标签"),
    "reason_before": N_("此前"),
    "reason_after": N_("此后"),
}
_HEIGHT_PX = 230


def show_years(store: Store, actor: Actor, desk: PriorityDesk, look: Look, today: date) -> None:
    """Draw the chart and the comparison of two years."""
    years = years_until(today)
    counts = year_rows(store, actor, years=years, today=today, township=look.township)
    with st.container(key="priority_chart"):
        st.altair_chart(chart(counts, look.labels), width="stretch", height=_HEIGHT_PX)
    first, second = _two_years(years, look)
    found = difference_rows(
        store, actor, first=day_in(first, today), second=day_in(second, today), township=look.township
    )
    _show_difference(desk, look, found, first, second)


def chart(counts: pd.DataFrame, labels: tuple[str, ...]) -> alt.LayerChart:
    """A line a label with its number at every year; lines differ by dash and point as well as by colour.

    Years of which nothing is known of a label have no point: that is not the same as no village.
    """
    wanted = [label for label in _COLOURS if not labels or str(label) in labels] or list(_COLOURS)
    drawn = counts[counts["label"].isin([str(label) for label in wanted]) & counts["villages"].notna()]
    drawn = drawn.assign(name=[label_of(VillageLabel(label)) for label in drawn["label"]])
    names = [label_of(label) for label in wanted]
    legend = alt.Legend(orient="right", symbolType="stroke", symbolStrokeWidth=3, symbolSize=400)
    base = alt.Chart(drawn[["year", "name", "villages", "staffed"]]).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "villages:Q",
            title=None,
            scale=alt.Scale(type="symlog"),
            axis=alt.Axis(format=",.0f", tickCount=4),
        ),
        color=alt.Color(
            "name:N",
            sort=names,
            scale=alt.Scale(domain=names, range=[_COLOURS[label] for label in wanted]),
            title=None,
            legend=legend,
        ),
        tooltip=[
            alt.Tooltip("name:N", title=_("标签")),
            alt.Tooltip("year:O", title=_("年份")),
            alt.Tooltip("villages:Q", title=_("村数"), format=","),
            alt.Tooltip("staffed:Q", title=_("有驻村干部"), format=","),
        ],
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("name:N", sort=names, title=None, legend=legend)
    )
    points = base.mark_point(filled=True, size=50)
    numbers = base.mark_text(align="left", dx=6, dy=-7, fontSize=11).encode(
        text=alt.Text("villages:Q", format=",")
    )
    return (lines + points + numbers).properties(background="transparent")


def _two_years(years: tuple[int, ...], look: Look) -> tuple[int, int]:
    with st.container(key="priority_two_years", horizontal=True, vertical_alignment="center"):
        words = _("比较两年：")
        st.html(f'<span class="filter-label">{words}</span>', width="content")
        second = min(max(look.as_of.year, years[1]), years[-1])
        first = st.selectbox(
            _("此前的年份"),
            years[:-1],
            index=years.index(second) - 1,
            key=f"priority_first_{second}",
            label_visibility="collapsed",
            width=110,
        )
        later = [year for year in years if year > first]
        second = st.selectbox(
            _("此后的年份"),
            later,
            index=later.index(second) if second in later else len(later) - 1,
            key=f"priority_second_{first}_{second}",
            label_visibility="collapsed",
            width=110,
        )
    return first, second


def _show_difference(desk: PriorityDesk, look: Look, found: pd.DataFrame, first: int, second: int) -> None:
    if look.labels:
        found = found[found["label"].isin(look.labels)]
    counts = found["change"].value_counts()
    st.caption(
        _("{first} 年末与 {second} 年相比：新增 {gained} 个，退出 {lost} 个，保留 {kept} 个标签。").format(
            first=first, second=second, **{name: f"{int(counts.get(name, 0)):,}" for name in _CHANGES}
        )
    )
    moved = found[found["change"] != "kept"].reset_index(drop=True)
    if moved.empty:
        return
    shown = moved[list(_HEADINGS)].copy()
    shown["change"] = shown["change"].map(lambda change: _(_CHANGES[change]))
    shown["label"] = [label_of(VillageLabel(label)) for label in shown["label"]]
    row = choose_row(
        shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()}),
        f"priority_changed_{desk.turn}_{first}_{second}_{hash(tuple(moved['code']))}",
        {},
        place="priority_changes",
    )
    if row is not None:
        desk.open(str(moved["code"].iloc[row]))
        st.rerun(scope="fragment")
