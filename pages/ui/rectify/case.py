"""The side of the board: one case with its way, what can be done, its tasks, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.access import Actor
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.vocabulary import CaseAction, CaseState, EntityKind, WeakCause, label_of
from pages.ui.errors import guarded
from pages.ui.going import go_to
from pages.ui.rectify.gantt import show_tasks
from pages.ui.rectify.reads import case_facts
from pages.ui.rectify.signs import days_words, sign_html
from pages.ui.rectify.state import RectifyDesk
from pages.ui.rectify.steps import offer_steps
from pages.ui.rectify.tasks import show_task_forms
from pages.ui.text import local_time

_TABS = {"steps": N_("办理"), "tasks": N_("任务与佐证"), "events": N_("经过")}
_WAY = (
    CaseState.LISTED,
    CaseState.PLANNED,
    CaseState.WORKING,
    CaseState.REQUESTED,
    CaseState.REVIEWED,
    CaseState.CHECKED,
    CaseState.CLOSED,
)


def show_case(store: Store, actor: Actor, desk: RectifyDesk, as_of: date) -> None:
    """Fill the panel with the open case; below the way back it is said if there is no such case."""
    back, profile = st.columns([1, 1])
    back.button(
        _("返回"), icon=":material/arrow_back:", on_click=desk.close, key="case_back", width="stretch"
    )
    guarded(partial(_show_facts, store, actor, desk, profile, as_of))


def _show_facts(store: Store, actor: Actor, desk: RectifyDesk, beside: DeltaGenerator, as_of: date) -> None:
    case = case_facts(store, actor, desk.case, as_of=as_of)
    if case["village_code"] and beside.button(_("打开村情"), key="case_profile", width="stretch"):
        go_to("profile", village=case["village_code"])
    _warn_of_change(desk, case["version"])
    st.html(case_html(case))
    _show_tab(store, actor, desk, case, as_of)


def _warn_of_change(desk: RectifyDesk, version: int) -> None:
    if version != desk.begin(version):
        st.warning(
            _("打开之后，这项整改又有改动；下面已是最新内容，之前按下的按钮没有生效。请核对后再办理。"),
            icon=":material/sync_problem:",
        )


def _show_tab(store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], as_of: date) -> None:
    tab = st.segmented_control(
        _("内容"),
        list(_TABS),
        format_func=lambda name: _(_TABS[name]),
        default="steps",
        key=f"case_tab_{case['code']}",
        label_visibility="collapsed",
        required=True,
    )
    if tab == "tasks":
        if case["tasks"]:
            show_tasks(case["tasks"], as_of)
        show_task_forms(store, actor, desk, case, as_of)
    elif tab == "events":
        st.html(events_html(case["events"]))
    else:
        st.html(events_html(case["events"][-1:]))  # whose turn it is should know why it came back
        offer_steps(store, actor, desk, case, as_of)


def case_html(case: Mapping[str, Any]) -> str:
    """What is listed, how far it is, how much time is left, and who answers for it."""
    below = " · ".join(part for part in (case["township_name"] or "", case["code"]) if part)
    days = days_words(case["status"], case["days_left"])
    facts = [
        (_("成因"), label_of(WeakCause(case["cause"]))),
        (_("对象"), label_of(EntityKind(case["subject_kind"])) + _round(case["round"])),
        (_("挂牌"), str(case["listed_on"])),
        (_("限期"), f"{case['due_on']}　{days}"),
        (_("责任人"), case["responsible_name"] or case["responsible_code"] or _("无")),
        (_("联系领导"), case["leader_name"] or case["leader_code"] or _("无")),
    ]
    listed = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts)
    return (
        f'<div class="panel"><h2>{escape(case["subject_name"])}</h2><div class="code">{escape(below)}</div>'
        f'<p class="case-sign">{sign_html(case["status"])}</p>{way_html(case["state"])}'
        f"<dl>{listed}</dl></div>"
    )


def _round(number: int) -> str:
    return "" if number < 2 else _("（第 {number} 次挂牌）").format(number=number)


def way_html(state: str) -> str:
    """The way from listing to closing, with the place where the case stands."""
    if state == CaseState.WITHDRAWN:
        gone = escape(label_of(CaseState.WITHDRAWN))
        return f'<div class="case-way"><b>{gone}</b></div>'
    here = _WAY.index(CaseState(state))
    parts = [
        f"<{'b' if place == here else 'span'}{' class=done' if place < here else ''}>"
        f"{escape(label_of(step))}</{'b' if place == here else 'span'}>"
        for place, step in enumerate(_WAY)
    ]
    return f'<div class="case-way">{"".join(parts)}</div>'


def events_html(events: list[dict[str, Any]]) -> str:
    """What happened, the latest first: who did what, and why."""
    items = "".join(_event(event) for event in reversed(events))
    return f'<div class="panel"><ol class="chain">{items}</ol></div>'


def _event(event: Mapping[str, Any]) -> str:
    named = {
        "due_on": _("限期 {value}"),
        "responsible_name": _("责任人 {value}"),
        "leader_name": _("联系领导 {value}"),
        "checker_name": _("核查人 {value}"),
        "document_no": _("文件 {value}"),
    }
    told = [text.format(value=event[name]) for name, text in named.items() if event.get(name)]
    note = event.get("note") or ""
    said = "；".join(part for part in (note.rstrip("。") if told else note, *told) if part)
    signed = f"{event['happened_on']} · {event['recorded_by']} · {local_time(event['recorded_at'])}"
    return (
        f"<li><div><b>{escape(label_of(CaseAction(event['action'])))}</b> {escape(said)}"
        f'<div class="code">{escape(signed)}</div></div></li>'
    )
