"""Progress of work that is nearly always quick: said on standard error only once it has taken a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer

from geo.cli.output import say

PATIENCE_S = 2.0


@contextmanager
def late_progress(patience_s: float = PATIENCE_S) -> Iterator[Callable[[float, str], None]]:
    """A callback for the share that is done (0–1) and what is being done; it speaks after ``patience_s``."""
    teller = _Teller()
    timer = Timer(patience_s, teller.begin)
    timer.daemon = True
    timer.start()
    try:
        yield teller
    finally:
        timer.cancel()
        teller.end()


class _Teller:
    def __init__(self) -> None:
        self._lock = Lock()
        self._latest = ""
        self._speaks = self._ended = False

    def __call__(self, done: float, text: str) -> None:
        with self._lock:
            self._latest = f"{done:4.0%} {text}"
            if self._speaks:
                say(self._latest)

    def begin(self) -> None:
        """Say from now on what is being done, first what is going on already."""
        with self._lock:
            self._speaks = not self._ended
            if self._speaks and self._latest:
                say(self._latest)

    def end(self) -> None:
        """Say nothing any more, even if the timer goes off at this instant."""
        with self._lock:
            self._ended, self._speaks = True, False
