"""What one user is looking at among the gaps: plain state, testable without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from geo.analysis.gaps.rule import GAP_KEY
from pages.ui.view import MapState

_KEY = "gap_desk"
ALL = "*"
Key = tuple[str, ...]


@dataclass
class GapDesk:
    """How far somebody has gone from the whole towards one gap.

    Attributes
    ----------
    who : str
        Whose gaps are listed: an entry of the list of those who must act, `ALL`, or "" while that is shown.
    village : str
        Code of the village whose gaps are listed; "" for no single one.
    gap : tuple or None
        The gap that is explained, as `key_of`.
    turn : int
        Grows with every step back, so that lists start with nothing chosen.
    map : MapState
        Where the map looks.
    """

    who: str = ""
    village: str = ""
    gap: Key | None = None
    turn: int = 0
    map: MapState = field(default_factory=MapState)

    def list_of(self, who: str) -> None:
        """List the gaps that somebody must act on."""
        self.who, self.village, self.gap = who, "", None

    def in_village(self, code: str) -> None:
        """List the gaps of one village."""
        self.who, self.village, self.gap = ALL, code, None

    def back(self) -> None:
        """One step back: from a gap to the list, from the list to those who must act."""
        self.turn += 1
        if self.gap is not None:
            self.gap = None
        else:
            self.who, self.village = "", ""


def key_of(gap: pd.Series) -> Key:
    """What makes a gap the same gap when the page runs again."""
    return tuple(str(gap[name]) for name in GAP_KEY)


def the_gap_desk() -> GapDesk:
    """This session's state."""
    return st.session_state.setdefault(_KEY, GapDesk())
