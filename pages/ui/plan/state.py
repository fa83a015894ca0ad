"""What one user does with a plan: plain state, testable without a browser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import streamlit as st

from geo.i18n import N_, _
from geo.operations.gap_plan import GapPlan
from pages.ui.desk.state import Desk

_KEY, _VIEW_KEY = "plan_desk", "plan_view"
_VIEWS = {"rows": N_("方案明细"), "open": N_("仍未补上"), "compare": N_("草案比较"), "adopt": N_("采用")}


@dataclass
class PlanDesk:
    """The plan that is looked at.

    Attributes
    ----------
    plan : GapPlan or None
    name : str
        Of the draft it was opened from; empty for one just computed.
    chosen : set of str
        Rows that are to be put into effect.
    changed : set of str
        Rows whose thing somebody has changed since; they cannot be chosen.
    people : dict
        Names of everybody who was to take something in a plan of this session, by code.
    other : tuple or None
        Name and plan of a draft beside it.
    turn : int
        Grows with every plan, so that its table starts afresh.
    view : str
        The view shown last.
    ticked, visit
        What was chosen when the table of rows was entered last, and how often it was: a table that was left
        has forgotten its boxes.
    review : Desk
        What is remembered while the consequences are looked at.
    """

    plan: GapPlan | None = None
    name: str = ""
    chosen: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)
    other: tuple[str, GapPlan] | None = None
    turn: int = 0
    view: str = ""
    ticked: frozenset[str] = frozenset()
    visit: int = 0
    review: Desk = field(default_factory=Desk)
    _step: int = 0

    def open(self, plan: GapPlan, *, name: str = "", changed: Collection[str] = ()) -> None:
        """Look at a plan; everything that can be is chosen."""
        self.plan, self.name = plan, name
        self.changed = set(changed)
        self.chosen = set(plan.rows["row"]) - self.changed
        self.turn += 1
        self._enter_rows()
        self._review_afresh()

    def look_at(self, view: str) -> None:
        """Show a view."""
        if view != self.view:
            self.view = view
            self._enter_rows()

    def choose(self, rows: Collection[str]) -> None:
        """Choose these rows and no others."""
        wanted = set(rows) - self.changed
        if wanted != self.chosen:
            self.chosen = wanted
            self._review_afresh()

    def close_when_saved(self) -> bool:
        """Put the plan away once it is in effect; says whether it was."""
        if self.plan is None or self.review.selected:
            return False
        self.plan, self.chosen, self.changed = None, set(), set()
        return True

    def _enter_rows(self) -> None:
        self.ticked = frozenset(self.chosen)
        self.visit += 1

    def _review_afresh(self) -> None:
        self._step += 1
        self.review.choose([f"plan-{self._step}"])


def the_plan_desk() -> PlanDesk:
    """This session's plan."""
    return st.session_state.setdefault(_KEY, PlanDesk())


def show_view(view: str) -> None:
    """Have a view shown with the next run."""
    st.session_state[_VIEW_KEY] = view


def view_choice(desk: PlanDesk) -> str:
    """Which view of the plan is shown."""
    assert desk.plan is not None
    counts = {"rows": len(desk.plan.rows), "open": len(desk.plan.open)}
    names = {
        view: _("{title}（{count}）").format(title=_(title), count=f"{counts[view]:,}")
        if view in counts
        else _(title)
        for view, title in _VIEWS.items()
    }
    st.session_state.setdefault(_VIEW_KEY, "rows")
    chosen = st.segmented_control(
        _("视图"),
        list(names),
        format_func=names.__getitem__,
        key=_VIEW_KEY,
        label_visibility="collapsed",
        required=True,
    )
    desk.look_at(chosen or "rows")
    return desk.view
