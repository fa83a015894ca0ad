"""Putting a plan into effect: from which day, why, and with which consequences."""

from __future__ import annotations

from datetime import date

import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.desk.review import review
from pages.ui.plan.state import PlanDesk


def adopt(store: Store, actor: Actor, desk: PlanDesk, *, today: date) -> None:
    """Look at what the chosen rows would change, confirm, save."""
    assert desk.plan is not None
    if not actor.writes:
        st.caption(_("此账号可以编制和保存方案，不能采用；请交由县委组织部或网格协调员采用。"))
        return
    if not desk.chosen:
        st.caption(_("请先在“方案明细”中至少勾选一行。"))
        return
    count, of = len(desk.chosen), len(desk.plan.rows)
    st.caption(_("将采用 {count} 行（共 {of} 行），作为一项变更，可整体撤销。").format(count=count, of=of))
    on = st.date_input(_("自此日起"), today, format="YYYY-MM-DD", key="plan_on")
    if not isinstance(on, date):
        return
    request = desk.plan.request(on=on, reason="", rows=desk.chosen)
    review(store, actor, desk.review, request, today=today)
