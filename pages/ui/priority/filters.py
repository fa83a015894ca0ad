"""The filters of the page of priority villages: the view, the year, the labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import VillageLabel, label_of
from pages.ui.filters import AS_OF_KEY
from pages.ui.part import speaking

_VIEWS = {
    "map": N_("地图"),
    "list": N_("名单"),
    "townships": N_("乡镇"),
    "years": N_("历年"),
    "doubts": N_("疑似与矛盾"),
}
_YEAR_KEY = "priority_year"
YEARS_SHOWN = 6
"""How many years the slider goes back."""


@dataclass(frozen=True)
class Look:
    """What the page shows.

    Attributes
    ----------
    view : str
        map, list, townships, years or doubts.
    township : str
        Township code, or "" for everything the actor may see.
    as_of : date
    labels : tuple of str
        Labels to keep; empty keeps all.
    """

    view: str
    township: str
    as_of: date
    labels: tuple[str, ...] = ()

    def kept(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows that bear one of the labels."""
        if not self.labels:
            return table
        return table[table[list(self.labels)].any(axis=1)]


def view_filter() -> str:
    """Which view stands in the middle."""
    chosen = st.segmented_control(
        _("视图"),
        list(_VIEWS),
        format_func=lambda name: _(_VIEWS[name]),
        default="map",
        key="priority_view",
        label_visibility="collapsed",
        required=True,
    )
    return chosen or "map"


def years_until(today: date) -> tuple[int, ...]:
    """The years the slider offers, the present one last."""
    return tuple(range(today.year - YEARS_SHOWN + 1, today.year + 1))


def day_in(year: int, today: date) -> date:
    """The day a year is looked at: its last one, or today in the present year."""
    return today if year >= today.year else date(year, 12, 31)


def year_filter(today: date, as_of: date) -> None:
    """A slider over the years, which sets the date; it follows the date when that is chosen instead."""
    years = years_until(today)
    st.session_state[_YEAR_KEY] = min(max(as_of.year, years[0]), years[-1])
    st.select_slider(
        _("年份"),
        years,
        key=_YEAR_KEY,
        on_change=_go_to_year,
        args=(today,),
        label_visibility="collapsed",
        width=210,
    )


@speaking
def _go_to_year(today: date) -> None:
    st.session_state[AS_OF_KEY] = day_in(st.session_state[_YEAR_KEY], today)


def labels_filter() -> tuple[str, ...]:
    """The labels to keep; none means all."""
    chosen = st.session_state.get("priority_labels") or []
    title = _("标签") if not chosen else _("标签（{count}）").format(count=len(chosen))
    with st.popover(title):
        picked = st.pills(
            _("只看这些标签（不选为全部）"),
            [str(label) for label in VillageLabel],
            format_func=lambda label: label_of(VillageLabel(label)),
            selection_mode="multi",
            key="priority_labels",
        )
    return tuple(picked)
