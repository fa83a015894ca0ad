"""What one user's page of goals and checklists has open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from geo.operations.entries import changed_by_both

STATE_KEY = "goals_desk"


@dataclass
class GoalsDesk:
    """The open village and what its form began with.

    Attributes
    ----------
    village : str
        Code; "" while the totals are shown.
    turn : int
        Counts what was opened and saved; part of the fields' keys, so that they begin afresh.
    backs : int
        Counts the ways back to the totals; part of the table's key, so that no row stays chosen.
    begun : mapping
        Entries as the form showed them first: only what differs from them is saved, so that nothing that
        somebody else entered meanwhile is undone.
    """

    village: str = ""
    turn: int = 0
    backs: int = 0
    begun: Mapping[Any, Any] = field(default_factory=dict)
    _of: tuple[str, str, int, int] = ("", "", 0, 0)

    def open(self, village: str) -> None:
        """Open a village, or none."""
        self.village = village
        self.turn += 1

    def back(self) -> None:
        """Show the totals again."""
        self.open("")
        self.backs += 1

    def changed(self, typed: Mapping[Any, Any]) -> dict[Any, Any]:
        """What was typed otherwise than the form began with."""
        return {key: entry for key, entry in typed.items() if entry != self.begun[key]}

    def look(self, standing: Mapping[Any, Any], typed: Mapping[Any, Any]) -> dict[Any, dict[str, Any]]:
        """Take as seen what others have changed in the very fields that were changed here.

        Returns
        -------
        dict
            What stands in these fields, by entry and field.
        """
        seen = {}
        for key, entry in self.changed(typed).items():
            fields = changed_by_both(standing[key], entry, self.begun[key])
            if fields:
                seen[key] = {field: getattr(standing[key], field) for field in fields}
        again = {key: replace(self.begun[key], **values) for key, values in seen.items()}
        self.begun = {**self.begun, **again}
        return seen

    def begin(self, entries: Mapping[Any, Any], *, what: str, year: int) -> Mapping[Any, Any]:
        """What the form of this opening, list and year began with; these entries when it begins now."""
        now = (self.village, what, year, self.turn)
        if now != self._of:
            self._of, self.begun = now, dict(entries)
        return self.begun


def goals_desk() -> GoalsDesk:
    """This user's."""
    desk: GoalsDesk = st.session_state.setdefault(STATE_KEY, GoalsDesk())
    return desk
