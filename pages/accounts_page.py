"""账号: who may sign in, as what and where; for the department."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.accounts import account_table
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.accounts.panel import show_account, show_new
from pages.ui.accounts.state import AccountsState, accounts_state
from pages.ui.accounts.table import show_accounts
from pages.ui.empty import show_empty
from pages.ui.part import page_part
from pages.web.current import current_actor
from pages.web.state import the_store


def render() -> None:
    """Run the page."""
    stage()


def may_manage(actor: Actor) -> bool:
    """Whether the page is offered; the answers and operations check by themselves."""
    return actor.role is Role.DEPARTMENT


@page_part
def stage() -> None:
    """The table, and the open account."""
    store, actor, state = the_store(), current_actor(), accounts_state()
    if not may_manage(actor):
        show_empty(_("此账号不能管理账号"), _("本人密码可在右上角的账号菜单中修改。"))
        return
    table = account_table(store, actor)
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        title = _("账号")
        st.html(f'<h1 class="page-title">{title}</h1>', width="content")
        st.space("stretch")
        if not actor.viewer:
            st.button(
                _("新建账号"), type="primary", on_click=state.open, args=(None,), kwargs={"is_new": True}
            )
    middle, side = st.columns([2.1, 1], gap="small")
    with middle, st.container(key="table", height=600, border=False):  # look.css fits it to the screen
        show_accounts(table, state)
    with side, st.container(key="side"):
        _show_side(store, actor, table, state)


def _show_side(store: Store, actor: Actor, table: pd.DataFrame, state: AccountsState) -> None:
    chosen = table[table["user"] == state.user]
    if state.is_new:
        show_new(store, actor, state)
    elif len(chosen):
        show_account(store, actor, chosen.iloc[0].to_dict(), state)
    else:
        st.caption(_("勾选一个账号，调整身份、范围和密码，或以其身份查看。"))
