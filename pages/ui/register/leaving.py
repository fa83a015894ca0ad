"""Retiring an entry: what it still holds is listed first, with the way to hand it over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import streamlit as st

from geo.access import Actor
from geo.answers.register import Entry
from geo.i18n import _
from geo.operations.registry import correct_entry, retire_entry
from geo.store.engine import Store
from pages.ui.going import go_to
from pages.ui.register.saving import save
from pages.ui.register.state import RegisterState
from pages.ui.register.views import show_holdings
from pages.ui.text import plain
from pages.web.current import use_browser_language


def offer_retirement(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    """A button that opens the dialog; for what is retired already, one that brings it back."""
    if held.valid_to is not None:
        _offer_return(store, actor, held, state)
    elif st.button(_("停用…"), key=f"register_retire_{state.turn}", width="stretch"):
        st.dialog(_("停用"), width="medium")(_retire)(store, actor, held, state)


def _retire(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    use_browser_language()
    name = held.values.get("name") or held.code
    st.markdown(
        _("停用 **{name}**（{code}）。条目、代码和历史都会保留。").format(
            name=plain(name), code=plain(held.code)
        )
    )
    own = held.holdings[held.holdings["role"] == "holder"]
    if len(own):
        st.warning(_("名下还有 {count} 项责任，请先办理交接。").format(count=len(own)))
        show_holdings(held.holdings)
        if st.button(_("去办理交接"), key=f"handover_{state.turn}", icon=":material/arrow_forward:"):
            go_to("holder", holder=held.code)
    key = f"leaving_{state.turn}"
    with st.form(key, border=False):
        on = st.date_input(_("自何日起停用"), date.today(), format="YYYY-MM-DD", key=f"{key}_on")
        reason = st.text_input(_("事由 *"), key=f"{key}_reason", autocomplete="off")
        confirmed = (
            st.checkbox(_("我已了解后果：上述责任自当日起一并结束，形成空白"), key=f"{key}_confirmed")
            if len(held.holdings) or held.layer in ("units", "groups")
            else False
        )
        done = st.form_submit_button(_("停用"), type="primary", width="stretch")
    if done and isinstance(on, date):
        retire = partial(retire_entry, store, actor, held.layer, held.code, on=on, reason=reason)
        retire = partial(retire, now=datetime.now(UTC), today=date.today(), version=state.version)
        save(state, partial(retire, confirmed=confirmed), said=_("已停用。"))


def _offer_return(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    key = f"returning_{state.turn}"
    with st.form(key, border=False):
        reason = st.text_input(_("恢复事由 *"), key=f"{key}_reason", autocomplete="off")
        wanted = st.form_submit_button(_("恢复启用"), width="stretch")
    if wanted:
        correct = partial(
            correct_entry, store, actor, held.layer, held.code, {"valid_to": None}, reason=reason
        )
        save(state, partial(correct, version=state.version, now=datetime.now(UTC)))
