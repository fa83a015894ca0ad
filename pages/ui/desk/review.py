"""Look before saving: what a request would change, what must be confirmed, and what others did meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.errors import ConflictError, OthersChange, RuleError
from geo.i18n import N_, _
from geo.operations.journal import Outcome, Preview, preview, submit
from geo.operations.requests import Request
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.desk.state import Desk
from pages.ui.saying import say
from pages.ui.sheets import last_day
from pages.ui.text import local_time, plain

_FEW, _MOST_GAPS, _MOST_TOLD = 5, 5, 8
REASONS = (N_("日常调整"), N_("人员变动"), N_("网格调整"), N_("补齐空白"), N_("纠正差错"))
_CHANGES = {
    "target_name": N_("对象"),
    "holder_before": N_("原责任人"),
    "holder_after": N_("新责任人"),
    "from": N_("起始"),
    "to": N_("截止"),
    "distance_km": N_("距离（公里）"),
}
_LOADS = {
    "name": N_("责任人"),
    "cells_before": N_("网格（前）"),
    "cells_after": N_("网格（后）"),
    "households_before": N_("户（前）"),
    "households_after": N_("户（后）"),
    "limit": N_("上限"),
}


def review(store: Store, actor: Actor, desk: Desk, request: Request, *, today: date) -> Preview | None:
    """Show what the request would do and offer to save it; gives the preview, for the map."""
    reason = reason_choice()
    try:
        found = _previewed(store, actor, desk, request, today=today)
    except RuleError as refusal:
        st.error(plain(str(refusal)))
        return None
    seen = desk.has_seen(found.seen)
    _show_faults(found)
    _show_figures(found)
    confirmed = _confirmed(found)
    _show_others(desk, found.seen)
    ready = bool(reason) and confirmed and not found.faults and not found.plan.is_empty
    if found.plan.is_empty and not found.faults:
        st.info(_("与现状相同，没有需要保存的变更。"))
    elif not reason:
        st.caption(_("填写事由后即可保存。"))
    if st.button(_("保存"), type="primary", disabled=not ready, width="stretch", key="save"):
        _save(
            store, actor, desk, replace(request, reason=reason), seen=seen, confirmed=confirmed, today=today
        )
    _show_tables(found)
    return found


def _previewed(store: Store, actor: Actor, desk: Desk, request: Request, *, today: date) -> Preview:
    """The preview, made anew only when the request or the data have changed."""
    key = (cached.key_of(store, actor), actor.user, repr(request), today)
    if desk.previewed is None or desk.previewed[0] != key:
        reasoned = replace(request, reason=_("（尚未填写）"))  # a preview is the same whatever the reason
        desk.previewed = (key, preview(store, actor, reasoned, today=today))
    found: Preview = desk.previewed[1]
    return found


def reason_choice() -> str:
    """Why, in a word of one's own or a usual one."""
    chosen = st.selectbox(
        _("事由（必填）"),
        [_(reason) for reason in REASONS],
        index=None,
        placeholder=_("选择，或直接输入"),
        accept_new_options=True,
        key="reason",
    )
    return (chosen or "").strip()


def _save(
    store: Store,
    actor: Actor,
    desk: Desk,
    request: Request,
    *,
    seen: Mapping[str, str],
    confirmed: bool,
    today: date,
) -> None:
    try:
        outcome = submit(
            store, actor, request, now=datetime.now(UTC), today=today, seen=seen, confirmed=confirmed
        )
    except ConflictError as conflict:
        desk.others = (str(conflict), *map(told, conflict.others[:_MOST_TOLD]))
    else:
        desk.finish()
        say(said(outcome))
    st.rerun(scope="fragment")


def told(other: OthersChange) -> str:
    """What somebody else did to one thing, in a line."""
    when = local_time(other.at) if other.at is not None else ""
    return _("{code}：{user} {when} {what}").format(
        code=other.code, user=other.user, when=when, what=other.what or _("改过")
    )


