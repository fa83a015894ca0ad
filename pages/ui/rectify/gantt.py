"""The Gantt chart: every case from listing to limit, or the tasks of one; the line is the day looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo.i18n import _
from geo.vocabulary import CaseStatus, label_of
from pages.ui.empty import show_empty
from pages.ui.rectify.board import follow, picking
from pages.ui.rectify.signs import SIGNS, days_words
from pages.ui.rectify.state import RectifyDesk

_ROW_PX, _TASK_PX = 24, 22
_INK = "#1b2f4a"


def show_gantt(desk: RectifyDesk, cases: pd.DataFrame, as_of: date) -> None:
    """Draw a bar for each case; a click opens it."""
    if cases.empty:
        show_empty(_("没有符合条件的整改事项"), _("请换一个乡镇、日期或筛选条件。"))
        return
    bars = case_bars(cases)
    with st.container(key="table", border=False):
        event: Any = st.altair_chart(
            _chart(bars, as_of, limit=150).configure(background="transparent").configure_view(stroke=None),
            width="stretch",
            height=len(bars) * _ROW_PX + 40,
            key=f"rectify_gantt_{desk.turn}_{hash(tuple(bars['code']))}",
            on_select="rerun",
            selection_mode="pick",
        )
    follow(desk, event)


def case_bars(cases: pd.DataFrame) -> pd.DataFrame:
    """A bar a case, in order of the limit: ``code, name, start, end, done, ink, tint, word, days``.

    ``done`` is the day up to which the share of finished tasks reaches.
    """
    start, end = pd.to_datetime(cases["listed_on"]), pd.to_datetime(cases["due_on"])
    tasks = pd.to_numeric(cases["tasks"]).astype(float)
    share = (pd.to_numeric(cases["tasks_done"]).astype(float) / tasks.where(tasks > 0)).fillna(0.0)
    signs = [SIGNS[CaseStatus(status)] for status in cases["status"]]
    left = cases["days_left"].astype(object).where(cases["days_left"].notna(), None)
    county = _("县直")
    bars = pd.DataFrame(
        {
            "code": cases["code"],
            "name": [
                f"{sign.shape} {name}（{town or county}）"
                for sign, name, town in zip(
                    signs, cases["subject_name"], cases["township_name"].fillna(""), strict=True
                )
            ],
            "start": start,
            "end": end,
            "done": start + (end - start) * share,
            "ink": [sign.colour for sign in signs],
            "tint": [sign.tint for sign in signs],
            "word": [label_of(CaseStatus(status)) for status in cases["status"]],
            "days": [days_words(status, days) for status, days in zip(cases["status"], left, strict=True)],
        }
    )
    return bars.sort_values(["end", "code"], kind="stable", ignore_index=True)


def task_bars(tasks: Sequence[dict[str, Any]], as_of: date) -> pd.DataFrame:
    """A bar a task of one case, by number; the columns of `case_bars`."""
    rows = []
    for task in tasks:
        status = _task_status(task, as_of)
        sign = SIGNS[status]
        start, end = pd.Timestamp(task["starts_on"]), pd.Timestamp(task["due_on"])
        rows.append(
            {
                "code": str(task["number"]),
                "name": f"{sign.shape} {task['number']}. {task['title']}",
                "start": start,
                "end": end,
                "done": end if status is CaseStatus.CLOSED else start,
                "ink": sign.colour,
                "tint": sign.tint,
                "word": _("已完成") if status is CaseStatus.CLOSED else label_of(status),
                "days": days_words(str(status), (end.date() - as_of).days),
            }
        )
    return pd.DataFrame(rows)


def _task_status(task: dict[str, Any], as_of: date) -> CaseStatus:
    done = task["done_on"]
    if done is not None and pd.Timestamp(done).date() <= as_of:
        return CaseStatus.CLOSED
    return CaseStatus.OVERDUE if pd.Timestamp(task["due_on"]).date() < as_of else CaseStatus.ON_TIME


def show_tasks(tasks: Sequence[dict[str, Any]], as_of: date) -> None:
    """Draw the tasks of one case."""
    bars = task_bars(tasks, as_of)
    drawn = _chart(bars, as_of, limit=130).configure(background="transparent").configure_view(stroke=None)
    st.altair_chart(drawn, width="stretch", height=len(bars) * _TASK_PX + 40)


def _chart(bars: pd.DataFrame, as_of: date, *, limit: int) -> alt.LayerChart:
    order = bars["name"].tolist()
    base = alt.Chart(bars).encode(
        y=alt.Y(
            "name:N", sort=order, title=None, axis=alt.Axis(labelLimit=limit, labelFontSize=12, ticks=False)
        ),
        tooltip=[
            alt.Tooltip("name:N", title=_("事项")),
            alt.Tooltip("start:T", title=_("起"), format="%Y-%m-%d"),
            alt.Tooltip("end:T", title=_("限期"), format="%Y-%m-%d"),
            alt.Tooltip("word:N", title=_("进度")),
            alt.Tooltip("days:N", title=_("时限")),
        ],
    )
    axis = alt.Axis(format="%Y-%m-%d", labelOverlap=True, orient="top", labelFontSize=11)
    span = base.mark_bar(height=12, cornerRadius=2, cursor="pointer").encode(
        x=alt.X("start:T", title=None, axis=axis),
        x2="end:T",
        color=alt.Color("tint:N", scale=None),
        stroke=alt.Stroke("ink:N", scale=None),
    )
    done = base.mark_bar(height=5).encode(x="start:T", x2="done:T", color=alt.Color("ink:N", scale=None))
    today = alt.Chart(pd.DataFrame({"day": [pd.Timestamp(as_of)]})).mark_rule(
        color=_INK, strokeDash=[4, 3], strokeWidth=1.5
    )
    return span.add_params(picking()) + done + today.encode(x="day:T")
