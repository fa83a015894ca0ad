"""Slows down the guessing of passwords: by account, by address, and by both together.

Kept in memory and bounded. An attempt is counted before the password is looked at, so that a burst of
parallel guesses is not let through, and forgotten when it turns out to be right.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Limit:
    """How many wrong passwords in a row are free, and how the wait grows after them."""

    free: int
    first_wait_s: float
    longest_wait_s: float

    def wait_s(self, attempts: int) -> float:
        """Seconds to wait after so many wrong passwords: doubling from the first wait to the longest."""
        beyond = attempts - self.free
        if beyond < 0:
            return 0.0
        return min(self.first_wait_s * 2.0 ** min(beyond, 30), self.longest_wait_s)


BOTH = Limit(free=5, first_wait_s=15, longest_wait_s=900)
# Looser than BOTH: somebody who guesses from elsewhere should not lock the owner out at once.
USER = Limit(free=20, first_wait_s=15, longest_wait_s=300)
# One address may be a whole office behind a router.
ADDRESS = Limit(free=40, first_wait_s=15, longest_wait_s=900)
FORGET_S = 3600.0
REMEMBERED = 10_000


@dataclass
class _Count:
    attempts: int = 0
    last: float = 0.0
    open_at: float = 0.0


class Throttle:
    """Counts wrong passwords and says how long to wait.

    Parameters
    ----------
    clock : callable
        Seconds that only go forward; tests pass their own.
    remembered : int
        How many accounts, addresses and pairs are kept at most; the oldest are forgotten first.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, remembered: int = REMEMBERED) -> None:
        self._clock = clock
        self._remembered = remembered
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._lock = Lock()

    def attempt(self, user: str, address: str) -> float:
        """Count an attempt and return 0, or return the seconds still to wait without counting it."""
        now = self._clock()
        with self._lock:
            counts = [(self._count(key, now), limit) for key, limit in _keys(user, address)]
            wait = max(count.open_at - now for count, _limit in counts)
            if wait > 0:
                return wait
            for count, limit in counts:
                count.attempts += 1
                count.last = now
                count.open_at = now + limit.wait_s(count.attempts)
        return 0.0

    def succeed(self, user: str, address: str) -> None:
        """Forget the account's wrong attempts from this address, and take this one off the others."""
        with self._lock:
            both, *others = [key for key, _limit in _keys(user, address)]
            self._counts.pop(both, None)
            for key in others:
                count = self._counts.get(key)
                if count is not None:
                    count.attempts -= 1
                    count.open_at = 0.0

    def __len__(self) -> int:
        return len(self._counts)

    def _count(self, key: tuple[str, str], now: float) -> _Count:
        count = self._counts.pop(key, None)
        if count is None or now - max(count.last, count.open_at) > FORGET_S:
            count = _Count()
        self._counts[key] = count
        while len(self._counts) > self._remembered:
            self._counts.popitem(last=False)
        return count


def _keys(user: str, address: str) -> tuple[tuple[tuple[str, str], Limit], ...]:
    return (((user, address), BOTH), ((user, ""), USER), (("", address), ADDRESS))