def said(outcome: Outcome) -> str:
    """What became of a change, in one sentence."""
    if outcome.state == "unchanged":
        return _("与现状相同，没有变更。")
    if outcome.state == "pending":
        return _("已提交，等待县委组织部审批：{summary}").format(summary=outcome.summary)
    return _("已保存：{summary}").format(summary=outcome.summary)


def _show_others(desk: Desk, now_seen: Mapping[str, str]) -> None:
    """What somebody else did first; nothing was saved, nothing typed is lost, and the user chooses."""
    if not desk.others:
        return
    st.error("\n\n".join(plain(line) for line in desk.others))
    st.caption(_("您填写的内容都还在。可以看过最新情况后仍按您的改，也可以放弃。"))
    keep, drop = st.columns(2)
    keep.button(_("仍按我的改"), on_click=_insist, args=(desk, dict(now_seen)), width="stretch")
    drop.button(_("放弃，保留对方的"), on_click=desk.choose, args=([],), width="stretch")


def _insist(desk: Desk, now_seen: dict[str, str]) -> None:
    desk.seen.update(now_seen)
    desk.others = ()


def _confirmed(found: Preview) -> bool:
    if not found.consequences:
        return True
    lines = "\n".join(f"- {plain(line)}" for line in found.consequences)
    st.warning(_("请注意以下后果：") + "\n" + lines)
    return st.checkbox(_("我已知悉并确认"), key="confirmed")


def _show_faults(found: Preview) -> None:
    for fault in found.faults:
        st.error(plain(fault.message))


def _show_figures(found: Preview) -> None:
    gaps = [
        (_("消除空白、多头或过载"), len(found.gaps_closed)),
        (_("新增空白、多头或过载"), len(found.gaps_opened)),
    ]
    numbers = [*_touched(found), *gaps]
    cells = "".join(f"<div><b>{count}</b>{escape(name)}</div>" for name, count in numbers)
    st.html(
        f'<div class="review"><p>{escape(found.plan.summary)}</p><div class="numbers">{cells}</div></div>'
    )
    for note in found.plan.notes:
        st.caption(plain(note))
    for gap in found.gaps_opened[:_MOST_GAPS]:
        text = _("新增缺口：") + gap
        st.html(f'<div class="review gap">{escape(text)}</div>')


def _touched(found: Preview) -> list[tuple[str, int]]:
    """How much is changed: of cells the shapes, else the responsibilities."""
    cells = found.plan.cells
    if cells is None:
        return [(_("变更"), len(found.changes)), (_("换人"), found.moves)]
    moved = 0 if found.plan.moves is None else len(found.plan.moves)
    counts = [
        (_("新网格"), 0 if cells.created is None else len(cells.created)),
        (_("停用"), len(cells.retired)),
        (_("改边界"), 0 if cells.reshaped is None else len(cells.reshaped)),
        (_("随迁户"), moved),
    ]
    return [(name, count) for name, count in counts if count]


def _show_tables(found: Preview) -> None:
    if not found.changes.empty:
        with st.expander(_("逐项变更"), expanded=len(found.changes) <= _FEW):
            _table(found.changes.assign(to=found.changes["to"].map(last_day)), _CHANGES)
    if not found.loads.empty:
        with st.expander(_("责任人负担（变更前后）"), expanded=len(found.loads) <= _FEW):
            _table(found.loads, _LOADS)


def _table(frame: pd.DataFrame, headings: Mapping[str, str]) -> None:
    names = [name for name in headings if name in frame.columns and frame[name].notna().any()]
    shown = frame[names].rename(columns={name: _(headings[name]) for name in names})
    formats: dict[str, Any] = {
        _(headings[name]): st.column_config.NumberColumn(format="%.1f")
        for name in names
        if name == "distance_km"
    }
    st.dataframe(shown, hide_index=True, column_config=formats, placeholder="—")
