"""The table of accounts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.i18n import _
from geo.vocabulary import Role, label_of
from pages.ui.accounts.state import AccountsState

TABLE_KEY = "accounts_table"


def accounts_as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see, in words."""
    return pd.DataFrame(
        {
            _("账号"): table["user"],
            _("身份"): table["role"].map({str(role): label_of(role) for role in Role}),
            _("权限范围"): table["scope_names"],
            _("状态"): [_state(row.disabled, row.must_change) for row in table.itertuples()],
        }
    )


def _state(disabled: bool, must_change: bool) -> str:
    if disabled:
        return _("已停用")
    return _("待设置密码") if must_change else _("可用")


def show_accounts(table: pd.DataFrame, state: AccountsState) -> None:
    """The table; choosing a row opens the account at the side."""

    key = f"{TABLE_KEY}_{state.table}"

    def opened() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        state.open(str(table["user"].iloc[rows[0]]) if rows and rows[0] < len(table) else None)

    st.dataframe(
        accounts_as_shown(table),
        key=key,
        hide_index=True,
        placeholder="",
        height="stretch",
        on_select=opened,
        selection_mode="single-row",
    )
