"""The work on what is chosen: pick a task, fill its form, look at what it would do, save."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.operations.journal import Preview
from geo.operations.requests import Request
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind
from pages.ui.desk.assigning import assign_form, end_form
from pages.ui.desk.cell_forms import TASKS as CELL_TASKS
from pages.ui.desk.cell_forms import cell_form
from pages.ui.desk.correcting import correct_form
from pages.ui.desk.from_file import file_form
from pages.ui.desk.lock import lock_notice
from pages.ui.desk.review import review
from pages.ui.desk.state import Desk
from pages.ui.going import go_to
from pages.ui.text import plain

_OWNER_TASKS = {"assign": N_("指派"), "end": N_("结束"), "correct": N_("更正")}


def work_panel(
    store: Store, actor: Actor, desk: Desk, targets: gpd.GeoDataFrame, *, as_of: date, today: date
) -> Preview | None:
    """Draw the panel; gives the preview of what is being done, for the map."""
    if not actor.writes:
        st.caption(_("此账号只能查看，不能修改责任和网格。"))
        return None
    tasks = _OWNER_TASKS | (CELL_TASKS if desk.kind is ResponsibilityKind.GRID_OFFICER else {})
    if desk.task not in tasks:
        desk.task = next(iter(tasks))
    chosen_task = st.segmented_control(
        _("办理"),
        list(tasks),
        format_func=lambda task: _(tasks[task]),
        default=desk.task,
        key=f"task_{desk.kind}",
        label_visibility="collapsed",
        required=True,
    )
    if chosen_task and chosen_task != desk.task:
        desk.task = chosen_task
        desk.forget_work()
        desk.turn += 1
    lock_notice()
    _offer_holder(targets[targets["code"].isin(desk.selected)])
    request = _form(store, actor, desk, targets, as_of=as_of, today=today)
    return None if request is None else review(store, actor, desk, request, today=today)


def _offer_holder(chosen: gpd.GeoDataFrame) -> None:
    """The way to everything else that the owner of the one chosen target covers."""
    held = chosen[chosen["holder_codes"].astype(bool)]
    if len(chosen) != 1 or held.empty:
        return
    code, name = held["holder_codes"].iloc[0].split(";")[0], held["holders"].iloc[0].split("、")[0]
    label = _("查看或移交{name}负责的全部对象").format(name=plain(name))
    if st.button(label, icon=":material/person:", type="tertiary"):
        go_to("holder", holder=code)


def _form(
    store: Store, actor: Actor, desk: Desk, targets: gpd.GeoDataFrame, *, as_of: date, today: date
) -> Request | None:
    if desk.task in CELL_TASKS:
        return cell_form(store, actor, desk, targets, as_of=as_of)
    chosen = targets[targets["code"].isin(desk.selected)]
    if chosen.empty:
        st.caption(_("请先在名单或地图上选中对象。"))
        return file_form(store, actor, desk, today=today) if desk.task == "assign" else None
    if desk.task == "assign":
        return assign_form(store, actor, desk, chosen, as_of=as_of)
    if desk.task == "correct":
        return correct_form(store, actor, desk, chosen, as_of=as_of)
    return end_form(desk, chosen, as_of=as_of)
