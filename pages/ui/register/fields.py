"""One field for each column of a register, and what was typed into it as the operation takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from geo.access import Actor
from geo.answers.names import group_names, unit_names
from geo.answers.register import MASK
from geo.frames import Column, Layer
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.vocabulary import label_of
from pages.ui import cached
from pages.ui.fields import begin_with

OUTSIDE = ("code", "village_code", "cell_code")
"""Columns with a field of their own above the form (a village decides which groups there are) or none."""
_REFERENCES = {
    "unit_code": N_("单位"),
    "parent_code": N_("上级单位"),
    "group_code": N_("村民小组"),
    "village_codes": N_("所辖村"),
}
"""Columns that hold codes of other things, which are chosen by name."""
_PLACE = {"lon": N_("经度"), "lat": N_("纬度")}
_UNTOUCHED, _YES, _NO = "", "yes", "no"
_FLAGS = {_UNTOUCHED: N_("不改"), _YES: N_("是"), _NO: N_("否")}


@dataclass(frozen=True)
class FormContext:
    """Whose form it is and what it starts with.

    Attributes
    ----------
    values : mapping
        The entry as it is; empty for a new one.
    revealed : mapping
        Personal fields that were asked for.
    village_code : str
        As chosen above the form.
    key : str
        Prefix of the fields' keys.
    """

    store: Store
    actor: Actor
    layer: Layer
    values: Mapping[str, Any]
    revealed: Mapping[str, Any]
    village_code: str
    key: str

    @property
    def is_new(self) -> bool:
        """Whether the entry is not there yet."""
        return not self.values

    def is_hidden(self, column: Column) -> bool:
        """Whether a column's value is masked, so that an empty field means 'as it is'."""
        return column.personal and not self.is_new and column.name not in self.revealed

    def value(self, name: str) -> Any:
        """What a field starts with."""
        return self.revealed.get(name, self.values.get(name))


def entry_fields(form: FormContext) -> dict[str, Any]:
    """Draw the fields; the values they hold, without the ones that are to stay masked."""
    typed: dict[str, Any] = {}
    for column in form.layer.columns:
        if column.name in OUTSIDE:
            continue
        value = _field(form, column)
        if not (form.is_hidden(column) and value is None):
            typed[column.name] = value
    if form.layer.geometry:
        typed |= _place(form)
    return typed


def _field(form: FormContext, column: Column) -> Any:
    name = _(_REFERENCES.get(column.name, column.label))
    label, key = name + (" *" if column.required else ""), f"{form.key}_{column.name}"
    if column.name in _REFERENCES:
        return _reference(form, column, label, key)
    if column.choices:
        words = {str(member): label_of(member) for member in column.choices}
        return _choice(label, words, form.value(column.name), key)
    if column.kind == "flag":
        return _flag(form, column, label, key)
    return _text(label, form.value(column.name), key, hidden=form.is_hidden(column))


def _reference(form: FormContext, column: Column, label: str, key: str) -> Any:
    if column.name == "village_codes":
        names = cached.village_names(form.store, form.actor)
        held = [code for code in (form.value(column.name) or "").split(";") if code in names]
        chosen = st.multiselect(
            label, list(names), default=held, format_func=names.__getitem__, key=key, placeholder=_("选择村")
        )
        return ";".join(chosen) or None
    if column.name == "group_code":
        names = group_names(form.store, form.actor, form.village_code) if form.village_code else {}
    else:
        names = unit_names(form.store)
    return _choice(label, names, form.value(column.name), key)


def _choice(label: str, names: Mapping[str, str], value: Any, key: str) -> str | None:
    options = list(names) if value in (None, *names) else [value, *names]
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda code: names.get(code, code),
        key=begin_with(value, key),
        placeholder=_("未填"),
    )


def _flag(form: FormContext, column: Column, label: str, key: str) -> bool | None:
    """Yes or no; while it is masked also 'as it is'."""
    options = [_UNTOUCHED, _YES, _NO] if form.is_hidden(column) else [_YES, _NO]
    start = _UNTOUCHED if form.is_hidden(column) else (_YES if form.value(column.name) else _NO)
    chosen = st.selectbox(
        label, options, index=options.index(start), format_func=lambda word: _(_FLAGS[word]), key=key
    )
    return {_YES: True, _NO: False}.get(chosen or _UNTOUCHED)


def _text(label: str, value: Any, key: str, *, hidden: bool = False) -> str | None:
    start = "" if hidden or value is None else str(value)
    hint = _("{mask} 不改则留空").format(mask=MASK) if hidden and value else ""
    return st.text_input(label, start, key=key, placeholder=hint, autocomplete="off").strip() or None


def _place(form: FormContext) -> dict[str, str | None]:
    sides = st.columns(2)
    typed = {}
    for side, (name, label) in zip(sides, _PLACE.items(), strict=True):
        value = form.values.get(name)
        with side:
            typed[name] = _text(_(label), _shown(value), f"{form.key}_{name}")
    if not form.is_new and all(typed[name] == _shown(form.values.get(name)) for name in _PLACE):
        return {}  # rounded for reading: what was not touched is not moved
    return typed


def _shown(value: float | None) -> str | None:
    return None if value is None else f"{value:.7f}"
