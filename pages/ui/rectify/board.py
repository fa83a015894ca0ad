"""The board (挂图作战): a row of fields for each township, the most urgent first; a click opens a case."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo.i18n import _
from geo.vocabulary import CaseStatus, label_of
from pages.ui.empty import show_empty
from pages.ui.rectify.signs import SIGNS, days_words
from pages.ui.rectify.state import RectifyDesk

FIELDS_IN_ROW = 4
_ROW_PX = 38
_TOWN_WIDTH = 0.42  # of a field
_ORDER = {str(status): place for place, status in enumerate(SIGNS)}
_PICK = "pick"


def board_fields(cases: pd.DataFrame) -> pd.DataFrame:
    """Where each case stands on the board.

    Parameters
    ----------
    cases : DataFrame
        `geo.answers.rectifications.case_table`, or a part of it.

    Returns
    -------
    DataFrame
        ``code, column, row, township, name, days, status, shape, ink, tint, tip``: a township's cases side by
        side, the most urgent first, at most `FIELDS_IN_ROW` in a row; the township with most overdue cases
        first; ``township`` is said in the first of its rows only. Empty for no cases.
    """
    if cases.empty:
        return pd.DataFrame(columns=["code", "column", "row", "township", "name", "days", "status"])
    fields = _described(cases)
    fields["urgency"] = fields["status"].map(_ORDER)
    late = (fields["status"] == str(CaseStatus.OVERDUE)).groupby(fields["town"]).transform("sum")
    fields = fields.assign(late=-late).sort_values(
        ["late", "town", "urgency", "left", "code"], kind="stable", ignore_index=True
    )
    place = fields.groupby("town", sort=False).cumcount()
    fields["column"] = place % FIELDS_IN_ROW
    line = place // FIELDS_IN_ROW
    rows = pd.MultiIndex.from_arrays([fields["town"], line])
    fields["row"] = pd.factorize(rows)[0]
    fields["township"] = fields["town"].where((line == 0) & (fields["column"] == 0), "")
    return fields.drop(columns=["late", "urgency", "town"])


def _described(cases: pd.DataFrame) -> pd.DataFrame:
    """What stands in the field of each case."""
    signs = [SIGNS[CaseStatus(status)] for status in cases["status"]]
    left = cases["days_left"].astype("Float64").astype(object).where(cases["days_left"].notna(), None)
    days = [days_words(status, days) for status, days in zip(cases["status"], left, strict=True)]
    tasks = [
        _("任务 {done}/{total}").format(done=done, total=total)
        for done, total in zip(cases["tasks_done"], cases["tasks"], strict=True)
    ]
    return pd.DataFrame(
        {
            "code": cases["code"].to_numpy(dtype=object),
            "town": cases["township_name"].fillna("").replace("", _("县直")).to_numpy(dtype=object),
            "name": cases["subject_name"].to_numpy(dtype=object),
            "status": cases["status"].to_numpy(dtype=object),
            "word": [label_of(CaseStatus(status)) for status in cases["status"]],
            "left": pd.to_numeric(cases["days_left"]).astype(float).to_numpy(),
            "days": days,
            "tasks": tasks,
            "shape": [sign.shape for sign in signs],
            "ink": [sign.colour for sign in signs],
            "tint": [sign.tint for sign in signs],
        }
    )


def show_board(desk: RectifyDesk, cases: pd.DataFrame) -> None:
    """Draw the board; a chosen field opens its case."""
    if cases.empty:
        show_empty(_("没有符合条件的整改事项"), _("请换一个乡镇、日期或筛选条件；县委组织部可点“挂牌”。"))
        return
    fields = board_fields(cases)
    height = (int(fields["row"].max()) + 1) * _ROW_PX
    with st.container(key="table", border=False):
        event: Any = st.altair_chart(
            chart(fields, chosen=desk.case),
            width="stretch",
            height=height + 10,
            key=f"rectify_board_{desk.turn}_{hash(tuple(fields['code']))}",
            on_select="rerun",
            selection_mode=_PICK,
        )
    follow(desk, event)


def follow(desk: RectifyDesk, event: Any) -> None:
    """Open the case that was chosen in a chart."""
    picked = event["selection"].get(_PICK) or []
    if picked and picked[0].get("code") and picked[0]["code"] != desk.case:
        desk.open(str(picked[0]["code"]))
        st.rerun(scope="fragment")


def picking() -> alt.Parameter:
    """What makes a chart's marks answer a click with their case."""
    return alt.selection_point(name=_PICK, fields=["code"], on="click", empty=False)


def chart(fields: pd.DataFrame, *, chosen: str) -> alt.LayerChart:
    """The board as a chart: a field a case, with its shape, name and days."""
    shown = fields.assign(
        end=fields["column"] + 0.96, width=fields["code"].eq(chosen).map({True: 2.0, False: 0.6})
    )
    base = alt.Chart(shown).encode(
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.16)),
        tooltip=[
            alt.Tooltip("name:N", title=_("对象")),
            alt.Tooltip("word:N", title=_("进度")),
            alt.Tooltip("days:N", title=_("时限")),
            alt.Tooltip("tasks:N", title=_("任务")),
        ],
    )
    x = alt.X(
        "column:Q", axis=None, scale=alt.Scale(domain=[-_TOWN_WIDTH, FIELDS_IN_ROW], nice=False, padding=0)
    )
    field = base.mark_rect(cornerRadius=3, cursor="pointer").encode(
        x=x,
        x2="end:Q",
        color=alt.Color("tint:N", scale=None),
        stroke=alt.Stroke("ink:N", scale=None),
        strokeWidth=alt.StrokeWidth("width:Q", scale=None),
    )
    ink = alt.Color("ink:N", scale=None)
    words = {"baseline": "middle", "cursor": "pointer"}
    shape = base.mark_text(align="left", dx=7, fontSize=17, **words).encode(x=x, text="shape:N", color=ink)
    name = base.mark_text(align="left", dx=27, fontSize=14, limit=112, color="#1b2f4a", **words).encode(
        x=x, text="name:N"
    )
    days = base.mark_text(align="right", dx=-6, fontSize=12, fontWeight=600, **words).encode(
        x=alt.X("end:Q"), text="days:N", color=ink
    )
    towns = base.mark_text(
        align="left", fontSize=14, fontWeight=600, color="#1b2f4a", baseline="middle"
    ).encode(x=alt.datum(-_TOWN_WIDTH), text="township:N")
    return (
        (field.add_params(picking()) + shape + name + days + towns)
        .configure(background="transparent")
        .configure_view(stroke=None)
    )
