"""Search by village, cadre or code: one hit is shown at once, several are listed."""

from __future__ import annotations

from math import isnan
from typing import Any

import streamlit as st

from geo.access import Actor
from geo.answers.search import search
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import EntityKind, label_of
from pages.ui import cached
from pages.ui.filters import chosen_day
from pages.ui.mapview import map_state
from pages.ui.text import named
from pages.ui.topbar import SEARCH_KEY
from pages.ui.view import Point

MOST_HITS = 12
_ASKED_KEY, _HITS_KEY = "searched", "hits"
_ZOOMS = {EntityKind.TOWNSHIP: 12, EntityKind.VILLAGE: 14, EntityKind.CELL: 15, EntityKind.HOUSEHOLD: 16}


def search_for(store: Store, actor: Actor) -> None:
    """Look for the text in the bar, once."""
    text = st.session_state.get(SEARCH_KEY, "").strip()
    if text == st.session_state.get(_ASKED_KEY, ""):
        return
    st.session_state[_ASKED_KEY] = text
    hits = _hits(store, actor, text)
    if len(hits) == 1 and _is_placed(hits[0]):
        _go_to(hits[0])
    st.session_state[_HITS_KEY] = None if len(hits) == 1 and _is_placed(hits[0]) else hits


def show_hits() -> bool:
    """List what was found, if there is a choice to make; says whether there was."""
    hits = st.session_state.get(_HITS_KEY)
    if hits is None or not st.session_state.get(_ASKED_KEY):
        return False
    with st.container(key="hits"):
        st.html(f'<div class="panel"><h3>{_hits_title(hits)}</h3></div>')
        for number, hit in enumerate(hits):
            st.button(
                hit_label(hit),
                key=f"hit_{number}",
                on_click=_choose,
                args=(hit,),
                disabled=not _is_placed(hit),
                width="stretch",
            )
    return True


def go_to_code(store: Store, actor: Actor, code: str) -> None:
    """Send the map to the thing with this code, if it has a place the actor may see."""
    exact = [hit for hit in _hits(store, actor, code) if hit["code"] == code and _is_placed(hit)]
    if exact:
        _go_to(exact[0])


def forget_hits() -> None:
    """Put the list of hits away."""
    st.session_state.pop(_HITS_KEY, None)


def hit_label(hit: dict[str, Any]) -> str:
    """Name, kind and detail of a hit as safe Markdown."""
    kind = label_of(EntityKind(hit["kind"]))
    unplaced = "" if _is_placed(hit) else _("未落图")
    return named(hit["name"], kind, hit["detail"], unplaced)


def _hits_title(hits: list[dict[str, Any]]) -> str:
    if not hits:
        return _("没有找到，请换个名称或代码")
    if len(hits) == MOST_HITS:
        return _("找到较多，列出前 {count} 条").format(count=MOST_HITS)
    return _("找到 {count} 条").format(count=len(hits))


def _hits(store: Store, actor: Actor, text: str) -> list[dict[str, Any]]:
    as_of = chosen_day(cached.first_as_of(store))
    found = search(store, actor, text, as_of=as_of, limit=MOST_HITS)
    return found.fillna({"name": "", "detail": ""}).to_dict("records")


def _choose(hit: dict[str, Any]) -> None:
    st.session_state[_HITS_KEY] = None
    _go_to(hit)


def _go_to(hit: dict[str, Any]) -> None:
    zoom = _ZOOMS.get(EntityKind(hit["kind"]), 14)
    map_state().go_to(Point(float(hit["lon"]), float(hit["lat"])), zoom=zoom)


def _is_placed(hit: dict[str, Any]) -> bool:
    return hit["lon"] is not None and not isnan(hit["lon"])
