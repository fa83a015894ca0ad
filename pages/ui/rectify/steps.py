"""The steps that may be taken now, each with the fields it needs and what is still missing for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from geo.access import Actor
from geo.analysis.rectification.transitions import Need, transition
from geo.i18n import _
from geo.operations.rectification import take_step
from geo.store.engine import Store
from geo.vocabulary import CaseAction, CaseState, EntityKind, label_of
from pages.ui.people import choice_by_word
from pages.ui.rectify.saving import do, press_key
from pages.ui.rectify.state import RectifyDesk


def offer_steps(store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], as_of: date) -> None:
    """The steps this account may take in this state; none: whose turn it is."""
    steps = {CaseAction(step["action"]): step["unmet"] for step in case["steps"]}
    if not steps:
        hint = escape(_("现在不由您办理；进展见“经过”。"))
        st.html(f'<div class="panel"><p class="hint">{hint}</p></div>')
        return
    action = st.pills(
        _("下一步"),
        list(steps),
        format_func=label_of,
        default=next(iter(steps)),
        key=f"step_{case['code']}_{desk.turn}",
        label_visibility="collapsed",
        required=True,
    )
    if action is None:
        return
    if steps[action]:
        missing = "".join(f"<li>{escape(sentence)}</li>" for sentence in steps[action])
        title = escape(_("还不能“{action}”：").format(action=label_of(action)))
        st.html(f'<div class="panel"><p class="alert">{title}</p><ul>{missing}</ul></div>')
        return
    _step_form(store, actor, desk, case, action, as_of)


def _step_form(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], action: CaseAction, as_of: date
) -> None:
    step = transition(action, CaseState(case["state"]))
    needs = step.needs if step else ()
    key = f"step_{action}_{desk.turn}"
    people = _people(store, actor, action, needs, key, as_of)
    with st.form(key, border=False):
        day = st.date_input(_("日期 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_day")
        later = None
        if Need.LATER in needs:
            first = case["due_on"] + timedelta(days=1)
            later = st.date_input(
                _("新的限期 *"), max(first, as_of), min_value=first, format="YYYY-MM-DD", key=f"{key}_due"
            )
        words = _("说明 *") if Need.NOTE in needs else _("说明")
        note = st.text_area(words, key=f"{key}_note", height=90)
        wants = _("文件号 *") if Need.DOCUMENT in needs else _("文件号")
        document = st.text_input(wants, key=f"{key}_document", autocomplete="off")
        sent = st.form_submit_button(
            label_of(action), type="primary", width="stretch", key=press_key(key, case)
        )
    if sent and isinstance(day, date):
        take = partial(
            take_step,
            store,
            actor,
            case["code"],
            action,
            on=day,
            now=datetime.now(UTC),
            version=case["version"],
            note=note,
            document_no=document.strip() or None,
            due_on=later if isinstance(later, date) else None,
            **people,
        )
        do(desk, _("已办理：{action}。").format(action=label_of(action)), take)


def _people(
    store: Store, actor: Actor, action: CaseAction, needs: tuple[Need, ...], key: str, as_of: date
) -> dict[str, str | None]:
    """The cadres a step names."""
    named: dict[str, str | None] = {}
    if Need.CHECKER in needs:
        named["checker_code"] = choice_by_word(
            store, actor, EntityKind.CADRE, _("现场核查人 *"), key=f"{key}_checker", as_of=as_of
        )
    if action is CaseAction.REASSIGN:
        named["responsible_code"] = choice_by_word(
            store, actor, EntityKind.CADRE, _("新的责任人 *"), key=f"{key}_who", as_of=as_of
        )
    return named
