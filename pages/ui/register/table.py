"""The table of a register: what it shows, and opening the row that is chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.register import MOST_LISTED, registers_for
from geo.frames import LAYERS
from geo.i18n import N_, _
from geo.vocabulary import label_of
from pages.ui.register.state import REGISTER_KEY, RegisterState
from pages.ui.sheets import last_day

_SHOWN = {
    "cadres": ("code", "name", "unit_name", "level", "duty", "phone", "valid_from", "valid_to"),
    "units": ("code", "name", "kind", "parent_name", "valid_from", "valid_to"),
    "households": (
        "code",
        "village_name",
        "cell_code",
        "head_name",
        "phone",
        "people",
        "hardship",
        "valid_to",
    ),
    "areas": ("code", "name", "village_codes", "valid_from", "valid_to"),
    "groups": ("code", "name", "village_name", "valid_from", "valid_to"),
    "branches": ("code", "name", "village_name", "valid_from", "valid_to"),
}
_HEADINGS = {
    "unit_name": N_("单位"),
    "parent_name": N_("上级单位"),
    "village_name": N_("所在村"),
    "village_codes": N_("所辖村数"),
    "valid_from": N_("启用日期"),
    "valid_to": N_("最后一天"),
}


def choose_register(actor: Actor) -> str:
    """Which register is shown."""
    registers = registers_for(actor)
    chosen = st.segmented_control(
        _("名册"),
        registers,
        format_func=lambda name: _(LAYERS[name].label),
        default=registers[0],
        key=REGISTER_KEY,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or registers[0]


def register_as_shown(table: pd.DataFrame, layer: str) -> pd.DataFrame:
    """The columns people see, in words; a period ends with its last day."""
    columns = {column.name: column for column in LAYERS[layer].columns}
    shown = table[list(_SHOWN[layer])].copy()
    for name in shown.columns:
        column = columns.get(name)
        if column is not None and column.choices:
            shown[name] = shown[name].map({str(member): label_of(member) for member in column.choices})
    shown["valid_to"] = shown["valid_to"].map(last_day)
    if layer == "areas":
        shown["village_codes"] = [
            len([code for code in codes.split(";") if code]) for codes in shown["village_codes"]
        ]
    headings = {name: _(_HEADINGS.get(name) or columns[name].label) for name in shown.columns}
    return shown.rename(columns=headings)


def show_table(table: pd.DataFrame, layer: str, state: RegisterState) -> None:
    """The table; choosing a row opens it at the side."""
    key = f"register_table_{layer}_{state.table}"

    def opened() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        code = str(table["code"].iloc[rows[0]]) if rows and rows[0] < len(table) else None
        state.open(code, keeps_row=True)
        state.layer = layer  # the register may have been changed in the same moment

    st.dataframe(
        register_as_shown(table, layer),
        key=key,
        hide_index=True,
        placeholder="",
        height="stretch",
        on_select=opened,
        selection_mode="single-row",
    )


def count_sentence(table: pd.DataFrame) -> str:
    """How many there are, and that there are more."""
    if len(table) < MOST_LISTED:
        return _("共 {count} 条").format(count=f"{len(table):,}")
    return _("只列出前 {count} 条，请用乡镇或文字筛选").format(count=f"{MOST_LISTED:,}")
