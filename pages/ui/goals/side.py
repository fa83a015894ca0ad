"""The side of the page: how far all are, or one village with its form."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.rules.checklists import checklists
from geo.rules.goals import goal_kinds, target_in_words
from geo.rules.sources import in_words
from geo.rules.units import percent
from geo.store.engine import Store
from geo.vocabulary import Goal
from pages.ui.goals.goal_form import show_goals
from pages.ui.goals.item_form import show_items
from pages.ui.goals.look import GOALS, Look
from pages.ui.goals.state import GoalsDesk


def show_side(
    store: Store, actor: Actor, desk: GoalsDesk, look: Look, rows: pd.DataFrame, counts: pd.DataFrame
) -> None:
    """Show the open village, or the totals."""
    village = rows[rows["code"] == desk.village]
    if village.empty:
        st.html(totals_html(rows, counts, look))
        return
    first = village.iloc[0]
    st.button(_("返回合计"), icon=":material/arrow_back:", on_click=desk.back)
    below = f"{first['township_name']} · {first['code']}"
    st.html(
        f'<div class="panel"><h2>{escape(first["name"])}</h2><div class="code">{escape(below)}</div></div>'
    )
    if look.what == GOALS:
        show_goals(store, actor, desk, year=look.year)
    else:
        show_items(store, actor, desk, checklists()[look.what], as_of=look.as_of)


def totals_html(rows: pd.DataFrame, counts: pd.DataFrame, look: Look) -> str:
    """Each goal or item with the number of villages that have it, over the chosen territory."""
    own = counts[counts["township_code"] == look.township].set_index("column")
    items = "".join(
        _total(name, own.loc[code], _target_of(rows, look, code))
        for code, name in look.columns().items()
        if code in own.index
    )
    if not items:
        said = escape(_("这里没有适用的村。"))
        return f'<div class="panel"><p class="hint">{said}</p></div>'
    return f'<div class="panel goals-total"><h3>{escape(_heading(look))}</h3>{items}{_note(look)}</div>'


def _heading(look: Look) -> str:
    if look.what == GOALS:
        return _("{year} 年达标村").format(year=look.year)
    return _("截至 {day} 已完成的村").format(day=look.as_of.isoformat())


def _note(look: Look) -> str:
    source = "S2" if look.what == GOALS else checklists()[look.what].source
    said = _("未填报的村计入分母。依据：{source}。") if look.what == GOALS else _("依据：{source}。")
    return f'<p class="hint">{escape(said.format(source=in_words(source)))}</p>'


def _target_of(rows: pd.DataFrame, look: Look, column: str) -> str:
    """What the rule asks for: the commonest target, as villages may have their own."""
    if look.what != GOALS:
        return ""
    own = rows[rows["column"] == column]
    target = target_in_words(Goal(column), float(own["target"].mode().iloc[0]), own["unit"].iloc[0])
    return _("{about}{target}").format(about=_(goal_kinds()[Goal(column)].about), target=target)


def _total(name: str, count: pd.Series, target: str) -> str:
    share = float(count["ratio"])
    told = _("{done} / {villages} 村").format(done=int(count["done"]), villages=int(count["villages"]))
    below = f"<small>{escape(target)}</small>" if target else ""
    return (
        f'<div class="total"><b>{escape(name)}</b><span>{escape(told)} · {escape(percent(share))}</span>'
        f'<i><u style="width:{share:.1%}"></u></i>{below}</div>'
    )
