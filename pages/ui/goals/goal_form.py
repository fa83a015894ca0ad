"""One village's goals of a year: figures and targets, and the form of who works there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from html import escape

import streamlit as st

from geo.access import Actor
from geo.answers.goals import entered_goals, goal_lines
from geo.exchange.village_profile import GoalLine
from geo.i18n import _
from geo.operations.goals import GoalEntry, set_goals
from geo.rules.goals import goal_kinds, target_in_words
from geo.rules.units import in_unit
from geo.store.engine import Store
from geo.vocabulary import Goal, label_of
from pages.ui.fields import begin_with
from pages.ui.goals.saving import save
from pages.ui.goals.state import GoalsDesk

_MARKS = {True: ("✓", "met"), False: ("✗", "unmet"), None: ("—", "unknown")}


def show_goals(store: Store, actor: Actor, desk: GoalsDesk, *, year: int) -> None:
    """Show the goals; who may record work there also gets the form."""
    lines = goal_lines(store, actor, desk.village, year=year)
    if actor.can_record(desk.village):
        entries = entered_goals(store, actor, desk.village, year=year)
        _offer_form(store, actor, desk, desk.begin(entries, what="goals", year=year), year)
    st.html(goals_html(lines, year))


def goals_html(lines: tuple[GoalLine, ...], year: int) -> str:
    """Each goal with its figure, its target and whether it is met, by a sign and in words."""
    title = _("{year} 年目标").format(year=year)
    return f'<div class="panel goals"><h3>{escape(title)}</h3>{"".join(map(_goal, lines))}</div>'


def _goal(line: GoalLine) -> str:
    sign, state = _MARKS[line.is_met]
    goal = Goal(line.goal)
    value = _("未填报") if line.value is None else in_unit(line.value, line.unit)
    note = f"<small>{escape(line.note)}</small>" if line.note else ""
    return (
        f'<div class="goal {state}"><i>{sign}</i><b>{escape(label_of(goal))}</b><span>{escape(value)}</span>'
        f"<em>{escape(target_in_words(goal, line.target, line.unit))}</em>{note}</div>"
    )


def _offer_form(
    store: Store, actor: Actor, desk: GoalsDesk, begun: Mapping[Goal, GoalEntry], year: int
) -> None:
    with st.expander(_("填报"), icon=":material/edit:", key=f"goals_form_{desk.turn}"):
        with st.form(f"goals_{desk.turn}_{year}", border=False):
            typed = {goal: _fields(goal, begun[goal], f"goals_{desk.turn}_{year}_{goal}") for goal in begun}
            saved = st.form_submit_button(_("保存"), type="primary", width="stretch")
        st.caption(_("集体收入、后备干部、发展党员和化解难题取自村情指标；自定目标留空，按规则的目标判断。"))
    if saved:
        write = partial(set_goals, store, actor, desk.village, year, now=datetime.now(UTC))
        read = partial(entered_goals, store, actor, desk.village, year=year)
        save(desk, typed, write=write, read=read, name_of=label_of)


def _fields(goal: Goal, entry: GoalEntry, key: str) -> GoalEntry:
    """What is typed for one goal; figures that the indicators have get no field."""
    value, target = st.columns(2)
    figure = None
    with value:
        if goal_kinds()[goal].is_entered:
            figure = _number(label_of(goal), entry.value, f"{key}_value")
        else:
            st.text_input(label_of(goal), _("取自村情指标"), key=f"{key}_value", disabled=True)
    with target:
        own = _number(_("自定目标"), entry.target, f"{key}_target")
    note = st.text_input(
        _("备注"),
        key=begin_with(entry.note, f"{key}_note"),
        placeholder=_("备注"),
        label_visibility="collapsed",
        autocomplete="off",
    )
    return GoalEntry(figure, own, note.strip())


def _number(label: str, held: float | None, key: str) -> float | None:
    begin_with(None if held is None else int(held), key)
    typed = st.number_input(label, value=None, min_value=0, step=1, key=key, placeholder="—")
    return None if typed is None else float(typed)
