"""What one user's accounts page has open."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

STATE_KEY = "accounts_state"


@dataclass
class AccountsState:
    """The open account, or a new one.

    Attributes
    ----------
    user : str or None
    is_new : bool
    turn : int
        Counts what was opened; part of the fields' keys.
    table : int
        Counts what was opened in other ways than by choosing a row, which then is chosen no longer.
    said : str
        What to say about the last thing that was done.
    password : str
        A one-time password, shown until something else is opened.
    """

    user: str | None = None
    is_new: bool = False
    turn: int = 0
    table: int = 0
    said: str = ""
    password: str = ""

    def open(self, user: str | None, *, is_new: bool = False, said: str = "", password: str = "") -> None:
        """Open an account, a new one, or none."""
        self.table += is_new
        self.user, self.is_new, self.said, self.password = user, is_new, said, password
        self.turn += 1


def accounts_state() -> AccountsState:
    """This user's."""
    state: AccountsState = st.session_state.setdefault(STATE_KEY, AccountsState())
    return state
