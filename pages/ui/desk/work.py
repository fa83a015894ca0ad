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
    request = _form(store, actor, desk, targets, as_of=as_of, today=today)
    return None if request is None else review(store, actor, desk, request, today=today)


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
