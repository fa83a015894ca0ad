"""What is written about a village: shown in cards, changed in a dialog by those who record its work."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import streamlit as st

from geo.access import Actor
from geo.answers.village_texts import text_lines
from geo.errors import AppError, ConflictError
from geo.exchange.village_profile import TextLine, VillageProfile
from geo.i18n import _
from geo.operations.village_texts import write_text
from geo.store.engine import Store
from geo.vocabulary import TextKind, label_of
from pages.ui.profile.look import empty_html, show_card
from pages.ui.saying import say
from pages.ui.text import local_time, plain
from pages.web.current import use_browser_language

PLANS = (TextKind.STRENGTHS, TextKind.THREE_YEAR_PLAN, TextKind.YEARLY_PLAN)
_SEEN_KEY = "profile_text_seen"
_HEIGHT_PX = 260
_PLAN_YEARS = 3


def show_text(store: Store, actor: Actor, seen: VillageProfile, kind: TextKind, *, style: str = "") -> None:
    """A card with the latest text of a kind, and a button that changes it."""
    line = _latest(seen, kind)
    with st.container(key=f"text_{kind}"):
        show_card(_heading(kind, line), _body(line), style=style)
        offer_writing(store, actor, seen, kind)


def offer_writing(store: Store, actor: Actor, seen: VillageProfile, kind: TextKind) -> None:
    """A button that opens the dialog, for those who may write."""
    if not actor.can_record(seen.code):
        return
    if st.button(_("修改"), key=f"write_{kind}", icon=":material/edit:", type="tertiary"):
        line = _latest(seen, kind)
        st.session_state[_SEEN_KEY] = line.recorded_at if line else None
        st.dialog(label_of(kind), width="medium")(_write)(store, actor, seen, kind)


def text_html(seen: VillageProfile, kind: TextKind) -> str:
    """The latest text of a kind with who wrote it and when."""
    return _body(_latest(seen, kind))


def _latest(seen: VillageProfile, kind: TextKind) -> TextLine | None:
    return next((line for line in seen.texts if line.kind == str(kind)), None)


def _heading(kind: TextKind, line: TextLine | None) -> str:
    if line is None or not line.year:
        return label_of(kind)
    if kind is TextKind.THREE_YEAR_PLAN:
        first, last = line.year, line.year + _PLAN_YEARS - 1
        return _("{kind}（{first}—{last} 年）").format(kind=label_of(kind), first=first, last=last)
    return _("{kind}（{year} 年）").format(kind=label_of(kind), year=line.year)


def _body(line: TextLine | None) -> str:
    if line is None:
        return empty_html(_("还没有填写。"))
    by = _("{user} 写于 {at}").format(user=line.recorded_by, at=local_time(line.recorded_at))
    return f'<p class="written">{escape(line.body)}</p><div class="by">{escape(by)}</div>'


def _write(store: Store, actor: Actor, seen: VillageProfile, kind: TextKind) -> None:
    use_browser_language()
    line = _latest(seen, kind)
    year = line.year if line else _first_year(seen, kind)
    body = st.text_area(
        _heading(kind, line),
        line.body if line else "",
        height=_HEIGHT_PX,
        label_visibility="collapsed",
        key=f"writing_{kind}",
    )
    st.caption(_("清空后保存即撤下；历次内容都保留在记录中。"))
    if not st.button(_("保存"), type="primary", width="stretch", key=f"save_{kind}"):
        return
    was = st.session_state.get(_SEEN_KEY)
    try:
        write_text(store, actor, seen.code, kind, body, year=year, now=datetime.now(UTC), seen=was)
    except ConflictError as conflict:
        _show_other(store, actor, seen, kind, year, conflict)
    except AppError as refusal:
        st.error(plain(str(refusal)))
    else:
        say(_("已保存。"))
        st.rerun()


def _show_other(
    store: Store, actor: Actor, seen: VillageProfile, kind: TextKind, year: int, conflict: ConflictError
) -> None:
    """Show what stands there now; whoever saves again has seen it."""
    lines = text_lines(store, actor, seen.code)
    now = next((line for line in lines if (line.kind, line.year) == (str(kind), year)), None)
    st.session_state[_SEEN_KEY] = now.recorded_at if now else None
    st.warning(plain(str(conflict)))
    st.html(f'<div class="panel">{_body(now)}</div>')


def _first_year(seen: VillageProfile, kind: TextKind) -> int:
    """The year a plan that is not there yet will be about."""
    return seen.as_of.year if kind in (TextKind.YEARLY_PLAN, TextKind.THREE_YEAR_PLAN) else 0
