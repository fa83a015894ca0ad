"""The row above the desk: which responsibility, which township, which state; undo; the list as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import geopandas as gpd
import streamlit as st

from geo.access import Actor
from geo.errors import AppError
from geo.i18n import _
from geo.operations.journal import undo_last
from geo.store.engine import Store
from geo.vocabulary import RESPONSIBILITY_RULES, ResponsibilityKind, label_of
from layers.edit import EditTool, Mode
from pages.ui import cached
from pages.ui.desk.cell_forms import TASKS as CELL_TASKS
from pages.ui.desk.cell_forms import cell_tool
from pages.ui.desk.desk_map import desk_map_state, look_at
from pages.ui.desk.state import Desk
from pages.ui.desk.target_list import as_shown, state_labels
from pages.ui.downloads import offer_file
from pages.ui.filters import TOWNSHIP_KEY, date_filter, township_filter
from pages.ui.part import speaking
from pages.ui.saying import say
from pages.ui.sheets import csv_bytes, xlsx_bytes
from pages.web.state import the_tiles

KIND_KEY = "desk_kind"


@dataclass(frozen=True)
class Choice:
    """What the desk shows."""

    township: str
    as_of: date
    states: Sequence[str]
    text: str


def choose(store: Store, actor: Actor, desk: Desk) -> Choice:
    """Draw the filters; another kind of responsibility starts with nothing chosen."""
    st.session_state.setdefault(KIND_KEY, desk.kind)
    kind = st.selectbox(
        _("责任"), _kinds(), format_func=_kind_name, key=KIND_KEY, label_visibility="collapsed", width=190
    )
    if kind is not None and kind != desk.kind:
        desk.kind, desk.task = ResponsibilityKind(kind), "assign"
        desk.choose([])
    names = cached.townships(store, actor)
    if TOWNSHIP_KEY not in st.session_state and actor.reads_all and names:
        st.session_state[TOWNSHIP_KEY] = next(iter(names))  # a whole county is a list to get lost in
    township = township_filter(actor, names)
    as_of = date_filter(cached.first_as_of(store))
    states = st.pills(
        _("状态"),
        list(state_labels()),
        format_func=state_labels().__getitem__,
        selection_mode="multi",
        key="desk_states",
        label_visibility="collapsed",
    )
    text = st.text_input(
        _("筛选"),
        placeholder=_("代码、村或责任人"),
        label_visibility="collapsed",
        key="desk_text",
        width=150,
    )
    _look_at(store, township, as_of)
    return Choice(township, as_of, states, text)


def tool_of(desk: Desk, targets: gpd.GeoDataFrame, choosing: Mode) -> EditTool:
    """What the mouse does on the map now; what is drawn on is brought into view first."""
    if desk.task in CELL_TASKS:
        tool = cell_tool(desk, targets, choosing)
        if tool.mode in (Mode.SPLIT, Mode.REDRAW):
            look_at(targets[targets["code"].isin(desk.selected)], turn=desk.turn)
        return tool
    return EditTool(choosing, serial=desk.turn)


def offer_undo(store: Store, actor: Actor, desk: Desk) -> None:
    """A button that takes back one's own last change."""
    if actor.writes:
        st.button(
            _("撤销上一步"), icon=":material/undo:", on_click=_undo, args=(store, actor, desk), key="undo"
        )


def offer_downloads(desk: Desk, table: gpd.GeoDataFrame, choice: Choice) -> None:
    """The list as the filters show it, as a file."""
    title = _("责任名单")
    name = f"{title}-{label_of(desk.kind)}-{choice.as_of.isoformat()}"
    with st.popover(_("下载名单"), icon=":material/download:"):
        offer_file(
            "Excel",
            lambda: xlsx_bytes(as_shown(table), as_of=choice.as_of, title=title),
            f"{name}.xlsx",
            width="stretch",
        )
        offer_file(
            "CSV",
            lambda: csv_bytes(as_shown(table), as_of=choice.as_of),
            f"{name}.csv",
            width="stretch",
        )


@speaking
def _undo(store: Store, actor: Actor, desk: Desk) -> None:
    try:
        outcome = undo_last(store, actor, now=datetime.now(UTC))
    except AppError as refusal:
        say(str(refusal), refused=True)
        return
    desk.finish()
    say(outcome.summary)


def _look_at(store: Store, township: str, as_of: date) -> None:
    bounds = the_tiles().bounds(as_of=as_of, township=township)
    desk_map_state().choose_township(township, bounds)


def _kinds() -> list[ResponsibilityKind]:
    first = ResponsibilityKind.GRID_OFFICER
    return [first, *(kind for kind in ResponsibilityKind if kind is not first)]


def _kind_name(kind: ResponsibilityKind) -> str:
    targets = "、".join(label_of(target) for target in RESPONSIBILITY_RULES[kind].targets)
    return f"{label_of(kind)}（{targets}）"
