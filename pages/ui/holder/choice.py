"""Whom the page of one holder is about: looked up by a word, or named in the address."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.answers.search import search
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import EntityKind
from pages.ui import cached
from pages.ui.filters import chosen_day

PARAMETER = "holder"
_MOST_HITS = 30
_HOLDERS = {str(EntityKind.CADRE), str(EntityKind.UNIT)}


def chosen_holder(store: Store, actor: Actor) -> str | None:
    """The code of the holder; the address keeps it, so that the page can be linked to."""
    named = st.query_params.get(PARAMETER)
    text = st.text_input(
        _("查找责任人"),
        placeholder=_("姓名、单位或代码"),
        label_visibility="collapsed",
        key="holder_search",
        width=180,
    )
    hits = _hits(store, actor, text.strip() or named or "")
    if not hits:
        if text.strip():
            st.caption(_("没有找到，请换个词"))
        return None if text.strip() else named
    options = list(hits)
    chosen = st.selectbox(
        _("责任人"),
        options,
        index=options.index(named) if named in hits else 0 if len(options) == 1 else None,
        format_func=hits.__getitem__,
        placeholder=_("找到 {count} 人，请选择").format(count=len(options)),
        label_visibility="collapsed",
        width=280,
    )
    if chosen and chosen != named:
        st.query_params[PARAMETER] = chosen
    return chosen


def _hits(store: Store, actor: Actor, text: str) -> dict[str, str]:
    if not text:
        return {}
    as_of = chosen_day(cached.first_as_of(store))
    found = search(store, actor, text, as_of=as_of, limit=_MOST_HITS)
    people = found[found["kind"].isin(_HOLDERS)].fillna({"name": "", "detail": ""})
    return {
        row.code: " · ".join(part for part in (row.name, row.detail, row.code) if part)
        for row in people.itertuples(index=False)
    }
