"""What can be done with one change: undo, reverse from a day on, approve or turn down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.changes import requires_approval
from geo.errors import AppError
from geo.i18n import _
from geo.operations.journal import Outcome, approve, reject, reverse, set_approval, undo
from geo.store.engine import Store
from pages.ui.changes.listing import KEY, STATES, may_decide
from pages.ui.desk.review import said
from pages.ui.part import speaking
from pages.ui.saying import say
from pages.ui.text import local_time


def offer_actions(store: Store, actor: Actor, change: pd.Series, *, today: date) -> None:
    """Details of a change and the buttons that fit its state."""
    st.html(details_html(change))
    code, state = change["code"], change["state"]
    if state == "pending" and may_decide(actor):
        _decide(store, actor, code, today=today)
    elif state == "applied" and change["action"] != "undo" and change["may_write"]:
        _take_back(store, actor, change, today=today)


def details_html(change: pd.Series) -> str:
    """Everything that is said about a change."""
    rows = [
        (_("编号"), change["code"]),
        (_("状态"), _(STATES[change["state"]])),
        (_("经办"), change["user"]),
        (_("时间"), local_time(change["at"])),
        (_("事由"), change["reason"]),
    ]
    if pd.notna(change["decided_by"]):
        rows.append((_("审批"), f"{change['decided_by']} {local_time(change['decided_at'])}"))
    if pd.notna(change["decision"]):
        rows.append((_("审批意见"), change["decision"]))
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value or ''))}</dd>" for name, value in rows)
    return f'<div class="panel"><h2>{escape(change["summary"])}</h2><dl>{lines}</dl></div>'


def _take_back(store: Store, actor: Actor, change: pd.Series, *, today: date) -> None:
    reason = st.text_input(_("事由（必填）"), key="undo_reason").strip()
    own = change["user"] == actor.user
    st.button(
        _("撤销（如同没有发生过）"),
        disabled=not reason or not (own or may_decide(actor)),
        on_click=_do,
        args=(lambda: undo(store, actor, change["code"], now=datetime.now(UTC), reason=reason),),
        width="stretch",
        help=None if own else _("只能撤销本人的变更；组织部可以撤销任何人的。"),
    )
    day = st.date_input(_("或自此日起恢复原状"), today, format="YYYY-MM-DD", key="reverse_on")
    confirmed = st.checkbox(_("我已知悉恢复原状的后果"), key="reverse_confirmed")
    st.button(
        _("自该日起恢复原状"),
        disabled=not reason or not isinstance(day, date),
        on_click=_do,
        args=(lambda: _reversed(store, actor, change["code"], day, reason, today, confirmed),),
        width="stretch",
    )


def _reversed(
    store: Store, actor: Actor, code: str, day: date, reason: str, today: date, confirmed: bool
) -> Outcome:
    now = datetime.now(UTC)
    return reverse(store, actor, code, on=day, reason=reason, now=now, today=today, confirmed=confirmed)


def _decide(store: Store, actor: Actor, code: str, *, today: date) -> None:
    opinion = st.text_input(_("审批意见（不批准时必填）"), key="opinion").strip()
    yes, no = st.columns(2)
    yes.button(
        _("批准"),
        type="primary",
        on_click=_do,
        args=(lambda: approve(store, actor, code, now=datetime.now(UTC), today=today, reason=opinion),),
        width="stretch",
    )
    no.button(
        _("不批准"),
        disabled=not opinion,
        on_click=_do,
        args=(lambda: reject(store, actor, code, now=datetime.now(UTC), reason=opinion),),
        width="stretch",
    )


def approval_switch(store: Store, actor: Actor, township: str) -> None:
    """For the department: whether coordinators' changes in a township wait for its approval."""
    if not may_decide(actor) or not township:
        return
    required = requires_approval(store, actor, township)
    label = _("本乡镇变更须审批") if required else _("本乡镇变更直接生效")
    with st.popover(label, icon=":material/rule:"):
        reason = st.text_input(_("事由（必填）"), key="approval_reason").strip()
        st.button(
            _("改为直接生效") if required else _("改为须经审批"),
            disabled=not reason,
            on_click=_do,
            args=(lambda: _switched(store, actor, township, not required, reason),),
        )


def _switched(store: Store, actor: Actor, township: str, required: bool, reason: str) -> str:
    set_approval(store, actor, township, required, now=datetime.now(UTC), reason=reason)
    return _("今后本乡镇的变更须经审批。") if required else _("今后本乡镇的变更直接生效。")


@speaking
def _do(act: Callable[[], Outcome | str]) -> None:
    """Do it and say what became of it; a refusal is said too, and nothing is lost."""
    try:
        became = act()
    except AppError as refusal:
        say(str(refusal), refused=True)
        return
    st.session_state.pop(KEY, None)
    say(became if isinstance(became, str) else said(became))
