"""The tasks of a case: making the plan, changing, finishing, and bringing evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import streamlit as st

from geo.access import Actor
from geo.analysis.rectification.transitions import EDITABLE, TASK_ROLES, TaskDeed
from geo.i18n import _
from geo.operations.attachments import attach
from geo.operations.rectification import finish_task, plan_from_template, put_task, remove_task
from geo.store.engine import Store
from geo.vocabulary import AttachmentUse, CaseState, EntityKind
from pages.ui.files import evidence_list, file_field, pictures_of, removal_form
from pages.ui.people import choice_by_word
from pages.ui.rectify.saving import do, press_key
from pages.ui.rectify.state import RectifyDesk

_FIELDS = ("title", "owner_code", "starts_on", "due_on")
_UPLOADERS = TASK_ROLES[TaskDeed.FINISH][CaseState.WORKING]


def may_do(actor: Actor, case: Mapping[str, Any], deed: TaskDeed) -> bool:
    """Whether forms are offered; the operations check by themselves."""
    in_scope = not actor.viewer and actor.covers(case["village_code"] or "")
    return in_scope and actor.role in TASK_ROLES[deed].get(CaseState(case["state"]), ())


def may_bring(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether evidence may be brought now."""
    in_scope = not actor.viewer and actor.covers(case["village_code"] or "")
    return in_scope and actor.role in _UPLOADERS and CaseState(case["state"]) in EDITABLE


def show_task_forms(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], as_of: date
) -> None:
    """Each task with its evidence and, for who works on it, its forms."""
    changes = may_do(actor, case, TaskDeed.CHANGE)
    if not case["tasks"]:
        st.caption(_("还没有任务。"))
        if changes and st.button(
            _("按成因套用方案模板"), type="primary", width="stretch", key=press_key("case_template", case)
        ):
            plan = partial(
                plan_from_template, store, actor, case["code"], now=datetime.now(UTC), version=case["version"]
            )
            do(desk, _("已按成因生成任务，倒排到限期；可逐条修改。"), plan)
    for task in case["tasks"]:
        done = _("✓ ") if task["done_on"] else ""
        with st.expander(f"{done}{task['number']}. {task['title']}"):
            _show_task(store, actor, desk, case, task, as_of)
    if changes:
        with st.expander(_("新增任务"), icon=":material/add:"):
            _task_form(store, actor, desk, case, None, as_of)


def _show_task(
    store: Store,
    actor: Actor,
    desk: RectifyDesk,
    case: Mapping[str, Any],
    task: Mapping[str, Any],
    as_of: date,
) -> None:
    st.caption(
        _("{owner}　{start} 至 {due}").format(
            owner=task["owner_name"] or task["owner_code"] or _("未定责任人"),
            start=task["starts_on"],
            due=task["due_on"],
        )
    )
    if task["done_on"]:
        st.caption(_("{day} 完成。{note}").format(day=task["done_on"], note=task["note"] or ""))
    evidence_list(task["evidence"])
    if may_bring(actor, case):
        _evidence_form(store, actor, desk, case, task)
        _evidence_removal(store, actor, desk, case, task)
    if may_do(actor, case, TaskDeed.FINISH):
        _finish_form(store, actor, desk, case, task)
    if may_do(actor, case, TaskDeed.CHANGE) and st.toggle(
        _("修改任务"), key=f"task_edit_{task['number']}_{desk.turn}"
    ):
        _task_form(store, actor, desk, case, task, as_of)
        _removal_form(store, actor, desk, case, task)


def _evidence_form(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], task: Mapping[str, Any]
) -> None:
    key = f"evidence_{task['number']}_{desk.turn}"
    file = file_field(store, _("上传佐证（照片或 PDF）"), key=key)
    if file is not None and st.button(_("保存佐证"), key=f"{key}_save", width="stretch"):
        put = partial(
            attach,
            store,
            actor,
            content=file.getvalue(),
            filename=file.name,
            use=AttachmentUse.EVIDENCE,
            case_code=case["code"],
            task_number=task["number"],
            now=datetime.now(UTC),
        )
        do(desk, _("佐证已保存。"), put)


