"""What one user's register page has open, kept over its runs so that no typing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

STATE_KEY, REGISTER_KEY = "register_state", "register_layer"


@dataclass
class RegisterState:
    """The open entry, or a new one.

    Attributes
    ----------
    layer : str
        The register they belong to.
    code : str or None
        The entry that is open; None while nothing or a new one is.
    is_new : bool
    turn : int
        Counts what was opened; part of the fields' keys, so that fields of another entry are empty and those
        of the same one keep what was typed through errors and conflicts.
    version : int
        The version of the entry that the user has seen.
    table : int
        Counts what was opened in other ways than by choosing a row, which then is chosen no longer.
    said : str
        What to say about the last thing that was saved.
    revealed : dict
        Personal fields that were asked for with a reason.
    """

    layer: str = ""
    code: str | None = None
    is_new: bool = False
    turn: int = 0
    version: int = 0
    table: int = 0
    said: str = ""
    revealed: dict[str, Any] = field(default_factory=dict)

    def turn_to(self, layer: str) -> None:
        """Show a register; what is open of another one is closed."""
        if self.layer != layer:
            self.open(None)
        self.layer = layer

    def open(
        self, code: str | None, *, is_new: bool = False, said: str = "", keeps_row: bool = False
    ) -> None:
        """Open an entry, a new one, or none."""
        self.table += not keeps_row
        self.code, self.is_new, self.said = code, is_new, said
        self.turn, self.version, self.revealed = self.turn + 1, 0, {}


def register_state() -> RegisterState:
    """This user's."""
    state: RegisterState = st.session_state.setdefault(STATE_KEY, RegisterState())
    return state
