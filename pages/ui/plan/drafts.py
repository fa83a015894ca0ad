"""Drafts of plans: kept under a name, opened again, laid side by side, thrown away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.gap_plan import compared_plans, plan_draft, plan_drafts
from geo.errors import AppError
from geo.i18n import N_, _
from geo.operations.gap_drafts import delete_plan, save_plan
from geo.operations.gap_plan import changed_rows
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind, Role, label_of
from pages.ui.empty import show_empty
from pages.ui.part import speaking
from pages.ui.plan.state import PlanDesk, show_view
from pages.ui.saying import say
from pages.ui.text import local_time

_FIGURES = {
    "gaps": N_("缺口"),
    "gaps_closed": N_("补上的缺口"),
    "weight": N_("缺口分值"),
    "weight_closed": N_("补上的分值"),
    "moves": N_("调动"),
    "assignments": N_("指派"),
    "cost_km": N_("折合公里"),
    "overloaded_before": N_("责任过载（前）"),
    "overloaded_after": N_("责任过载（后）"),
}
_LONGEST_NAME = 60


def save_form(store: Store, actor: Actor, desk: PlanDesk) -> None:
    """Keep the plan under a name."""
    if desk.plan is None or actor.viewer:
        return
    with st.popover(_("保存草案"), icon=":material/save:"):
        name = st.text_input(_("草案名称"), max_chars=_LONGEST_NAME, key=f"plan_name_{desk.turn}")
        st.button(
            _("保存草案"),
            disabled=not name.strip(),
            on_click=_save,
            args=(store, actor, desk, name),
            key="plan_save",
            width="stretch",
        )


@speaking
def _save(store: Store, actor: Actor, desk: PlanDesk, name: str) -> None:
    assert desk.plan is not None
    try:
        save_plan(store, actor, desk.plan, name=name, now=datetime.now(UTC))
    except AppError as refusal:
        say(str(refusal), refused=True)
    else:
        desk.name = name.strip()
        say(_("已保存草案“{name}”。").format(name=desk.name))


def drafts_menu(store: Store, actor: Actor, desk: PlanDesk) -> None:
    """Open a draft, lay it beside the plan, or throw it away."""
    kept = plan_drafts(store, actor)
    if kept.empty:
        return
    labels = {row.code: _label(row) for row in kept.itertuples(index=False)}
    with st.popover(_("草案（{count}）").format(count=len(kept)), icon=":material/folder_open:"):
        code = st.selectbox(_("已保存的草案"), list(labels), format_func=labels.__getitem__, key="plan_draft")
        if code is None:
            return
        row = kept.set_index("code").loc[code]
        about = (store, actor, desk, code, row["name"])
        may_delete = not actor.viewer and (actor.role is Role.DEPARTMENT or row["user"] == actor.user)
        for label, do, may in (
            (_("打开"), _open, True),
            (_("与当前方案比较"), _lay_beside, desk.plan is not None),
            (_("删除"), _delete, may_delete),
        ):
            key = f"plan{do.__name__}"
            st.button(label, on_click=_done, args=(do, *about), disabled=not may, key=key, width="stretch")


@speaking
def _done(do: Callable[..., None], *about: Any) -> None:
    """Do something with a draft; somebody else may have thrown it away meanwhile."""
    try:
        do(*about)
    except AppError as refusal:
        say(str(refusal), refused=True)


def _open(store: Store, actor: Actor, desk: PlanDesk, code: str, name: str) -> None:
    plan = plan_draft(store, actor, code)
    desk.open(plan, name=name, changed=changed_rows(store, actor, plan))


def _lay_beside(store: Store, actor: Actor, desk: PlanDesk, code: str, name: str) -> None:
    desk.other = (name, plan_draft(store, actor, code))
    show_view("compare")


def _delete(store: Store, actor: Actor, _desk: PlanDesk, code: str, name: str) -> None:
    delete_plan(store, actor, code, now=datetime.now(UTC))
    say(_("已删除草案“{name}”。").format(name=name))


def _label(row: Any) -> str:
    return f"{row.name} · {row.user} · {local_time(row.at)}"


def show_comparison(desk: PlanDesk) -> None:
    """The plan and a draft side by side: figures, and the rows in which they differ."""
    if desk.plan is None or desk.other is None:
        show_empty(_("还没有可比较的草案"), _("在“草案”里选一份，点“与当前方案比较”。"))
        return
    here, there = desk.name or _("当前方案"), desk.other[0]
    there = there if there != here else _("{name}（草案）").format(name=there)
    found = compared_plans(desk.plan, desk.other[1])
    st.dataframe(_figures(found["figures"], here, there), hide_index=True, height=350)
    rows: pd.DataFrame = found["rows"]
    if rows.empty:
        st.caption(_("两份方案逐项相同。"))
        return
    st.caption(_("{count} 个对象的责任人不同：").format(count=len(rows)))
    duties = [label_of(ResponsibilityKind(kind)) for kind in rows["kind"]]
    shown = rows.assign(kind=duties).drop(columns="target_code")
    shown.columns = [_("责任"), _("对象"), _("村"), here, there]
    st.dataframe(shown, hide_index=True, height=240, placeholder="—")


def _figures(figures: list[dict[str, Any]], here: str, there: str) -> pd.DataFrame:
    rows = [
        (_(_FIGURES[row["name"]]), row["first"], row["second"]) for row in figures if row["name"] in _FIGURES
    ]
    return pd.DataFrame(rows, columns=[_("指标"), here, there])
