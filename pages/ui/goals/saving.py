"""Saving what was typed: done or refused; what was typed stays until it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from html import escape
from typing import Any

import streamlit as st

from geo.errors import AppError, ConflictError
from geo.i18n import N_, _
from geo.rules.units import plain_number
from pages.ui.goals.state import GoalsDesk
from pages.ui.saying import say
from pages.ui.text import plain

_FIELDS = {"value": N_("数值"), "target": N_("自定目标"), "note": N_("备注"), "done_on": N_("完成日期")}


def save(
    desk: GoalsDesk,
    typed: Mapping[Any, Any],
    *,
    write: Callable[..., int],
    read: Callable[[], Mapping[Any, Any]],
    name_of: Callable[[Any], str],
) -> None:
    """Write and begin the form afresh; what went wrong is said, and the fields stay as they are.

    Parameters
    ----------
    typed : mapping
        Every entry of the form.
    write : callable
        Is given the changed entries and, as ``begun``, those that the form began with.
    read : callable
        Gives the entries as they stand.
    name_of : callable
        Says what an entry is about.
    """
    try:
        written = write(desk.changed(typed), begun=desk.begun)
    except ConflictError as conflict:
        st.warning(plain(str(conflict)))
        st.html(others_html(desk.look(read(), typed), name_of))
        return
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    desk.open(desk.village)
    say(_("已保存。") if written else _("没有改动。"))
    st.rerun()


def others_html(standing: Mapping[Any, Mapping[str, Any]], name_of: Callable[[Any], str]) -> str:
    """What stands in fields that somebody else has changed too; whoever saves again has seen it."""
    items = "".join(
        f"<li>{escape(name_of(key))} · {escape(_(_FIELDS[field]))}：<b>{escape(_in_words(value))}</b></li>"
        for key, values in standing.items()
        for field, value in values.items()
    )
    title = escape(_("现在的内容（再次保存即以您填写的为准）"))
    return f'<div class="panel"><h3>{title}</h3><ul>{items}</ul></div>' if items else ""


def _in_words(value: float | date | str | None) -> str:
    if value in (None, ""):
        return _("空")
    if isinstance(value, date):
        return value.isoformat()
    return str(value if isinstance(value, str) else plain_number(value))
