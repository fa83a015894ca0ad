"""The row of filters above the map and the tables; what is chosen stays when the page changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from geo.access import Actor
from geo.i18n import _

THEME_KEY, TOWNSHIP_KEY, AS_OF_KEY, OVERLAYS_KEY = "theme", "township", "as_of", "overlays"
_KEPT = (THEME_KEY, TOWNSHIP_KEY, AS_OF_KEY, OVERLAYS_KEY)


@dataclass(frozen=True)
class Choice:
    """What a page shows.

    Attributes
    ----------
    township : str
        Township code, or ``""`` for everything the actor may see.
    as_of : date
    theme : str
        Key of a map theme; ``""`` on pages without a map.
    overlays : tuple of str
        Keys of layers laid over the theme.
    """

    township: str
    as_of: date
    theme: str = ""
    overlays: tuple[str, ...] = ()


def keep_choices() -> None:
    """Keep the filters' values on pages that do not draw them (Streamlit would forget them)."""
    for key in _KEPT:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def theme_filter(titles: Mapping[str, str]) -> str:
    """The map theme; clicking the chosen one again leaves it chosen."""
    first = next(iter(titles))
    st.session_state.setdefault(THEME_KEY, first)
    chosen = st.segmented_control(
        _("专题"),
        list(titles),
        format_func=titles.__getitem__,
        key=THEME_KEY,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or first


def scope_name(actor: Actor, townships: Mapping[str, str]) -> str:
    """How the whole of what an actor may see is called in the filter."""
    if actor.reads_all:
        return _("全部乡镇")
    only = next(iter(actor.scopes)) if len(actor.scopes) == 1 else ""
    return townships.get(only, _("本人范围"))


def township_filter(actor: Actor, names: Mapping[str, str]) -> str:
    """The township's code; empty for everything the actor may see."""
    options = ["", *names] if len(names) > 1 else [""]
    whole = scope_name(actor, names)
    if st.session_state.get(TOWNSHIP_KEY) not in options:
        st.session_state[TOWNSHIP_KEY] = options[0]
    chosen = st.selectbox(
        _("乡镇"),
        options,
        format_func=lambda code: names.get(code, whole),
        key=TOWNSHIP_KEY,
        label_visibility="collapsed",
        width=150,
    )
    return chosen or ""


def date_filter(default: date) -> date:
    """The day everything is shown as of."""
    st.session_state.setdefault(AS_OF_KEY, default)
    st.date_input(_("日期"), key=AS_OF_KEY, format="YYYY-MM-DD", label_visibility="collapsed", width=140)
    return chosen_day(default)


def chosen_day(default: date) -> date:
    """The day that is chosen, for what comes before its filter or has none."""
    chosen = st.session_state.get(AS_OF_KEY)
    return chosen if isinstance(chosen, date) else default


def overlay_filter(titles: Mapping[str, str]) -> tuple[str, ...]:
    """Layers to lay over the theme, in a small menu."""
    with st.popover(_("图层")):
        chosen = st.pills(
            _("在专题之上显示"),
            list(titles),
            format_func=titles.__getitem__,
            selection_mode="multi",
            key=OVERLAYS_KEY,
        )
    return tuple(chosen)


def label_filter(labels: Mapping[str, str]) -> Sequence[str]:
    """Village labels to keep; none chosen means all villages."""
    return st.multiselect(
        _("标签"),
        list(labels),
        format_func=labels.__getitem__,
        placeholder=_("全部标签"),
        label_visibility="collapsed",
        width=260,
    )
