"""Correcting a village's figures: a dialog with those of a year, their source, and earlier corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.indicators import indicator_corrections, indicator_history
from geo.errors import AppError, ConflictError
from geo.frames import LAYERS, Column
from geo.i18n import _
from geo.operations.indicators import FIGURES, correct_indicators
from geo.store.engine import Store
from pages.ui.fields import begin_with
from pages.ui.part import speaking
from pages.ui.profile.figure_tiles import in_words
from pages.ui.saying import say
from pages.ui.text import local_time, plain
from pages.web.current import use_browser_language

_KEY = "figure_desk"
_RECENT = 3  # years that are offered although nothing is on record of them yet
_ACROSS = 4
_COLUMNS = {column.name: column for column in LAYERS["indicators"].columns}


@dataclass
class FigureDesk:
    """What one user's dialog holds.

    Attributes
    ----------
    village : str
    year : int
    seen : datetime or None
        When the record was made that the form began with; None: there was none.
    turn : int
        Part of the fields' keys, so that they begin afresh.
    """

    village: str = ""
    year: int = 0
    seen: datetime | None = None
    turn: int = 0

    def open(self, history: pd.DataFrame, village: str, year: int) -> None:
        """Begin with what is on record of a year."""
        self.village, self.year = village, year
        self.turn += 1
        self.look(history)

    def look(self, history: pd.DataFrame) -> None:
        """Take what is on record now as seen."""
        row = _row_of(history, self.year)
        self.seen = row["recorded_at"].to_pydatetime() if row is not None else None


def offer_correcting(store: Store, actor: Actor, village: str) -> None:
    """A button that opens the dialog."""
    if st.button(_("填报或更正指标"), icon=":material/edit:", key="figures_correct"):
        history = indicator_history(store, actor, village)
        figure_desk().open(history, village, date.today().year - 1)
        st.dialog(_("填报或更正指标"), width="large")(correct_figures)(store, actor)


def figure_desk() -> FigureDesk:
    """This user's."""
    desk: FigureDesk = st.session_state.setdefault(_KEY, FigureDesk())
    return desk


def correct_figures(store: Store, actor: Actor) -> None:
    """What the dialog holds: the year, its figures as a form, and what was recorded of them."""
    use_browser_language()
    desk = figure_desk()
    history = indicator_history(store, actor, desk.village)
    _choose_year(desk, history)
    row = _row_of(history, desk.year)
    with st.form(f"figures_{desk.turn}", border=False):
        typed = _fields(desk, row)
        stated = _statement(desk, row)
        saved = st.form_submit_button(_("保存"), type="primary", width="stretch")
    if saved:
        _save(store, actor, desk, history, typed, stated)
    records = indicator_corrections(store, actor, desk.village, desk.year)
    st.html(corrections_html(records))


def _choose_year(desk: FigureDesk, history: pd.DataFrame) -> None:
    this = date.today().year
    years = sorted({*range(this - _RECENT + 1, this + 1), *history["year"].astype(int)}, reverse=True)
    chosen = st.segmented_control(
        _("年份"), years, default=desk.year, key=f"figures_year_{desk.village}", required=True
    )
    if chosen is not None and chosen != desk.year:
        desk.open(history, desk.village, chosen)


def _row_of(history: pd.DataFrame, year: int) -> pd.Series | None:
    rows = history[history["year"] == year]
    return None if rows.empty else rows.iloc[0]


def _fields(desk: FigureDesk, row: pd.Series | None) -> dict[str, Any]:
    columns, typed = st.columns(_ACROSS), {}
    for at, name in enumerate(FIGURES):
        held = None if row is None or pd.isna(row[name]) else row[name]
        with columns[at % _ACROSS]:
            typed[name] = _field(_COLUMNS[name], held, f"figures_{desk.turn}_{name}")
    return typed


def _field(column: Column, held: Any, key: str) -> Any:
    label = _(column.label)
    if column.kind == "date":
        return st.date_input(label, None, format="YYYY-MM-DD", key=begin_with(held, key))
    if column.kind == "flag":
        words = {True: _("是"), False: _("否")}
        begin_with(None if held is None else bool(held), key)
        return st.selectbox(label, [*words], index=None, format_func=words.get, placeholder="—", key=key)
    return st.text_input(label, _typed(held), key=key, autocomplete="off") or None


def _typed(held: Any) -> str:
    """A number as one types it."""
    if held is None:
        return ""
    return str(int(held)) if float(held).is_integer() else repr(float(held))


def _statement(desk: FigureDesk, row: pd.Series | None) -> dict[str, Any]:
    """Where the figures come from, when they were reported, and why they are entered."""
    source = "" if row is None or pd.isna(row["source"]) else row["source"]
    columns = st.columns([1.2, 0.8, 1.2])
    key = f"figures_{desk.turn}"
    with columns[0]:
        said = st.text_input(_("数据来源 *"), source, key=f"{key}_source", autocomplete="off")
    with columns[1]:
        day = st.date_input(_("填报日期 *"), date.today(), format="YYYY-MM-DD", key=f"{key}_reported_on")
    with columns[2]:
        reason = st.text_input(_("理由 *"), key=f"{key}_reason", autocomplete="off")
    return {"source": said, "reported_on": day, "reason": reason}


def _save(
    store: Store,
    actor: Actor,
    desk: FigureDesk,
    history: pd.DataFrame,
    typed: dict[str, Any],
    stated: dict[str, Any],
) -> None:
    """Write; what went wrong is said below the form, whose fields stay."""
    write = partial(correct_indicators, store, actor, desk.village, desk.year, typed, **stated)
    try:
        written = write(now=datetime.now(UTC), seen=desk.seen)
    except ConflictError as conflict:
        st.error(plain(str(conflict)))
        afresh, over = st.columns(2)
        again = (history, desk.village, desk.year)
        afresh.button(_("载入最新内容"), on_click=speaking(desk.open), args=again, width="stretch")
        keep = _("保留我填的内容，再次保存")
        over.button(keep, on_click=speaking(desk.look), args=(history,), width="stretch")
        return
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    say(_("已保存。") if written else _("没有改动。"))
    st.rerun()


def corrections_html(records: pd.DataFrame) -> str:
    """What was recorded of a year, the latest first: when, by whom, why, and which figures changed."""
    if records.empty:
        said = escape(_("这一年还没有数据。"))
        return f'<p class="hint">{said}</p>'
    rows = records.to_dict("records")
    items = [_item(rows[at], rows[at - 1] if at else None) for at in reversed(range(len(rows)))]
    title = escape(_("这一年的填报和更正"))
    return f'<div class="panel"><h3>{title}</h3><ul>{"".join(items)}</ul></div>'


def _item(row: dict[str, Any], before: dict[str, Any] | None) -> str:
    signed = f"{local_time(row['recorded_at'])} · {row['recorded_by']}"
    said = row["reason"] or _("导入")
    changes = "；".join(_changes(row, before)) if before else ""
    below = f"<br>{escape(changes)}" if changes else ""
    return f'<li>{escape(said)} <span class="code">{escape(signed)}</span>{below}</li>'


def _changes(row: dict[str, Any], before: dict[str, Any]) -> list[str]:
    words = {
        name: (in_words(_COLUMNS[name], before[name]), in_words(_COLUMNS[name], row[name]))
        for name in FIGURES
    }
    return [
        _("{label} {before} → {after}").format(label=_(_COLUMNS[name].label), before=old, after=new)
        for name, (old, new) in words.items()
        if old != new
    ]
