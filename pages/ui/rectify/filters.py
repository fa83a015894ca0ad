"""The filters of the board: the view, and which cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import CaseStatus, EntityKind, WeakCause, label_of
from pages.ui.rectify.reads import OPEN

_VIEWS = {"board": N_("作战图"), "gantt": N_("甘特图"), "map": N_("地图"), "list": N_("台账")}
_SUBJECTS = {str(EntityKind.VILLAGE): N_("村"), str(EntityKind.BRANCH): N_("党支部")}


@dataclass(frozen=True)
class Look:
    """What the board shows.

    Attributes
    ----------
    view : str
        board, gantt, map or list.
    township : str
        Township code, or "" for everything the actor may see.
    as_of : date
    statuses, causes, subjects : tuple of str
        What to keep; of ``statuses`` none means the open ones, of the others all.
    """

    view: str
    township: str
    as_of: date
    statuses: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    def kept(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows to be shown."""
        wanted = {
            "status": self.statuses or tuple(map(str, OPEN)),
            "cause": self.causes,
            "subject_kind": self.subjects,
        }
        for column, values in wanted.items():
            if values:
                table = table[table[column].isin(values)]
        return table.reset_index(drop=True)

    @property
    def of_every_status(self) -> Look:
        """The same look at the cases of every status: a share of cases struck off needs all of them."""
        return replace(self, statuses=tuple(map(str, CaseStatus)))

    def words(self, place: str) -> str:
        """Which causes and subjects of a place are kept, to be printed."""
        causes = [label_of(WeakCause(cause)) for cause in self.causes]
        subjects = [_(_SUBJECTS[kind]) for kind in self.subjects]
        return _("；").join(_("、").join(part) for part in ([place], causes, subjects) if part)


def view_filter() -> str:
    """Which view stands in the middle."""
    chosen = st.segmented_control(
        _("视图"),
        list(_VIEWS),
        format_func=lambda name: _(_VIEWS[name]),
        default="board",
        key="rectify_view",
        label_visibility="collapsed",
        required=True,
    )
    return chosen or "board"


def case_filter() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Statuses, causes and kinds of subject to keep."""
    with st.popover(_("筛选")):
        statuses = st.pills(
            _("进度（不选为未销号的）"),
            [str(status) for status in CaseStatus],
            format_func=lambda status: label_of(CaseStatus(status)),
            selection_mode="multi",
            key="rectify_statuses",
        )
        causes = st.pills(
            _("成因（不选为全部）"),
            [str(cause) for cause in WeakCause],
            format_func=lambda cause: label_of(WeakCause(cause)),
            selection_mode="multi",
            key="rectify_causes",
        )
        subjects = st.pills(
            _("对象（不选为全部）"),
            list(_SUBJECTS),
            format_func=lambda kind: _(_SUBJECTS[kind]),
            selection_mode="multi",
            key="rectify_subjects",
        )
    return tuple(statuses), tuple(causes), tuple(subjects)
