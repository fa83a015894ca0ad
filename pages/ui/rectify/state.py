"""What one user has open on the board of rectifications."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages.ui.view import MapState

_KEY = "rectify_desk"
PARAMETER = "case"


@dataclass
class RectifyDesk:
    """The open case, the form that is open, and the map.

    Attributes
    ----------
    case : str
        Code of the case that is shown; "" for none.
    is_listing : bool
        Whether the form that lists something new is open.
    turn : int
        Grows with everything that is opened or saved, so that forms and lists start afresh.
    map : MapState
        Where the map looks.
    """

    case: str = ""
    is_listing: bool = False
    turn: int = 0
    map: MapState = field(default_factory=MapState)

    def open(self, code: str) -> None:
        """Show a case."""
        self.case, self.is_listing = code, False
        self.turn += 1

    def close(self) -> None:
        """Back to the whole."""
        self.open("")

    def list_new(self) -> None:
        """Open the form that lists a village or branch."""
        self.open("")
        self.is_listing = True


def the_rectify_desk() -> RectifyDesk:
    """This session's state; a case that the address names is opened once."""
    desk: RectifyDesk = st.session_state.setdefault(_KEY, RectifyDesk())
    named = st.query_params.get(PARAMETER)
    if named and named != st.session_state.get(f"{_KEY}_named"):
        st.session_state[f"{_KEY}_named"] = named
        desk.open(named)
    return desk
