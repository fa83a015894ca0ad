"""How rectifications of the sample go: the steps of each kind of fate, by days after the listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain

_PLANNED = (("plan", 6),)
_APPROVED = (*_PLANNED, ("approve", 9))
ALL = 99
"""So many tasks are done: every one."""


@dataclass(frozen=True)
class Fate:
    """One way a rectification goes.

    Attributes
    ----------
    first, last : date
        Between these days it is listed.
    steps : tuple of (action, days)
        What is done, so many days after the listing.
    done : int or None
        How many tasks are done in the end; None: every one that is due by the reference day.
    again : str
        The fate of the next round; "" where there is none.
    """

    first: date
    last: date
    steps: tuple[tuple[str, int], ...] = _APPROVED
    done: int | None = None
    again: str = ""


def _struck_off(request: int, review: int, check: int, close: int) -> tuple[tuple[str, int], ...]:
    later = (("request", request), ("review", review), ("check", check), ("close", close))
    return (*_APPROVED, *later)


_SPRING = (date(2026, 2, 8), date(2026, 2, 16))
FATES = {
    "overdue": Fate(date(2025, 10, 24), date(2026, 1, 15), done=2),
    "working": Fate(date(2026, 2, 17), date(2026, 3, 20)),
    "closed": Fate(date(2025, 12, 5), date(2026, 1, 5), _struck_off(88, 91, 96, 99), done=ALL),
    "pressing": Fate(date(2026, 1, 22), date(2026, 2, 3)),
    "listed": Fate(date(2026, 4, 8), date(2026, 4, 28), ()),
    "requested": Fate(*_SPRING, (*_APPROVED, ("request", 64)), done=ALL),
    "relisted": Fate(
        date(2025, 10, 16), date(2025, 10, 20), _struck_off(70, 73, 78, 82), done=ALL, again="working"
    ),
    "planned": Fate(date(2026, 4, 1), date(2026, 4, 14), _PLANNED),
    "behind": Fate(date(2026, 2, 17), date(2026, 3, 5), done=1),
    "reviewed": Fate(*_SPRING, (*_APPROVED, ("request", 60), ("review", 65)), done=ALL),
    "checked": Fate(*_SPRING, (*_APPROVED, ("request", 60), ("review", 64), ("check", 70)), done=ALL),
    "returned": Fate(*_SPRING, (*_APPROVED, ("request", 60), ("return", 66)), done=ALL),
    "extended": Fate(date(2026, 1, 5), date(2026, 1, 12), (*_APPROVED, ("extend", 92)), done=4),
    "reassigned": Fate(date(2026, 2, 20), date(2026, 3, 10), (*_APPROVED, ("reassign", 20))),
    "withdrawn": Fate(date(2025, 11, 10), date(2025, 12, 10), (*_PLANNED, ("withdraw", 20)), done=0),
    "late_request": Fate(date(2026, 1, 5), date(2026, 1, 10), (*_APPROVED, ("request", 98)), done=ALL),
    "turned": Fate(date(2025, 9, 8), date(2025, 9, 12), _struck_off(84, 88, 93, 97), done=ALL),
}
_WEAK = {
    "overdue": 5,
    "working": 10,
    "closed": 4,
    "pressing": 6,
    "listed": 10,
    "requested": 4,
    "relisted": 3,
    "planned": 10,
    "behind": 5,
    "reviewed": 2,
    "checked": 2,
    "returned": 1,
    "extended": 2,
    "reassigned": 2,
    "withdrawn": 1,
    "late_request": 1,
}
"""How many of the 68 weak villages (S3) have each fate."""
_BRANCHES = {
    "overdue": 3,
    "closed": 2,
    "working": 3,
    "pressing": 1,
    "listed": 1,
    "requested": 1,
    "planned": 1,
}


def fates_of_villages(count: int) -> list[str]:
    """Fates of so many weak villages: one of each kind first, then as often as their counts say."""
    return _dealt(_WEAK, count)


def fates_of_branches(count: int) -> list[str]:
    """Fates of so many branches."""
    return _dealt(_BRANCHES, count)


def _dealt(counts: dict[str, int], count: int) -> list[str]:
    turns = ([name for name, most in counts.items() if most > turn] for turn in range(max(counts.values())))
    deck = [*chain.from_iterable(turns)]
    return (deck * (1 + count // len(deck)))[:count]
