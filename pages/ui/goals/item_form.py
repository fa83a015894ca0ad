"""One village's checklist: what is done and since when, and the form of who works there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from html import escape

import streamlit as st

from geo.access import Actor
from geo.answers.goals import checklist_lines
from geo.exchange.village_profile import ItemLine
from geo.i18n import _
from geo.operations.goals import ItemEntry, tick_items
from geo.rules.checklists import Checklist
from geo.store.engine import Store
from pages.ui.fields import begin_with
from pages.ui.goals.saving import save
from pages.ui.goals.state import GoalsDesk


def show_items(store: Store, actor: Actor, desk: GoalsDesk, checklist: Checklist, *, as_of: date) -> None:
    """Show the items as done by a day; who may record work there also gets the form."""
    lines = checklist_lines(store, actor, desk.village, as_of=as_of)
    if actor.can_record(desk.village):
        entries = _entered(store, actor, desk.village, checklist)
        _offer_form(store, actor, desk, checklist, desk.begin(entries, what=checklist.code, year=0))
    st.html(items_html([line for line in lines if line.checklist == checklist.code], checklist))


def _entered(store: Store, actor: Actor, village: str, checklist: Checklist) -> dict[str, ItemEntry]:
    """What is on record, whenever it was done."""
    lines = checklist_lines(store, actor, village)
    return {
        line.item: ItemEntry(line.done_on, line.note) for line in lines if line.checklist == checklist.code
    }


def items_html(lines: list[ItemLine], checklist: Checklist) -> str:
    """Each item with a sign and the day since which it is done."""
    done = sum(line.done_on is not None for line in lines)
    title = _("{list}：{done} / {items} 项").format(list=_(checklist.label), done=done, items=len(lines))
    return f'<div class="panel goals"><h3>{escape(title)}</h3>{"".join(map(_item, lines))}</div>'


def _item(line: ItemLine) -> str:
    sign, state = ("✓", "met") if line.done_on else ("○", "unknown")
    day = _("{day} 起").format(day=line.done_on.isoformat()) if line.done_on else _("未完成")
    note = f"<small>{escape(line.note)}</small>" if line.note else ""
    return (
        f'<div class="goal item {state}"><i>{sign}</i><b>{escape(_(line.label))}</b>'
        f"<em>{escape(day)}</em>{note}</div>"
    )


def _offer_form(
    store: Store, actor: Actor, desk: GoalsDesk, checklist: Checklist, begun: Mapping[str, ItemEntry]
) -> None:
    key = f"items_{desk.turn}_{checklist.code}"
    with st.expander(_("填报"), icon=":material/edit:", key=f"{key}_form"), st.form(key, border=False):
        st.caption(_("填写完成日期；未完成的留空。"))
        typed = {
            item: _fields(_(checklist.items[item]), begun[item], f"{key}_{item}") for item in checklist.items
        }
        saved = st.form_submit_button(_("保存"), type="primary", width="stretch")
    if saved:
        write = partial(tick_items, store, actor, desk.village, checklist.code, now=datetime.now(UTC))
        read = partial(_entered, store, actor, desk.village, checklist)
        save(desk, typed, write=write, read=read, name_of=lambda item: _(checklist.items[item]))


def _fields(label: str, entry: ItemEntry, key: str) -> ItemEntry:
    """What is typed for one item."""
    st.html(f'<div class="item-name">{escape(label)}</div>')
    day, note = st.columns([1, 1.4])
    with day:
        done_on = st.date_input(
            label,
            None,
            format="YYYY-MM-DD",
            key=begin_with(entry.done_on, f"{key}_day"),
            label_visibility="collapsed",
        )
    with note:
        said = st.text_input(
            _("备注"),
            key=begin_with(entry.note, f"{key}_note"),
            placeholder=_("备注"),
            label_visibility="collapsed",
            autocomplete="off",
        )
    return ItemEntry(done_on if isinstance(done_on, date) else None, said.strip())
