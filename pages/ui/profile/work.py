"""How far the village is: its goals, its checklists, and what is being put right."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from geo.exchange.village_profile import CaseLine, GoalLine, ItemLine
from geo.i18n import _
from geo.rules.checklists import checklists
from geo.rules.goals import target_in_words
from geo.rules.units import in_unit
from geo.vocabulary import CaseState, Goal, WeakCause, label_of
from pages.ui.going import go_to
from pages.ui.profile.look import empty_html, show_card
from pages.ui.rectify.signs import days_words, sign_html

_MARKS = {True: ("met", "✓"), False: ("unmet", "✗"), None: ("unknown", "—")}


def goals_html(goals: Sequence[GoalLine]) -> str:
    """A row for each goal: what was reached, what was to be, and whether it is."""
    if not goals:
        return empty_html(_("没有目标。"))
    return f'<table class="goals">{"".join(map(_goal, goals))}</table>'


def items_html(items: Sequence[ItemLine]) -> str:
    """Each list with how much of it is done; unfolded it shows its items."""
    if not items:
        return empty_html(_("没有清单。"))
    groups = groupby(items, lambda item: item.checklist)
    return "".join(_checklist(code, list(found)) for code, found in groups)


def show_cases(cases: Sequence[CaseLine]) -> None:
    """Each rectification with what is left to do, and a button that opens it."""
    title = _("整改")
    if not cases:
        show_card(title, empty_html(_("没有挂牌整改事项。")))
        return
    with st.container(key="cases"):
        st.html(f'<div class="panel"><h3>{escape(title)}</h3></div>')
        for case in cases:
            told, button = st.columns([8, 1], vertical_alignment="center")
            told.html(_case(case))
            if button.button(_("查看整改"), key=f"open_{case.code}", width="stretch"):
                go_to("rectify", case=case.code)


def _goal(line: GoalLine) -> str:
    style, mark = _MARKS[line.is_met]
    value = _("未填") if line.value is None else in_unit(line.value, line.unit)
    goal = Goal(line.goal)
    target = target_in_words(goal, line.target, line.unit)
    return (
        f'<tr class="{style}" title="{escape(line.note)}"><td class="mark">{mark}</td>'
        f"<td>{escape(label_of(goal))}</td><td>{escape(value)}</td><td>{escape(target)}</td></tr>"
    )


def _checklist(code: str, items: Sequence[ItemLine]) -> str:
    done = sum(item.done_on is not None for item in items)
    title = _(checklists()[code].label)
    rows = "".join(map(_item, items))
    return (
        f'<details class="checklist"><summary>{escape(title)}<b>{done} / {len(items)}</b>'
        f'<meter min="0" max="{len(items)}" value="{done}"></meter></summary><ul>{rows}</ul></details>'
    )


def _item(item: ItemLine) -> str:
    style, mark = ("met", "✓") if item.done_on else ("unmet", "○")
    day = item.done_on.isoformat() if item.done_on else ""
    note = f"<small>{escape(item.note)}</small>" if item.note else ""
    return (
        f'<li class="{style}"><span class="mark">{mark}</span>{escape(_(item.label))}'
        f"<time>{day}</time>{note}</li>"
    )


def _case(case: CaseLine) -> str:
    again = _("第 {round} 次挂牌").format(round=case.round) if case.round > 1 else ""
    tasks = _("措施 {done} / {all} 项完成").format(done=case.tasks_done, all=case.tasks)
    dates = _("{listed} 挂牌，{due} 到期").format(
        listed=case.listed_on.isoformat(), due=case.due_on.isoformat()
    )
    closed = _("{day} 销号").format(day=case.closed_on.isoformat()) if case.closed_on else ""
    people = (
        _("责任人 {name}").format(name=case.responsible) if case.responsible else "",
        _("包案领导 {name}").format(name=case.leader) if case.leader else "",
    )
    title = (
        case.subject_name,
        label_of(WeakCause(case.cause)),
        label_of(CaseState(case.state)),
        days_words(case.status, case.days_left),
    )
    first = " · ".join(part for part in title if part)
    second = " · ".join(part for part in (tasks, dates, closed, again, *people) if part)
    return (
        f'<div class="case {escape(case.status)}"><b>{sign_html(case.status)}</b>'
        f"<span>{escape(first)}</span><small>{escape(second)}</small></div>"
    )
