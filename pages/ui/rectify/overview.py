"""The side of the board while no case is open: townships by urgency, and what to look at first."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.answers.rectifications import board_counts
from geo.i18n import _
from geo.vocabulary import CaseStatus
from pages.ui.part import speaking
from pages.ui.rectify.reads import is_open
from pages.ui.rectify.signs import SIGNS, days_words
from pages.ui.rectify.state import RectifyDesk
from pages.ui.text import named

_MOST_LISTED = 8
_SHOWN = (CaseStatus.OVERDUE, CaseStatus.PRESSING, CaseStatus.ON_TIME, CaseStatus.CLOSED)


def show_overview(desk: RectifyDesk, cases: pd.DataFrame) -> None:
    """Fill the panel."""
    st.html(overview_html(board_counts(cases)))
    urgent = cases[is_open(cases)].head(_MOST_LISTED)
    if urgent.empty:
        return
    heading = escape(_("先看这些"))
    st.html(f'<div class="panel"><h3>{heading}</h3></div>')
    with st.container(key="hits_cases"):
        for case in urgent.itertuples(index=False):
            sign = SIGNS[CaseStatus(case.status)]
            label = named(f"{sign.shape} {case.subject_name}", days_words(case.status, case.days_left))
            st.button(label, key=f"case_{case.code}", on_click=_open, args=(desk, case.code), width="stretch")


@speaking
def _open(desk: RectifyDesk, code: str) -> None:
    desk.open(code)


def overview_html(counts: pd.DataFrame) -> str:
    """Cases of each township by urgency."""
    title, hint = escape(_("各乡镇进度")), escape(_("点一个事项，查看进展并办理。"))
    heads = "".join(
        f'<th style="color:{SIGNS[status].colour}">{SIGNS[status].shape}</th>' for status in _SHOWN
    )
    county = _("县直")
    rows = "".join(
        f"<tr><td>{escape(row['name'] or county)}</td>"
        + "".join(f"<td>{int(row[str(status)]) or ''}</td>" for status in _SHOWN)
        + "</tr>"
        for row in counts.to_dict("records")
    )
    return (
        f'<div class="panel"><h2>{title}</h2><p class="hint">{hint}</p>'
        f'<table class="by-township"><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
