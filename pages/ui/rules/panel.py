"""The side of the page of rules: one threshold, what it was, and setting it anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.thresholds import threshold_history
from geo.errors import AppError
from geo.i18n import _
from geo.operations.thresholds import set_threshold, withdraw_threshold
from geo.rules import default_values
from geo.rules.sources import in_words
from geo.rules.units import UNITS, in_unit, unit_name
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.rules.state import RulesState
from pages.ui.saying import say
from pages.ui.text import local_time, plain

_PERCENT_STEP = 5.0


def may_set(actor: Actor) -> bool:
    """Whether forms are offered; the operations check by themselves."""
    return actor.role is Role.DEPARTMENT and actor.can_write("")


def show_rule(store: Store, actor: Actor, rule: Mapping[str, Any], state: RulesState, *, today: date) -> None:
    """What a rule says, its form for who may set it, and its history."""
    st.html(f'<div class="panel"><h2 class="rule">{escape(rule["about"])}</h2>{_facts(rule)}</div>')
    history = threshold_history(store, actor, rule["name"])
    if may_set(actor):
        _offer_setting(store, actor, rule, state, today=today)
        _offer_withdrawing(store, actor, rule, history, state)
    _show_history(history, rule["unit"])


def _facts(rule: Mapping[str, Any]) -> str:
    """The rule as a list of terms."""
    facts = {
        _("现值"): in_unit(rule["value"], rule["unit"]),
        _("自"): rule["valid_from"].isoformat(),
        _("依据"): in_words(rule["source"]),
    }
    if rule["changed_by"]:
        facts[_("默认值")] = in_unit(rule["default"], rule["unit"])
    if rule["next_from"]:
        coming = _("{day} 起 {value}").format(
            day=rule["next_from"].isoformat(), value=in_unit(rule["next_value"], rule["unit"])
        )
        facts[_("以后")] = coming
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts.items())
    return f'<dl>{rows}</dl><div class="code">{escape(rule["name"])}</div>'


def _offer_setting(
    store: Store, actor: Actor, rule: Mapping[str, Any], state: RulesState, *, today: date
) -> None:
    key, oldest = f"rule_{state.turn}", default_values(rule["name"])[0].valid_from
    with st.form(f"{key}_form", border=False):
        left, right = st.columns(2)
        with left:
            value = _value_field(rule, key)
        day = right.date_input(
            _("生效日期 *"),
            today + timedelta(days=1),
            min_value=oldest,
            format="YYYY-MM-DD",
            key=f"{key}_day",
        )
        reason = st.text_input(_("理由 *"), key=f"{key}_reason", autocomplete="off")
        saved = st.form_submit_button(_("设定"), type="primary", width="stretch")
        st.caption(_("自生效日期起按新值判断，此前的日子不变。默认从明天起，今天的数字不会中途改变。"))
    if saved and isinstance(day, date) and value is not None:
        stated = {"valid_from": day, "reason": reason, "now": datetime.now(UTC)}
        put = partial(set_threshold, store, actor, rule["name"], float(value), **stated)
        _do(state, rule["name"], _("已设定。"), put)


def _value_field(rule: Mapping[str, Any], key: str) -> float | None:
    unit, value = UNITS[rule["unit"]], rule["value"]
    name, field = unit_name(unit.code), f"{key}_value"
    label = _("新值（{unit}）*").format(unit=name) if name else _("新值 *")
    if unit.code == "ratio":
        percent = st.number_input(label, 0.0, 100.0, value * 100, step=_PERCENT_STEP, format="%g", key=field)
        return None if percent is None else percent / 100
    if unit.is_count:
        most = None if unit.most is None else int(unit.most)
        return st.number_input(label, 0, most, int(value), step=1, key=field)
    return st.number_input(label, 0.0, None, float(value), step=1.0, format="%g", key=field)


def _offer_withdrawing(
    store: Store, actor: Actor, rule: Mapping[str, Any], history: pd.DataFrame, state: RulesState
) -> None:
    standing = history[history["changed_by"].notna() & history["ended_at"].isna()]
    if standing.empty:
        return
    values = dict(zip(standing["valid_from"], standing["value"], strict=True))
    key = f"rule_{state.turn}_back"

    def in_list(day: date) -> str:
        return _("{day} 起 {value}").format(day=day.isoformat(), value=in_unit(values[day], rule["unit"]))

    with st.form(key, border=False):
        day = st.selectbox(_("撤回本县设定的值"), list(values), format_func=in_list, key=f"{key}_day")
        reason = st.text_input(_("撤回的理由 *"), key=f"{key}_reason", autocomplete="off")
        withdrawn = st.form_submit_button(_("撤回"), width="stretch")
    if withdrawn and day is not None:
        stated = {"valid_from": day, "reason": reason, "now": datetime.now(UTC)}
        take = partial(withdraw_threshold, store, actor, rule["name"], **stated)
        _do(state, rule["name"], _("已撤回，恢复在它之前的值。"), take)


def _do(state: RulesState, name: str, said: str, act: Callable[[], None]) -> None:
    """Do it and begin afresh; what went wrong is said, and the fields stay as they are."""
    try:
        act()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    state.open(name)
    say(said)
    st.rerun()


def _show_history(history: pd.DataFrame, unit: str) -> None:
    items = "".join(f"<li>{_told(row, unit)}</li>" for row in history.to_dict("records"))
    title = _("历次的值")
    st.html(f'<div class="panel"><h3>{escape(title)}</h3><ul>{items}</ul></div>')


def _told(row: Mapping[str, Any], unit: str) -> str:
    """One value of the history: since when, by whom and why, and why it holds no longer."""
    since = _("{day} 起 {value}").format(day=row["valid_from"].isoformat(), value=in_unit(row["value"], unit))
    if row["changed_by"] is None:
        default = _("默认")
        return f"{escape(since)} {escape(default)}"
    told = f"{escape(since)} {escape(row['reason'])}{_signed(row['changed_at'], row['changed_by'])}"
    if row["ended_at"] is None:
        return told
    gone = _("已失效：{reason}").format(reason=row["ended_reason"] or "")
    return f"<s>{told}</s><br>{escape(gone)}{_signed(row['ended_at'], row['ended_by'] or '')}"


def _signed(at: datetime, user: str) -> str:
    return f'<br><span class="code">{local_time(at)} · {escape(user)}</span>'
