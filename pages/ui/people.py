"""Naming a cadre, a village or a branch in a form: looked up by a word, chosen from what is found."""

from __future__ import annotations

from datetime import date

import streamlit as st

from geo.access import Actor
from geo.answers.search import search
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import EntityKind

_MOST_HITS = 40


def choice_by_word(
    store: Store,
    actor: Actor,
    kind: EntityKind,
    words: str,
    *,
    key: str,
    as_of: date,
    given: str = "",
    name: str = "",
) -> str | None:
    """Code of the thing that is named; ``given`` (called ``name``) until another one is looked up.

    Parameters
    ----------
    kind : EntityKind
        What is looked for.
    words : str
        What the field asks for.
    key : str
        Of the fields in the session.
    """
    look, pick = st.columns([1, 1.6], vertical_alignment="bottom")
    with look:
        text = st.text_input(
            words, placeholder=_("名称或代码"), key=f"{key}_text", autocomplete="off"
        ).strip()
    offered = things_named(store, actor, kind, text, as_of=as_of)
    if not text and given:
        offered = {given: f"{name} · {given}" if name else given}
    with pick:
        return st.selectbox(
            words,
            list(offered),
            index=0 if len(offered) == 1 else None,
            format_func=lambda code: offered.get(code, code),
            placeholder=_place_words(text, len(offered)),
            label_visibility="hidden",
            key=f"{key}_code_{text}",
        )


def things_named(store: Store, actor: Actor, kind: EntityKind, text: str, *, as_of: date) -> dict[str, str]:
    """What a word finds of a kind: name, where it belongs and code, by code."""
    found = search(store, actor, text, as_of=as_of, limit=_MOST_HITS, kinds=[kind])
    return {
        row.code: " · ".join(part for part in (row.name, row.detail, row.code) if part)
        for row in found.fillna({"name": "", "detail": ""}).itertuples(index=False)
    }


def _place_words(text: str, count: int) -> str:
    if not text:
        return _("先输入名称或代码")
    return _("找到 {count} 个，请选择").format(count=count) if count else _("没有找到，请换个词")
