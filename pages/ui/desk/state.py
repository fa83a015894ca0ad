"""What one user is doing on the desk of ownership: plain state, testable without a browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from geo.vocabulary import ResponsibilityKind

KEY = "desk"
MOST_SELECTED = 500
NO_LIST = "no_list"


@dataclass
class Desk:
    """What is chosen, and what is being done with it.

    Attributes
    ----------
    kind : ResponsibilityKind
    selected : list of str
        Codes of the targets chosen, in the order of the list.
    turn : int
        Grows whenever the choice was made elsewhere than in the list, which then starts afresh.
    first : tuple of str
        What stands first in the list: what was chosen elsewhere, so that it is seen there.
    listed : tuple of str
        Codes in the list as it was drawn last, from the top.
    list_key : str
        Key of the list as it was drawn last.
    task : str
        What is being done with the choice.
    seen : dict
        The state of the chosen things when the user first looked at them: what a conflict is told by.
    drawn : object or None
        What was drawn on the map and not used yet.
    previewed : tuple or None
        The last preview with what it depends on.
    others : tuple
        What somebody else did meanwhile, as the refusal told it.
    """

    kind: ResponsibilityKind = ResponsibilityKind.GRID_OFFICER
    selected: list[str] = field(default_factory=list)
    turn: int = 0
    first: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    list_key: str = NO_LIST
    task: str = "assign"
    seen: dict[str, str] = field(default_factory=dict)
    drawn: Any = None
    previewed: tuple[Any, Any] | None = None
    others: tuple[str, ...] = ()

    def choose(self, codes: Iterable[str], *, from_list: bool = False) -> bool:
        """Make these the chosen targets; says whether that changed anything."""
        wanted = list(dict.fromkeys(codes))[:MOST_SELECTED]
        if wanted == self.selected:
            return False
        self.selected = wanted
        self.forget_work()
        if not from_list:
            self.turn += 1
            self.first = tuple(wanted)
            self._outdate_list()
        return True

    def mark(self, rows: Iterable[int]) -> None:
        """Choose what is marked in the list as it was drawn last; what it does not show stays as it was."""
        marked = [self.listed[row] for row in rows if row < len(self.listed)]
        shown = set(self.listed)
        elsewhere = [code for code in self.selected if code not in shown]
        kept = [code for code in self.selected if code in set(marked)]
        fresh = [code for code in marked if code not in set(kept)]
        self.choose([*elsewhere, *kept, *fresh], from_list=True)

    def toggle(self, code: str) -> None:
        """Choose a target, or leave it out when it was chosen."""
        kept = [one for one in self.selected if one != code]
        self.choose(kept if code in self.selected else [*kept, code])

    def add(self, codes: Sequence[str]) -> None:
        """Choose these too."""
        self.choose([*self.selected, *codes])

    def keep_only(self, codes: Iterable[str]) -> None:
        """Leave out what is not in the list any more."""
        there = set(codes)
        self.choose(code for code in self.selected if code in there)

    def forget_work(self) -> None:
        """Start afresh with whatever is chosen."""
        self.seen, self.drawn, self.others = {}, None, ()

    def finish(self) -> None:
        """Start afresh with nothing chosen, after something was saved."""
        self.selected = []
        self.forget_work()
        self.turn += 1
        self._outdate_list()

    def _outdate_list(self) -> None:
        """What is marked in the list as it was drawn counts no more."""
        self.listed, self.list_key = (), NO_LIST

    def has_seen(self, seen: Mapping[str, str]) -> dict[str, str]:
        """The state the user first saw, kept until the choice changes; ``seen`` is the state now."""
        for code, state in seen.items():
            self.seen.setdefault(code, state)
        return {code: self.seen[code] for code in seen}


def the_desk() -> Desk:
    """This session's desk."""
    return st.session_state.setdefault(KEY, Desk())
