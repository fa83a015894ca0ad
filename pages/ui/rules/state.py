"""What one user's page of rules has open."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

STATE_KEY = "rules_state"


@dataclass
class RulesState:
    """The open rule.

    Attributes
    ----------
    name : str or None
    turn : int
        Counts what was opened and saved; part of the fields' keys, so that they begin afresh.
    """

    name: str | None = None
    turn: int = 0

    def open(self, name: str | None) -> None:
        """Open a rule, or none."""
        self.name = name
        self.turn += 1


def rules_state() -> RulesState:
    """This user's."""
    state: RulesState = st.session_state.setdefault(STATE_KEY, RulesState())
    return state
