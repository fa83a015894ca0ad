"""What the page shows, and the filters that choose it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.rules.checklists import checklists
from geo.rules.goals import goal_kinds
from geo.store.engine import Store
from geo.vocabulary import label_of
from pages.ui.goals.reads import goal_counts, goals_of, item_counts, items_of, years

GOALS = "goals"
VIEW_KEY, WHAT_KEY, YEAR_KEY = "goals_view", "goals_what", "goals_year"
TOWNSHIPS, VILLAGES = "townships", "villages"
_VIEWS = {TOWNSHIPS: N_("乡镇"), VILLAGES: N_("村")}


@dataclass(frozen=True)
class Look:
    """What the page shows.

    Attributes
    ----------
    what : str
        `GOALS`, or the code of a checklist.
    view : str
        `TOWNSHIPS` or `VILLAGES`: what a row of the table is.
    township : str
        Township code, or "" for everything the actor may see.
    as_of : date
        Day by which items are done.
    year : int
        Year the goals are about.
    """

    what: str
    view: str
    township: str
    as_of: date
    year: int

    def columns(self) -> dict[str, str]:
        """The goals or items, each with its name in this context's language, in order."""
        if self.what == GOALS:
            return {str(goal): label_of(goal) for goal in goal_kinds()}
        return {item: _(label) for item, label in checklists()[self.what].items.items()}

    def rows(self, store: Store, actor: Actor) -> pd.DataFrame:
        """A row a village and column: ``code, name, township_code, township_name, column`` and its state."""
        if self.what == GOALS:
            table = goals_of(store, actor, year=self.year, township=self.township)
            return table.rename(columns={"goal": "column"})
        return self._of_list(items_of(store, actor, as_of=self.as_of, township=self.township))

    def counts(self, store: Store, actor: Actor) -> pd.DataFrame:
        """A row a township (the whole first) and column: ``done`` of ``villages``, and ``ratio``."""
        if self.what == GOALS:
            table = goal_counts(store, actor, year=self.year)
            return table.rename(columns={"goal": "column", "met": "done"})
        return self._of_list(item_counts(store, actor, as_of=self.as_of))

    def _of_list(self, table: pd.DataFrame) -> pd.DataFrame:
        kept = table[table["checklist"] == self.what].rename(columns={"item": "column"})
        return kept.reset_index(drop=True)


def what_filter() -> str:
    """The goals, or one of the checklists."""
    names = {GOALS: _("八项目标"), **{code: _(found.label) for code, found in checklists().items()}}
    return _segments(WHAT_KEY, _("目标或清单"), names)


def view_filter() -> str:
    """What a row of the table is."""
    return _segments(VIEW_KEY, _("按乡镇或按村"), {view: _(name) for view, name in _VIEWS.items()})


def year_filter(store: Store, actor: Actor, as_of: date) -> int:
    """The year of the goals: the latest one with anything on record by the day, or the day's own."""
    known = [year for year in years(store, actor) if year < as_of.year]
    options = [as_of.year, *reversed(known)]
    if st.session_state.get(YEAR_KEY) not in options:
        st.session_state[YEAR_KEY] = options[min(1, len(options) - 1)]
    chosen = st.selectbox(
        _("年份"),
        options,
        key=YEAR_KEY,
        format_func=lambda year: _("{year} 年").format(year=year),
        label_visibility="collapsed",
        width=110,
    )
    return int(chosen)


def _segments(key: str, label: str, names: dict[str, str]) -> str:
    first = next(iter(names))
    st.session_state.setdefault(key, first)
    chosen = st.segmented_control(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or first
