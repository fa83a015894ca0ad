"""The side of the accounts page: a new account, or what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.accounts import account_history
from geo.errors import AppError
from geo.i18n import _
from geo.operations.accounts import (
    change_account,
    disable_account,
    enable_account,
    invite,
    reset_password,
)
from geo.store.engine import Store
from geo.vocabulary import Role, label_of
from pages.ui import cached
from pages.ui.accounts.state import AccountsState
from pages.ui.text import plain

_WHOLE = (Role.DEPARTMENT, Role.LEADER, Role.AUDITOR)
"""Roles that see the whole county."""


def show_new(store: Store, actor: Actor, state: AccountsState) -> None:
    """The form for a new account."""
    title = _("新建账号")
    st.html(f'<div class="panel"><h2>{escape(title)}</h2></div>')
    key = f"account_{state.turn}"
    role = _role(None, key)
    with st.form(f"{key}_form", border=False):
        user = st.text_input(
            _("用户名 *"), key=f"{key}_user", placeholder=_("字母开头，可用数字和 _ . -"), autocomplete="off"
        )
        scopes = _scopes(store, actor, role, (), key)
        made = st.form_submit_button(_("新建"), type="primary", width="stretch")
    if made:
        make = partial(invite, store, actor, user=user.strip(), role=role, scopes=scopes)
        _do(state, user.strip(), _("账号已建立。"), partial(make, now=datetime.now(UTC)))


def show_account(store: Store, actor: Actor, account: Mapping[str, Any], state: AccountsState) -> None:
    """Role, scope, password, state and history of an account."""
    user = account["user"]
    st.html(
        f'<div class="panel"><h2>{escape(user)}</h2><div class="code">{escape(_facts(account))}</div></div>'
    )
    _show_said(state)
    if user != actor.user and not account["disabled"] and not actor.viewer:
        _offer_view(user)
    if actor.viewer:
        return
    _change(store, actor, account, state)
    _close_or_reset(store, actor, account, state)
    _show_history(account_history(store, actor, user))


def _change(store: Store, actor: Actor, account: Mapping[str, Any], state: AccountsState) -> None:
    key = f"account_{state.turn}"
    role = _role(Role(account["role"]), key)
    with st.form(f"{key}_form", border=False):
        scopes = _scopes(store, actor, role, account["scopes"], key)
        reason = st.text_input(_("事由 *"), key=f"{key}_reason", autocomplete="off")
        saved = st.form_submit_button(_("保存身份和范围"), type="primary", width="stretch")
    if saved:
        change = partial(change_account, store, actor, user=account["user"], role=role, scopes=scopes)
        change = partial(change, version=account["version"], now=datetime.now(UTC), reason=reason)
        _do(state, account["user"], _("已保存；此账号须重新登录。"), change)


def _close_or_reset(store: Store, actor: Actor, account: Mapping[str, Any], state: AccountsState) -> None:
    key, user = f"account_{state.turn}_state", account["user"]
    with st.form(key, border=False):
        reason = st.text_input(_("停用、启用或重置的事由 *"), key=f"{key}_reason", autocomplete="off")
        left, right = st.columns(2)
        reset = left.form_submit_button(_("重置密码"), width="stretch", disabled=account["disabled"])
        word = _("启用") if account["disabled"] else _("停用")
        switched = right.form_submit_button(word, width="stretch")
    stated: dict[str, Any] = {"user": user, "now": datetime.now(UTC), "reason": reason}
    if reset:
        _do(state, user, _("密码已重置。"), partial(reset_password, store, actor, **stated))
    if switched:
        switch = enable_account if account["disabled"] else disable_account
        said = _("已启用。") if account["disabled"] else _("已停用，其登录已全部退出。")
        _do(state, user, said, partial(switch, store, actor, **stated))


def _do(state: AccountsState, user: str, said: str, act: Callable[[], str | None]) -> None:
    """Do it and show the account; what went wrong is said, and the fields stay as they are."""
    try:
        password = act()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    state.open(user, said=said, password=password or "")
    st.rerun()


def _show_said(state: AccountsState) -> None:
    if state.said:
        st.success(plain(state.said))
    if state.password:
        st.caption(_("一次性密码（只显示这一次，请当面或另行告知；首次登录须改为自己的密码）"))
        st.code(state.password, language=None)


def _offer_view(user: str) -> None:
    """A real form, because the session itself changes."""
    label = _("以此账号的身份查看（只读）")
    st.html(
        '<form class="view-as-form" method="post" action="/view-as">'
        f'<button name="user" value="{escape(user)}">{escape(label)}</button></form>'
    )


def _role(held: Role | None, key: str) -> Role:
    roles = list(Role)
    chosen = st.selectbox(
        _("身份"),
        roles,
        index=roles.index(held or Role.COORDINATOR),
        format_func=label_of,
        key=f"{key}_role",
    )
    return Role(chosen)


def _scopes(store: Store, actor: Actor, role: Role, held: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Townships or villages by name; some roles have the whole county."""
    if role in _WHOLE:
        st.caption(_("权限范围：全县"))
        return ("",)
    names = cached.townships(store, actor) | cached.village_names(store, actor)
    chosen = st.multiselect(
        _("权限范围（乡镇或村）*"),
        list(names),
        default=[scope for scope in held if scope in names],
        format_func=names.__getitem__,
        key=f"{key}_scopes_{role}",
        placeholder=_("选择乡镇或村"),
    )
    return tuple(chosen)


def _facts(account: Mapping[str, Any]) -> str:
    state = _("已停用") if account["disabled"] else (_("待设置密码") if account["must_change"] else _("可用"))
    return " · ".join([label_of(Role(account["role"])), account["scope_names"], state])


def _show_history(history: pd.DataFrame) -> None:
    items = "".join(
        f"<li>{escape(row.action)} {escape(row.reason)}<br>"
        f'<span class="code">{row.at:%Y-%m-%d %H:%M} UTC · {escape(row.user)}</span></li>'
        for row in history.itertuples()
    )
    title = _("记录")
    st.html(f'<div class="panel"><h3>{escape(title)}</h3><ul>{items}</ul></div>')
