"""The side of the register page: one entry's form, what it holds, its history."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from html import escape

import streamlit as st

from geo.access import Actor
from geo.answers.register import BY_VILLAGE, Entry, entry, proposed_code
from geo.frames import LAYERS
from geo.i18n import N_, _
from geo.operations.registry import add_entry, correct_entry
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.register.fields import FormContext, entry_fields
from pages.ui.register.leaving import offer_retirement
from pages.ui.register.privacy import offer_unmasking
from pages.ui.register.saving import save
from pages.ui.register.state import RegisterState
from pages.ui.register.views import show_heading, show_history, show_holdings, show_values
from pages.ui.text import plain

_VIEWS = {"facts": N_("资料"), "holdings": N_("责任"), "history": N_("变更记录")}


def show_new(store: Store, actor: Actor, layer: str, state: RegisterState) -> None:
    """The form for something that is not in the register yet."""
    title = _("新增{register}").format(register=_(LAYERS[layer].label))
    st.html(f'<div class="panel"><h2>{escape(title)}</h2></div>')
    form = _context(store, actor, layer, None, state)
    if layer in BY_VILLAGE and layer != "branches" and not form.village_code:
        st.caption(_("请先选择所在村。"))
        return
    code = proposed_code(store, actor, layer, village_code=form.village_code)
    with st.form(f"{form.key}_form", border=False):
        given = st.text_input(
            _("代码（可改；留空则自动编号）"),
            code,
            key=f"{form.key}_code_{form.village_code}",
            autocomplete="off",
        )
        typed = entry_fields(form)
        on = st.date_input(_("启用日期"), date.today(), format="YYYY-MM-DD", key=f"{form.key}_on")
        reason = _reason(form.key)
        saved = st.form_submit_button(_("保存"), type="primary", width="stretch")
    if saved:
        values = {**typed, **_village(layer, form), "code": given.strip() or None}
        now = datetime.now(UTC)
        add = partial(add_entry, store, actor, layer, values, now=now, today=date.today(), reason=reason)
        save(state, partial(add, on=on if isinstance(on, date) else None))


def show_entry(store: Store, actor: Actor, layer: str, state: RegisterState) -> None:
    """An entry that is in the register."""
    held = entry(store, actor, layer, state.code or "", today=cached.first_as_of(store))
    state.version = state.version or held.version
    show_heading(held)
    view = st.segmented_control(
        _("内容"),
        list(_VIEWS),
        format_func=lambda name: _(_VIEWS[name]),
        default="facts",
        key=f"register_view_{state.turn}",
        label_visibility="collapsed",
        required=True,
    )
    if view == "history":
        show_history(held.history)
    elif view == "holdings":
        show_holdings(held.holdings)
    else:
        _show_facts(store, actor, held, state)


def _show_facts(store: Store, actor: Actor, held: Entry, state: RegisterState) -> None:
    if state.said:
        st.success(plain(state.said))
    if held.may_unmask:
        offer_unmasking(store, actor, held, state)
    form = _context(store, actor, held.layer, held, state)
    if not held.may_write:
        show_values(form.layer, held.values | dict(state.revealed))
        return
    with st.form(f"{form.key}_form", border=False):
        typed = entry_fields(form)
        on = _change_day(held, form.key)
        reason = _reason(form.key)
        saved = st.form_submit_button(_("保存更正"), type="primary", width="stretch")
    if saved:
        values = {**typed, **_village(held.layer, form)}
        correct = partial(correct_entry, store, actor, held.layer, held.code, values, now=datetime.now(UTC))
        save(state, partial(correct, version=state.version, reason=reason, on=on))
    offer_retirement(store, actor, held, state)


def _context(store: Store, actor: Actor, layer: str, held: Entry | None, state: RegisterState) -> FormContext:
    key = f"register_{layer}_{state.turn}"
    values = held.values if held else {}
    village = values.get("village_code") or ""
    if layer in BY_VILLAGE and (held is None or held.may_write):
        names = cached.village_names(store, actor)
        options = [*names] if village in ("", *names) else [village, *names]
        village = (
            st.selectbox(
                _("所在村") + ("" if layer == "branches" else " *"),
                options,
                index=options.index(village) if village else None,
                format_func=lambda code: names.get(code, code),
                key=f"{key}_village",
                placeholder=_("选择村") if layer != "branches" else _("不属于任何村"),
            )
            or ""
        )
    return FormContext(store, actor, LAYERS[layer], values, state.revealed, village, key)


def _village(layer: str, form: FormContext) -> dict[str, str | None]:
    return {"village_code": form.village_code or None} if layer in BY_VILLAGE else {}


def _reason(key: str) -> str:
    return st.text_input(
        _("事由 *"), key=f"{key}_reason", placeholder=_("例如：新到岗，组发〔2026〕12 号"), autocomplete="off"
    )


def _change_day(held: Entry, key: str) -> date | None:
    """From which day an area has other villages, or a household another cell."""
    if held.layer not in ("areas", "households"):
        return None
    label = _("所辖村自何日起变动") if held.layer == "areas" else _("网格自何日起变动")
    on = st.date_input(label, date.today(), format="YYYY-MM-DD", key=f"{key}_on")
    return on if isinstance(on, date) else None