def _evidence_removal(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], task: Mapping[str, Any]
) -> None:
    about = f"{case['code']}_{task['number']}"
    if task["evidence"] and st.toggle(_("删除佐证"), key=f"evidence_edit_{about}_{desk.turn}"):
        removal_form(store, actor, pictures_of(task["evidence"]), key=f"evidence_removal_{about}")


def _finish_form(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], task: Mapping[str, Any]
) -> None:
    key = f"finish_{task['number']}_{desk.turn}"
    now = datetime.now(UTC)
    about = {"now": now, "version": case["version"]}
    change = partial(finish_task, store, actor, case["code"], task["number"], **about)
    if task["done_on"]:
        if st.button(_("撤回完成"), key=press_key(key, case), width="stretch"):
            do(desk, _("任务已改回未完成。"), partial(change, done_on=None))
        return
    with st.form(key, border=False):
        day = st.date_input(_("完成日期 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_day")
        note = st.text_input(_("完成情况 *"), key=f"{key}_note", autocomplete="off")
        sent = st.form_submit_button(_("标为完成"), type="primary", width="stretch", key=press_key(key, case))
    if sent and isinstance(day, date):
        do(desk, _("任务已完成。"), partial(change, done_on=day, note=note))


def _task_form(
    store: Store,
    actor: Actor,
    desk: RectifyDesk,
    case: Mapping[str, Any],
    task: Mapping[str, Any] | None,
    as_of: date,
) -> None:
    """The fields of a task, an existing one or a new one."""
    number = task["number"] if task else None
    held = task or {
        "title": "",
        "owner_code": case["responsible_code"],
        "owner_name": case["responsible_name"],
    }
    # The fields of a task that somebody changed begin afresh, so that they do not put back what was before.
    key = f"task_{number or 'new'}_{desk.turn}_{hash(tuple(map(str, map(held.get, _FIELDS))))}"
    owner = choice_by_word(
        store,
        actor,
        EntityKind.CADRE,
        _("责任人 *"),
        key=f"{key}_owner",
        as_of=as_of,
        given=held["owner_code"] or "",
        name=held["owner_name"] or "",
    )
    with st.form(key, border=False):
        title = st.text_area(_("任务 *"), held["title"], key=f"{key}_title", height=70)
        start = st.date_input(
            _("起 *"), held.get("starts_on", case["listed_on"]), format="YYYY-MM-DD", key=f"{key}_start"
        )
        due = st.date_input(
            _("限期 *"), held.get("due_on", case["due_on"]), format="YYYY-MM-DD", key=f"{key}_due"
        )
        sent = st.form_submit_button(_("保存任务"), width="stretch", key=press_key(key, case))
    if sent and isinstance(start, date) and isinstance(due, date):
        fields = {"title": title, "owner_code": owner, "starts_on": start, "due_on": due}
        about = {"note": held.get("note") or "", "now": datetime.now(UTC), "version": case["version"]}
        put = partial(put_task, store, actor, case["code"], number, **fields, **about)
        do(desk, _("任务已保存。"), put)


def _removal_form(
    store: Store, actor: Actor, desk: RectifyDesk, case: Mapping[str, Any], task: Mapping[str, Any]
) -> None:
    key = f"task_remove_{task['number']}_{desk.turn}"
    with st.form(key, border=False):
        reason = st.text_input(_("删除的理由 *"), key=f"{key}_reason", autocomplete="off")
        sent = st.form_submit_button(_("删除任务"), width="stretch", key=press_key(key, case))
    if sent:
        about = {"reason": reason, "now": datetime.now(UTC), "version": case["version"]}
        do(
            desk,
            _("任务已删除。"),
            partial(remove_task, store, actor, case["code"], task["number"], **about),
        )
