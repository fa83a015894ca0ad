"""The list of changes as people read it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.vocabulary import Role
from pages.ui.text import local_time

KEY = "changes_shown"
STATES = {
    "pending": N_("待审批"),
    "applied": N_("已生效"),
    "undone": N_("已撤销"),
    "rejected": N_("未批准"),
}
_HEADINGS = {
    "at": N_("时间"),
    "user": N_("经办"),
    "state": N_("状态"),
    "summary": N_("内容"),
    "reason": N_("事由"),
}


def state_filter(actor: Actor) -> str | None:
    """The state to list; None lists every one."""
    options = ["", *STATES]
    chosen = st.segmented_control(
        _("状态"),
        options,
        format_func=lambda state: _(STATES[state]) if state else _("全部"),
        default="",
        key="changes_state",
        label_visibility="collapsed",
        required=True,
    )
    return chosen or None


def mine_filter() -> bool:
    """Whether only one's own changes are listed."""
    return bool(st.toggle(_("只看本人"), key="changes_mine"))


def may_decide(actor: Actor) -> bool:
    """Whether changes that wait are decided by this account."""
    return actor.role is Role.DEPARTMENT and actor.can_write("")


def as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see."""
    shown = pd.DataFrame(table[list(_HEADINGS)])
    shown["at"] = shown["at"].map(local_time)
    shown["state"] = shown["state"].map({state: _(label) for state, label in STATES.items()})
    return shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()})


def column_formats() -> dict[str, Any]:
    """How wide the columns are."""
    widths = {"at": 130, "user": 100, "state": 70, "summary": 420}
    return {_(_HEADINGS[name]): st.column_config.TextColumn(width=width) for name, width in widths.items()}
