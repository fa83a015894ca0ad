"""What one user is looking at among the villages that come first."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages.ui.view import MapState

_KEY = "priority_desk"


@dataclass
class PriorityDesk:
    """The open village and the map.

    Attributes
    ----------
    village : str
        Code of the village that is explained; "" for none.
    turn : int
        Grows when a village is opened or closed, so that lists and forms start afresh.
    map : MapState
        Where the map looks.
    """

    village: str = ""
    turn: int = 0
    map: MapState = field(default_factory=MapState)

    def open(self, code: str) -> None:
        """Explain a village."""
        self.village = code
        self.turn += 1

    def close(self) -> None:
        """Back to the whole."""
        self.open("")


def the_priority_desk() -> PriorityDesk:
    """This session's state."""
    return st.session_state.setdefault(_KEY, PriorityDesk())
