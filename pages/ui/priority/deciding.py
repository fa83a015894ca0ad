"""Deciding on a village: designating it, and ending a designation; each with reason and document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import streamlit as st

from geo.access import Actor
from geo.errors import AppError
from geo.exchange.village_profile import LabelLine
from geo.i18n import _
from geo.operations.designate import designate_village, end_designation
from geo.store.engine import Store
from geo.vocabulary import DESIGNATED_LABELS, Role, VillageLabel, WeakCause, label_of
from pages.ui.priority.state import PriorityDesk
from pages.ui.saying import say
from pages.ui.text import plain


def may_decide(actor: Actor) -> bool:
    """Whether forms are offered; the operations check by themselves."""
    return actor.role is Role.DEPARTMENT and actor.can_write("")


def offer_decisions(store: Store, actor: Actor, desk: PriorityDesk, lines: tuple[LabelLine, ...]) -> None:
    """Forms for the department: what the village is not yet designated as, and what it is."""
    if not may_decide(actor):
        return
    borne = [VillageLabel(line.label) for line in lines if line.label in DESIGNATED_LABELS]
    free = [label for label in DESIGNATED_LABELS if label not in borne]
    if free:
        with st.expander(_("认定…"), icon=":material/add:"):
            _designation_form(store, actor, desk, free)
    for label in borne:
        with st.expander(_("结束认定：{label}…").format(label=label_of(label)), icon=":material/remove:"):
            _ending_form(store, actor, desk, label)


def _designation_form(store: Store, actor: Actor, desk: PriorityDesk, free: list[VillageLabel]) -> None:
    key = f"designate_{desk.turn}"
    label = st.selectbox(_("标签 *"), free, format_func=label_of, key=f"{key}_label")
    with st.form(key, border=False):
        cause = None
        if label is VillageLabel.WEAK:
            cause = st.selectbox(_("主要成因 *"), list(WeakCause), format_func=label_of, key=f"{key}_cause")
        day = st.date_input(_("自哪一天起 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_day")
        reason = st.text_area(_("理由 *"), key=f"{key}_reason", height=80)
        document = st.text_input(_("文件号"), key=f"{key}_document", autocomplete="off")
        saved = st.form_submit_button(_("认定"), type="primary", width="stretch")
    if saved and isinstance(day, date) and label is not None:
        put = partial(
            designate_village,
            store,
            actor,
            village_code=desk.village,
            label=label,
            cause=cause,
            valid_from=day,
            reason=reason,
            document_no=document.strip() or None,
            now=datetime.now(UTC),
        )
        _do(desk, _("已认定为“{label}”。").format(label=label_of(label)), put)


def _ending_form(store: Store, actor: Actor, desk: PriorityDesk, label: VillageLabel) -> None:
    key = f"end_{label}_{desk.turn}"
    with st.form(key, border=False):
        day = st.date_input(_("最后一天 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_day")
        reason = st.text_area(_("理由 *"), key=f"{key}_reason", height=80)
        document = st.text_input(_("文件号"), key=f"{key}_document", autocomplete="off")
        saved = st.form_submit_button(_("结束认定"), width="stretch")
    if saved and isinstance(day, date):
        end = partial(
            end_designation,
            store,
            actor,
            village_code=desk.village,
            label=label,
            valid_to=day + timedelta(days=1),
            reason=reason,
            document_no=document.strip() or None,
            now=datetime.now(UTC),
        )
        _do(desk, _("已结束“{label}”的认定，记录保留。").format(label=label_of(label)), end)


def _do(desk: PriorityDesk, said: str, act: Callable[[], object]) -> None:
    """Do it and begin afresh; what went wrong is said, and the fields stay as they are."""
    try:
        act()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    desk.open(desk.village)
    say(said)
    st.rerun(scope="fragment")
