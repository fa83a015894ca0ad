"""The ledger of cases (台账) as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import CaseState, CaseStatus, WeakCause, label_of
from pages.ui.empty import show_empty
from pages.ui.priority.listing import choose_row
from pages.ui.rectify.signs import SIGNS
from pages.ui.rectify.state import RectifyDesk

HEADINGS = {
    "status": N_("进度"),
    "township_name": N_("乡镇"),
    "subject_name": N_("对象"),
    "cause": N_("成因"),
    "state": N_("环节"),
    "days_left": N_("余天"),
    "tasks": N_("任务"),
    "responsible_name": N_("责任人"),
    "leader_name": N_("联系领导"),
    "listed_on": N_("挂牌"),
    "due_on": N_("限期"),
    "closed_on": N_("销号"),
    "round": N_("第几次"),
    "code": N_("编号"),
}
"""Columns shown, in order, with their headings (untranslated)."""


def as_shown(cases: pd.DataFrame) -> pd.DataFrame:
    """The table under translated headings, codes said in words."""
    shown = pd.DataFrame(cases[list(HEADINGS)]).copy()
    shown["status"] = [
        f"{SIGNS[CaseStatus(status)].shape} {label_of(CaseStatus(status))}" for status in cases["status"]
    ]
    shown["cause"] = [label_of(WeakCause(cause)) for cause in cases["cause"]]
    shown["state"] = [label_of(CaseState(state)) for state in cases["state"]]
    shown["tasks"] = [
        f"{done}/{total}" for done, total in zip(cases["tasks_done"], cases["tasks"], strict=True)
    ]
    return shown.rename(columns={name: _(heading) for name, heading in HEADINGS.items()})


def show_list(desk: RectifyDesk, cases: pd.DataFrame) -> None:
    """Draw the table; a chosen row opens its case."""
    if cases.empty:
        show_empty(_("没有符合条件的整改事项"), _("请换一个乡镇、日期或筛选条件。"))
        return
    widths: dict[str, Any] = {
        _(HEADINGS[name]): st.column_config.Column(width="small") for name in ("status", "tasks", "days_left")
    }
    row = choose_row(as_shown(cases), f"rectify_list_{desk.turn}_{hash(tuple(cases['code']))}", widths)
    if row is not None:
        desk.open(str(cases["code"].iloc[row]))
        st.rerun(scope="fragment")
