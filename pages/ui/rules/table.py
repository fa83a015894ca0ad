"""The table of thresholds, by what they are for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.rules.sources import in_words
from geo.rules.units import in_unit
from pages.ui.rules.state import RulesState

TABLE_KEY, GROUP_KEY = "rules_table", "rules_group"
_FIRST = (N_("覆盖缺口"), N_("责任负担"), N_("村的分类"))
"""What people ask for most stands above the rest."""


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The thresholds as they are listed: what is asked for most first, the others file by file."""
    places = {_(group): place for place, group in enumerate(_FIRST)}
    return table.sort_values(
        "group", key=lambda groups: groups.map(places).fillna(len(places)), kind="stable", ignore_index=True
    )


def group_filter(table: pd.DataFrame) -> str:
    """What the listed rules are for; empty for all."""
    options = ["", *table["group"].unique()]
    if st.session_state.get(GROUP_KEY) not in options:
        st.session_state[GROUP_KEY] = ""
    chosen = st.selectbox(
        _("用途"),
        options,
        format_func=lambda group: group or _("全部用途"),
        key=GROUP_KEY,
        label_visibility="collapsed",
        width=150,
    )
    return chosen or ""


def only_set_filter() -> bool:
    """Whether only rules that the county has set for itself are listed."""
    return bool(st.toggle(_("只看本县设定的"), key="rules_only_set"))


def listed(table: pd.DataFrame, group: str, *, only_set: bool) -> pd.DataFrame:
    """The rows to list: of one group, and set by the county now or for later."""
    keep = (table["group"] == group) if group else pd.Series(True, index=table.index)
    if only_set:
        keep &= table["changed_by"].notna() | table["next_from"].notna()
    return table[keep].reset_index(drop=True)


def rules_as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see, in words."""
    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            _("用于"): table["group"],
            _("内容"): table["about"],
            _("现值"): [in_unit(row["value"], row["unit"]) for row in rows],
            _("依据"): [in_words(row["source"]) for row in rows],
            _("起始"): [row["valid_from"].isoformat() for row in rows],
            _("设定"): [_who(row) for row in rows],
            _("以后"): [_coming(row) for row in rows],
        }
    )


def _who(row: dict[str, Any]) -> str:
    return row["changed_by"] or _("默认")


def _coming(row: dict[str, Any]) -> str:
    if row["next_from"] is None:
        return ""
    value = in_unit(row["next_value"], row["unit"])
    return _("{day} 起 {value}").format(day=row["next_from"].isoformat(), value=value)


def show_rules(table: pd.DataFrame, state: RulesState) -> None:
    """The table; choosing a row opens the rule at the side."""

    def opened() -> None:
        rows = st.session_state[TABLE_KEY]["selection"]["rows"]
        state.open(str(table["name"].iloc[rows[0]]) if rows and rows[0] < len(table) else None)

    widths = {_("用于"): 84, _("内容"): 314, _("现值"): 112, _("依据"): 100, _("起始"): 88, _("设定"): 84}
    st.dataframe(
        rules_as_shown(table),
        key=TABLE_KEY,
        hide_index=True,
        placeholder="",
        height="stretch",
        on_select=opened,
        selection_mode="single-row",
        column_config={name: st.column_config.TextColumn(width=width) for name, width in widths.items()},
    )
