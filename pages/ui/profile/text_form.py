"""Writing about a village: a dialog with the text of a kind, of plans also of which year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

import streamlit as st

from geo.access import Actor
from geo.answers.village_texts import text_lines
from geo.errors import AppError, ConflictError
from geo.exchange.village_profile import PLAN_YEARS, TextLine, kind_and_year
from geo.i18n import _
from geo.operations.village_texts import write_text
from geo.store.engine import Store
from geo.vocabulary import TextKind
from pages.ui.fields import begin_with
from pages.ui.profile.look import empty_html
from pages.ui.saying import say
from pages.ui.text import local_time, plain
from pages.web.current import use_browser_language

_KEY = "text_desk"
_HEIGHT_PX = 260


@dataclass
class TextDesk:
    """What one user's dialog holds.

    Attributes
    ----------
    village : str
    kind : TextKind
    this_year : int
        The year of the day that the page shows.
    year : int
        Which year's text is written; 0 for kinds that have no years.
    begun : dict
        By year the text that the dialog began with, or that was shown since: what counts as seen.
    typed : dict
        By year what was typed so far, so that a look at another year loses nothing.
    turn : int
        Counts the openings; part of the fields' keys, so that they begin afresh.
    """

    village: str = ""
    kind: TextKind = TextKind.MAIN_PROBLEM
    this_year: int = 0
    year: int = 0
    begun: dict[int, TextLine] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    turn: int = 0

    @property
    def key(self) -> str:
        """The key of the field that holds the text."""
        return f"writing_{self.kind}_{self.year}_{self.turn}"

    def open(self, lines: Iterable[TextLine], village: str, kind: TextKind, *, this_year: int) -> None:
        """Begin with what is on record now."""
        self.village, self.kind, self.this_year = village, kind, this_year
        self.begun = {line.year: line for line in lines if line.kind == kind}
        self.typed = {}
        self.turn += 1
        self.year = self._first_year()

    def look(self, lines: Iterable[TextLine]) -> TextLine | None:
        """Take what is on record now of the year as seen."""
        now = next((line for line in lines if (line.kind, line.year) == (self.kind, self.year)), None)
        self.begun.pop(self.year, None)
        if now is not None:
            self.begun[self.year] = now
        return now

    def years(self) -> list[int]:
        """Years that can be written about, the latest first; none for kinds that have no years."""
        if self.kind not in PLAN_YEARS:
            return []
        return sorted({*self.begun, self.this_year, self.this_year + 1}, reverse=True)

    def _first_year(self) -> int:
        """The latest text's year that is still about this year, else this year."""
        if self.kind not in PLAN_YEARS:
            return 0
        length = PLAN_YEARS[self.kind]
        still = (year for year in self.begun if year <= self.this_year < year + length)
        return max(still, default=self.this_year)


def text_desk() -> TextDesk:
    """This user's."""
    desk: TextDesk = st.session_state.setdefault(_KEY, TextDesk())
    return desk


def body_html(line: TextLine | None) -> str:
    """A text with who wrote it and when, or that there is none."""
    if line is None:
        return empty_html(_("还没有填写。"))
    by = _("{user} 写于 {at}").format(user=line.recorded_by, at=local_time(line.recorded_at))
    return f'<p class="written">{escape(line.body)}</p><div class="by">{escape(by)}</div>'


def write_down(store: Store, actor: Actor) -> None:
    """What the dialog holds: the year where there is one, the text, and the button that saves it."""
    use_browser_language()
    desk = text_desk()
    _choose_year(desk)
    body = _body(desk)
    st.caption(_("清空后保存即撤下；历次内容都保留在记录中。"))
    if not st.button(_("保存"), type="primary", width="stretch", key=f"save_{desk.kind}"):
        return
    line = desk.begun.get(desk.year)
    about = {"year": desk.year, "seen": line.recorded_at if line else None}
    try:
        write_text(store, actor, desk.village, desk.kind, body, now=datetime.now(UTC), **about)
    except ConflictError as conflict:
        st.warning(plain(str(conflict)))
        now = desk.look(text_lines(store, actor, desk.village))
        st.html(f'<div class="panel">{body_html(now)}</div>')
    except AppError as refusal:
        st.error(plain(str(refusal)))
    else:
        say(_("已保存。"))
        st.rerun()


def _choose_year(desk: TextDesk) -> None:
    years = desk.years()
    if not years:
        return
    if desk.key in st.session_state:
        desk.typed[desk.year] = st.session_state[desk.key]  # before another year takes its place
    key = begin_with(desk.year, f"writing_year_{desk.kind}_{desk.turn}")
    chosen = st.segmented_control(_("年份"), years, key=key, format_func=_year_name, required=True)
    desk.year = desk.year if chosen is None else chosen


def _year_name(year: int) -> str:
    return str(year) if year else _("未注明")


def _body(desk: TextDesk) -> str:
    line = desk.begun.get(desk.year)
    first = desk.typed.get(desk.year, line.body if line else "")
    name = kind_and_year(desk.kind, desk.year)
    return st.text_area(name, height=_HEIGHT_PX, key=begin_with(first, desk.key))
