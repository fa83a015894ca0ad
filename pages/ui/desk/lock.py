"""Who is working on the chosen thing, with a countdown: a notice to others, no hindrance."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import streamlit as st

from geo.i18n import _
from geo.operations.locks import Lock, lock_of, release_lock, take_lock
from pages.ui.desk.state import the_desk
from pages.ui.part import page_part
from pages.ui.text import plain
from pages.web.current import current_actor
from pages.web.state import the_store

MINUTES = 10
_LOOK_AGAIN_S = 3.0


@page_part(every=_LOOK_AGAIN_S)
def lock_notice() -> None:
    """Say who works on the one chosen target; offer to say so oneself."""
    store, actor, desk = the_store(), current_actor(), the_desk()
    if len(desk.selected) != 1:
        return
    code, now = desk.selected[0], datetime.now(UTC)
    held = lock_of(store, actor, code, now=now)
    if held is not None and held.user != actor.user:
        st.warning(
            _("{user} 正在办理此对象，还剩 {left}。").format(user=plain(held.user), left=left(held, now))
        )
        return
    with st.container(key="lock", horizontal=True, vertical_alignment="center"):
        if held is None:
            st.button(
                _("告知他人我在办理"),
                icon=":material/lock:",
                on_click=lambda: take_lock(store, actor, code, now=datetime.now(UTC), minutes=MINUTES),
            )
        else:
            told = _("已告知他人，还剩 {left}").format(left=left(held, now))
            st.html(f'<span class="chosen">{escape(told)}</span>')
            st.button(_("办完了"), on_click=lambda: release_lock(store, actor, code))


def left(lock: Lock, now: datetime) -> str:
    """How long a lock lasts still, in minutes and seconds."""
    seconds = max(0, round((lock.until - now).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"
