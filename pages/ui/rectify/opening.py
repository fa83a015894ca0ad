"""The form that puts a village or a branch on the list (挂牌)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from html import escape

import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.operations.rectification import list_case
from geo.store.engine import Store
from geo.vocabulary import EntityKind, Role, WeakCause, label_of
from pages.ui.people import choice_by_word
from pages.ui.rectify.saving import do
from pages.ui.rectify.state import RectifyDesk

_KINDS = (EntityKind.VILLAGE, EntityKind.BRANCH)


def may_list(actor: Actor) -> bool:
    """Whether the form is offered; the operation checks by itself."""
    return actor.role is Role.DEPARTMENT and actor.can_write("")


def listing_form(store: Store, actor: Actor, desk: RectifyDesk, as_of: date) -> None:
    """Ask what is listed, why, who answers for it and until when."""
    title = escape(_("挂牌"))
    st.button(_("返回"), icon=":material/arrow_back:", on_click=desk.close, key="listing_back")
    st.html(f'<div class="panel"><h2>{title}</h2></div>')
    key = f"listing_{desk.turn}"
    kind = st.segmented_control(
        _("对象"),
        list(_KINDS),
        format_func=label_of,
        default=EntityKind.VILLAGE,
        key=f"{key}_kind",
        required=True,
    )
    kind = kind or EntityKind.VILLAGE
    words = _("村 *") if kind is EntityKind.VILLAGE else _("党支部 *")
    subject = choice_by_word(store, actor, kind, words, key=f"{key}_{kind}", as_of=as_of)
    responsible = choice_by_word(store, actor, EntityKind.CADRE, _("责任人 *"), key=f"{key}_who", as_of=as_of)
    leader = choice_by_word(store, actor, EntityKind.CADRE, _("联系领导"), key=f"{key}_leader", as_of=as_of)
    st.caption(_("联系领导不填，则为包该村的县级领导。"))
    with st.form(key, border=False):
        cause = st.selectbox(_("成因 *"), list(WeakCause), format_func=label_of, key=f"{key}_cause")
        day = st.date_input(_("挂牌日期 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_day")
        due = st.date_input(_("限期（不填按规定天数）"), None, format="YYYY-MM-DD", key=f"{key}_due")
        note = st.text_area(_("理由 *"), key=f"{key}_note", height=80)
        document = st.text_input(_("文件号"), key=f"{key}_document", autocomplete="off")
        sent = st.form_submit_button(_("挂牌"), type="primary", width="stretch")
    if not sent:
        return
    if subject is None or responsible is None or cause is None or not isinstance(day, date):
        st.error(_("请先选定对象和责任人。"))
        return
    put = partial(
        list_case,
        store,
        actor,
        subject_kind=kind,
        subject_code=subject,
        cause=cause,
        listed_on=day,
        responsible_code=responsible,
        leader_code=leader,
        due_on=due if isinstance(due, date) else None,
        note=note,
        document_no=document.strip() or None,
        now=datetime.now(UTC),
    )
    do(desk, _("已挂牌；请乡镇制定方案。"), put, then="")
