"""What one user has open on the board of rectifications."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages.ui.going import newly_named
from pages.ui.view import MapState

STATE_KEY = "rectify_desk"
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
    _version: int = 0
    _of: tuple[str, int] = ("", -1)

    def open(self, code: str) -> None:
        """Show a case."""
        self.case, self.is_listing = code, False
        self.turn += 1

    def close(self) -> None:
        """Back to the whole."""
        self.open("")

    def begin(self, version: int) -> int:
        """The version of the case that this opening showed first; this one when it begins now."""
        now = (self.case, self.turn)
        if now != self._of:
            self._of, self._version = now, version
        return self._version

    def list_new(self) -> None:
        """Open the form that lists a village or branch."""
        self.open("")
        self.is_listing = True


def the_rectify_desk() -> RectifyDesk:
    """This session's state; a case that the address names is opened once on each visit of the page."""
    desk: RectifyDesk = st.session_state.setdefault(STATE_KEY, RectifyDesk())
    if named := newly_named(PARAMETER):
        desk.open(named)
    return desk
