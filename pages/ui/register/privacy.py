"""Personal fields of one entry: shown for a reason that goes into the audit, and erased for good."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from geo.access import Actor
from geo.answers.register import Entry
from geo.errors import AppError
from geo.i18n import _
from geo.operations.unmask import erase_personal, unmask
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.register.state import RegisterState
from pages.ui.text import plain
from pages.web.current import use_browser_language


def offer_unmasking(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    """Ask for the personal fields with a reason; once they are shown, offer to erase a household's."""
    if state.revealed:
        if held.layer == "households" and actor.role is Role.DEPARTMENT:
            _offer_erasure(store, actor, held, state)
        return
    with st.form(f"unmask_{state.turn}", border=False):
        why, go = st.columns([2.6, 1], vertical_alignment="bottom")
        reason = why.text_input(
            _("查看个人信息的事由"),
            key=f"unmask_reason_{state.turn}",
            placeholder=_("查看会记入审计"),
            autocomplete="off",
        )
        wanted = go.form_submit_button(_("查看"), width="stretch")
    if wanted:
        _reveal(store, actor, held, state, reason)


def _offer_erasure(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    if st.button(_("清除个人信息…"), key=f"erase_{state.turn}", width="stretch"):
        st.dialog(_("清除个人信息"))(_erase)(store, actor, held, state)


def _reveal(store: Store, actor: Actor, held: Entry, state: RegisterState, reason: str) -> None:
    try:
        revealed = unmask(store, actor, held.code, reason=reason, now=datetime.now(UTC))
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    state.open(held.code, keeps_row=True)
    state.revealed = revealed
    st.rerun()


def _erase(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    use_browser_language()
    st.markdown(
        _("清除 {code} 的户主、电话和困难情况，不能恢复。位置、网格和人口数保留。").format(
            code=plain(held.code)
        )
    )
    with st.form(f"erasing_{state.turn}", border=False):
        reason = st.text_input(_("事由 *"), key=f"erasing_reason_{state.turn}", autocomplete="off")
        done = st.form_submit_button(_("清除"), type="primary", width="stretch")
    if not done:
        return
    try:
        erase_personal(store, actor, held.code, reason=reason, now=datetime.now(UTC))
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    state.open(held.code, said=_("个人信息已清除。"))
    st.rerun()
